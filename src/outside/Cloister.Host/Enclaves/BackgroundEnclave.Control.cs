using System;
using System.Collections.Generic;
using Cloister.Host.Control;
using Cloister.Host.Programs;

namespace Cloister.Host.Enclaves;

// The commands that come over the control socket.
public sealed partial class BackgroundEnclave
{
    private const int Hangup = 1;
    private const int LastSignal = 64;

    // Who is told when the log grows, and when the enclave ends; with the status that it gets then, where it isn't the enclave's.
    private readonly List<(ControlConnection Connection, bool IsFollower, int? Status)> _listeners = [];
    private int? _status;

    private void Serve(ControlConnection connection)
    {
        JoinedProgram? program = null;
        try
        {
            while (connection.Receive() is { } message)
            {
                switch (message.Kind)
                {
                    case ControlKind.Start when program is null:
                        program = Start(connection, message);
                        break;
                    case ControlKind.Signal:
                        Signal(message, program);
                        break;
                    case ControlKind.Wait:
                        Listen(connection, isFollower: false, null);
                        break;
                    case ControlKind.Follow:
                        Listen(connection, isFollower: true, null);
                        break;
                    case ControlKind.Attach:
                        if (_streams.Input is { } input)
                            connection.Send(ControlKind.Attached, [], input);
                        else
                            connection.Send(ControlKind.Attached, []);
                        break;
                    case ControlKind.Terminate:
                        Terminate();
                        break;
                    default:
                        message.CloseDescriptors();
                        return; // no command of ours talks so
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The enclave has ended meanwhile.
        }
        finally
        {
            lock (_lock)
                _listeners.RemoveAll(listener => listener.Connection == connection);
            // As of a terminal whose window was closed.
            if (program is { HasTerminal: true, HasEnded: false })
                Programs.Signal(program.Number, Hangup, isOfTerminal: true);
        }
    }

    private JoinedProgram? Start(ControlConnection connection, in ControlMessage message)
    {
        if (StartRequest.Parse(message) is not { } request)
        {
            message.CloseDescriptors();
            return null;
        }

        var program = new JoinedProgram(connection, request.HasTerminal);
        try
        {
            if (!_defaults.AllowsPrograms)
                throw new HostException("No program can join this enclave: it was started with '--allow-exec false'.");
            Listen(connection, isFollower: false, Killed);
            program.Number = Programs.Start(request.ToStart(_defaults), program);
            return program;
        }
        catch (HostException problem)
        {
            message.CloseDescriptors();
            program.OnFailed(StartRequest.OwnFailure, problem.Message);
            return null;
        }
    }

    private void Signal(in ControlMessage message, JoinedProgram? program)
    {
        var reader = new ControlReader(message.Payload);
        int signal = (int)reader.Number();
        bool isOfTerminal = reader.Number() == 1;
        if (!reader.IsDamaged && signal is > 0 and <= LastSignal)
            Programs.Signal(program?.Number ?? 0, signal, isOfTerminal);
    }

    private void Listen(ControlConnection connection, bool isFollower, int? status)
    {
        lock (_lock)
        {
            if (_status is null)
            {
                _listeners.Add((connection, isFollower, status));
                return;
            }
        }

        SendEnd(connection, status ?? _status.Value);
    }

    private void OnLogGrown()
    {
        lock (_lock)
        {
            foreach ((ControlConnection connection, bool isFollower, _) in _listeners)
            {
                if (isFollower)
                    connection.TrySend(ControlKind.Grown);
            }
        }
    }

    private void OnEnclaveEnd(int code)
    {
        (ControlConnection Connection, bool IsFollower, int? Status)[] listeners;
        lock (_lock)
        {
            _status = code;
            listeners = _listeners.ToArray();
        }

        foreach ((ControlConnection connection, _, int? status) in listeners)
            SendEnd(connection, status ?? code);
    }

    private static void SendEnd(ControlConnection connection, int code)
    {
        try
        {
            connection.Send(ControlKind.Ended, new ControlWriter().Number((uint)code).ToArray());
        }
        catch (ObjectDisposedException)
        {
            // It has gone.
        }
    }

    /// <summary>A program that has joined: what becomes of it is told to the command that has started it.</summary>
    private sealed class JoinedProgram(ControlConnection connection, bool hasTerminal) : IProgramObserver
    {
        private volatile bool _hasEnded;

        public int Number { get; set; }

        public bool HasTerminal => hasTerminal;

        public bool HasEnded => _hasEnded;

        public void OnRunning() => Send(ControlKind.Running, []);

        public void OnFailed(int code, string sentence)
        {
            _hasEnded = true;
            Send(ControlKind.Failed, new ControlWriter().Number((uint)code).Bytes(System.Text.Encoding.UTF8.GetBytes(sentence)).ToArray());
        }

        public void OnEnded(int code)
        {
            _hasEnded = true;
            SendEnd(connection, code);
        }

        private void Send(ControlKind kind, byte[] payload)
        {
            try
            {
                connection.Send(kind, payload);
            }
            catch (ObjectDisposedException)
            {
                // The command has gone.
            }
        }
    }
}

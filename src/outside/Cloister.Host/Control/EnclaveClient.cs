using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Cloister.Host.Enclaves;
using Cloister.Host.Native;
using Cloister.Host.Terminal;

namespace Cloister.Host.Control;

/// <summary>How a program that joined an enclave ended.</summary>
/// <param name="Code">Exit status as a shell has it.</param>
/// <param name="Sentence">Why it couldn't be started; null where it was.</param>
public readonly record struct ProgramOutcome(int Code, string? Sentence);

/// <summary>A command's connection to the launcher of a running enclave.</summary>
public sealed class EnclaveClient : IDisposable
{
    private const int OwnFailure = 125;

    private readonly ControlConnection _connection;

    private EnclaveClient(ControlConnection connection) => _connection = connection;

    /// <summary>Connects; null where the enclave doesn't run (any more).</summary>
    public static EnclaveClient? TryConnect(EnclaveStore store, EnclaveRecord record) =>
        ControlConnection.TryConnect(store.FolderOf(record)) is { } connection ? new EnclaveClient(connection) : null;

    /// <summary>Runs a program in the enclave with this process's standard streams, and hands signals on to it.</summary>
    /// <param name="request">The program.</param>
    /// <param name="hasInput">Whether it gets this process's input, or none.</param>
    public ProgramOutcome Run(StartRequest request, bool hasInput)
    {
        using FileDescriptor nothing = BackgroundStreams.OpenNull();
        FileDescriptor input = hasInput ? FileDescriptor.Borrow(0) : nothing;
        if (!_connection.Send(ControlKind.Start, request.ToPayload(), input, FileDescriptor.Borrow(1), FileDescriptor.Borrow(2)))
            return Lost;
        // Ctrl-Z stops this process as any other, unless the terminal is the program's.
        using var signals = new SignalCatcher(signal => Signal(signal, isOfTerminal: true), request.HasTerminal);
        return WaitForOutcome(untilRunning: false);
    }

    /// <summary>Starts a program that nobody waits for, without input and output.</summary>
    public ProgramOutcome Start(StartRequest request)
    {
        using FileDescriptor nothing = BackgroundStreams.OpenNull();
        return _connection.Send(ControlKind.Start, request.ToPayload(), nothing, nothing, nothing) ? WaitForOutcome(untilRunning: true) : Lost;
    }

    /// <summary>Sends a signal to the program of this connection, or where it has none to the first.</summary>
    public void Signal(int signal, bool isOfTerminal) =>
        _connection.Send(ControlKind.Signal, new ControlWriter().Number((uint)signal).Number(isOfTerminal ? 1u : 0).ToArray());

    /// <summary>Makes the launcher end, whatever the enclave does.</summary>
    public void Terminate() => _connection.Send(ControlKind.Terminate, []);

    /// <summary>Waits for the enclave's end; gives its exit status, or null when the time is over or the launcher has gone without a word.</summary>
    public int? WaitForEnd(TimeSpan limit)
    {
        _connection.Send(ControlKind.Wait, []);
        long end = limit == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            long rest = end == long.MaxValue ? -1 : Math.Max(0, end - Environment.TickCount64);
            if (!_connection.WaitForMessage((int)Math.Min(rest, int.MaxValue)) || _connection.Receive() is not { } message)
                return null;
            if (message.Kind == ControlKind.Ended)
                return (int)new ControlReader(message.Payload).Number();
        }
    }

    /// <summary>Begins to be told when the log grows.</summary>
    public void Follow() => _connection.Send(ControlKind.Follow, []);

    /// <summary>Waits until the log has grown; false where the enclave has ended.</summary>
    /// <param name="status">Its exit status then.</param>
    public bool WaitForGrowth(out int status)
    {
        status = OwnFailure;
        if (_connection.Receive() is not { } message)
            return false;
        if (message.Kind == ControlKind.Grown)
            return true;
        status = (int)new ControlReader(message.Payload).Number();
        return false;
    }

    /// <summary>Hands signals to this process on to the program of this connection, or where it has none to the first, until disposed of.</summary>
    /// <param name="hasTerminal">Whether the terminal is the program's.</param>
    public IDisposable HandSignalsOn(bool hasTerminal) => new SignalCatcher(signal => Signal(signal, isOfTerminal: true), hasTerminal);

    /// <summary>Sends this process's input to the first program, in the background until it ends.</summary>
    /// <returns>False where the program has no input.</returns>
    public bool TrySendInput()
    {
        _connection.Send(ControlKind.Attach, []);
        if (_connection.Receive() is not { Kind: ControlKind.Attached } message || message.Descriptors.Count == 0)
            return false;
        FileDescriptor input = message.Descriptors[0];
        var sender = new Thread(() => CopyInput(input), 256 << 10) { IsBackground = true, Name = "cloister: input" };
        sender.Start();
        return true;
    }

    private static unsafe void CopyInput(FileDescriptor to)
    {
        using FileDescriptor target = to;
        FileDescriptor from = FileDescriptor.Borrow(0);
        byte[] buffer = new byte[4096];
        while (true)
        {
            // SAFETY: the buffer is pinned for both calls, and neither goes beyond its length.
            fixed (byte* bytes = buffer)
            {
                nint count = Libc.Read(from, bytes, buffer.Length);
                if (count < 0 && Failure.WasInterrupted)
                    continue;
                if (count <= 0)
                    return;
                for (nint done = 0; done < count;)
                {
                    nint written = Libc.Write(target, bytes + done, count - done);
                    if (written < 0 && Failure.WasInterrupted)
                        continue;
                    if (written <= 0)
                        return;
                    done += written;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private static ProgramOutcome Lost => new(OwnFailure, "The enclave's launcher has gone.");

    private ProgramOutcome WaitForOutcome(bool untilRunning)
    {
        while (_connection.Receive() is { } message)
        {
            var reader = new ControlReader(message.Payload);
            switch (message.Kind)
            {
                case ControlKind.Running when untilRunning:
                    return new ProgramOutcome(0, null);
                case ControlKind.Failed:
                    int code = (int)reader.Number();
                    return new ProgramOutcome(code, Encoding.UTF8.GetString(reader.Bytes()));
                case ControlKind.Ended:
                    return new ProgramOutcome((int)reader.Number(), null);
            }
        }

        return Lost;
    }
}

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Programs;

/// <summary>
/// The programs of a running enclave that were started from outside, by number: 0 is the first. Hands those that are to join to the
/// enclave when it asks, and what it tells of them to their observers.
/// </summary>
/// <param name="first">Who wants to know of the first program.</param>
public sealed class EnclavePrograms(IProgramObserver first)
{
    private readonly Lock _lock = new();
    private readonly IProgramObserver?[] _observers = new IProgramObserver?[HostStreams.Programs + 1];
    private readonly bool[] _isTaken = new bool[HostStreams.Programs + 1];
    private readonly Queue<(int Number, ProgramStart Start)> _waiting = new();
    private HostServer? _server;
    private SubmissionEntry _request;
    private bool _isAsked;

    /// <summary>Starts a program; its observer learns what becomes of it.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="HostException">There are too many, or its arguments are too long.</exception>
    internal int Start(ProgramStart start, IProgramObserver observer)
    {
        if (LengthOf(start) > HostRegionLayout.LargeSlotLength)
            throw new HostException("The program's arguments and environment are longer than 1 MiB together.");
        int number = 1;
        lock (_lock)
        {
            if (_server is not { } server)
                throw new HostException("The enclave isn't ready yet: try again.");
            while (number <= HostStreams.Programs && _isTaken[number])
                number++;
            if (number > HostStreams.Programs)
                throw new HostException($"{HostStreams.Programs} programs have joined this enclave, as many as there can be: wait until one has ended.");
            server.OpenStreams(number, start.Streams);
            _isTaken[number] = true;
            _observers[number] = observer;
            _waiting.Enqueue((number, start));
        }

        Answer();
        return number;
    }

    /// <summary>Sends a signal to a program, if it still runs.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="signal">Which, 1 to 64.</param>
    /// <param name="isOfTerminal">Whether it goes to the group in the foreground of its terminal where terminals send such signals.</param>
    public void Signal(int number, int signal, bool isOfTerminal)
    {
        HostServer? server;
        lock (_lock)
            server = number == 0 || _observers[number] is not null ? _server : null;
        server?.Signal(number, signal, isOfTerminal);
    }

    internal void Connect(HostServer server)
    {
        lock (_lock)
            _server = server;
    }

    /// <summary>The enclave waits for a program.</summary>
    internal void OnWait(in SubmissionEntry request)
    {
        lock (_lock)
        {
            _request = request;
            _isAsked = true;
        }

        Answer();
    }

    /// <summary>The enclave tells of a program.</summary>
    internal void OnReport(uint number, uint state, int code, string sentence)
    {
        if (number > HostStreams.Programs)
            return;
        bool isOver = state is (uint)HostProgramState.Failed or (uint)HostProgramState.Ended;
        IProgramObserver? observer;
        lock (_lock)
        {
            observer = number == 0 ? first : _observers[number];
            if (isOver)
                _observers[number] = null;
        }

        if (isOver && number != 0)
            _server!.RestoreTerminal((int)number);
        switch ((HostProgramState)state)
        {
            case HostProgramState.Running:
                observer?.OnRunning();
                break;
            case HostProgramState.Failed:
                observer?.OnFailed(code, sentence);
                break;
            case HostProgramState.Ended:
                observer?.OnEnded(code);
                break;
        }
    }

    /// <summary>Nobody inside has the streams of a program open any more.</summary>
    internal void OnRelease(uint number)
    {
        if (number is 0 or > HostStreams.Programs)
            return;
        _server!.CloseStreams((int)number);
        lock (_lock)
        {
            if (_observers[number] is null)
                _isTaken[number] = false;
        }
    }

    private void Answer()
    {
        SubmissionEntry request;
        (int Number, ProgramStart Start) next;
        HostServer server;
        lock (_lock)
        {
            if (!_isAsked || !_waiting.TryDequeue(out next))
                return;
            _isAsked = false;
            request = _request;
            server = _server!;
        }

        server.AnswerProgram(request, next.Number, next.Start);
    }

    /// <summary>Writes a program as the enclave reads it.</summary>
    internal static int Write(in ProgramRecord record, ProgramStart start, Span<byte> into)
    {
        MemoryMarshal.Write(into, record);
        int length = ProgramRecord.Length;
        Add(start.WorkingDirectory, into);
        foreach (byte[] argument in start.Arguments)
            Add(argument, into);
        foreach (byte[] variable in start.Environment)
            Add(variable, into);
        return length;

        void Add(byte[] text, Span<byte> into)
        {
            text.CopyTo(into[length..]);
            length += text.Length;
            into[length++] = 0;
        }
    }

    private static long LengthOf(ProgramStart start)
    {
        long length = ProgramRecord.Length + start.WorkingDirectory.Length + 1;
        foreach (byte[] argument in start.Arguments)
            length += argument.Length + 1;
        foreach (byte[] variable in start.Environment)
            length += variable.Length + 1;
        return length;
    }
}

using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>The launcher's standard streams, terminal and signals over the rings.</summary>
internal sealed class HostConsoleClient : IHostConsole, IHostAnswerSink
{
    /// <summary>Requests whose answers come here: a watch for reading and one for writing for each stream, and the wait for a signal.</summary>
    public const int SunkCount = (StreamCount * 2) + 1;

    private const int StreamCount = HostStreams.Most;
    private const int SignalRequest = StreamCount * 2;

    private readonly IWaitQueue?[] _queues = new IWaitQueue?[StreamCount];
    private HostChannel? _channel;
    private IHostEvents? _events;

    private HostChannel Channel => _channel!;

    /// <summary>Sets the channel, which is made after its sinks.</summary>
    public void Connect(HostChannel channel) => _channel = channel;

    /// <inheritdoc/>
    public Errno TryRead(int stream, Span<byte> into, out int count)
    {
        count = 0;
        if (!IsStream(stream))
            return Errno.EBADF;
        if (into.IsEmpty)
            return Errno.Success;
        int wanted = Math.Min(into.Length, HostRegionLayout.SmallSlotLength);
        SubmissionEntry request = Request(HostOperation.ConsoleRead, stream);
        request.Count = wanted;
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckCount(HostOperation.ConsoleRead, answer, wanted, out count);
        Channel.GetData(index).CopyTo(into[..count]);
        Channel.Release(index);
        if (error == Errno.EAGAIN)
            Watch(stream, PollEvents.In);
        return error;
    }

    /// <inheritdoc/>
    public Errno TryWrite(int stream, ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        if (!IsStream(stream))
            return Errno.EBADF;
        int given = Math.Min(from.Length, HostRegionLayout.SmallSlotLength);
        SubmissionEntry request = Request(HostOperation.ConsoleWrite, stream);
        request.FirstLength = (uint)given;
        int index = Channel.Acquire(large: false);
        Channel.GetData(index).CopyFrom(from[..given]);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckWritten(HostOperation.ConsoleWrite, answer, given, out count);
        Channel.Release(index);
        if (error == Errno.EAGAIN)
            Watch(stream, PollEvents.Out);
        return error;
    }

    /// <inheritdoc/>
    public PollEvents Poll(int stream)
    {
        if (!IsStream(stream))
            return PollEvents.Error;
        SubmissionEntry request = Request(HostOperation.ConsolePoll, stream);
        Call(ref request, out CompletionEntry answer);
        PollEvents events = HostAnswers.CheckEvents(HostOperation.ConsolePoll, answer);
        // An error or a hang-up doesn't go away: watching would only wake in circles.
        if ((events & (PollEvents.Error | PollEvents.HangUp)) == 0)
        {
            if ((events & PollEvents.In) == 0)
                Watch(stream, PollEvents.In);
            if ((events & PollEvents.Out) == 0)
                Watch(stream, PollEvents.Out);
        }

        return events;
    }

    /// <inheritdoc/>
    public void Subscribe(int stream, IWaitQueue queue)
    {
        if (IsStream(stream))
            Volatile.Write(ref _queues[stream], queue);
    }

    /// <inheritdoc/>
    public void Subscribe(IHostEvents events)
    {
        Volatile.Write(ref _events, events);
        WaitForSignal();
    }

    /// <inheritdoc/>
    public bool IsTerminal(int stream)
    {
        Span<byte> termios = stackalloc byte[HostTerminal.TermiosLength];
        return GetTermios(stream, termios) == Errno.Success;
    }

    /// <inheritdoc/>
    public Errno GetStatus(int stream, out HostFileStatus status)
    {
        status = default;
        if (!IsStream(stream))
            return Errno.EBADF;
        SubmissionEntry request = Request(HostOperation.ConsoleStatus, stream);
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckStatus(HostOperation.ConsoleStatus, answer, Channel.GetData(index), 0, out status);
        Channel.Release(index);
        return error;
    }

    /// <inheritdoc/>
    public Errno Seek(int stream, long offset, int origin, out long position)
    {
        position = 0;
        if (!IsStream(stream))
            return Errno.EBADF;
        if (origin is < 0 or > 2)
            return Errno.EINVAL;
        SubmissionEntry request = Request(HostOperation.ConsoleSeek, stream);
        request.Offset = offset;
        request.Flags = (uint)origin;
        Call(ref request, out CompletionEntry answer);
        return HostAnswers.CheckPosition(HostOperation.ConsoleSeek, answer, (1L << 62) - 1, out position);
    }

    /// <inheritdoc/>
    public Errno Truncate(int stream, long length)
    {
        if (!IsStream(stream))
            return Errno.EBADF;
        if (length < 0)
            return Errno.EINVAL;
        SubmissionEntry request = Request(HostOperation.ConsoleTruncate, stream);
        request.Count = length;
        Call(ref request, out CompletionEntry answer);
        return HostAnswers.CheckPlain(HostOperation.ConsoleTruncate, answer);
    }

    /// <inheritdoc/>
    public Errno GetReadable(int stream, out int count)
    {
        count = 0;
        if (!IsStream(stream))
            return Errno.EBADF;
        SubmissionEntry request = Request(HostOperation.ConsoleReadable, stream);
        Call(ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckPosition(HostOperation.ConsoleReadable, answer, int.MaxValue, out long bytes);
        count = (int)bytes;
        return error;
    }

    /// <inheritdoc/>
    public Errno GetTermios(int stream, Span<byte> termios)
    {
        if (!IsStream(stream))
            return Errno.EBADF;
        SubmissionEntry request = Request(HostOperation.ConsoleGetTermios, stream);
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckTermios(answer, Channel.GetData(index), termios);
        Channel.Release(index);
        return error;
    }

    /// <inheritdoc/>
    public Errno SetTermios(int stream, HostTermiosAction when, ReadOnlySpan<byte> termios)
    {
        if (!IsStream(stream))
            return Errno.EBADF;
        SubmissionEntry request = Request(HostOperation.ConsoleSetTermios, stream);
        request.Flags = (uint)when;
        request.FirstLength = HostTerminal.TermiosLength;
        int index = Channel.Acquire(large: false);
        Channel.GetData(index).CopyFrom(termios[..HostTerminal.TermiosLength]);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Channel.Release(index);
        return HostAnswers.CheckPlain(HostOperation.ConsoleSetTermios, answer);
    }

    /// <inheritdoc/>
    public Errno Flush(int stream, int queue)
    {
        if (!IsStream(stream))
            return Errno.EBADF;
        if (queue is < 0 or > 2)
            return Errno.EINVAL;
        SubmissionEntry request = Request(HostOperation.ConsoleFlush, stream);
        request.Flags = (uint)queue;
        Call(ref request, out CompletionEntry answer);
        return HostAnswers.CheckPlain(HostOperation.ConsoleFlush, answer);
    }

    /// <inheritdoc/>
    public Errno GetWindowSize(int stream, out HostWindowSize size)
    {
        size = default;
        if (!IsStream(stream))
            return Errno.EBADF;
        SubmissionEntry request = Request(HostOperation.ConsoleGetWindowSize, stream);
        Call(ref request, out CompletionEntry answer);
        return HostAnswers.CheckWindowSize(answer, out size);
    }

    /// <inheritdoc/>
    public Errno SetWindowSize(int stream, HostWindowSize size)
    {
        if (!IsStream(stream))
            return Errno.EBADF;
        SubmissionEntry request = Request(HostOperation.ConsoleSetWindowSize, stream);
        request.Offset = unchecked((long)(size.Rows | ((ulong)size.Columns << 16) | ((ulong)size.PixelWidth << 32) | ((ulong)size.PixelHeight << 48)));
        Call(ref request, out CompletionEntry answer);
        return HostAnswers.CheckPlain(HostOperation.ConsoleSetWindowSize, answer);
    }

    /// <inheritdoc/>
    public void Suspend()
    {
        SubmissionEntry request = Request(HostOperation.Suspend, 0);
        Call(ref request, out _);
    }

    /// <summary>A stream has become ready, or the launcher has got a signal.</summary>
    public void OnAnswer(int index, in CompletionEntry answer)
    {
        int request = index - HostChannel.FirstSunk;
        if (request == SignalRequest)
        {
            int signal = HostAnswers.CheckSignal(answer, out int program);
            if (signal != 0)
                Volatile.Read(ref _events)?.OnSignal(program, signal, HostSignals.IsOfTerminal(signal) && answer.Flags.Is(0));
            // A host without signals answers with an error, once.
            if (answer.Error.Is(0))
                WaitForSignal();
            return;
        }

        PollEvents events = HostAnswers.CheckEvents(HostOperation.ConsoleWatch, answer);
        Volatile.Read(ref _queues[request >> 1])?.Wake(events);
    }

    private static bool IsStream(int stream) => (uint)stream < StreamCount;

    private static SubmissionEntry Request(HostOperation operation, int stream) => new() { Operation = operation, Handle = (uint)stream };

    private void Call(ref SubmissionEntry request, out CompletionEntry answer)
    {
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out answer);
        Channel.Release(index);
    }

    private void Watch(int stream, PollEvents events)
    {
        SubmissionEntry request = Request(HostOperation.ConsoleWatch, stream);
        request.Flags = (uint)events;
        Channel.Post(HostChannel.FirstSunk + (stream * 2) + (events == PollEvents.In ? 0 : 1), ref request);
    }

    private void WaitForSignal()
    {
        var request = new SubmissionEntry { Operation = HostOperation.WaitForSignal };
        Channel.Post(HostChannel.FirstSunk + SignalRequest, ref request);
    }
}

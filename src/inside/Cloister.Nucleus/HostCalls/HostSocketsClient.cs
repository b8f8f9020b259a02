using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Network;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>Sockets of the host over the rings: names and states.</summary>
internal sealed partial class HostSocketsClient(int eventRequest) : IHostSockets, IHostAnswerSink
{
    private const int LargestOption = 256;
    private const int MostEvents = HostRegionLayout.SmallSlotLength / ReadinessRecord.Length;

    // Made with the first answer: most programs have no sockets.
    private ReadinessRecord[]? _events;
    private HostChannel? _channel;
    private IHostSocketEvents? _subscriber;
    private int _eventSlot;

    /// <inheritdoc/>
    public bool RunsAnywhere => true;

    private HostChannel Channel => _channel!;

    /// <summary>Sets the channel, which is made after its sinks.</summary>
    public void Connect(HostChannel channel) => _channel = channel;

    /// <inheritdoc/>
    public Errno Open(uint handle, bool isV6, bool isStream, int published)
    {
        const uint watchedLater = 4;
        var request = new SubmissionEntry
        {
            Operation = HostOperation.SocketOpen,
            NewHandle = handle,
            Mode = isV6 ? 6u : 4u,
            Flags = (isStream ? 1u : 2u) | (_waiting is null ? 0 : watchedLater),
            Count = published + 1,
        };
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public void Close(uint handle)
    {
        SubmissionEntry request = Request(HostOperation.SocketClose, handle);
        CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno Bind(uint handle, ref NetworkEndpoint endpoint)
    {
        SubmissionEntry request = Request(HostOperation.SocketBind, handle);
        ushort wished = endpoint.Port;
        Errno error = CallForEndpoint(ref request, endpoint, out NetworkEndpoint bound);
        if (error == Errno.Success && (bound.Port == 0 || (wished != 0 && bound.Port != wished)))
            return Errno.EIO;
        if (error == Errno.Success)
            endpoint = bound;
        return error;
    }

    /// <inheritdoc/>
    public Errno Connect(uint handle, in NetworkEndpoint remote, out NetworkEndpoint local)
    {
        SubmissionEntry request = Request(HostOperation.SocketConnect, handle);
        return CallForEndpoint(ref request, remote, out local);
    }

    /// <inheritdoc/>
    public Errno Disconnect(uint handle)
    {
        SubmissionEntry request = Request(HostOperation.SocketConnect, handle);
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno Listen(uint handle, int backlog)
    {
        SubmissionEntry request = Request(HostOperation.SocketListen, handle);
        request.Count = backlog;
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno Accept(uint handle, uint newHandle, out NetworkEndpoint local, out NetworkEndpoint remote)
    {
        SubmissionEntry request = Request(HostOperation.SocketAccept, handle);
        request.NewHandle = newHandle;
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckAccepted(answer, Channel.GetData(index), out local, out remote);
        Channel.Release(index);
        if (error == Errno.EIO && answer.Error.Is(0))
        {
            // The host believes that it has bound the handle; for the caller it is free.
            Close(newHandle);
        }

        return error;
    }

    /// <inheritdoc/>
    public Errno GetName(uint handle, bool isPeer, out NetworkEndpoint endpoint)
    {
        SubmissionEntry request = Request(HostOperation.SocketName, handle);
        request.Flags = isPeer ? 1u : 0;
        return CallForEndpoint(ref request, null, out endpoint);
    }

    /// <inheritdoc/>
    public Errno Shutdown(uint handle, int how)
    {
        SubmissionEntry request = Request(HostOperation.SocketShutdown, handle);
        request.Flags = (uint)how;
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public PollEvents Poll(uint handle)
    {
        SubmissionEntry request = Request(HostOperation.SocketPoll, handle);
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Channel.Release(index);
        return HostAnswers.CheckReadiness(answer);
    }

    /// <inheritdoc/>
    public Errno GetOption(uint handle, int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        int room = Math.Min(value.Length, LargestOption);
        SubmissionEntry request = Request(HostOperation.SocketGetOption, handle);
        request.Mode = (uint)level;
        request.Flags = (uint)name;
        request.Count = room;
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckCount(HostOperation.SocketGetOption, answer, room, out length);
        Channel.GetData(index).CopyTo(value[..length]);
        Channel.Release(index);
        return error;
    }

    /// <inheritdoc/>
    public Errno SetOption(uint handle, int level, int name, ReadOnlySpan<byte> value)
    {
        if (value.Length > LargestOption)
            return Errno.EINVAL;
        SubmissionEntry request = Request(HostOperation.SocketSetOption, handle);
        request.Mode = (uint)level;
        request.Flags = (uint)name;
        request.FirstLength = (uint)value.Length;
        int index = Channel.Acquire(large: false);
        Channel.GetData(index).CopyFrom(value);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Channel.Release(index);
        return HostAnswers.CheckPlain(HostOperation.SocketSetOption, answer);
    }

    /// <inheritdoc/>
    public Errno Count(uint handle, HostSocketCount what, out int count)
    {
        SubmissionEntry request = Request(HostOperation.SocketCount, handle);
        request.Flags = (uint)what;
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Channel.Release(index);
        Errno error = HostAnswers.CheckPosition(HostOperation.SocketCount, answer, int.MaxValue, out long number);
        count = (int)number;
        return error;
    }

    /// <inheritdoc/>
    public void Subscribe(IHostSocketEvents events)
    {
        _subscriber = events;
        _eventSlot = Channel.Acquire(large: false);
        WaitForEvents();
    }

    /// <summary>Sockets have become ready.</summary>
    public void OnAnswer(int index, in CompletionEntry answer)
    {
        // A host without sockets answers with an error, once.
        if (!answer.Error.Is(0))
            return;
        int count = answer.Items.AtMost(MostEvents);
        Span<ReadinessRecord> events = (_events ??= new ReadinessRecord[MostEvents]).AsSpan(0, count);
        Channel.GetData(_eventSlot).CopyTo(MemoryMarshal.AsBytes(events));
        Deliver(events);

        // Only now: the next answer may be handled on another thread, and uses the same memory.
        WaitForEvents();
    }

    private static SubmissionEntry Request(HostOperation operation, uint handle) => new() { Operation = operation, Handle = handle };

    private void WaitForEvents()
    {
        var request = new SubmissionEntry { Operation = HostOperation.SocketEvents, Count = MostEvents };
        Channel.Post(eventRequest, ref request, (uint)_eventSlot);
    }

    private Errno CallPlain(ref SubmissionEntry request)
    {
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Channel.Release(index);
        return HostAnswers.CheckPlain(request.Operation, answer);
    }

    private Errno CallForEndpoint(ref SubmissionEntry request, in NetworkEndpoint? given, out NetworkEndpoint endpoint)
    {
        int index = Channel.Acquire(large: false);
        if (given is { } wish)
        {
            EndpointRecord record = HostAnswers.ToRecord(wish);
            Channel.GetData(index).Write(record);
            request.FirstLength = EndpointRecord.Length;
        }

        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckEndpoint(request.Operation, answer, Channel.GetData(index), out endpoint);
        Channel.Release(index);
        return error;
    }
}

using System;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Sockets;

namespace Cloister.Host;

/// <summary>Requests about sockets.</summary>
public sealed partial class HostServer
{
    // MSG_OOB and MSG_MORE; MSG_OOB, MSG_PEEK and MSG_ERRQUEUE.
    private const uint SendFlags = 0x1 | 0x8000;
    private const uint ReceiveFlags = 0x1 | 0x2 | 0x2000;

    private readonly HostNetwork? _network;
    private readonly ConcurrentDictionary<uint, HostSocket> _sockets = new();
    private readonly SocketWatcher _socketWatcher;

    /// <summary>Serves a request; false where the answer comes later.</summary>
    private bool TryHandleSocket(in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer, out Errno error)
    {
        error = Errno.EACCES;
        switch (request.Operation)
        {
            case HostOperation.SocketEvents:
                error = Errno.EBUSY;
                return _network is null || request.Slot >= HostRegionLayout.SlotCount
                    || !_socketWatcher.TryAsk(request.Id, request.Slot, CheckedLength(request.Count));
            case HostOperation.SocketOpen:
                error = OpenSocket(request);
                return true;
            case HostOperation.SocketClose:
                CloseSocket(request.Handle);
                error = Errno.Success;
                return true;
            case HostOperation.SocketGroupOpen:
                error = OpenGroup(request.NewHandle);
                return true;
            case HostOperation.SocketGroupClose:
                CloseGroup(request.Handle);
                error = Errno.Success;
                return true;
            case HostOperation.SocketGroupChange:
                error = ChangeGroup(request);
                return true;
            case HostOperation.SocketGroupCollect:
                error = CollectGroup(request, data, ref answer);
                return true;
        }

        if (_sockets.TryGetValue(request.Handle, out HostSocket? socket))
        {
            do
                error = HandleSocket(socket, request, data, ref answer);
            while (error == Errno.EINTR);
        }
        else
        {
            error = Errno.EBADF;
        }

        return true;
    }

    private Errno HandleSocket(HostSocket socket, in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer)
    {
        Errno error;
        EndpointRecord endpoint;
        switch (request.Operation)
        {
            case HostOperation.SocketBind:
                return AnswerEndpoint(socket.Bind(MemoryMarshal.Read<EndpointRecord>(data), out endpoint), endpoint, data);
            case HostOperation.SocketConnect:
                if (request.FirstLength == 0)
                    return socket.Disconnect();
                error = AnswerEndpoint(socket.Connect(MemoryMarshal.Read<EndpointRecord>(data), out endpoint), endpoint, data);
                return error is Errno.Success or Errno.EINPROGRESS && !TryWatch(request.Handle, socket) ? Errno.ENOMEM : error;
            case HostOperation.SocketListen:
                error = socket.Listen((int)request.Count);
                return error == Errno.Success && !TryWatch(request.Handle, socket) ? Errno.ENOMEM : error;
            case HostOperation.SocketAccept:
                error = socket.Accept(out HostSocket? accepted, out EndpointRecord local, out EndpointRecord remote);
                if (accepted is null)
                    return error;
                MemoryMarshal.Write(data, local);
                MemoryMarshal.Write(data[EndpointRecord.Length..], remote);
                accepted.IsWatchedLater = socket.IsWatchedLater;
                return BindSocket(request.NewHandle, accepted, isWatched: true);
            case HostOperation.SocketWatch:
                return _socketWatcher.TryAdd(request.Handle, socket) ? Errno.Success : Errno.ENOMEM;
            case HostOperation.SocketName:
                return AnswerEndpoint(socket.GetName(request.Flags == 1, out endpoint), endpoint, data);
            case HostOperation.SocketShutdown:
                return socket.Shutdown((int)request.Flags);
            case HostOperation.SocketSend:
                return Send(socket, request, data, ref answer);
            case HostOperation.SocketReceive:
                return Receive(socket, request, data, ref answer);
            case HostOperation.SocketPoll:
                answer.Flags = (uint)socket.Poll();
                return Errno.Success;
            case HostOperation.SocketGetOption:
                return Answer(
                    socket.GetOption((int)request.Mode, (int)request.Flags, data[..CheckedLength(request.Count)], out int length), length, ref answer);
            case HostOperation.SocketSetOption:
                return socket.SetOption((int)request.Mode, (int)request.Flags, data[..CheckedLength(request.FirstLength)]);
            case HostOperation.SocketCount:
                error = socket.Count(request.Flags, out int count);
                answer.Value = count;
                return error;
            default:
                return Errno.EINVAL;
        }
    }

    private static Errno Send(HostSocket socket, in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer)
    {
        Span<byte> bytes = data[..CheckedLength(request.FirstLength)];
        int flags = (int)(request.Flags & SendFlags);
        if (request.SecondLength == 0)
            return Answer(socket.Send(bytes, flags, out int sent), sent, ref answer);
        DatagramRecord about = MemoryMarshal.Read<DatagramRecord>(data[bytes.Length..]);
        return Answer(SocketMessages.Send(socket, bytes, about, flags, out int count), count, ref answer);
    }

    private static Errno Receive(HostSocket socket, in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer)
    {
        Span<byte> bytes = data[..CheckedLength(request.Count)];
        int flags = (int)(request.Flags & ReceiveFlags);
        if (request.SecondLength == 0)
            return Answer(socket.Receive(bytes, flags, out int received), received, ref answer);
        Errno error = SocketMessages.Receive(socket, bytes, flags, out DatagramRecord about, out int count, out int length);
        MemoryMarshal.Write(data[bytes.Length..], about);
        answer.Value = length;
        return Answer(error, count, ref answer);
    }

    private static Errno AnswerEndpoint(Errno error, in EndpointRecord endpoint, Span<byte> data)
    {
        MemoryMarshal.Write(data, endpoint);
        return error;
    }

    private Errno OpenSocket(in SubmissionEntry request)
    {
        if (_network is null)
            return Errno.EACCES;
        const uint isStream = 1;
        const uint isWatchedLater = 4;
        HostSocket? socket;
        if (request.Count > 0)
        {
            socket = _network.TakePublished((int)Math.Min(request.Count - 1, int.MaxValue));
            if (socket is null)
                return Errno.EADDRINUSE;
        }
        else
        {
            if (!_network.AllowsSockets)
                return Errno.EACCES;
            Errno error = HostSocket.Open(request.Mode == 6, (request.Flags & isStream) != 0, out socket);
            if (error != Errno.Success)
                return error;
        }

        socket!.IsWatchedLater = (request.Flags & isWatchedLater) != 0;
        return BindSocket(request.NewHandle, socket, isWatched: !socket.IsStream);
    }

    private bool TryWatch(uint handle, HostSocket socket) => socket.IsWatchedLater || _socketWatcher.TryAdd(handle, socket);

    // A stream is watched from its connection on: before that it counts as hung up.
    private Errno BindSocket(uint handle, HostSocket socket, bool isWatched)
    {
        bool isRoom = Interlocked.Increment(ref _handles) <= MostHandles;
        if (isRoom && handle != 0 && _sockets.TryAdd(handle, socket))
        {
            if (!isWatched || TryWatch(handle, socket))
                return Errno.Success;
            _sockets.TryRemove(handle, out _);
        }

        Interlocked.Decrement(ref _handles);
        socket.Dispose();
        return isRoom ? Errno.EINVAL : Errno.ENFILE;
    }

    private void CloseSocket(uint handle)
    {
        if (!_sockets.TryRemove(handle, out HostSocket? socket))
            return;
        Interlocked.Decrement(ref _handles);
        socket.Dispose();
    }

    /// <summary>Sockets are looked after by who calls <see cref="PollSockets"/>, without a thread of their own.</summary>
    internal void LendSockets() => _socketWatcher.IsLent = true;

    /// <summary>Reports what has happened to sockets; true where something has. Ends early at <see cref="WakeSockets"/>.</summary>
    internal bool PollSockets(int milliseconds) => _socketWatcher.Poll(milliseconds);

    /// <summary>Ends a <see cref="PollSockets"/>.</summary>
    internal void WakeSockets() => _socketWatcher.Wake();

    private void OnSocketsReady(ulong request, uint slot, ReadOnlyMemory<ReadinessRecord> records)
    {
        MemoryMarshal.AsBytes(records.Span).CopyTo(HostRegionLayout.GetSlot(_region!.Bytes, (int)slot));
        Complete(new CompletionEntry { Id = request, Items = (uint)records.Length });
        _deliver!();
    }
}

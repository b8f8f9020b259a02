using System;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;
using Cloister.Host.Sockets;

namespace Cloister.Host;

/// <summary>Requests without rings, and groups of sockets that threads wait for.</summary>
public sealed partial class HostServer : IDirectHost
{
    private readonly ConcurrentDictionary<uint, SocketGroup> _groups = new();

    /// <inheritdoc/>
    public bool TryServe(in SubmissionEntry request, Span<byte> data, out CompletionEntry answer)
    {
        answer = new CompletionEntry { Id = request.Id };
        bool isSocket = request.Operation >= HostOperation.SocketOpen && request.Operation != HostOperation.SocketEvents;
        bool isFile = request.Operation < HostOperation.ConsoleRead
            && (request.Operation is not (HostOperation.Read or HostOperation.Write) || request.Flags != InBackground);
        return (isSocket || isFile) && Handle(request, data, ref answer);
    }

    /// <inheritdoc/>
    public IHostWait? CreateWait()
    {
        int wake = Libc.EventFd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK);
        return wake < 0 ? null : new SocketWait(this, new FileDescriptor(wake));
    }

    /// <summary>What a record of a wait stands for; null for nothing.</summary>
    internal FileDescriptor? FileOf(in ReadinessRecord record)
    {
        if ((record.Events & IHostWait.IsGroup) != 0)
            return FindGroup(record.Handle)?.Poll;
        return _sockets.TryGetValue(record.Handle, out HostSocket? socket) ? socket.File : null;
    }

    /// <summary>A group by its handle; null for none.</summary>
    internal SocketGroup? FindGroup(uint handle) => _groups.TryGetValue(handle, out SocketGroup? group) ? group : null;

    private Errno OpenGroup(uint handle)
    {
        if (_network is null)
            return Errno.EACCES;
        Errno error = SocketGroup.Open(out SocketGroup? group);
        if (error != Errno.Success)
            return error;
        if (Interlocked.Increment(ref _handles) <= MostHandles && handle != 0 && _groups.TryAdd(handle, group!))
            return Errno.Success;
        Interlocked.Decrement(ref _handles);
        group!.Dispose();
        return Errno.EINVAL;
    }

    private void CloseGroup(uint handle)
    {
        if (!_groups.TryRemove(handle, out SocketGroup? group))
            return;
        Interlocked.Decrement(ref _handles);
        group.Dispose();
    }

    private Errno ChangeGroup(in SubmissionEntry request)
    {
        if (FindGroup(request.Handle) is not { } group || !_sockets.TryGetValue(request.SecondHandle, out HostSocket? socket))
            return Errno.EBADF;
        return group.Change(request.SecondHandle, socket, request.Flags, request.Mode == 1);
    }

    private Errno CollectGroup(in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer)
    {
        if (FindGroup(request.Handle) is not { } group)
            return Errno.EBADF;
        Span<ReadinessRecord> records = MemoryMarshal.Cast<byte, ReadinessRecord>(data);
        answer.Items = (uint)group.Take(records[..Math.Min(CheckedLength(request.Count), records.Length)], 0);
        return Errno.Success;
    }
}

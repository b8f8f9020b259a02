using System;
using System.Numerics;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Pipes;

/// <summary>An end of a pipe, or an open FIFO, which may be both ends.</summary>
internal sealed class PipeFile(Pipe pipe, int ignoredWriterOpens = -1) : OpenFile, IPipeFile
{
    /// <summary>/proc/sys/fs/pipe-max-size.</summary>
    public const int LargestCapacity = 1 << 20;

    public Pipe Pipe => pipe;

    public int Capacity => pipe.Capacity;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) =>
        CanRead ? pipe.Read(caller, buffer, IsNonBlocking) : Errno.EBADF;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) =>
        CanWrite ? pipe.Write(caller, buffer, IsNonBlocking, (Flags & OpenFlags.O_DIRECT) != 0) : Errno.EBADF;

    public override SyscallResult Transfer(ICaller caller, IIoBuffer buffer, long offset, ReadWriteFlags flags, bool write)
    {
        if (offset != -1)
            return Errno.ESPIPE;
        bool isNonBlocking = IsNonBlocking || (flags & ReadWriteFlags.RWF_NOWAIT) != 0;
        if (write)
            return CanWrite ? pipe.Write(caller, buffer, isNonBlocking, (Flags & OpenFlags.O_DIRECT) != 0) : Errno.EBADF;
        return CanRead ? pipe.Read(caller, buffer, isNonBlocking) : Errno.EBADF;
    }

    public override PollEvents Poll(IPollTable? table)
    {
        if (table is not null)
        {
            if (CanRead)
                table.Watch(pipe.Readable);
            if (CanWrite)
                table.Watch(pipe.Writable);
        }

        return pipe.Poll(CanRead, CanWrite, ignoredWriterOpens);
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        if (request != Ioctls.FIONREAD)
            return base.Control(caller, request, argument, data);
        BitConverter.TryWriteBytes(data, pipe.Count);
        return 0;
    }

    public SyscallResult SetCapacity(ICaller caller, uint capacity)
    {
        if (capacity > 1u << 31)
            return Errno.EINVAL;
        uint rounded = Math.Max(4096, BitOperations.RoundUpToPowerOf2(capacity));
        if (rounded > LargestCapacity && rounded > pipe.Capacity && !caller.Credentials.Has(FileCapabilities.CAP_SYS_RESOURCE))
            return Errno.EPERM;
        return rounded > int.MaxValue / 2 ? Errno.ENOMEM : pipe.SetCapacity((int)rounded);
    }

    protected override void OnClosed() => pipe.RemoveEnds(CanRead, CanWrite);
}

/// <summary>Inode of a pipe without a name.</summary>
internal sealed class PipeInode : AnonymousInode
{
    private readonly Pipe _pipe;

    public PipeInode(FileSystem fileSystem, Pipe pipe, uint userId, uint groupId)
        : base(fileSystem, FileModes.S_IFIFO | 0x180, userId, groupId) => _pipe = pipe;

    // By way of /proc/PID/fd a pipe can be opened again, like a FIFO.
    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file) =>
        FifoOpen.Open(caller, _pipe, waits: false, path, flags, out file);
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Events;
using Cloister.Vfs.Memory;
using Cloister.Vfs.Pipes;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    private MemoryFileSystem? _memoryFiles;

    /// <inheritdoc/>
    public Errno CreateMemoryFile(ICaller caller, ReadOnlySpan<byte> name, MemfdFlags flags, out IOpenFile? file)
    {
        file = null;
        const MemfdFlags execution = MemfdFlags.MFD_EXEC | MemfdFlags.MFD_NOEXEC_SEAL;
        const MemfdFlags known = MemfdFlags.MFD_CLOEXEC | MemfdFlags.MFD_ALLOW_SEALING | execution;

        // Huge pages don't exist here: EINVAL as on a kernel without hugetlbfs.
        if ((flags & ~known) != 0 || (flags & execution) == execution || name.Length > 249)
            return Errno.EINVAL;
        MemoryRegular inode = CreateMemoryInode(caller);
        if ((flags & MemfdFlags.MFD_NOEXEC_SEAL) != 0)
        {
            inode.Mode &= ~FileModes.S_IXUGO;
            inode.Seals = FileSeals.F_SEAL_EXEC;
        }
        else if ((flags & MemfdFlags.MFD_ALLOW_SEALING) != 0)
        {
            inode.Seals = FileSeals.None;
        }

        file = OpenMemoryFile(inode, new ByteWriter().Write("/memfd:"u8).Write(name).Write(" (deleted)"u8).Written);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno CreateSharedMemory(ICaller caller, ReadOnlySpan<byte> name, long length, out IOpenFile? file)
    {
        file = null;
        MemoryRegular inode = CreateMemoryInode(caller);
        Errno error = inode.Truncate(caller, length);
        if (error == Errno.Success)
            file = OpenMemoryFile(inode, name);
        return error;
    }

    private MemoryRegular CreateMemoryInode(ICaller caller)
    {
        _memoryFiles ??= new MemoryFileSystem(this, "tmpfs"u8, 0x3FF);
        Credentials identity = caller.Credentials;
        var inode = new MemoryRegular(_memoryFiles, FileModes.S_IFREG | FileModes.S_IRWXUGO, identity.UserId, identity.GroupId) { LinkCount = 0 };
        inode.SetTimes(caller.RealtimeNow);
        return inode;
    }

    private RegularFile OpenMemoryFile(MemoryRegular inode, ReadOnlySpan<byte> name)
    {
        VfsPath place = _anonymous.CreatePlace(inode, name);
        RegularFile opened = Pools.Regulars.Take();
        inode.AddOpen();
        inode.AddWriter();
        opened.Begin(place, OpenFlags.O_RDWR, countsAsOpen: true, countsAsWriter: true);
        return opened;
    }

    /// <inheritdoc/>
    public Errno CreatePipe(ICaller caller, OpenFlags flags, out IOpenFile? reader, out IOpenFile? writer)
    {
        Credentials identity = caller.Credentials;
        var pipe = new Pipe();
        var inode = new PipeInode(_anonymous, pipe, identity.UserId, identity.GroupId);
        VfsPath place = _anonymous.CreatePlace(inode, new ByteWriter().Write("pipe:["u8).Number(inode.Number).Write(']').Written);
        OpenFlags status = flags & (OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT);
        pipe.TryAddEnds(true, true, needsReader: false, out _);
        var readEnd = new PipeFile(pipe);
        readEnd.Begin(place, status & OpenFlags.O_NONBLOCK);
        var writeEnd = new PipeFile(pipe);
        writeEnd.Begin(place, status | OpenFlags.O_WRONLY);
        reader = readEnd;
        writer = writeEnd;
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno CreateEventCounter(ICaller caller, uint initial, EventFdFlags flags, out IOpenFile? file)
    {
        var counter = new EventCounterFile(initial, (flags & EventFdFlags.EFD_SEMAPHORE) != 0);
        counter.Begin(CreateAnonymous("anon_inode:[eventfd]"u8), OpenFlags.O_RDWR | ((flags & EventFdFlags.EFD_NONBLOCK) != 0 ? OpenFlags.O_NONBLOCK : 0));
        file = counter;
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno CreateMessageQueueFile(ICaller caller, IMessageQueue queue, ReadOnlySpan<byte> name, OpenFlags flags, out IOpenFile? file)
    {
        Credentials identity = caller.Credentials;
        var inode = new AnonymousInode(_anonymous, FileModes.S_IFREG | 0x180, identity.UserId, identity.GroupId);
        var descriptor = new MessageQueueFile(queue);
        descriptor.Begin(_anonymous.CreatePlace(inode, new ByteWriter().Write('/').Write(name).Written), flags & (OpenFlags.O_ACCMODE | OpenFlags.O_NONBLOCK));
        file = descriptor;
        return Errno.Success;
    }

    /// <inheritdoc/>
    public IOpenFile CreateRingFile(IRing ring)
    {
        var file = new RingFile(ring);
        file.Begin(CreateAnonymous("anon_inode:[io_uring]"u8), OpenFlags.O_RDWR);
        return file;
    }

    /// <inheritdoc/>
    public Errno CreateEventPoll(ICaller caller, out IOpenFile? file)
    {
        var poll = new EventPollFile(caller.KernelMemory);
        poll.Begin(CreateAnonymous("anon_inode:[eventpoll]"u8), OpenFlags.O_RDWR);
        file = poll;
        return Errno.Success;
    }

    /// <summary>The file of a namespace, to which links of procfs lead.</summary>
    internal VfsPath CreateNamespacePlace(ulong number, ReadOnlySpan<byte> name) =>
        _anonymous.CreatePlace(new NamespaceInode(_anonymous, number), name);

    /// <summary>A place for a file that has no type: mode 0600, as Linux's anon_inodes.</summary>
    private VfsPath CreateAnonymous(ReadOnlySpan<byte> name) => _anonymous.CreatePlace(new AnonymousInode(_anonymous, 0x180, 0, 0), name);

    private static Errno OpenFifo(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        if (path.Inode is not ISpecialInode special)
            return Errno.ENXIO;
        return FifoOpen.Open(caller, special.Content.Pipe, waits: true, path, flags, out file);
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Storage;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;
using Cloister.Vfs.Memory;
using StoredChange = Cloister.Contracts.Storage.AttributeChange;

namespace Cloister.Vfs.Stores;

/// <summary>A regular file of a store: reads through cached pages, writes to the store, which gathers them.</summary>
internal sealed class StoreRegular : StoreInode, IRegularInode, IContentBacking
{
    private readonly PagedContent _content;
    private long _size;

    public StoreRegular(StoreFileSystem fileSystem, in StoredAttributes attributes)
        : base(fileSystem, attributes)
    {
        _content = new PagedContent(fileSystem.Vfs.Services.Memory, fileSystem.Vfs.Pools.Transfers, this);
        _size = attributes.Size;
    }

    // Known here at once, when the other attributes come with the next look.
    public override long Size => System.Threading.Volatile.Read(ref _size);

    public bool IsReadOnlyContent => FileSystem.IsReadOnly;

    public MemoryObject Pages => _content.Pages;

    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        RegularFile opened = FileSystem.Vfs.Pools.Regulars.Take();
        opened.Begin(path, flags);
        file = opened;
        return Errno.Success;
    }

    public Errno ReadContent(long offset, Span<byte> into, out int count) => Store.Read(Number, offset, into, out count);

    public Errno WriteContent(long offset, ReadOnlySpan<byte> from, out int count)
    {
        long now = FileSystem.Vfs.Services.Clock.RealtimeNanoseconds;
        Errno error = Store.Write(Number, offset, from, now, out count);
        if (count > 0)
        {
            if (offset + count > _size)
                System.Threading.Volatile.Write(ref _size, offset + count);
            Modified(now);
        }

        return error;
    }

    public SyscallResult Read(ICaller caller, IIoBuffer buffer, long offset) => _content.Read(buffer, offset);

    public SyscallResult Write(ICaller caller, IIoBuffer buffer, ref long offset, bool append)
    {
        using (Lock.Enter())
        {
            if (append)
                offset = _size;
            long count = buffer.Remaining;
            if (count == 0)
                return 0;
            long done = 0;
            Errno error = OpenFileLimits.Clip(caller, offset, ref count);
            if (error == Errno.Success)
                error = _content.Write(buffer, offset, count, out done);
            return done > 0 ? done : error;
        }
    }

    public override Errno Truncate(ICaller caller, long length)
    {
        using (Lock.Enter())
        using (_content.ChangeLock.Enter())
        {
            _content.OnLengthened(length);
            Errno error = SetStored(new StoredChange { Mask = AttributeMask.Size, Size = length }, caller.RealtimeNow);
            if (error == Errno.Success)
                TakeSize(length, long.MaxValue, keepsCopies: false);
            return error;
        }
    }

    public Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length)
    {
        using (Lock.Enter())
        {
            // What mappings have written moves with the rest.
            Errno error = _content.WriteBack();
            if (error != Errno.Success)
                return error;
            using KernelLock.Scope change = _content.ChangeLock.Enter();
            if ((mode & FallocateMode.FALLOC_FL_KEEP_SIZE) == 0)
                _content.OnLengthened(offset + length);
            error = Store.Allocate(Number, mode, offset, length, caller.RealtimeNow);
            if (error != Errno.Success)
                return error;
            error = Refresh();
            if ((mode & (FallocateMode.FALLOC_FL_COLLAPSE_RANGE | FallocateMode.FALLOC_FL_INSERT_RANGE)) != 0)
                TakeSize(0, long.MaxValue, keepsCopies: false);
            else if ((mode & (FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_ZERO_RANGE)) != 0)
                TakeSize(offset, offset + length, keepsCopies: true);
            else
                TakeSize(StoredSize, long.MaxValue, keepsCopies: false);
            return error;
        }
    }

    public SyscallResult SeekSparse(long offset, bool data)
    {
        Errno error = Store.Seek(Number, offset, data ? SeekWhence.SEEK_DATA : SeekWhence.SEEK_HOLE, out long found);
        return error == Errno.Success ? found : error;
    }

    public Errno Synchronize(bool dataOnly)
    {
        if (FileSystem.IsReadOnly)
            return Errno.Success;
        Errno error = dataOnly ? WriteBackContent() : WriteBack();
        return error == Errno.Success ? Store.Synchronize() : error;
    }

    public override Errno WriteBack()
    {
        Errno error = WriteBackContent();
        return error == Errno.Success ? base.WriteBack() : error;
    }

    /// <inheritdoc/>
    public bool TryBeginSharedMapping()
    {
        _content.BeginWritableMapping();
        return true;
    }

    /// <summary>The store gets what mappings have written by fsync, msync, and at the end.</summary>
    public void EndSharedMapping()
    {
        if (_content.EndWritableMapping())
            WriteBackContent();
    }

    protected override void Evict()
    {
        _content.Release();
        base.Evict();
    }

    private Errno WriteBackContent()
    {
        using (Lock.Enter())
            return _content.WriteBack();
    }

    /// <summary>The store has changed a range, and perhaps the size.</summary>
    private void TakeSize(long start, long end, bool keepsCopies)
    {
        System.Threading.Volatile.Write(ref _size, StoredSize);
        _content.Discard(start, end, keepsCopies);
    }
}

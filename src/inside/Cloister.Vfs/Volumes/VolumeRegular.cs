using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Volumes;

/// <summary>A regular file of a volume: reads through cached pages, writes to the host.</summary>
internal sealed class VolumeRegular : VolumeInode, IRegularInode, IContentBacking
{
    /// <summary>How old the host's status may be for a read: as with NFS, whose attributes are kept for some seconds too.</summary>
    private const long FreshFor = 1_000_000_000;

    private readonly PagedContent _content;
    private long _lookedAt;
    private long _knownModification;
    private long _knownSize;

    public VolumeRegular(VolumeFileSystem fileSystem, uint handle, in HostFileStatus status)
        : base(fileSystem, handle, status)
    {
        _content = new PagedContent(fileSystem.Vfs.Services.Memory, fileSystem.Vfs.Pools.Transfers, this);
        _knownModification = status.ModifyTime;
        _knownSize = status.Size;
    }

    public bool IsReadOnlyContent => false;

    public MemoryObject Pages => _content.Pages;

    public override void Update(in HostFileStatus status)
    {
        using (Lock.Enter())
        {
            base.Update(status);
            Volatile.Write(ref _lookedAt, FileSystem.Vfs.Services.Clock.MonotonicNanoseconds);
            if (status.ModifyTime == _knownModification && status.Size == _knownSize)
                return;

            // Changed outside: the pages are of an old version. Pages that programs may be writing to are left alone.
            _knownModification = status.ModifyTime;
            _knownSize = status.Size;
            _content.Discard(_content.HasWritableMappings ? status.Size : 0, long.MaxValue, keepsCopies: false);
        }
    }

    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        // The lookup by path has just asked the host; a descriptor that is opened again by way of procfs has not.
        RegularFile opened = FileSystem.Vfs.Pools.Regulars.Take();
        opened.Begin(path, flags);
        file = opened;
        return Errno.Success;
    }

    public Errno ReadContent(long offset, Span<byte> into, out int count) => Host.Read(Handle, offset, into, out count);

    public Errno WriteContent(long offset, ReadOnlySpan<byte> from, out int count)
    {
        Errno error = Host.Write(Handle, offset, from, out count);
        HostSize = Math.Max(HostSize, offset + count);
        return error;
    }

    public SyscallResult Read(ICaller caller, IIoBuffer buffer, long offset)
    {
        // At the end: perhaps the file has grown outside. Elsewhere: perhaps it was cut, or written, a while ago.
        if (offset >= HostSize || FileSystem.Vfs.Services.Clock.MonotonicNanoseconds - Volatile.Read(ref _lookedAt) > FreshFor)
        {
            Errno refreshed = Refresh();
            if (refreshed != Errno.Success)
                return refreshed;
        }

        return _content.Read(buffer, offset);
    }

    public SyscallResult Write(ICaller caller, IIoBuffer buffer, ref long offset, bool append)
    {
        using (Lock.Enter())
        {
            if (append)
            {
                Errno refreshed = Refresh();
                if (refreshed != Errno.Success)
                    return refreshed;
                offset = HostSize;
            }

            long count = buffer.Remaining;
            if (count == 0)
                return 0;
            long done = 0;
            Errno error = OpenFileLimits.Clip(caller, offset, ref count);
            if (error == Errno.Success)
                error = _content.Write(buffer, offset, count, out done);
            if (done == 0)
                return error;
            NoteOwnChange();
            return done;
        }
    }

    public override Errno Truncate(ICaller caller, long length)
    {
        using (Lock.Enter())
        using (_content.ChangeLock.Enter())
        {
            _content.OnLengthened(length);
            Errno error = Host.Truncate(Handle, length);
            if (error != Errno.Success)
                return error;
            HostSize = length;
            _content.Discard(length, long.MaxValue, keepsCopies: false);
            NoteOwnChange();
            return Errno.Success;
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
            error = Host.Allocate(Handle, (int)mode, offset, length);
            if (error != Errno.Success)
                return error;
            if ((mode & (FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_ZERO_RANGE)) != 0)
                _content.Discard(offset, offset + length, keepsCopies: true);
            else if ((mode & (FallocateMode.FALLOC_FL_COLLAPSE_RANGE | FallocateMode.FALLOC_FL_INSERT_RANGE)) != 0)
                _content.Discard(0, long.MaxValue, keepsCopies: false);
            NoteOwnChange();
            return Errno.Success;
        }
    }

    public SyscallResult SeekSparse(long offset, bool data)
    {
        // The host isn't asked: a file without holes is always a right answer (lseek(2)).
        if (offset < 0 || offset >= HostSize)
            return Errno.ENXIO;
        return data ? offset : HostSize;
    }

    public Errno Synchronize(bool dataOnly)
    {
        Errno error = WriteBack();
        return error == Errno.Success ? Host.Synchronize(Handle, dataOnly) : error;
    }

    /// <inheritdoc/>
    public bool TryBeginSharedMapping()
    {
        _content.BeginWritableMapping();
        return true;
    }

    /// <summary>What mappings have written goes to the host by fsync, msync, and at the end.</summary>
    public void EndSharedMapping()
    {
        if (_content.EndWritableMapping())
            WriteBack();
    }

    /// <summary>The launcher's open file was written to, past these pages.</summary>
    public void OnWrittenElsewhere()
    {
        using (Lock.Enter())
        {
            // The next look at the host's status drops what was cached; mappings have to see it now.
            _knownModification = long.MinValue;
            if (_content.HasPages)
                Refresh();
        }
    }

    /// <summary>Looks at the host's status if something was written past these pages.</summary>
    public Errno RefreshIfWrittenElsewhere() => Volatile.Read(ref _knownModification) == long.MinValue ? Refresh() : Errno.Success;

    /// <summary>Brings to the host what was written through mappings.</summary>
    public Errno WriteBackMappings() => _content.MayBeDirty ? WriteBack() : Errno.Success;

    protected override void Evict()
    {
        WriteBack();
        _content.Release();
        base.Evict();
    }

    /// <summary>After a change of our own the host's new times don't mean that somebody else changed the file.</summary>
    private void NoteOwnChange()
    {
        if (Host.GetStatus(Handle, out HostFileStatus status) != Errno.Success)
            return;
        _knownModification = status.ModifyTime;
        _knownSize = status.Size;
        base.Update(status);
    }

    private Errno WriteBack()
    {
        using (Lock.Enter())
        {
            if (!_content.MayBeDirty)
                return Errno.Success;
            Errno error = _content.WriteBack();
            if (error == Errno.Success)
                NoteOwnChange();
            return error;
        }
    }
}

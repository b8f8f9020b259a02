using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Nucleus;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Memory;

/// <summary>A regular file whose content is a memory object: of a tmpfs, a memfd, or an import that may be changed in memory.</summary>
internal class MemoryRegular : MemoryInode, IRegularInode
{
    /// <summary>F_SEAL_WRITE is set: there is none and will be none.</summary>
    private const int NoMappings = -1;

    private MemoryObject? _pages;
    private long _size;
    private int _seals = (int)FileSeals.F_SEAL_SEAL;

    /// <summary>Mappings that may write, or <see cref="NoMappings"/>: no lock of a space may wait for that of a file.</summary>
    private int _sharedMappings;

    /// <summary>Whether there ever was such a mapping.</summary>
    private bool _wasMapped;

    public MemoryRegular(MemoryFileSystem fileSystem, uint mode, uint userId, uint groupId)
        : base(fileSystem, mode, userId, groupId)
    {
    }

    public override long Size => Volatile.Read(ref _size);

    public MemoryObject Pages
    {
        get
        {
            MemoryObject? pages = Volatile.Read(ref _pages);
            if (pages is not null)
                return pages;
            using (Lock.Enter())
            {
                if (_pages is null)
                    Volatile.Write(ref _pages, CreatePages());
                return _pages!;
            }
        }
    }

    /// <summary>The pages if there ever were any.</summary>
    protected MemoryObject? ExistingPages => Volatile.Read(ref _pages);

    public virtual bool IsReadOnlyContent => false;

    public FileSeals Seals
    {
        get => (FileSeals)Volatile.Read(ref _seals);
        set => Volatile.Write(ref _seals, (int)value);
    }

    /// <summary>Whether pages that are not resident are holes.</summary>
    protected virtual bool AbsentIsHole => true;

    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        RegularFile opened = FileSystem.Vfs.Pools.Regulars.Take();
        opened.Begin(path, flags);
        file = opened;
        return Errno.Success;
    }

    public SyscallResult Read(ICaller caller, IIoBuffer buffer, long offset)
    {
        long size = Size;
        long count = buffer.Remaining;
        if (offset >= size || count == 0)
            return 0;
        if (count > size - offset)
            count = size - offset;
        MemoryObject? pages = ExistingPages ?? (AbsentIsHole ? null : Pages);
        if (pages is null)
        {
            long zeros = buffer.StoreZeros(count);
            return zeros == 0 ? Errno.EFAULT : zeros;
        }

        Errno error = pages.Read(offset, count, buffer, out long done);
        return done > 0 || error == Errno.Success ? done : error;
    }

    public SyscallResult Write(ICaller caller, IIoBuffer buffer, ref long offset, bool append)
    {
        using (Lock.Enter())
        {
            if (append)
                offset = _size;
            long count = buffer.Remaining;
            if (count == 0)
                return 0;
            Errno error = OpenFileLimits.Clip(caller, offset, ref count);
            if (error == Errno.Success)
                error = CheckSeals(offset, ref count);
            if (error != Errno.Success)
                return error;
            if (offset > _size && Volatile.Read(ref _wasMapped))
                ExistingPages?.ClearBehind(_size);
            error = Pages.Write(offset, count, buffer, out long done);
            if (done == 0)
                return error == Errno.ENOMEM ? Errno.ENOSPC : error;
            if (offset + done > _size)
                Volatile.Write(ref _size, offset + done);
            Modified(caller.RealtimeNow);
            RemovePrivileges(caller);
            return done;
        }
    }

    public override Errno Truncate(ICaller caller, long length)
    {
        using (Lock.Enter())
        {
            long size = _size;
            FileSeals seals = Seals;
            if ((length < size && (seals & FileSeals.F_SEAL_SHRINK) != 0) || (length > size && (seals & FileSeals.F_SEAL_GROW) != 0))
                return Errno.EPERM;
            SetSize(length);
            if (length < size)
                DiscardContent(length, long.MaxValue, keepsCopies: false);
            Modified(caller.RealtimeNow);
            RemovePrivileges(caller);
            return Errno.Success;
        }
    }

    public Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length)
    {
        using (Lock.Enter())
        {
            long end = offset + length;
            bool keepsSize = (mode & FallocateMode.FALLOC_FL_KEEP_SIZE) != 0;
            FileSeals seals = Seals;
            switch (mode & ~FallocateMode.FALLOC_FL_KEEP_SIZE)
            {
                case FallocateMode.FALLOC_FL_PUNCH_HOLE when keepsSize:
                    if ((seals & (FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE)) != 0)
                        return Errno.EPERM;
                    if (offset < _size)
                        DiscardContent(offset, end >= _size ? long.MaxValue : end, keepsCopies: true);
                    break;
                case FallocateMode.FALLOC_FL_ZERO_RANGE:
                    if ((seals & (FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE)) != 0)
                        return Errno.EPERM;
                    if (end > _size && !keepsSize && (seals & FileSeals.F_SEAL_GROW) != 0)
                        return Errno.EPERM;
                    if (offset < _size)
                        DiscardContent(offset, end >= _size ? long.MaxValue : end, keepsCopies: true);
                    if (!keepsSize && end > _size)
                        SetSize(end);
                    break;
                case FallocateMode.None:
                    if (end > _size && (seals & FileSeals.F_SEAL_GROW) != 0)
                        return Errno.EPERM;
                    Errno error = Reserve(offset, end);
                    if (error != Errno.Success)
                        return error;
                    if (!keepsSize && end > _size)
                        SetSize(end);
                    break;
                default:
                    return Errno.EOPNOTSUPP;
            }

            Modified(caller.RealtimeNow);
            RemovePrivileges(caller);
            return Errno.Success;
        }
    }

    public SyscallResult SeekSparse(long offset, bool data)
    {
        long size = Size;
        if (offset < 0 || offset >= size)
            return Errno.ENXIO;
        if (!AbsentIsHole)
            return data ? offset : size;
        if (ExistingPages is not { } pages)
            return data ? Errno.ENXIO : offset;
        if (!data)
            return Math.Min(size, pages.NextHole(offset));
        long found = pages.NextData(offset);
        return found < 0 || found >= size ? Errno.ENXIO : found;
    }

    public Errno Synchronize(bool dataOnly) => Errno.Success;

    public Errno AddSeals(FileSeals seals)
    {
        const FileSeals ofContent = FileSeals.F_SEAL_SHRINK | FileSeals.F_SEAL_GROW | FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE;
        const FileSeals known = FileSeals.F_SEAL_SEAL | FileSeals.F_SEAL_EXEC | ofContent;
        if ((seals & ~known) != 0)
            return Errno.EINVAL;
        using (Lock.Enter())
        {
            if ((Seals & FileSeals.F_SEAL_SEAL) != 0)
                return Errno.EPERM;

            // What stays executable is never written again (memfd_add_seals of Linux).
            if ((seals & FileSeals.F_SEAL_EXEC) != 0 && (Mode & FileModes.S_IXUGO) != 0)
                seals |= ofContent;
            if ((seals & ~Seals & FileSeals.F_SEAL_WRITE) != 0 && Interlocked.CompareExchange(ref _sharedMappings, NoMappings, 0) != 0)
                return Errno.EBUSY;
            Seals |= seals;
            return Errno.Success;
        }
    }

    public override Errno SetAttributes(ICaller caller, in AttributeChange change)
    {
        bool isSealed = (Seals & FileSeals.F_SEAL_EXEC) != 0;
        return isSealed && change.Permissions is { } permissions && ((permissions ^ Mode) & FileModes.S_IXUGO) != 0
            ? Errno.EPERM
            : base.SetAttributes(caller, change);
    }

    /// <inheritdoc/>
    public bool TryBeginSharedMapping()
    {
        while (true)
        {
            int count = Volatile.Read(ref _sharedMappings);
            if (count == NoMappings)
                return false;
            if (Interlocked.CompareExchange(ref _sharedMappings, count + 1, count) != count)
                continue;
            Volatile.Write(ref _wasMapped, true);
            return true;
        }
    }

    /// <inheritdoc/>
    public void EndSharedMapping() => Interlocked.Decrement(ref _sharedMappings);

    public override Errno GetStatus(ICaller caller, out FileStatus status)
    {
        FillStatus(out status);
        status.Blocks = GetBlocks();
        return Errno.Success;
    }

    protected virtual long GetBlocks() => (ExistingPages?.ResidentPages ?? 0) * 8;

    protected virtual MemoryObject CreatePages() => new(FileSystem.Vfs.Services.Memory, quota: ((MemoryFileSystem)FileSystem).Frames);

    /// <summary>Sets the size of a file whose content comes from elsewhere.</summary>
    protected void SetInitialSize(long size) => _size = size;

    /// <summary>Sets the length. What programs have stored behind the end through mappings doesn't become content.</summary>
    private void SetSize(long size)
    {
        if (size > _size && Volatile.Read(ref _wasMapped))
            ExistingPages?.ClearBehind(_size);
        Volatile.Write(ref _size, size);
    }

    /// <summary>Makes a range read as zeros and gives its memory back. <see cref="Inode.Lock"/> held.</summary>
    protected virtual void DiscardContent(long start, long end, bool keepsCopies) => ExistingPages?.Discard(start, end, keepsCopies);

    protected override void Evict()
    {
        ExistingPages?.RemoveUser();
        base.Evict();
    }

    private Errno CheckSeals(long offset, ref long count)
    {
        FileSeals seals = Seals;
        if ((seals & ~FileSeals.F_SEAL_SEAL) == 0)
            return Errno.Success;
        if ((seals & (FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE)) != 0)
            return Errno.EPERM;
        if ((seals & FileSeals.F_SEAL_GROW) == 0 || offset + count <= _size)
            return Errno.Success;
        if (offset >= _size)
            return Errno.EPERM;
        count = _size - offset;
        return Errno.Success;
    }

    // A write takes set-user-ID and set-group-ID away, unless from somebody with CAP_FSETID.
    private void RemovePrivileges(ICaller caller)
    {
        RemoveFileCapabilities();
        uint mode = Mode;
        if ((mode & (FileModes.S_ISUID | FileModes.S_ISGID)) == 0 || caller.Credentials.Has(FileCapabilities.CAP_FSETID))
            return;
        mode &= ~FileModes.S_ISUID;
        if ((mode & FileModes.S_IXGRP) != 0)
            mode &= ~FileModes.S_ISGID;
        Mode = mode;
    }

    private Errno Reserve(long offset, long end)
    {
        MemoryObject pages = Pages;
        long page = offset >> FrameExtent.FrameShift;
        long last = (end - 1) >> FrameExtent.FrameShift;

        // Not page by page into an exhausted enclave: ask first.
        if (last - page + 1 > ((MemoryFileSystem)FileSystem).Frames.Available + pages.ResidentPages)
            return Errno.ENOSPC;
        while (page <= last)
        {
            Errno error = pages.Populate(page, (int)Math.Min(512, last - page + 1), out int count);
            if (error != Errno.Success)
                return error == Errno.ENOMEM ? Errno.ENOSPC : error;
            page += count;
        }

        return Errno.Success;
    }
}

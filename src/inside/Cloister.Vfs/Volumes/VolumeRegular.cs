using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Nucleus;
using Cloister.Vfs.Core;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Volumes;

/// <summary>A regular file of a volume: reads through cached pages, writes to the host.</summary>
internal sealed class VolumeRegular : VolumeInode, IRegularInode, IPager
{
    private KernelIoBuffer? _transfer;
    private MemoryObject? _pages;
    private long _knownModification;
    private long _knownSize;
    private int _sharedMappings;
    private bool _mayBeDirty;

    public VolumeRegular(VolumeFileSystem fileSystem, uint handle, in HostFileStatus status)
        : base(fileSystem, handle, status)
    {
        _knownModification = status.ModifyTime;
        _knownSize = status.Size;
    }

    public bool IsReadOnlyContent => false;

    public MemoryObject Pages
    {
        get
        {
            lock (Lock)
                return _pages ??= new MemoryObject(FileSystem.Vfs.Services.Frames, this) { PagerPages = PagesOf(HostSize) };
        }
    }

    public override void Update(in HostFileStatus status)
    {
        lock (Lock)
        {
            base.Update(status);
            if (status.ModifyTime == _knownModification && status.Size == _knownSize)
                return;

            // Changed outside: the pages are of an old version. Pages that programs may be writing to are left alone.
            _knownModification = status.ModifyTime;
            _knownSize = status.Size;
            if (_pages is null)
                return;
            if (_sharedMappings == 0)
                _pages.Discard(0, long.MaxValue);
            _pages.PagerPages = PagesOf(status.Size);
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

    public Errno ReadPages(long firstPage, Span<byte> into)
    {
        long offset = firstPage << FrameExtent.FrameShift;
        int done = 0;
        while (done < into.Length)
        {
            Errno error = Host.Read(Handle, offset + done, into[done..], out int count);
            if (error != Errno.Success)
                return error;
            if (count <= 0)
                break;
            done += count;
        }

        into[done..].Clear();
        return Errno.Success;
    }

    public SyscallResult Read(ICaller caller, IIoBuffer buffer, long offset)
    {
        // At the end: perhaps the file has grown outside.
        if (offset >= HostSize)
        {
            Errno refreshed = Refresh();
            if (refreshed != Errno.Success)
                return refreshed;
        }

        long count = Math.Min(buffer.Remaining, HostSize - offset);
        if (count <= 0)
            return 0;
        Errno error = Pages.Read(offset, count, buffer, out long done);
        return done > 0 || error == Errno.Success ? done : error;
    }

    public SyscallResult Write(ICaller caller, IIoBuffer buffer, ref long offset, bool append)
    {
        lock (Lock)
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
            Errno error = OpenFileLimits.Clip(caller, offset, ref count);
            long done = 0;
            KernelIoBuffer transfer = _transfer ??= new KernelIoBuffer();
            while (error == Errno.Success && done < count)
            {
                int fetched = buffer.Fetch(transfer.Bytes[..(int)Math.Min(KernelIoBuffer.Size, count - done)]);
                if (fetched == 0)
                {
                    error = Errno.EFAULT;
                    break;
                }

                error = Host.Write(Handle, offset + done, transfer.Bytes[..fetched], out int written);
                if (written > 0)
                    OnWritten(offset + done, written, transfer);
                done += written;
                if (written < fetched && error == Errno.Success)
                    break;
            }

            if (done == 0)
                return error;
            NoteOwnChange();
            return done;
        }
    }

    public override Errno Truncate(ICaller caller, long length)
    {
        lock (Lock)
        {
            Errno error = Host.Truncate(Handle, length);
            if (error != Errno.Success)
                return error;
            _pages?.Discard(length, long.MaxValue);
            HostSize = length;
            NoteOwnChange();
            return Errno.Success;
        }
    }

    public Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length)
    {
        lock (Lock)
        {
            Errno error = Host.Allocate(Handle, (int)mode, offset, length);
            if (error != Errno.Success)
                return error;
            if ((mode & (FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_ZERO_RANGE)) != 0)
                _pages?.Discard(offset, offset + length);
            else if ((mode & (FallocateMode.FALLOC_FL_COLLAPSE_RANGE | FallocateMode.FALLOC_FL_INSERT_RANGE)) != 0)
                _pages?.Discard(0, long.MaxValue);
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

    /// <summary>Counts mappings that write to the file's pages; what they wrote goes to the host by fsync, msync, and at the end.</summary>
    public void CountSharedMapping(int change)
    {
        lock (Lock)
        {
            _sharedMappings += change;
            _mayBeDirty = true;
        }

        if (change < 0)
            WriteBack();
    }

    protected override void Evict()
    {
        WriteBack();
        _pages?.Release();
        base.Evict();
    }

    private static long PagesOf(long size) => (size + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift;

    /// <summary>Puts what was written to the host into pages that are cached too.</summary>
    private void OnWritten(long offset, int count, KernelIoBuffer transfer)
    {
        if (offset + count > HostSize)
            HostSize = offset + count;
        if (_pages is null)
            return;
        _pages.PagerPages = PagesOf(HostSize);
        _pages.Write(offset, count, transfer.Reset(count), out _);
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
        lock (Lock)
        {
            if (!_mayBeDirty || _pages is null)
                return Errno.Success;
            for (long at = _pages.NextData(0); at >= 0 && at < HostSize; at = _pages.NextData(at))
            {
                long page = at >> FrameExtent.FrameShift;
                _pages.BeginCopy();
                Errno error = _pages.Populate(page, 64, out FrameExtent run);
                if (error == Errno.Success)
                {
                    long start = page << FrameExtent.FrameShift;
                    int length = (int)Math.Min(run.Length, HostSize - start);
                    error = Host.Write(Handle, start, FileSystem.Vfs.Services.Frames.GetBytes(run)[..length], out _);
                }

                _pages.EndCopy();
                if (error != Errno.Success)
                    return error;
                at = (page + run.Count) << FrameExtent.FrameShift;
            }

            _mayBeDirty = _sharedMappings > 0;
            NoteOwnChange();
            return Errno.Success;
        }
    }
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Import;

/// <summary>A regular file of the host. Its pages come in when they are used, and belong to the enclave from then on.</summary>
internal sealed class ImportRegular : MemoryRegular
{
    private readonly ImportOrigin _origin;
    private readonly ImportPager _pager;
    private readonly long _originalSize;
    private readonly long _originalBlocks;
    private bool _isShared;

    public ImportRegular(ImportFileSystem fileSystem, ImportOrigin origin, in HostFileStatus status)
        : base(fileSystem, status.Mode, status.UserId, status.GroupId)
    {
        _origin = origin;
        _originalSize = status.Size;
        _originalBlocks = status.Blocks;
        _pager = new ImportPager(fileSystem.Host, origin, status.Size);
        SetInitialSize(status.Size);
        _isShared = fileSystem.IsReadOnly;
    }

    public override bool IsReadOnlyContent => _isShared;

    protected override bool AbsentIsHole => false;

    protected override MemoryObject CreatePages() => new(FileSystem.Vfs.Services.Memory, _pager)
    {
        PagerPages = (_originalSize + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift,
    };

    protected override long GetBlocks() => Size == _originalSize ? _originalBlocks : (Size + 4095) / 4096 * 8;

    protected override void DiscardContent(long start, long end, bool keepsCopies)
    {
        // Pages first go from the pager, so that what is removed can't come back from the host.
        _pager.Discard(start, end);
        if (ExistingPages is not null || end < _originalSize)
            Pages.Discard(start, end, keepsCopies);
    }

    protected override void Evict()
    {
        base.Evict();
        _origin.Forget();
    }
}

/// <summary>Reads an imported file's pages from the host, except those that were discarded inside.</summary>
internal sealed class ImportPager(IHostFiles host, ImportOrigin origin, long size) : IPager
{
    private readonly KernelLock _lock = new(LockLevel.Pager);
    private List<(long Start, long End)>? _holes;

    /// <summary>Bytes of the host's file that still count.</summary>
    private long _validLength = size;

    /// <summary>Makes a range read as zeros from now on. Pages at its ends that it covers partly must be resident.</summary>
    public void Discard(long start, long end)
    {
        using (_lock.Enter())
        {
            if (end >= _validLength)
            {
                // The page that is cut keeps its beginning.
                _validLength = Math.Min(_validLength, start);
                return;
            }

            const long mask = FrameExtent.FrameSize - 1;
            long first = (start + mask) & ~mask;
            long last = end & ~mask;
            if (first < last)
                (_holes ??= []).Add((first, last));
        }
    }

    /// <summary>The host's file isn't changed: what changes here stays in memory.</summary>
    public bool CanWriteBack => false;

    public Errno WriteBack(MemoryObject pages, long firstPage, int count) => Errno.EROFS;

    public Errno ReadPages(long firstPage, Span<byte> into)
    {
        long offset = firstPage << FrameExtent.FrameShift;
        long valid = Volatile.Read(ref _validLength);
        int wanted = (int)Math.Clamp(valid - offset, 0, into.Length);
        int done = 0;
        if (wanted > 0)
        {
            Errno error = origin.GetHandle(out uint handle);
            if (error != Errno.Success)
                return error;
            while (done < wanted)
            {
                error = host.Read(handle, offset + done, into[done..wanted], out int count);
                if (error != Errno.Success)
                    return error;

                // The file became shorter outside: the rest reads as zeros.
                if (count <= 0)
                    break;
                done += count;
            }
        }

        into[done..].Clear();
        using (_lock.Enter())
        {
            foreach ((long start, long end) in _holes ?? [])
            {
                long from = Math.Max(start, offset);
                long to = Math.Min(end, offset + into.Length);
                if (from < to)
                    into[(int)(from - offset)..(int)(to - offset)].Clear();
            }
        }

        return Errno.Success;
    }
}

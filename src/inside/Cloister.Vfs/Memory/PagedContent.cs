using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Memory;

/// <summary>Where the content of a regular file is kept: the host, a volume.</summary>
internal interface IContentBacking
{
    /// <summary>Bytes of the file.</summary>
    long Size { get; }

    /// <summary>Reads; fewer bytes only at the end.</summary>
    Errno ReadContent(long offset, Span<byte> into, out int count);

    /// <summary>Writes, and makes the file larger where that is needed.</summary>
    Errno WriteContent(long offset, ReadOnlySpan<byte> from, out int count);
}

/// <summary>
/// Pages of a regular file whose content is kept elsewhere: reads and mappings use them, writes go through to the backing
/// and bring them up to date.
/// </summary>
/// <remarks>
/// Nothing tells which pages a shared mapping has written to. So all resident ones are compared with the backing when
/// they are to be written back.
/// </remarks>
internal sealed class PagedContent(IFrames frames, ObjectPool<KernelIoBuffer> transfers, IContentBacking backing) : IPager
{
    /// <summary>Below this share of the enclave's memory, pages of files that are in their backing anyway aren't kept.</summary>
    private const int ScarceShare = 8;

    private readonly KernelLock _lock = new(LockLevel.WriteBack);
    private MemoryObject? _pages;
    private int _writableMappings;
    private bool _mayBeDirty;

    public MemoryObject Pages
    {
        get
        {
            if (Volatile.Read(ref _pages) is { } pages)
                return pages;
            pages = new MemoryObject(frames, this) { PagerPages = PagesOf(backing.Size) };
            return Interlocked.CompareExchange(ref _pages, pages, null) ?? pages;
        }
    }

    /// <summary>Whether anything was cached.</summary>
    public bool HasPages => Volatile.Read(ref _pages) is not null;

    /// <summary>Whether programs may be writing to pages through mappings.</summary>
    public bool HasWritableMappings => Volatile.Read(ref _writableMappings) > 0;

    /// <summary>Whether <see cref="WriteBack"/> may have something to do.</summary>
    public bool MayBeDirty => Volatile.Read(ref _mayBeDirty);

    private bool IsMemoryScarce => frames.Available < frames.Total / ScarceShare;

    public Errno ReadPages(long firstPage, Span<byte> into)
    {
        Errno error = ReadFully(firstPage << FrameExtent.FrameShift, into, out int done);
        into[done..].Clear();
        return error;
    }

    /// <summary>Reads up to the end of the file.</summary>
    /// <returns>The number of bytes, or the error where there is none.</returns>
    public SyscallResult Read(IIoBuffer buffer, long offset)
    {
        long count = Math.Min(buffer.Remaining, backing.Size - offset);
        if (count <= 0)
            return 0;
        Errno error;
        long done;
        if (IsMemoryScarce && TryDropPages())
            error = ReadAround(buffer, offset, count, out done);
        else
            error = Pages.Read(offset, count, buffer, out done);
        return done > 0 || error == Errno.Success ? done : error;
    }

    /// <summary>Writes; the file's lock is held.</summary>
    /// <param name="buffer">What.</param>
    /// <param name="offset">Where.</param>
    /// <param name="count">How much.</param>
    /// <param name="done">Bytes written, also where an error ended it.</param>
    public Errno Write(IIoBuffer buffer, long offset, long count, out long done)
    {
        KernelIoBuffer transfer = transfers.Take();
        Errno error = Write(buffer, offset, count, transfer, out done);
        transfers.Give(transfer);
        return error;
    }

    private Errno Write(IIoBuffer buffer, long offset, long count, KernelIoBuffer transfer, out long done)
    {
        done = 0;
        while (done < count)
        {
            int fetched = buffer.Fetch(transfer.Bytes[..(int)Math.Min(KernelIoBuffer.Size, count - done)]);
            if (fetched == 0)
                return Errno.EFAULT;
            Errno error = backing.WriteContent(offset + done, transfer.Bytes[..fetched], out int written);
            if (written > 0 && Volatile.Read(ref _pages) is { } pages)
            {
                pages.PagerPages = PagesOf(backing.Size);
                pages.Update(offset + done, transfer.Bytes[..written]);
            }

            done += written;
            if (error != Errno.Success || written < fetched)
                return error;
        }

        return Errno.Success;
    }

    /// <summary>Drops what the backing no longer has, or has otherwise; long.MaxValue as end for all that follows.</summary>
    public void Discard(long start, long end)
    {
        MemoryObject? pages = Volatile.Read(ref _pages);
        pages?.Discard(start, end);
        if (pages is not null)
            pages.PagerPages = PagesOf(backing.Size);
    }

    /// <summary>Counts a mapping that may write to the pages. Takes no lock.</summary>
    public void BeginWritableMapping()
    {
        Interlocked.Increment(ref _writableMappings);
        Volatile.Write(ref _mayBeDirty, true);
    }

    /// <summary>Ends a mapping that may write.</summary>
    /// <returns>Whether it was the last: what it has written is to be written back.</returns>
    public bool EndWritableMapping() => Interlocked.Decrement(ref _writableMappings) == 0;

    /// <summary>Writes what mappings have changed to the backing.</summary>
    public Errno WriteBack()
    {
        using (_lock.Enter())
        {
            if (!_mayBeDirty || _pages is null)
                return Errno.Success;
            // In this order, since a mapping that begins meanwhile is counted first and says so then.
            Interlocked.Exchange(ref _mayBeDirty, false);
            if (HasWritableMappings)
                Volatile.Write(ref _mayBeDirty, true);
            byte[] old = new byte[KernelIoBuffer.Size];
            for (long at = _pages.NextData(0); at >= 0 && at < backing.Size; at = _pages.NextData(at))
            {
                long page = at >> FrameExtent.FrameShift;
                _pages.BeginCopy();
                Errno error = _pages.Populate(page, old.Length >> FrameExtent.FrameShift, out FrameExtent run);
                if (error == Errno.Success)
                    error = WriteChanged(page << FrameExtent.FrameShift, frames.GetBytes(run), old);
                _pages.EndCopy();
                if (error != Errno.Success)
                {
                    _mayBeDirty = true;
                    return error;
                }

                at = (page + run.Count) << FrameExtent.FrameShift;
            }

            return Errno.Success;
        }
    }

    /// <summary>Gives all pages back. Nobody may use the content afterwards.</summary>
    public void Release() => _pages?.Release();

    private static long PagesOf(long size) => (size + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift;

    private Errno WriteChanged(long start, ReadOnlySpan<byte> pages, Span<byte> old)
    {
        int length = (int)Math.Min(pages.Length, backing.Size - start);
        Errno error = ReadFully(start, old[..length], out int known);
        for (int at = 0; error == Errno.Success && at < length;)
        {
            // Neighbours that have changed are written together.
            int end = at;
            while (end < length && HasChanged(pages[..length], old, known, end))
                end = Math.Min(end + FrameExtent.FrameSize, length);
            if (end > at)
                error = backing.WriteContent(start + at, pages[at..end], out _);
            at = end > at ? end : end + FrameExtent.FrameSize;
        }

        return error;
    }

    private static bool HasChanged(ReadOnlySpan<byte> pages, ReadOnlySpan<byte> old, int known, int at)
    {
        int end = Math.Min(at + FrameExtent.FrameSize, pages.Length);
        return end > known || !pages[at..end].SequenceEqual(old[at..end]);
    }

    private Errno ReadFully(long offset, Span<byte> into, out int done)
    {
        done = 0;
        while (done < into.Length)
        {
            Errno error = backing.ReadContent(offset + done, into[done..], out int count);
            if (error != Errno.Success)
                return error;
            if (count <= 0)
                break;
            done += count;
        }

        return Errno.Success;
    }

    /// <summary>Gives the pages back where no program has them mapped.</summary>
    private bool TryDropPages()
    {
        MemoryObject? pages = Volatile.Read(ref _pages);
        if (pages is null)
            return true;
        if (pages.IsMapped || MayBeDirty)
            return false;
        pages.Discard(0, long.MaxValue);
        return true;
    }

    /// <summary>Reads without keeping pages.</summary>
    private Errno ReadAround(IIoBuffer buffer, long offset, long count, out long done)
    {
        done = 0;
        Span<byte> part = stackalloc byte[FrameExtent.FrameSize];
        while (done < count)
        {
            Errno error = ReadFully(offset + done, part[..(int)Math.Min(part.Length, count - done)], out int read);
            if (error != Errno.Success || read == 0)
                return error;
            int stored = buffer.Store(part[..read]);
            done += stored;
            if (stored < read)
                return Errno.EFAULT;
        }

        return Errno.Success;
    }
}

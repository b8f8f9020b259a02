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
/// and bring them up to date. So they can be given back at any time where memory is short.
/// </summary>
/// <remarks>
/// Nothing tells which pages a shared mapping has written to. So those that one could write to are compared with the
/// backing when they are to be written back.
/// </remarks>
internal sealed class PagedContent(EnclaveMemory memory, ObjectPool<KernelBuffer> transfers, IContentBacking backing) : IPager
{
    private MemoryObject? _pages;
    private int _writableMappings;
    private bool _mayBeDirty;
    private bool _wasMapped;

    public MemoryObject Pages
    {
        get
        {
            if (Volatile.Read(ref _pages) is { } pages)
                return pages;
            pages = new MemoryObject(memory, this) { PagerPages = PagesOf(backing.Size) };
            return Interlocked.CompareExchange(ref _pages, pages, null) ?? pages;
        }
    }

    /// <summary>
    /// Held while the backing and its pages differ: while one of them has a change that the other is about to get. What
    /// mappings have written must not be compared with the backing then.
    /// </summary>
    public KernelLock ChangeLock { get; } = new(LockLevel.WriteBack);

    /// <summary>Whether pages were ever made.</summary>
    public bool HasPages => Volatile.Read(ref _pages) is not null;

    /// <summary>Whether programs may be writing to pages through mappings.</summary>
    public bool HasWritableMappings => Volatile.Read(ref _writableMappings) > 0;

    /// <summary>Whether <see cref="WriteBack()"/> may have something to do.</summary>
    public bool MayBeDirty => Volatile.Read(ref _mayBeDirty);

    /// <inheritdoc/>
    public bool CanWriteBack => true;

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
        Errno error = Pages.Read(offset, count, buffer, out long done);
        return done > 0 || error == Errno.Success ? done : error;
    }

    /// <summary>Writes; other writers are kept away.</summary>
    /// <param name="buffer">What.</param>
    /// <param name="offset">Where.</param>
    /// <param name="count">How much.</param>
    /// <param name="done">Bytes written, also where an error ended it.</param>
    public Errno Write(IIoBuffer buffer, long offset, long count, out long done)
    {
        KernelBuffer transfer = transfers.Take();
        Errno error = Write(buffer, offset, count, transfer, out done);
        transfers.Give(transfer);
        return error;
    }

    private Errno Write(IIoBuffer buffer, long offset, long count, KernelBuffer transfer, out long done)
    {
        done = 0;
        while (done < count)
        {
            int fetched = buffer.Fetch(transfer.Bytes[..(int)Math.Min(KernelBuffer.TransferSize, count - done)]);
            if (fetched == 0)
                return Errno.EFAULT;
            Errno error;
            int written;
            using (ChangeLock.Enter())
            {
                OnLengthened(offset + done + fetched);
                error = backing.WriteContent(offset + done, transfer.Bytes[..fetched], out written);
                if (written > 0 && Volatile.Read(ref _pages) is { } pages)
                {
                    pages.PagerPages = PagesOf(backing.Size);
                    pages.Update(offset + done, transfer.Bytes[..written]);
                }
            }

            done += written;
            if (error != Errno.Success || written < fetched)
                return error;
        }

        return Errno.Success;
    }

    /// <summary>The file is about to get longer: what mappings have stored behind its end so far doesn't become content.</summary>
    public void OnLengthened(long size)
    {
        long old = backing.Size;
        if (size > old && Volatile.Read(ref _wasMapped))
            Volatile.Read(ref _pages)?.ClearBehind(old);
    }

    /// <summary>Drops what the backing no longer has, or has otherwise; long.MaxValue as end for all that follows.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">First byte behind.</param>
    /// <param name="keepsCopies">Whether programs keep the copies that they have made of it in private mappings.</param>
    public void Discard(long start, long end, bool keepsCopies)
    {
        MemoryObject? pages = Volatile.Read(ref _pages);
        pages?.Discard(start, end, keepsCopies);
        if (pages is not null)
            pages.PagerPages = PagesOf(backing.Size);
    }

    /// <summary>Counts a mapping that may write to the pages. Takes no lock.</summary>
    public void BeginWritableMapping()
    {
        Interlocked.Increment(ref _writableMappings);
        Volatile.Write(ref _wasMapped, true);
        Volatile.Write(ref _mayBeDirty, true);
    }

    /// <summary>Ends a mapping that may write.</summary>
    /// <returns>Whether it was the last: what it has written is to be written back.</returns>
    public bool EndWritableMapping() => Interlocked.Decrement(ref _writableMappings) == 0;

    /// <summary>Writes what mappings have changed to the backing.</summary>
    public Errno WriteBack()
    {
        if (!MayBeDirty || Volatile.Read(ref _pages) is not { } pages)
            return Errno.Success;

        // In this order, since a mapping that begins meanwhile is counted first and says so then.
        Interlocked.Exchange(ref _mayBeDirty, false);
        bool hasMappings = HasWritableMappings;
        if (hasMappings)
            Volatile.Write(ref _mayBeDirty, true);
        Errno error = pages.WriteBack(0, PagesOf(backing.Size), isLast: !hasMappings);
        if (error != Errno.Success)
            Volatile.Write(ref _mayBeDirty, true);
        return error;
    }

    /// <inheritdoc/>
    public Errno WriteBack(MemoryObject pages, long firstPage, int count)
    {
        KernelBuffer old = transfers.Take();
        Errno error = Errno.Success;
        long end = firstPage + count;
        for (long page = firstPage; error == Errno.Success && page < end;)
        {
            int wanted = (int)Math.Min(end - page, KernelBuffer.TransferSize >> FrameExtent.FrameShift);
            int done = 1;
            using (ChangeLock.Enter())
            {
                if (pages.TryPin(page, wanted, forStores: false, out FrameExtent run, out int pin))
                {
                    error = WriteChanged(page << FrameExtent.FrameShift, memory.GetBytes(run), old.Bytes);
                    pages.Unpin(pin);
                    done = run.Count;
                }
            }

            page += done;
        }

        transfers.Give(old);
        return error;
    }

    /// <summary>Gives all pages back. Nobody may use the content afterwards.</summary>
    public void Release() => _pages?.RemoveUser();

    private static long PagesOf(long size) => (size + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift;

    private Errno WriteChanged(long start, ReadOnlySpan<byte> pages, Span<byte> old)
    {
        int length = (int)Math.Min(pages.Length, backing.Size - start);
        if (length <= 0)
            return Errno.Success;
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
}

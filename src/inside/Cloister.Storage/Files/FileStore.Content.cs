using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;

namespace Cloister.Storage.Files;

/// <content>Content of regular files.</content>
internal sealed partial class FileStore
{
    /// <summary>Files up to this size, without blocks, are stored in the index: a block of their own would be mostly empty.</summary>
    public const int LargestInline = 2048;

    private const int PageSize = PageBuffer.PageSize;

    // Blocks that are copied in one go with the lock held.
    private const int WriteBurst = 64;

    private readonly Stack<ReadPlan> _plans = new();

    public Errno Read(ulong inode, long offset, Span<byte> into, out int count)
    {
        count = 0;
        if (offset < 0)
            return Errno.EINVAL;
        Inode file;
        ReadPlan current, next;
        try
        {
            lock (_core.Lock)
            {
                if (LoadFile(inode, out file) is var error and not Errno.Success)
                    return error;
                file.Users++;
                current = TakePlan();
                next = TakePlan();
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }

        try
        {
            // While one part is opened, the next is on its way.
            Start(file, offset, into, current);
            while (current.Length > 0)
            {
                int length = current.Length;
                Start(file, offset + length, into[length..], next);
                Errno error = Finish(file, offset, into[..length], current);
                if (error != Errno.Success)
                {
                    _core.Device.Wait(next.Batch);
                    return error;
                }

                (current, next) = (next, current);
                into = into[length..];
                offset += length;
                count += length;
            }

            return Errno.Success;
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
        finally
        {
            lock (_core.Lock)
            {
                file.Users--;
                _plans.Push(current);
                _plans.Push(next);
            }
        }
    }

    public Errno Write(ulong inode, long offset, ReadOnlySpan<byte> from, long now, out int count)
    {
        count = 0;
        if (offset < 0)
            return Errno.EINVAL;
        if (offset > IFileStore.LargestFile - from.Length)
            return Errno.EFBIG;
        if (Prepare(grows: false) is var refused and not Errno.Success)
            return refused;
        try
        {
            if (Enter(inode, out Inode file) is var error and not Errno.Success)
                return error;
            try
            {
                lock (file.ContentLock)
                    return Write(file, offset, from, now, out count);
            }
            finally
            {
                Leave(file);
            }
        }
        catch (VolumeException e)
        {
            return _volume.Fail(e);
        }
    }

    public Errno Allocate(ulong inode, FallocateMode mode, long offset, long length, long now)
    {
        if (offset < 0 || length <= 0)
            return Errno.EINVAL;
        if (offset > IFileStore.LargestFile - length)
            return Errno.EFBIG;
        bool keepsSize = (mode & FallocateMode.FALLOC_FL_KEEP_SIZE) != 0;
        FallocateMode what = mode & ~FallocateMode.FALLOC_FL_KEEP_SIZE;
        if (what is not (FallocateMode.None or FallocateMode.FALLOC_FL_PUNCH_HOLE or FallocateMode.FALLOC_FL_ZERO_RANGE)
            || (what == FallocateMode.FALLOC_FL_PUNCH_HOLE && !keepsSize))
            return Errno.EOPNOTSUPP;
        if (Prepare(grows: false) is var refused and not Errno.Success)
            return refused;
        try
        {
            if (Enter(inode, out Inode file) is var error and not Errno.Success)
                return error;
            try
            {
                lock (file.ContentLock)
                {
                    // Every write goes to a new place, so that allocating can only promise that there is room now.
                    if (what == FallocateMode.None && HasRoom(file, offset, length) is var full and not Errno.Success)
                        return full;
                    while (true)
                    {
                        Obstacle obstacle;
                        long block;
                        lock (_core.Lock)
                        {
                            if (file.IsRemoved)
                                return Errno.ENOENT;
                            obstacle = Obstacle.None;
                            block = 0;
                            if (what == FallocateMode.None || TryZero(file, offset, offset + length, out obstacle, out block))
                            {
                                if (!keepsSize)
                                    file.Size = Math.Max(file.Size, offset + length);
                                file.ModificationTime = now;
                                file.ChangeTime = now;
                                MarkDirty(file);
                                _live!.Operation++;
                                return Errno.Success;
                            }
                        }

                        if (Overcome(obstacle, file, block) is var failed and not Errno.Success)
                            return failed;
                    }
                }
            }
            finally
            {
                Leave(file);
            }
        }
        catch (VolumeException e)
        {
            return _volume.Fail(e);
        }
    }

    public Errno Seek(ulong inode, long offset, SeekWhence whence, out long found)
    {
        found = 0;
        if (whence is not (SeekWhence.SEEK_DATA or SeekWhence.SEEK_HOLE))
            return Errno.EINVAL;
        try
        {
            lock (_core.Lock)
            {
                if (LoadFile(inode, out Inode file) is var error and not Errno.Success)
                    return error;
                if (offset < 0 || offset >= file.Size)
                    return Errno.ENXIO;
                long end = file.SizeInBlocks;
                for (long block = offset / PageSize; block < end;)
                {
                    long count = CountAlike(file, block, end, out bool isData);
                    if (isData == (whence == SeekWhence.SEEK_DATA))
                    {
                        found = Math.Max(offset, block * PageSize);
                        return Errno.Success;
                    }

                    block += count;
                }

                // The end of a file counts as a hole.
                found = file.Size;
                return whence == SeekWhence.SEEK_HOLE ? Errno.Success : Errno.ENXIO;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
    }

    /// <summary>Stores a page in the index where the file is that small. Called by a commit.</summary>
    /// <returns>False where the page needs a block.</returns>
    public bool TryStoreInline(Inode inode, long block, ReadOnlySpan<byte> content)
    {
        if (block != 0 || inode.Blocks != 0 || inode.Size > LargestInline)
            return false;
        _live!.Put(new IndexKey(inode.Number, RecordKind.Inline), content[..(int)inode.Size]);
        inode.IsInline = true;
        MarkDirty(inode);
        return true;
    }

    /// <summary>Removes the content that is stored in the index.</summary>
    public void DropInline(Inode inode)
    {
        if (!inode.IsInline)
            return;
        _live!.Delete(new IndexKey(inode.Number, RecordKind.Inline));
        inode.IsInline = false;
        MarkDirty(inode);
    }

    private Errno LoadFile(ulong number, out Inode file)
    {
        file = null!;
        if (Load(number) is not { } found)
            return Errno.ENOENT;
        if (!found.IsRegular)
            return found.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        file = found;
        return Errno.Success;
    }

    // Keeps the object of a file while its content lock is used. Leave ends it.
    private Errno Enter(ulong number, out Inode file)
    {
        lock (_core.Lock)
        {
            Errno error = LoadFile(number, out file);
            if (error == Errno.Success)
                file.Users++;
            return error;
        }
    }

    private void Leave(Inode file)
    {
        lock (_core.Lock)
            file.Users--;
    }

    // Copies what is in memory and plans the rest; with the lock held.
    private int Collect(Inode file, long offset, Span<byte> into, ReadPlan plan)
    {
        plan.Clear();
        int done = 0;
        while (done < into.Length)
        {
            long block = (offset + done) / PageSize;
            int within = (int)((offset + done) % PageSize);
            int part = Math.Min(PageSize - within, into.Length - done);
            int page = _pages.Find(file, block);
            if (page != PageBuffer.None)
            {
                _pages.Content(page).Slice(within, part).CopyTo(into.Slice(done, part));
                done += part;
                continue;
            }

            if (block == 0 && file.IsInline)
            {
                CopyInline(file, within, into.Slice(done, part));
                done += part;
                continue;
            }

            int room = ReadPlan.MaxBlocks - plan.Count;
            if (room == 0)
                break;
            long last = (offset + into.Length - 1) / PageSize;
            Segment segment = _view.FindSegment(file.Number, block, last + 1);
            // Pages are newer than the index.
            int count = 1;
            long most = segment.IsHole ? segment.Count : Math.Min(segment.Count, room);
            if (file.FirstPage == PageBuffer.None)
                count = (int)most;
            else
                while (count < most && _pages.Find(file, block + count) == PageBuffer.None)
                    count++;
            int bytes = (int)Math.Min((long)count * PageSize - within, into.Length - done);
            if (segment.IsHole)
                into.Slice(done, bytes).Clear();
            else
                plan.Add(block, count, segment.Place, segment.Sequence, segment.Tags[..(count * ExtentValue.TagSize)]);
            done += bytes;
        }

        return done;
    }

    private ReadPlan TakePlan() => _plans.TryPop(out ReadPlan? pooled) ? pooled : new ReadPlan();

    // Finds out where the next part lies and begins to read it. A part without length is the end.
    private void Start(Inode file, long offset, Span<byte> into, ReadPlan plan)
    {
        plan.Clear();
        lock (_core.Lock)
        {
            long length = Math.Min(file.Size - offset, into.Length);
            plan.Length = length > 0 ? Collect(file, offset, into[..(int)length], plan) : 0;
        }

        if (plan.Count > 0)
            _core.Device.Submit(plan.Batch);
    }

    // Opens what was read; without the lock.
    private Errno Finish(Inode file, long offset, Span<byte> into, ReadPlan plan)
    {
        if (plan.Count == 0)
            return Errno.Success;
        if (_core.Device.Wait(plan.Batch) is var error and not Errno.Success)
            return _volume.Report(new VolumeException(Errno.EIO, $"The host couldn't read blocks of inode {file.Number} ({error})."));
        for (int i = 0; i < plan.Count; i++)
        {
            long start = plan.BlockAt(i) * PageSize - offset;
            bool isWhole = start >= 0 && start + PageSize <= into.Length;
            Span<byte> plaintext = isWhole ? into.Slice((int)start, PageSize) : plan.Block;
            if (!_core.Sealer.TryOpenBlock(file.Number, plan.BlockAt(i), plan.SequenceAt(i), plan.CiphertextAt(i), plan.TagAt(i), plaintext))
            {
                if (FetchAgain(file, plan.BlockAt(i), plan.SequenceAt(i), plaintext) is var damaged and not Errno.Success)
                    return damaged;
            }

            if (!isWhole)
            {
                int from = (int)Math.Max(0, -start);
                int to = (int)Math.Min(PageSize, into.Length - start);
                plan.Block.AsSpan(from, to - from).CopyTo(into.Slice((int)start + from, to - from));
            }
        }

        return Errno.Success;
    }

    // A block that doesn't open may have been overwritten, and its place used again, since the index was asked.
    private Errno FetchAgain(Inode file, long block, ulong sequence, Span<byte> plaintext)
    {
        var plan = new ReadPlan();
        while (true)
        {
            lock (_core.Lock)
            {
                // Behind the new end there is nothing to be had; the caller's read raced with the truncation.
                Collect(file, block * PageSize, plaintext, plan);
            }

            if (plan.Count == 0)
                return Errno.Success;
            if (plan.SequenceAt(0) == sequence)
                return _volume.Report(new VolumeException(Errno.EBADMSG, $"Block {block} of inode {file.Number} isn't what was stored."));
            sequence = plan.SequenceAt(0);
            _core.Device.Submit(plan.Batch);
            if (_core.Device.Wait(plan.Batch) != Errno.Success)
                return Errno.EIO;
            if (_core.Sealer.TryOpenBlock(file.Number, block, sequence, plan.CiphertextAt(0), plan.TagAt(0), plaintext))
                return Errno.Success;
        }
    }

    private void CopyInline(Inode file, int within, Span<byte> into)
    {
        if (!_view.TryGet(new IndexKey(file.Number, RecordKind.Inline), out ReadOnlySpan<byte> content))
            content = default;
        int length = Math.Clamp(content.Length - within, 0, into.Length);
        if (length > 0)
            content.Slice(within, length).CopyTo(into);
        into[length..].Clear();
    }

    private Errno Write(Inode file, long offset, ReadOnlySpan<byte> from, long now, out int count)
    {
        count = 0;
        while (!from.IsEmpty)
        {
            Obstacle obstacle;
            long block;
            int written;
            lock (_core.Lock)
            {
                if (file.IsRemoved)
                    return Errno.ENOENT;
                written = CopyToPages(file, offset, from[..Math.Min(from.Length, WriteBurst * PageSize)], out obstacle, out block);
                if (written > 0)
                {
                    file.Size = Math.Max(file.Size, offset + written);
                    file.ModificationTime = now;
                    file.ChangeTime = now;
                    MarkDirty(file);
                    _live!.Operation++;
                }
            }

            offset += written;
            count += written;
            from = from[written..];
            Errno error = Overcome(obstacle, file, block);
            if (error == Errno.ENOSPC && count > 0)
                return Errno.Success;
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    // With the lock held. Stops where something is needed that the lock doesn't allow.
    private int CopyToPages(Inode file, long offset, ReadOnlySpan<byte> from, out Obstacle obstacle, out long block)
    {
        int done = 0;
        obstacle = Obstacle.None;
        block = 0;
        while (done < from.Length)
        {
            block = (offset + done) / PageSize;
            int within = (int)((offset + done) % PageSize);
            int part = Math.Min(PageSize - within, from.Length - done);
            int page = TakePage(file, block, isWhole: part == PageSize, out obstacle);
            if (page == PageBuffer.None)
                return done;
            from.Slice(done, part).CopyTo(_pages.Content(page).Slice(within, part));
            done += part;
        }

        return done;
    }

    // The dirty page of a block, with its content unless all of it is going to be replaced.
    private int TakePage(Inode file, long block, bool isWhole, out Obstacle obstacle)
    {
        obstacle = Obstacle.None;
        int page = _pages.Find(file, block);
        if (page != PageBuffer.None && _pages.IsDirty(page))
            return page;
        if (_pages.IsFull)
        {
            obstacle = Obstacle.NoPage;
            return PageBuffer.None;
        }

        if (_core.Available <= 0)
        {
            obstacle = Obstacle.NoSpace;
            return PageBuffer.None;
        }

        int old = page;
        bool isInline = block == 0 && file.IsInline;
        if (!isWhole && old == PageBuffer.None && !isInline && block < file.SizeInBlocks
            && !_view.FindSegment(file.Number, block, block + 1).IsHole)
        {
            obstacle = Obstacle.NotInMemory;
            return PageBuffer.None;
        }

        page = _pages.Add(file, block);
        _core.Promised++;
        if (block == 0 && file.Blocks == 0)
            _inlineBytes += LargestInline;
        if (!isWhole)
        {
            Span<byte> content = _pages.Content(page);
            if (old != PageBuffer.None)
                _pages.Content(old).CopyTo(content);
            else if (isInline)
                CopyInline(file, 0, content);
            else
                content.Clear();
        }

        return page;
    }

    // Reads a block and makes it a dirty page. The content lock keeps others from changing it meanwhile.
    private Errno BringIn(Inode file, long block)
    {
        ReadPlan plan;
        lock (_core.Lock)
        {
            plan = TakePlan();
            plan.Clear();
            Segment segment = _view.FindSegment(file.Number, block, block + 1);
            if (!segment.IsHole)
                plan.Add(block, 1, segment.Place, segment.Sequence, segment.Tags);
        }

        Span<byte> content = stackalloc byte[PageSize];
        content.Clear();
        if (plan.Count > 0)
            _core.Device.Submit(plan.Batch);
        Errno error = Finish(file, block * PageSize, content, plan);
        lock (_core.Lock)
        {
            _plans.Push(plan);
            if (error != Errno.Success)
                return error;
            // Without a page or a block the caller meets that obstacle first, and comes again.
            int page = TakePage(file, block, isWhole: true, out Obstacle obstacle);
            if (obstacle == Obstacle.None)
                content.CopyTo(_pages.Content(page));
            return Errno.Success;
        }
    }

    // Makes bytes zero, with holes for whole blocks, if the blocks at the edges are in memory; else nothing. With the lock held.
    private bool TryZero(Inode file, long from, long to, out Obstacle obstacle, out long block)
    {
        int head = PageBuffer.None, tail = PageBuffer.None;
        obstacle = Obstacle.None;
        block = from / PageSize;
        if (from % PageSize != 0 && HasData(file, block))
            head = TakePage(file, block, isWhole: false, out obstacle);
        if (obstacle != Obstacle.None)
            return false;
        block = to / PageSize;
        if (to % PageSize != 0 && HasData(file, block))
            tail = TakePage(file, block, isWhole: false, out obstacle);
        if (obstacle != Obstacle.None)
            return false;
        long firstWhole = (from + PageSize - 1) / PageSize;
        long endWhole = to / PageSize;
        if (head != PageBuffer.None)
            _pages.Content(head)[(int)(from % PageSize)..(int)Math.Min(PageSize, from % PageSize + (to - from))].Clear();
        if (tail != PageBuffer.None && firstWhole <= endWhole)
            _pages.Content(tail)[..(int)(to % PageSize)].Clear();
        if (firstWhole < endWhole)
            MakeHole(file, firstWhole, endWhole);
        return true;
    }

    // What isn't there is zero already.
    private bool HasData(Inode file, long block) => block < file.SizeInBlocks && (_pages.Find(file, block) != PageBuffer.None
        || (block == 0 && file.IsInline) || !_view.FindSegment(file.Number, block, block + 1).IsHole);

    private Errno Overcome(Obstacle obstacle, Inode file, long block) => obstacle switch
    {
        Obstacle.NoPage => _volume.Commit(flush: false),
        Obstacle.NoSpace => _volume.MakeRoom(1),
        Obstacle.NotInMemory => BringIn(file, block),
        _ => Errno.Success,
    };

    private void MakeHole(Inode file, long block, long end)
    {
        DropPages(file, block, end);
        if (block == 0)
            DropInline(file);
        if (file.Blocks > 0)
            file.Blocks -= _live!.Unmap(file.Number, block, end);
    }

    private void DropPages(Inode file, long block, long end = long.MaxValue)
    {
        for (int page = file.FirstPage; page != PageBuffer.None;)
        {
            int next = _pages.NextOf(page);
            if (_pages.BlockOf(page) >= block && _pages.BlockOf(page) < end && _pages.Drop(page))
                _core.Promised--;
            page = next;
        }
    }

    private long CountAlike(Inode file, long block, long end, out bool isData)
    {
        isData = (block == 0 && file.IsInline) || _pages.Find(file, block) != PageBuffer.None;
        if (isData)
            return 1;
        Segment segment = _view.FindSegment(file.Number, block, end);
        isData = !segment.IsHole;
        long count = segment.Count;
        if (isData || file.FirstPage == PageBuffer.None)
            return count;
        // The next page ends the hole.
        for (int page = file.FirstPage; page != PageBuffer.None; page = _pages.NextOf(page))
        {
            long at = _pages.BlockOf(page);
            if (at > block)
                count = Math.Min(count, at - block);
        }

        return count;
    }

    private Errno HasRoom(Inode file, long offset, long length)
    {
        long missing = 0;
        lock (_core.Lock)
        {
            long end = (offset + length + PageSize - 1) / PageSize;
            for (long block = offset / PageSize; block < end;)
            {
                long count = CountAlike(file, block, end, out bool isData);
                if (!isData)
                    missing += count;
                block += count;
            }

            if (missing <= _core.Available)
                return Errno.Success;
        }

        return _volume.MakeRoom(missing);
    }

    private enum Obstacle
    {
        None,
        NoPage,
        NoSpace,
        NotInMemory,
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Files;

/// <content>Writing regular files.</content>
internal sealed partial class FileStore
{
    // Blocks that are copied in one go with the lock held.
    private const int WriteBurst = 64;

    public Errno Write(ulong inode, long offset, ReadOnlySpan<byte> from, long now, out int count)
    {
        count = 0;
        if (offset < 0)
            return Errno.EINVAL;
        if (offset > IFileStore.LargestFile - from.Length)
            return Errno.EFBIG;
        if (Prepare(Change.Writes) is var refused and not Errno.Success)
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
        catch (Exception e)
        {
            return _volume.Fail(e);
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

    private Errno Write(Inode file, long offset, ReadOnlySpan<byte> from, long now, out int count)
    {
        count = 0;
        while (!from.IsEmpty)
        {
            Obstacle obstacle = Obstacle.None;
            long block = 0;
            int within = (int)(offset % PageSize);
            int written = 0;
            Errno error = Errno.Success;
            if (within == 0 && from.Length >= _directBytes)
                error = WriteDirectly(file, offset, from, now, out written);
            if (error == Errno.Success && written == 0)
            {
                // A long write is made to begin with a block.
                int most = within != 0 && from.Length >= _directBytes + PageSize ? PageSize - within : WriteBurst * PageSize;
                error = WriteToPages(file, offset, from[..Math.Min(from.Length, most)], now, out written, out obstacle, out block);
            }

            offset += written;
            count += written;
            from = from[written..];
            if (error == Errno.Success)
                error = Overcome(obstacle, file, block);
            if (error == Errno.ENOSPC && count > 0)
                return Errno.Success;
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    private Errno WriteToPages(
        Inode file, long offset, ReadOnlySpan<byte> from, long now, out int written, out Obstacle obstacle, out long block)
    {
        lock (_core.Lock)
        {
            written = 0;
            obstacle = Obstacle.None;
            block = 0;
            if (file.IsRemoved)
                return Errno.ENOENT;
            written = CopyToPages(file, offset, from, out obstacle, out block);
            if (written > 0)
                OnWritten(file, offset + written, now);
            return Errno.Success;
        }
    }

    // Writes the first blocks without a copy of the plaintext: 0 where that isn't possible now.
    private Errno WriteDirectly(Inode file, long offset, ReadOnlySpan<byte> from, long now, out int written)
    {
        written = 0;
        bool isLarge;
        lock (_core.Lock)
            isLarge = PendingBytes > _volume.LargestRecord;
        if (isLarge && _volume.Commit(flush: false) is var error and not Errno.Success)
            return error;
        Burst? burst = _direct.TryTake(out Errno earlier);
        if (burst is null)
            return Errno.Success;
        try
        {
            if (earlier != Errno.Success)
                return FailDirectly(earlier);
            long block = offset / PageSize;
            if (!TryPlace(burst, Math.Min(from.Length / PageSize, Burst.MaxBlocks)))
                return Errno.Success;
            _direct.Send(burst, file.Number, block, from);
            int length = burst.BlockCount * PageSize;
            lock (_core.Lock)
            {
                if (!file.IsRemoved)
                {
                    Map(burst, file, block);
                    OnWritten(file, offset + length, now);
                    written = length;
                    return Errno.Success;
                }
            }

            // Nobody may use the blocks before the host is done with them.
            earlier = _direct.Finish(burst);
            lock (_core.Lock)
            {
                foreach (ref readonly BurstExtent extent in burst.Extents.AsSpan(0, burst.ExtentCount))
                {
                    _core.Unmapped.Remove(new BlockRange(extent.Place, extent.Count));
                    _core.Space.Release(extent.Place, extent.Count);
                }
            }

            return earlier == Errno.Success ? Errno.ENOENT : FailDirectly(earlier);
        }
        finally
        {
            DirectWriter.Release(burst);
        }
    }

    private Errno FailDirectly(Errno error) =>
        _volume.Fail(new VolumeException(Errno.EIO, $"The host couldn't write blocks of files ({error})."));

    // Gives blocks places and sequence numbers.
    private bool TryPlace(Burst burst, int wanted)
    {
        lock (_core.Lock)
        {
            int count = (int)Math.Min(wanted, _core.Available);
            _core.Space.Align(count);
            while (burst.BlockCount < count)
            {
                int placed = _core.AllocateMetadata(Math.Min(ExtentValue.MaxBlocks, count - burst.BlockCount), out long place);
                burst.Add(placed, place, _core.TakeSequence(placed));
                _core.Unmapped.Add(new BlockRange(place, placed));
            }

            return count > 0;
        }
    }

    // With the volume's lock held.
    private void Map(Burst burst, Inode file, long block)
    {
        DropPages(file, block, block + burst.BlockCount);
        if (block == 0)
            DropInline(file);
        foreach (ref readonly BurstExtent extent in burst.Extents.AsSpan(0, burst.ExtentCount))
        {
            _core.Unmapped.Remove(new BlockRange(extent.Place, extent.Count));
            ReadOnlySpan<byte> value = burst.ValueOf(extent);
            file.Blocks += extent.Count - _live!.MapBlocks(file.Number, block + extent.First, value);
            _live.Record.AddExtent(file.Number, block + extent.First, value);
        }
    }

    private void OnWritten(Inode file, long end, long now)
    {
        file.Size = Math.Max(file.Size, end);
        file.ModificationTime = now;
        file.ChangeTime = now;
        MarkDirty(file);
        _live!.Operation++;
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
            // What ends at the file's end or behind it, as the last page of a log does, leaves nothing of the old block.
            bool isWhole = part == PageSize || (within == 0 && offset + done + part >= file.Size);
            int page = TakePage(file, block, isWhole, out obstacle);
            if (page == PageBuffer.None)
                return done;
            Span<byte> content = _pages.Content(page);
            from.Slice(done, part).CopyTo(content[within..]);
            if (isWhole)
                content[part..].Clear();
            done += part;
        }

        return done;
    }

    // The dirty page of a block, with its content unless all of it is going to be replaced.
    private int TakePage(Inode file, long block, bool isWhole, out Obstacle obstacle, bool usesReserve = false)
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

        if (_core.Available <= 0 && !(usesReserve && _core.HasReserve))
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
    private Errno BringIn(Inode file, long block, bool usesReserve)
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
            Submit(plan);
        Errno error = Finish(file, block * PageSize, content, plan);
        lock (_core.Lock)
        {
            _plans.Push(plan);
            if (error != Errno.Success)
                return error;
            // Without a page or a block the caller meets that obstacle first, and comes again.
            int page = TakePage(file, block, isWhole: true, out Obstacle obstacle, usesReserve);
            if (obstacle == Obstacle.None)
                content.CopyTo(_pages.Content(page));
            return Errno.Success;
        }
    }

    private Errno Overcome(Obstacle obstacle, Inode file, long block, bool usesReserve = false) => obstacle switch
    {
        Obstacle.NoPage => _volume.Commit(flush: false),
        Obstacle.NoSpace => MakeRoomForPage(usesReserve),
        Obstacle.NotInMemory => BringIn(file, block, usesReserve),
        _ => Errno.Success,
    };

    private Errno MakeRoomForPage(bool usesReserve)
    {
        Errno error = _volume.MakeRoom(1);
        if (error != Errno.ENOSPC || !usesReserve)
            return error;
        lock (_core.Lock)
            return _core.HasReserve ? Errno.Success : Errno.ENOSPC;
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

    private enum Obstacle
    {
        None,
        NoPage,
        NoSpace,
        NotInMemory,
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;

namespace Cloister.Storage.Files;

/// <content>Room and holes in regular files.</content>
internal sealed partial class FileStore
{
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
        // On blocks that a snapshot has too, a hole gives up nothing.
        bool grows = what == FallocateMode.None || _core.SharedBefore > 0;
        if (Prepare(grows ? Change.Grows : Change.Shrinks) is var refused and not Errno.Success)
            return refused;
        if (what == FallocateMode.None)
            SettlePages(inode);
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

                        if (Overcome(obstacle, file, block, usesReserve: true) is var failed and not Errno.Success)
                            return failed;
                    }
                }
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
        finally
        {
            Withdraw();
        }
    }

    public Errno Seek(ulong inode, long offset, SeekWhence whence, out long found)
    {
        found = 0;
        if (whence is not (SeekWhence.SEEK_DATA or SeekWhence.SEEK_HOLE))
            return Errno.EINVAL;
        SettlePages(inode);
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

    // What is dirty goes into the index first: holes among it are found there without a walk over all pages for each.
    private void SettlePages(ulong inode)
    {
        bool hasPages;
        lock (_core.Lock)
            hasPages = _live is not null && _inodes.TryGet(inode, out Inode? file) && file!.FirstPage != PageBuffer.None;
        if (hasPages)
            _volume.Commit(flush: false);
    }

    // Makes bytes zero, with holes for whole blocks, if the blocks at the edges are in memory; else nothing. With the lock held.
    private bool TryZero(Inode file, long from, long to, out Obstacle obstacle, out long block)
    {
        int head = PageBuffer.None, tail = PageBuffer.None;
        obstacle = Obstacle.None;
        block = from / PageSize;
        // These replace blocks, so cutting a file works on a full volume, too.
        if (from % PageSize != 0 && HasData(file, block))
            head = TakePage(file, block, isWhole: false, out obstacle, usesReserve: true);
        if (obstacle != Obstacle.None)
            return false;
        block = to / PageSize;
        if (to % PageSize != 0 && HasData(file, block))
            tail = TakePage(file, block, isWhole: false, out obstacle, usesReserve: true);
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

    private void MakeHole(Inode file, long block, long end)
    {
        DropPages(file, block, end);
        if (block == 0)
            DropInline(file);
        if (file.Blocks > 0)
            file.Blocks -= _live!.Unmap(file.Number, block, end);
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
}

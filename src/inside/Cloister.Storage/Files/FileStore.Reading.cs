using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;

namespace Cloister.Storage.Files;

/// <content>Reading regular files.</content>
internal sealed partial class FileStore
{
    /// <summary>Files up to this size, without blocks, are stored in the index: a block of their own would be mostly empty.</summary>
    public const int LargestInline = 2048;

    private const int PageSize = PageBuffer.PageSize;

    private readonly Stack<ReadPlan> _plans = new();

    public Errno Read(ulong inode, long offset, Span<byte> into, out int count)
    {
        count = 0;
        if (offset < 0)
            return Errno.EINVAL;
        Inode file;
        ReadPlan current;
        ReadPlan? next = null;
        try
        {
            lock (_core.Lock)
            {
                if (LoadFile(inode, out file) is var error and not Errno.Success)
                    return error;
                current = TakePlan();
                Plan(file, offset, into, current);
                // Most reads have one part.
                if (current.Length != into.Length)
                    next = TakePlan();
                file.Users++;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }

        try
        {
            Submit(current);
            // While one part is opened, the next is on its way.
            while (current.Length > 0)
            {
                int length = current.Length;
                bool isLast = length == into.Length;
                if (!isLast)
                    Start(file, offset + length, into[length..], next!);
                Errno error = Finish(file, offset, into[..length], current);
                if (error != Errno.Success)
                {
                    if (!isLast)
                        _core.Device.Wait(next!.Batch);
                    return error;
                }

                count += length;
                if (isLast)
                    break;
                (current, next) = (next!, current);
                into = into[length..];
                offset += length;
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
                if (next is not null)
                    _plans.Push(next);
            }
        }
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

    // Finds out where the next part lies, with the lock held. A part without length is the end.
    private void Plan(Inode file, long offset, Span<byte> into, ReadPlan plan)
    {
        plan.Clear();
        long length = Math.Min(file.Size - offset, into.Length);
        plan.Length = length > 0 ? Collect(file, offset, into[..(int)length], plan) : 0;
    }

    // Begins to read the next part.
    private void Start(Inode file, long offset, Span<byte> into, ReadPlan plan)
    {
        lock (_core.Lock)
            Plan(file, offset, into, plan);
        Submit(plan);
    }

    // What was just written may still be on its way to the device.
    private void Submit(ReadPlan plan)
    {
        if (plan.Count == 0)
            return;
        if (_live is not null && _direct.Drain(plan.FirstSequence, plan.LastSequence) is var error and not Errno.Success)
            FailDirectly(error);
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
            Submit(plan);
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
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Sealing;
using Cloister.Storage.Space;

namespace Cloister.Storage.Volumes;

/// <summary>What all parts of a mounted volume share: the device, the keys, the free blocks and the sequence numbers.</summary>
/// <remarks>
/// Lock order: the volume's commit lock, an inode's content lock, <see cref="Lock"/>. Everything here but
/// <see cref="Device"/> and <see cref="Sealer"/> is touched with <see cref="Lock"/> held.
/// </remarks>
internal sealed class VolumeCore
{
    // Part of the volume that only deletions and checkpoints may use: 5 %.
    private const int ReserveDivisor = 20;
    private const int SmallestReserve = 64;

    public VolumeCore(IBlockDevice device, Sealer sealer, FreeMap space, ulong nextSequence)
    {
        Device = device;
        Sealer = sealer;
        Space = space;
        NextSequence = nextSequence;
    }

    public Lock Lock { get; } = new();

    public IBlockDevice Device { get; }

    public Sealer Sealer { get; set; }

    public FreeMap Space { get; }

    public ulong NextSequence { get; private set; }

    public VolumeSwitches Switches { get; init; } = new();

    /// <summary>Blocks that dirty pages will need.</summary>
    public long Promised { get; set; }

    /// <summary>Blocks that long writes have taken and the index doesn't have yet: after a crash nobody knows of them.</summary>
    public List<BlockRange> Unmapped { get; } = [];

    /// <summary>What checkpoints need for the tables.</summary>
    public IndexRoom Room { get; set; }

    /// <summary>Bytes of records that no table has yet.</summary>
    public Func<long> UnmergedBytes { get; set; } = () => 0;

    /// <summary>Bytes of records that operations under way may add.</summary>
    public long PromisedBytes { get; set; }

    /// <summary>Blocks that were given up so far: where none were since an attempt to make room, another is in vain.</summary>
    public long GivenUp { get; set; }

    /// <summary>What the operations since the last commit no longer need.</summary>
    public List<BlockRange> FreedNow { get; private set; } = [];

    /// <summary>What committed records no longer need, but no flush has confirmed: a crash may bring back states that do.</summary>
    public List<BlockRange> FreedCommitted { get; private set; } = [];

    /// <summary>
    /// What durable records no longer need, but no later record says yet that they are durable: a replay would still look at the
    /// blocks to find out.
    /// </summary>
    public List<BlockRange> FreedDurable { get; private set; } = [];

    /// <summary>Sum of the three lists.</summary>
    public long FreedBlocks { get; private set; }

    /// <summary>Blocks with a lower sequence number may belong to a snapshot as well and are not freed one by one.</summary>
    public ulong SharedBefore { get; set; }

    /// <summary>Blocks that were not freed since a snapshot may share them.</summary>
    public long SharedGarbage { get; set; }

    /// <summary>Blocks that only deletions and checkpoints may use.</summary>
    public long Reserve => Math.Max(Math.Max(SmallestReserve, Space.Blocks / ReserveDivisor), Math.Max(IndexNeed, Room.NeedOfOther) + Room.Shrinking);

    /// <summary>Blocks that files may still take.</summary>
    public long Available => Math.Max(0, Space.Free - Promised - Reserve);

    /// <summary>Blocks that operations which give up more than they take may still take.</summary>
    public long AvailableToShrink => Math.Max(0, Space.Free - Promised - IndexNeed);

    /// <summary>
    /// Whether an operation that gives up blocks may take one first. Where a snapshot has them too it gives up none: half of what is for
    /// deletions isn't for it.
    /// </summary>
    public bool HasReserve => AvailableToShrink > Room.Shrinking / 2;

    private long IndexNeed => Room.Need(UnmergedBytes() + PromisedBytes);

    public ulong TakeSequence(int count)
    {
        ulong first = NextSequence;
        NextSequence += (ulong)count;
        return first;
    }

    /// <summary>Leaves out numbers up to one that was found in the journal.</summary>
    public void SkipSequence(ulong used) => NextSequence = Math.Max(NextSequence, used + 1);

    /// <summary>Gives up blocks as soon as no crash can bring back who used them.</summary>
    public void Free(long first, long count, ulong sequence)
    {
        GivenUp += count;
        if (sequence < SharedBefore)
        {
            SharedGarbage += count;
            return;
        }

        if (Switches.FreesAtOnce)
        {
            Space.Release(first, count);
            return;
        }

        FreedBlocks += count;
        // Neighbours come one after the other: truncation, sequential overwriting.
        if (FreedNow.Count > 0 && FreedNow[^1] is var last && last.First + last.Count == first)
            FreedNow[^1] = new BlockRange(last.First, last.Count + count);
        else
            FreedNow.Add(new BlockRange(first, count));
    }

    /// <summary>The operations so far are in a record.</summary>
    public void OnCommitted()
    {
        FreedCommitted.AddRange(FreedNow);
        FreedNow.Clear();
    }

    /// <summary>
    /// The durable part of the journal has been replayed: what it freed is free, unless a later record used it again.
    /// </summary>
    public void OnReplayed(FreeMap inUse)
    {
        foreach (BlockRange range in FreedNow)
        {
            for (long block = range.First; block < range.First + range.Count; block++)
            {
                if (!inUse.IsUsed(block))
                    Space.Release(block, 1);
            }

            FreedBlocks -= range.Count;
        }

        FreedNow.Clear();
    }

    /// <summary>All records so far are durable.</summary>
    /// <param name="isConfirmed">Whether the newest of them says so of all before.</param>
    public void OnFlushed(bool isConfirmed)
    {
        if (isConfirmed)
            Release(FreedDurable);
        FreedDurable.AddRange(FreedCommitted);
        FreedCommitted.Clear();
    }

    /// <summary>No record is needed any more: what was committed is in a checkpoint, or known to be durable by it.</summary>
    public void OnCheckpoint()
    {
        Release(FreedDurable);
        Release(FreedCommitted);
    }

    /// <summary>All blocks in use are known anew: what was freed and committed isn't among them.</summary>
    public void OnSwept(FreeMap inUse)
    {
        Space.CopyFrom(inUse);
        Forget(FreedDurable);
        Forget(FreedCommitted);
        SharedGarbage = 0;
        GivenUp++;
    }

    private void Forget(List<BlockRange> ranges)
    {
        foreach (BlockRange range in ranges)
            FreedBlocks -= range.Count;
        ranges.Clear();
    }

    private void Release(List<BlockRange> ranges)
    {
        foreach (BlockRange range in ranges)
        {
            Space.Release(range.First, range.Count);
            FreedBlocks -= range.Count;
        }

        ranges.Clear();
    }

    /// <summary>Takes blocks for metadata, out of the reserve if need be.</summary>
    /// <exception cref="VolumeException">ENOSPC.</exception>
    public int AllocateMetadata(int wanted, out long first)
    {
        int count = Space.Allocate(wanted, out first);
        return count != 0 ? count : throw new VolumeException(Errno.ENOSPC, "The volume has no free block left for its index.");
    }
}

/// <summary>Blocks that lie together.</summary>
internal readonly record struct BlockRange(long First, long Count);

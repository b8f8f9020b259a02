using System;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Volumes;

/// <summary>Where the fixed parts of a volume lie, in blocks.</summary>
internal static class VolumeLayout
{
    /// <summary>The superblock and its copy.</summary>
    public const int Superblocks = 2;

    /// <summary>Blocks of each of the two checkpoint slots.</summary>
    public const int SlotBlocks = 16;

    /// <summary>The checkpoint and its copy.</summary>
    public const int Slots = 2;

    public const int SlotBytes = SlotBlocks * IBlockDevice.BlockSize;

    public const int JournalFirst = Superblocks + Slots * SlotBlocks;

    /// <summary>The smallest volume: 4 MiB.</summary>
    public const long SmallestBlocks = 1024;

    /// <summary>The largest volume: 32 TiB. Its map of free blocks, which is in memory, has a gibibyte then.</summary>
    public const long LargestBlocks = 1L << 33;

    // 1/64 of the volume, from 256 KiB to 256 MiB: how often the index is written depends on it.
    private const int JournalDivisor = 64;
    private const long SmallestJournal = 64;
    private const long LargestJournal = 65536;

    public static long JournalBlocks(long blocks) => Math.Clamp(blocks / JournalDivisor, SmallestJournal, LargestJournal);

    public static long Slot(int copy) => Superblocks + copy * SlotBlocks;
}

using System;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Space;

/// <summary>
/// How many free blocks the index must find, so that every checkpoint that is to come can be written: it needs the place of the new
/// tables before that of the old ones is free, and what another branch has as well doesn't become free at all.
/// </summary>
/// <remarks>
/// <para>With the records' bytes X (in the tables and in memory), the tables' blocks T, of which S are shared, the lists of leaves F
/// and the map M: the tables of a checkpoint take at most 5/4 X (a leaf that isn't the last is half full at least, and loses less
/// than a block). So C = 5/4 X + F + M must be free now, and again afterwards, when T - S + M came free and C was taken:
/// <c>2 C - T + S - M</c>.</para>
/// <para>A checkpoint that takes A blocks and frees B leaves T + A - B - R and S - R, where R are the shared ones that it replaced:
/// what is free and what must be free sink by the same A - B. So one that had room leaves room for the next, and only what changes
/// add to X has to be asked for.</para>
/// </remarks>
internal readonly record struct IndexRoom
{
    // Sixteen bytes of key and up to 64 of pointer for a leaf of at least 16 KiB.
    private const int FencesDivisor = 200;

    // Lists of leaves and the map are a few chunks, even where they are short.
    private const long Fixed = 32;

    // Of the index, what is left to deletions: a checkpoint with each eighth of it makes emptying a volume linear.
    private const int ShrinkingDivisor = 8;

    /// <summary>Bytes of all records in the tables.</summary>
    public long TableBytes { get; init; }

    /// <summary>Blocks of the tables.</summary>
    public long TableBlocks { get; init; }

    /// <summary>Those of them that another branch has too.</summary>
    public long SharedBlocks { get; init; }

    /// <summary>Bytes of the largest other branch that can be mounted: it is shared as a whole then.</summary>
    public long LargestOther { get; init; }

    /// <summary>Blocks of the map of free blocks.</summary>
    public long MapBlocks { get; init; }

    /// <summary>Blocks that must be free where so many bytes of records are in no table yet.</summary>
    public long Need(long unmerged)
    {
        long records = ToBlocks(TableBytes + unmerged);
        return 5 * records / 2 + records / FencesDivisor * 2 - TableBlocks + SharedBlocks + MapBlocks + Fixed;
    }

    /// <summary>As <see cref="Need"/>, should another branch be mounted next: what adds records leaves that free, too.</summary>
    public long NeedOfOther => NeedOfShared(LargestOther) + MapBlocks + Fixed;

    /// <summary>Blocks that must be free once all the tables are shared.</summary>
    public long NeedWhenShared => NeedOfShared(TableBytes) + MapBlocks + Fixed;

    /// <summary>
    /// Blocks that must be free once all the tables are a clone's as well: both branches may be rewritten as a whole, and then the other.
    /// </summary>
    public long NeedWhenCloned => NeedWhenShared + 5 * ToBlocks(TableBytes) / 4;

    /// <summary>Blocks that only deletions may take, beyond <see cref="Need"/>.</summary>
    public long Shrinking => 2 * Fixed + ToBlocks(TableBytes) / ShrinkingDivisor;

    private static long NeedOfShared(long bytes)
    {
        long records = ToBlocks(bytes);
        return 5 * records / 2 + records / FencesDivisor * 2;
    }

    private static long ToBlocks(long bytes) => (bytes + IBlockDevice.BlockSize - 1) / IBlockDevice.BlockSize;
}

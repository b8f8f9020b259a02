using System;
using Cloister.Hal;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Memory;

/// <summary>The machine's frames: files' and shared memory's, private pages with the number of spaces that have them, page tables.</summary>
public sealed class FrameTable : IFrames
{
    /// <summary>One frame in so many is left for page tables, which nobody is charged for.</summary>
    private const int TableShare = 64;

    private readonly FrameLists _free;
    private readonly int _first;
    // How many spaces have a private page; and whether they paid for it when it was touched.
    private readonly int[] _users;
    private const int Charged = 1 << 30;

    /// <summary>Begins with the frames of these ranges.</summary>
    public FrameTable(ReadOnlySpan<FrameExtent> ranges)
    {
        int first = int.MaxValue;
        int end = 0;
        foreach (FrameExtent range in ranges)
        {
            first = int.Min(first, range.First);
            end = int.Max(end, range.First + range.Count);
        }

        _first = first;
        _users = new int[end - first];
        _free = new FrameLists(first, end - first);
        foreach (FrameExtent range in ranges)
            _free.Put(range);
        Total = _free.Count - (_free.Count / TableShare);
    }

    /// <inheritdoc/>
    public long Total { get; }

    /// <inheritdoc/>
    public long Available => _free.Count;

    /// <inheritdoc/>
    public bool TryAllocate(int count, out FrameExtent extent)
    {
        if (!_free.TryTake(count, out extent))
            return false;
        LinearMemory.Clear(extent);
        return true;
    }

    /// <inheritdoc/>
    public void Free(FrameExtent extent) => _free.Put(extent);

    /// <inheritdoc/>
    public Span<byte> GetBytes(FrameExtent extent) => LinearMemory.Bytes(extent);

    /// <summary>Takes a frame for a private page, with one user.</summary>
    /// <param name="isCleared">Whether it has to be zero.</param>
    /// <param name="isCharged">Whether it is paid for now.</param>
    /// <returns>0 where there is none.</returns>
    public int TakePage(bool isCleared, bool isCharged)
    {
        if (!_free.TryTake(1, out FrameExtent extent))
            return 0;
        if (isCleared)
            LinearMemory.Clear(extent);
        _users[extent.First - _first] = isCharged ? Charged | 1 : 1;
        return extent.First;
    }

    /// <summary>Whether one space alone has a private page.</summary>
    public bool IsExclusive(int frame) => (_users[frame - _first] & ~Charged) == 1;

    /// <summary>Whether who has a private page paid for it when it was touched.</summary>
    public bool IsCharged(int frame) => (_users[frame - _first] & Charged) != 0;

    /// <summary>Another space has a private page.</summary>
    public void AddUser(int frame) => _users[frame - _first]++;

    /// <summary>A space has a private page no more.</summary>
    public void RemoveUser(int frame)
    {
        if ((--_users[frame - _first] & ~Charged) == 0)
            _free.Put(new FrameExtent(frame, 1));
    }
}

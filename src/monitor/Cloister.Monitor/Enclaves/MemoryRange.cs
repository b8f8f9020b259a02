namespace Cloister.Monitor.Enclaves;

/// <summary>A range of physical memory that doesn't wrap around. The end isn't part of it.</summary>
internal readonly record struct MemoryRange
{
    private MemoryRange(ulong start, ulong end) => (Start, End) = (start, end);

    public ulong Start { get; }

    public ulong End { get; }

    public ulong Size => End - Start;

    public bool IsEmpty => Start == End;

    /// <summary>False where the range would wrap around.</summary>
    public static bool TryCreate(ulong start, ulong size, out MemoryRange range)
    {
        range = default;
        if (size > ulong.MaxValue - start)
            return false;
        range = new MemoryRange(start, start + size);
        return true;
    }

    public bool Contains(MemoryRange other) => other.Start >= Start && other.End <= End;

    public bool Contains(ulong address) => address >= Start && address < End;

    public bool Overlaps(MemoryRange other) => Start < other.End && other.Start < End && !IsEmpty && !other.IsEmpty;

    /// <summary>Whether both ends are at pages of 4 KiB, and there is one at least.</summary>
    public bool IsPages => (Start & 4095) == 0 && (End & 4095) == 0 && !IsEmpty;

    /// <summary>Whether one entry of physical memory protection can be this (NAPOT): a power of two at a multiple of itself.</summary>
    public bool IsNaturallyAligned => Size >= 8 && (Size & (Size - 1)) == 0 && (Start & (Size - 1)) == 0;
}

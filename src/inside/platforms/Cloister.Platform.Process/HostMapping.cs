using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>What is behind a part of a program's addresses.</summary>
internal enum MappingKind
{
    /// <summary>Private demand-zero memory of the host, paid for when it was mapped.</summary>
    Anonymous,

    /// <summary>The same, paid for page by page here: it was promised to nobody.</summary>
    Charged,

    /// <summary>Demand-zero memory that is neither paid for nor open in the host: a touch opens a part of it.</summary>
    Untouched,

    /// <summary>Private memory that never had a right: addresses only.</summary>
    Reserved,

    /// <summary>Frames that others see too.</summary>
    Shared,

    /// <summary>Frames, with private copies where the program has stored.</summary>
    CopyOnWrite,
}

/// <summary>A run of pages that are mapped alike, as the host keeps them too.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Protection">Rights; those that it gets when it is opened, where it isn't.</param>
/// <param name="Offset">Offset of the first frame in the memfd; 0 for other memory.</param>
internal readonly record struct HostMapping(ulong Start, ulong End, MappingKind Kind, Protection Protection, long Offset = 0)
{
    public ulong Length => End - Start;

    /// <summary>Whether it consists of frames.</summary>
    public bool IsFrames => Kind >= MappingKind.Shared;

    /// <summary>Whether the host has a mapping of its own for it, which may hold pages.</summary>
    public bool IsInHost => Kind is not (MappingKind.Untouched or MappingKind.Reserved);

    /// <summary>The part within a range that overlaps it.</summary>
    public HostMapping Clip(ulong start, ulong end)
    {
        ulong from = start > Start ? start : Start;
        return this with { Start = from, End = end < End ? end : End, Offset = IsFrames ? Offset + (long)(from - Start) : 0 };
    }

    /// <summary>Whether the host may hold both as one.</summary>
    public bool CanMerge(in HostMapping next) =>
        End == next.Start && Kind == next.Kind && Protection == next.Protection && (!IsFrames || Offset + (long)Length == next.Offset);
}

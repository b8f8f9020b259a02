using System;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

/// <summary>What a region is for, beyond its backing.</summary>
internal enum RegionKind
{
    /// <summary>An ordinary mapping.</summary>
    Mapping,

    /// <summary>The brk(2) heap.</summary>
    Heap,

    /// <summary>The first thread's stack.</summary>
    Stack,

    /// <summary>Code memory of the platform; programs neither see nor change it.</summary>
    Hidden,
}

/// <summary>A range of addresses with one backing and one set of rights: a vm_area_struct.</summary>
internal sealed class Region
{
    public ulong Start;
    public ulong End;
    public Protection Protection;

    /// <summary>Rights that mprotect may add: a shared mapping of a file opened read-only never becomes writable.</summary>
    public Protection MostProtection;

    public RegionKind Kind;
    public bool IsShared;
    public bool IsAccounted;
    public bool IsLocked;

    /// <summary>MAP_NORESERVE: never counts against the enclave's memory.</summary>
    public bool IsUnreserved;

    /// <summary>Text whose system calls have all been made cheap.</summary>
    public bool IsAccelerated;

    /// <summary>Pages of a file or of shared memory; null for private anonymous memory.</summary>
    public MemoryObject? Memory;

    /// <summary>Offset of <see cref="Start"/> in <see cref="Memory"/>, in bytes.</summary>
    public long Offset;

    /// <summary>Which pages of <see cref="Memory"/> are mapped; index 0 is offset <see cref="MappedBase"/>. Shared by the parts of a split region.</summary>
    public PageSet? Mapped;

    /// <summary>Page number in <see cref="Memory"/> of bit 0 of <see cref="Mapped"/>.</summary>
    public long MappedBase;

    /// <summary>The file, for its length, its name and its locks; null for anonymous memory.</summary>
    public FileBacking? File;

    /// <summary>Bytes.</summary>
    public ulong Length => End - Start;

    /// <summary>Whether the platform maps pages only when they are touched.</summary>
    public bool IsPaged => Memory is not null;

    /// <summary>Page number in the object of an address.</summary>
    public long PageOf(ulong address) => (Offset + (long)(address - Start)) >> FrameExtent.FrameShift;

    /// <summary>Takes all from another region but the range.</summary>
    public void CopyAttributes(Region other)
    {
        Protection = other.Protection;
        MostProtection = other.MostProtection;
        Kind = other.Kind;
        IsShared = other.IsShared;
        IsAccounted = other.IsAccounted;
        IsLocked = other.IsLocked;
        IsUnreserved = other.IsUnreserved;
        IsAccelerated = other.IsAccelerated;
        Memory = other.Memory;
        Offset = other.Offset;
        Mapped = other.Mapped;
        MappedBase = other.MappedBase;
        File = other.File;
    }

    /// <summary>Whether two adjacent regions may become one.</summary>
    public bool CanMerge(Region next) =>
        End == next.Start && Memory is null && next.Memory is null && Kind == next.Kind && Kind is not RegionKind.Hidden &&
        Protection == next.Protection && IsShared == next.IsShared && IsAccounted == next.IsAccounted && IsLocked == next.IsLocked && IsUnreserved == next.IsUnreserved;
}

/// <summary>A growing set of page numbers.</summary>
internal sealed class PageSet
{
    private ulong[] _bits = [];

    public bool Contains(long page) => page >> 6 < _bits.Length && (_bits[page >> 6] >> (int)(page & 63) & 1) != 0;

    public void Set(long first, long count)
    {
        long end = first + count;
        if ((end + 63) >> 6 > _bits.Length)
            Array.Resize(ref _bits, (int)Math.Max((end + 63) >> 6, _bits.Length * 2));
        for (long page = first; page < end; page++)
            _bits[page >> 6] |= 1UL << (int)(page & 63);
    }

    public void Clear(long first, long count)
    {
        long end = Math.Min(first + count, (long)_bits.Length << 6);
        for (long page = first; page < end; page++)
            _bits[page >> 6] &= ~(1UL << (int)(page & 63));
    }

    /// <summary>Length of the run of pages from <paramref name="page"/> on that are in the set, or are not.</summary>
    public long RunLength(long page, long limit, out bool contained)
    {
        contained = Contains(page);
        long count = 1;
        while (count < limit && Contains(page + count) == contained)
            count++;
        return count;
    }
}

using System;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Machine;
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

    /// <summary>Code of the kernel's that programs run.</summary>
    Vdso,

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

    /// <summary>
    /// Private anonymous memory that was readable and never writable: nobody pays for its pages, which are zero, but page tables are
    /// needed to show them. They would fill the machine if a program looked at one page of each two megabytes of all it can address.
    /// </summary>
    public bool ShowsZeros;

    /// <summary>MAP_NORESERVE: counts against the enclave's memory page by page, when it is touched.</summary>
    public bool IsUnreserved;

    /// <summary>MAP_GROWSDOWN, and the first stack: a touch below it makes it larger.</summary>
    public bool GrowsDown;

    /// <summary>MADV_DONTFORK: a child of fork doesn't have it.</summary>
    public bool IsNotInherited;

    /// <summary>MADV_WIPEONFORK: a child of fork finds zeros.</summary>
    public bool IsWipedOnFork;

    /// <summary>What mbind(2) was given; null for that of the thread.</summary>
    public MemoryPolicy? Policy;

    /// <summary>MADV_DONTDUMP: core files don't have its content.</summary>
    public bool IsNotDumped;

    /// <summary>Text whose system calls have all been made cheap.</summary>
    public bool IsAccelerated;

    /// <summary>Text that is mapped from <see cref="PatchedText"/>: its pages don't leave with those of <see cref="Memory"/>.</summary>
    public bool IsPatchedCopy;

    /// <summary>Pages of a file or of shared memory; null for private anonymous memory.</summary>
    public MemoryObject? Memory;

    /// <summary>Offset of <see cref="Start"/> in <see cref="Memory"/>, in bytes.</summary>
    public long Offset;

    /// <summary>The file, for its length, its name and its locks; null for anonymous memory.</summary>
    public FileBacking? File;

    /// <summary>Bytes.</summary>
    public ulong Length => End - Start;

    /// <summary>Whether the platform maps pages only when they are touched.</summary>
    public bool IsPaged => Memory is not null;

    /// <summary>Whether it counts as data (RLIMIT_DATA): is_data_mapping of Linux.</summary>
    public bool IsData => (Protection & Protection.Write) != 0 && !IsShared && !GrowsDown;

    /// <summary>What a part of it takes of the enclave's memory.</summary>
    public ulong CostOf(ulong length) => Cost(length, IsAccounted, ShowsZeros);

    /// <summary>What a range takes of the enclave's memory: all of it, or an entry of a page table for each page, or nothing.</summary>
    public static ulong Cost(ulong length, bool isAccounted, bool showsZeros)
    {
        const ulong bytesPerEntry = FrameExtent.FrameSize / sizeof(ulong);
        return isAccounted ? length : showsZeros ? length / bytesPerEntry : 0;
    }

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
        ShowsZeros = other.ShowsZeros;
        IsUnreserved = other.IsUnreserved;
        GrowsDown = other.GrowsDown;
        IsNotInherited = other.IsNotInherited;
        IsWipedOnFork = other.IsWipedOnFork;
        Policy = other.Policy;
        IsNotDumped = other.IsNotDumped;
        IsAccelerated = other.IsAccelerated;
        IsPatchedCopy = other.IsPatchedCopy;
        Memory = other.Memory;
        Offset = other.Offset;
        File = other.File;
    }

    /// <summary>Whether two adjacent regions may become one.</summary>
    public bool CanMerge(Region next) =>
        End == next.Start && Memory is null && next.Memory is null && Kind == next.Kind && Kind is not RegionKind.Hidden &&
        Protection == next.Protection && IsShared == next.IsShared && IsAccounted == next.IsAccounted && ShowsZeros == next.ShowsZeros && IsLocked == next.IsLocked &&
        IsUnreserved == next.IsUnreserved && GrowsDown == next.GrowsDown &&
        IsNotInherited == next.IsNotInherited && IsWipedOnFork == next.IsWipedOnFork && Policy == next.Policy &&
            IsNotDumped == next.IsNotDumped;
}

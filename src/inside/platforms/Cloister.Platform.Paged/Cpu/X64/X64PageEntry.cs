using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>An entry of a page table's lowest level (Intel SDM volume 3, 4.5.4). Bits that the processor ignores say what the page is.</summary>
/// <param name="Bits">As the processor reads it; 0 where nothing is mapped.</param>
internal readonly record struct X64PageEntry(ulong Bits)
{
    private const ulong Present = 1;
    private const ulong Writable = 1 << 1;
    private const ulong User = 1 << 2;

    // Set ahead, so that the processor needn't.
    private const ulong Accessed = 1 << 5;
    private const ulong Dirty = 1 << 6;
    private const ulong NoExecute = 1UL << 63;
    private const ulong FrameMask = 0x000f_ffff_ffff_f000;

    private const ulong MappedBit = 1 << 9;
    private const ulong PrivateBit = 1 << 10;
    private const ulong CopiesBit = 1 << 11;
    private const ulong ChargedBit = 1UL << 55;
    private const int RightsShift = 52;
    private const ulong RightsMask = 7UL << RightsShift;

    /// <summary>Makes an entry.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="rights">What the program may do.</param>
    /// <param name="isPrivate">Whether the frame belongs to the spaces that map it.</param>
    /// <param name="copies">Whether the first store goes to a copy.</param>
    /// <param name="isCharged">Whether the page was paid for when it was touched.</param>
    public static X64PageEntry Make(int frame, Protection rights, bool isPrivate, bool copies, bool isCharged)
    {
        ulong bits = LinearMemory.PhysicalOf(frame) | MappedBit | ((ulong)rights << RightsShift);
        bits |= isPrivate ? PrivateBit : 0;
        bits |= copies ? CopiesBit : 0;
        bits |= isCharged ? ChargedBit : 0;
        // A page without any right isn't present; one that can be written or executed can be read, as on x86 without protection keys.
        if (rights != Protection.None)
            bits |= Present | User | Accessed;
        if ((rights & Protection.Write) != 0 && !copies)
            bits |= Writable | Dirty;
        if ((rights & Protection.Execute) == 0)
            bits |= NoExecute;
        return new X64PageEntry(bits);
    }

    /// <summary>Whether a page is mapped, whatever its rights.</summary>
    public bool IsMapped => (Bits & MappedBit) != 0;

    /// <summary>The frame.</summary>
    public int Frame => (int)((Bits & FrameMask) >> FrameExtent.FrameShift);

    /// <summary>What the program may do.</summary>
    public Protection Rights => (Protection)((Bits & RightsMask) >> RightsShift);

    /// <summary>Whether the frame belongs to the spaces that map it.</summary>
    public bool IsPrivate => (Bits & PrivateBit) != 0;

    /// <summary>Whether the first store goes to a copy.</summary>
    public bool Copies => (Bits & CopiesBit) != 0;

    /// <summary>Whether the page was paid for when it was touched.</summary>
    public bool IsCharged => (Bits & ChargedBit) != 0;

    /// <summary>The same page with other rights.</summary>
    public X64PageEntry With(Protection rights) => Make(Frame, rights, IsPrivate, Copies, IsCharged);

    /// <summary>The same page, copied at the first store or not.</summary>
    public X64PageEntry With(bool copies) => Make(Frame, Rights, IsPrivate, copies, IsCharged);

    /// <summary>Whether an access is allowed by the rights.</summary>
    public static bool Allows(Protection rights, bool isWrite, bool isExecute) =>
        isExecute ? (rights & Protection.Execute) != 0 : isWrite ? (rights & Protection.Write) != 0 : rights != Protection.None;
}

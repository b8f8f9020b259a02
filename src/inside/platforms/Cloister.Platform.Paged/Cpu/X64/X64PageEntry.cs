using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>An entry of four-level paging (Intel SDM volume 3, 4.5.4). Bits that the processor ignores say what the page is.</summary>
/// <param name="Bits">As the processor reads it; 0 where nothing is mapped.</param>
internal readonly record struct X64PageEntry(ulong Bits) : IPageEntry<X64PageEntry>
{
    private const ulong Present = 1;
    private const ulong Writable = 1 << 1;
    private const ulong User = 1 << 2;

    // Set ahead, so that the processor needn't.
    private const ulong Accessed = 1 << 5;
    private const ulong Dirty = 1 << 6;
    private const ulong NoExecute = 1UL << 63;
    private const ulong FrameMask = 0x000f_ffff_ffff_f000;
    private const ulong TableBits = Present | Writable | User; // the lowest level decides

    private const ulong MappedBit = 1 << 9;
    private const ulong PrivateBit = 1 << 10;
    private const ulong CopiesBit = 1 << 11;
    private const int RightsShift = 52;
    private const ulong RightsMask = 7UL << RightsShift;

    /// <inheritdoc/>
    public static int Levels => 4;

    /// <summary>End of the lower half, without its last page: SYSRET to an address right behind it would trap in the kernel.</summary>
    public static ulong UserEnd => (1UL << 47) - FrameExtent.FrameSize;

    /// <inheritdoc/>
    public bool IsMapped => (Bits & MappedBit) != 0;

    /// <inheritdoc/>
    public int Frame => (int)((Bits & FrameMask) >> FrameExtent.FrameShift);

    /// <inheritdoc/>
    public Protection Rights => (Protection)((Bits & RightsMask) >> RightsShift);

    /// <inheritdoc/>
    public bool IsPrivate => (Bits & PrivateBit) != 0;

    /// <inheritdoc/>
    public bool Copies => (Bits & CopiesBit) != 0;

    /// <inheritdoc/>
    public static X64PageEntry Make(int frame, Protection rights, bool isPrivate, bool copies)
    {
        ulong bits = LinearMemory.PhysicalOf(frame) | MappedBit | ((ulong)rights << RightsShift);
        bits |= isPrivate ? PrivateBit : 0;
        bits |= copies ? CopiesBit : 0;
        // A page without any right isn't present; one that can be written or executed can be read, as on x86 without protection keys.
        if (rights != Protection.None)
            bits |= Present | User | Accessed;
        if ((rights & Protection.Write) != 0 && !copies)
            bits |= Writable | Dirty;
        if ((rights & Protection.Execute) == 0)
            bits |= NoExecute;
        return new X64PageEntry(bits);
    }

    /// <inheritdoc/>
    public static X64PageEntry FromBits(ulong bits) => new(bits);

    /// <inheritdoc/>
    public static ulong ToTable(ulong physical) => physical | TableBits;

    /// <inheritdoc/>
    public static ulong TableOf(ulong entry) => entry & FrameMask;

    /// <inheritdoc/>
    public static ulong ToRoot(ulong physical) => physical;

    /// <inheritdoc/>
    public static ulong TableOfRoot(ulong root) => root & FrameMask;
}

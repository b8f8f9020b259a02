using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.RiscV64;

/// <summary>
/// An entry of Sv39 (RISC-V privileged architecture, 4.4). Two bits are free for software, the others of an invalid entry too; whether a page
/// may be written stands in D, which the processor looks at only where W is set.
/// </summary>
/// <param name="Bits">As the processor reads it; 0 where nothing is mapped.</param>
internal readonly record struct RiscV64PageEntry(ulong Bits) : IPageEntry<RiscV64PageEntry>
{
    private const ulong Valid = 1;
    private const ulong Readable = 1 << 1;
    private const ulong Writable = 1 << 2;
    private const ulong Executable = 1 << 3;
    private const ulong User = 1 << 4;

    // Set ahead: the processor may fault instead of setting it.
    private const ulong Accessed = 1 << 6;
    private const ulong Dirty = 1 << 7;
    private const ulong PrivateBit = 1 << 8;
    private const ulong CopiesBit = 1 << 9;
    private const int FrameShift = 10;
    private const ulong FrameMask = (1UL << 44) - 1;
    private const ulong Sv39 = 8UL << 60;

    /// <inheritdoc/>
    public static int Levels => 3;

    /// <inheritdoc/>
    public static ulong UserEnd => 1UL << 38;

    /// <inheritdoc/>
    public bool IsMapped => Bits != 0;

    /// <inheritdoc/>
    public int Frame => (int)(Bits >> FrameShift & FrameMask);

    /// <inheritdoc/>
    public Protection Rights => (Bits & Valid) == 0 ? Protection.None
        : Protection.Read | ((Bits & Dirty) != 0 ? Protection.Write : 0) | ((Bits & Executable) != 0 ? Protection.Execute : 0);

    /// <inheritdoc/>
    public bool IsPrivate => (Bits & PrivateBit) != 0;

    /// <inheritdoc/>
    public bool Copies => (Bits & CopiesBit) != 0;

    /// <inheritdoc/>
    public static RiscV64PageEntry Make(int frame, Protection rights, bool isPrivate, bool copies)
    {
        ulong bits = (ulong)(uint)frame << FrameShift | (isPrivate ? PrivateBit : 0) | (copies ? CopiesBit : 0);
        if (rights != Protection.None)
            bits |= Valid | Readable | User | Accessed;
        if ((rights & Protection.Write) != 0)
            bits |= copies ? Dirty : Dirty | Writable;
        if ((rights & Protection.Execute) != 0)
            bits |= Executable;
        return new RiscV64PageEntry(bits);
    }

    /// <inheritdoc/>
    public static RiscV64PageEntry FromBits(ulong bits) => new(bits);

    /// <inheritdoc/>
    public static ulong ToTable(ulong physical) => physical >> FrameExtent.FrameShift << FrameShift | Valid;

    /// <inheritdoc/>
    public static ulong TableOf(ulong entry) => (entry >> FrameShift & FrameMask) << FrameExtent.FrameShift;

    /// <inheritdoc/>
    public static ulong ToRoot(ulong physical) => Sv39 | physical >> FrameExtent.FrameShift;

    /// <inheritdoc/>
    public static ulong TableOfRoot(ulong root) => (root & FrameMask) << FrameExtent.FrameShift;
}

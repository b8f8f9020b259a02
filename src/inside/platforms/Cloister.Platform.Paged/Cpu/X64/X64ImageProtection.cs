using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>
/// Rights of the kernel's own memory: nothing is writable and executable, and what is executable has no writable alias. Entry code maps
/// all in large pages; here those with the image are split.
/// </summary>
// SAFETY: the tables are pages of the image that entry.S reserves for this, enough for an image of MostLargePages; it is applied once, before the heap is used.
public static unsafe class X64ImageProtection
{
    private const ulong ImageBase = 0xffff_ffff_8000_0000;
    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const ulong NoExecute = 1UL << 63;
    private const ulong TableMask = 0x000f_ffff_ffff_f000;
    private const int LargeShift = 21;
    private const int Entries = 512;
    private const int MostLargePages = 16;
    private const int LinearIndex = 256;
    private const int ImageIndex = 511;
    private const int ImageGigabyte = 510;
    private const int LinearTables = 4;

    /// <summary>Sets the rights.</summary>
    /// <returns>False where the image is larger than there is room for.</returns>
    public static bool TryApply()
    {
        ulong first = (Physical(CpuInstructions.GetImageStart()) >> LargeShift) << LargeShift;
        ulong end = Physical(CpuInstructions.GetImageEnd());
        if (end - first > (ulong)MostLargePages << LargeShift)
            return false;
        ulong* root = Table(CpuInstructions.ReadRoot());
        ulong* linear = Table(root[LinearIndex]);
        byte* free = CpuInstructions.GetSpareTables();
        // Entry code has one table for the first GiB at both of its addresses: what runs has a table of its own before that one forbids to execute.
        ulong* image = Take(ref free);
        for (ulong at = first; at < end; at += 1UL << LargeShift)
        {
            ulong* pages = Take(ref free);
            for (int i = 0; i < Entries; i++)
            {
                ulong page = at + ((ulong)i << FrameExtent.FrameShift);
                pages[i] = RightsOf(page) is var rights && rights != 0 ? page | rights : 0;
            }

            image[(int)(at >> LargeShift)] = Physical((byte*)pages) | Present | Writable;
        }

        Table(root[ImageIndex])[ImageGigabyte] = Physical((byte*)image) | Present | Writable;
        CpuInstructions.WriteRoot(CpuInstructions.ReadRoot());

        for (int i = 0; i < LinearTables; i++)
        {
            ulong* table = Table(linear[i]);
            for (int j = 0; j < Entries; j++)
                table[j] |= NoExecute;
        }

        for (ulong at = first; at < end; at += 1UL << LargeShift)
        {
            ulong* alias = Take(ref free);
            for (int i = 0; i < Entries; i++)
            {
                ulong page = at + ((ulong)i << FrameExtent.FrameShift);
                ulong rights = RightsOf(page);
                alias[i] = page | Present | NoExecute | ((rights & Writable) != 0 || rights == 0 ? Writable : 0);
            }

            int index = (int)(at >> LargeShift);
            Table(linear[index / Entries])[index % Entries] = Physical((byte*)alias) | Present | Writable;
        }

        CpuInstructions.WriteRoot(CpuInstructions.ReadRoot());
        return true;
    }

    /// <summary>What the kernel may do with a page of its image; 0 outside of it, and for the page below its stack.</summary>
    private static ulong RightsOf(ulong physical)
    {
        byte* place = (byte*)(ImageBase + physical);
        byte* guard = CpuInstructions.GetStackBottom() - FrameExtent.FrameSize;
        if (place < CpuInstructions.GetImageStart() || place >= CpuInstructions.GetImageEnd() || place == guard)
            return 0;
        return place < CpuInstructions.GetConstants() ? Present
            : place < CpuInstructions.GetData() ? Present | NoExecute
            : Present | Writable | NoExecute;
    }

    private static ulong* Table(ulong entry) => (ulong*)LinearMemory.At(entry & TableMask);

    private static ulong* Take(ref byte* free)
    {
        ulong* table = (ulong*)free;
        free += FrameExtent.FrameSize;
        return table;
    }

    private static ulong Physical(byte* place) => (ulong)place - ImageBase;
}

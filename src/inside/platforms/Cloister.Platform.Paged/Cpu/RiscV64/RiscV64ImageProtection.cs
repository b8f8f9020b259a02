using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.RiscV64;

/// <summary>
/// Rights of the kernel's own memory: nothing is writable and executable, and what is executable has no writable alias. Entry code maps
/// all in large pages; here those with the image are split.
/// </summary>
// SAFETY: the tables are pages of the image that entry.S reserves for this, enough for an image of MostLargePages; it is applied once, before the heap is used.
public static unsafe class RiscV64ImageProtection
{
    private const ulong Image = 0xffff_ffff_8020_0000;
    private const ulong Valid = 1;
    private const ulong Readable = Valid | 1 << 1 | 1 << 6;
    private const ulong Writable = Readable | 1 << 2 | 1 << 7;
    private const ulong Executable = Readable | 1 << 3;
    private const int LargeShift = 21;
    private const int HugeShift = 30;
    private const int FrameShift = 10;
    private const int Entries = 512;
    private const int MostLargePages = 16;
    private const int LinearIndex = 256;

    /// <summary>Sets the rights.</summary>
    /// <param name="physical">Where the image is loaded.</param>
    /// <returns>False where the image is larger than there is room for.</returns>
    public static bool TryApply(ulong physical)
    {
        ulong length = (ulong)CpuInstructions.GetImageEnd() - Image;
        if (length > (ulong)MostLargePages << LargeShift)
            return false;
        ulong* root = Table(RiscV64PageEntry.TableOfRoot(CpuInstructions.ReadRoot()));
        ulong* image = Table(RiscV64PageEntry.TableOf(root[(Image >> HugeShift) & (Entries - 1)]));
        byte* free = CpuInstructions.GetSpareTables();
        ulong huge = physical >> HugeShift;
        ulong* linear = Take(ref free);
        for (int i = 0; i < Entries; i++)
            linear[i] = ToEntry((huge << HugeShift) + ((ulong)i << LargeShift), Writable);
        const int imageIndex = (int)((Image >> LargeShift) & (Entries - 1));
        for (int i = 0; i < MostLargePages; i++)
        {
            if ((ulong)i << LargeShift >= length)
            {
                image[imageIndex + i] = 0;
                continue;
            }

            ulong* pages = Take(ref free);
            ulong* alias = Take(ref free);
            for (int j = 0; j < Entries; j++)
            {
                ulong offset = ((ulong)i << LargeShift) + ((ulong)j << FrameExtent.FrameShift);
                ulong rights = RightsOf((byte*)(Image + offset));
                pages[j] = rights == 0 ? 0 : ToEntry(physical + offset, rights);
                alias[j] = ToEntry(physical + offset, rights is 0 or Writable ? Writable : Readable);
            }

            image[imageIndex + i] = ToTable(pages, physical);
            linear[(int)((physical >> LargeShift) & (Entries - 1)) + i] = ToTable(alias, physical);
        }

        root[LinearIndex + (int)huge] = ToTable(linear, physical);
        CpuInstructions.WriteRoot(CpuInstructions.ReadRoot());
        return true;
    }

    /// <summary>What the kernel may do with a page of its image; 0 outside of it, and for the page below its stack.</summary>
    private static ulong RightsOf(byte* place)
    {
        if (place >= CpuInstructions.GetImageEnd() || place == CpuInstructions.GetStackBottom() - FrameExtent.FrameSize)
            return 0;
        return place < CpuInstructions.GetConstants() ? Executable : place < CpuInstructions.GetData() ? Readable : Writable;
    }

    private static ulong ToEntry(ulong physical, ulong rights) => physical >> FrameExtent.FrameShift << FrameShift | rights;

    private static ulong ToTable(ulong* table, ulong physical) => RiscV64PageEntry.ToTable((ulong)table - Image + physical);

    private static ulong* Table(ulong physical) => (ulong*)LinearMemory.At(physical);

    private static ulong* Take(ref byte* free)
    {
        ulong* table = (ulong*)free;
        free += FrameExtent.FrameSize;
        return table;
    }
}

using Cloister.Hal;
using Cloister.Platform.Paged.Memory;

namespace Cloister.Platform.Paged.Cpu;

/// <summary>The page table of a space. The upper half of the first level is the kernel's and the same everywhere.</summary>
/// <typeparam name="TEntry">The processor's format.</typeparam>
// SAFETY: tables are frames that this object has taken and gives back at its end; indexes are nine bits of an address.
internal sealed unsafe class PageTable<TEntry>
    where TEntry : struct, IPageEntry<TEntry>
{
    private const int IndexBits = 9;
    private const int Entries = 1 << IndexBits;
    private const ulong PagesAtOnce = 64;

    private readonly FrameTable _frames;
    private readonly int _root;

    private PageTable(FrameTable frames, int root)
    {
        _frames = frames;
        _root = root;
    }

    /// <summary>Makes an empty one; null where there is no frame.</summary>
    public static PageTable<TEntry>? TryCreate(FrameTable frames, ulong kernelRoot)
    {
        if (!frames.TryAllocate(1, out FrameExtent root))
            return null;
        ulong* kernel = (ulong*)LinearMemory.At(TEntry.TableOfRoot(kernelRoot));
        ulong* table = (ulong*)LinearMemory.Frame(root.First);
        for (int i = Entries / 2; i < Entries; i++)
            table[i] = kernel[i];
        return new PageTable<TEntry>(frames, root.First);
    }

    /// <summary>What the processor's register has while it is in use.</summary>
    public ulong Root => TEntry.ToRoot(LinearMemory.PhysicalOf(_root));

    /// <summary>Reads the entry of a page; one that maps nothing where there is no table.</summary>
    public TEntry Read(ulong address)
    {
        ulong* entry = Find(address, out _);
        return entry == null ? default : TEntry.FromBits(*entry);
    }

    /// <summary>Changes an entry that is there.</summary>
    public void Write(ulong address, TEntry entry)
    {
        ulong* place = Find(address, out _);
        if (place != null)
            *place = entry.Bits;
    }

    /// <summary>Sees that there are tables for a page.</summary>
    /// <returns>False where there is no frame for one.</returns>
    public bool TryPrepare(ulong address)
    {
        ulong* table = (ulong*)LinearMemory.Frame(_root);
        for (int level = TEntry.Levels - 1; level > 0; level--)
        {
            ulong* entry = table + Index(address, level);
            if (*entry == 0)
            {
                if (!_frames.TryAllocate(1, out FrameExtent made))
                    return false;
                *entry = TEntry.ToTable(LinearMemory.PhysicalOf(made.First));
            }

            table = (ulong*)LinearMemory.At(TEntry.TableOf(*entry));
        }

        return true;
    }

    /// <summary>Finds the next mapped page of a range, and takes no time for tables that aren't there.</summary>
    /// <param name="address">Where to look from; where it is.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="entry">The page.</param>
    public bool TryFindNext(ref ulong address, ulong end, out TEntry entry)
    {
        while (address < end)
        {
            ulong* place = Find(address, out int missing);
            if (place == null)
            {
                ulong size = 1UL << (FrameExtent.FrameShift + missing * IndexBits);
                address = (address & ~(size - 1)) + size;
                continue;
            }

            ulong tableEnd = (address | ((1UL << (FrameExtent.FrameShift + IndexBits)) - 1)) + 1;
            tableEnd = tableEnd < end ? tableEnd : end;
            for (; address < tableEnd; address += FrameExtent.FrameSize, place++)
            {
                entry = TEntry.FromBits(*place);
                if (entry.IsMapped)
                    return true;
            }
        }

        entry = default;
        return false;
    }

    /// <summary>Gives back tables of which a range that maps nothing any more covers all.</summary>
    public void FreeTables(ulong start, ulong end) => FreeTables(LinearMemory.Frame(_root), TEntry.Levels - 1, 0, start, end);

    /// <summary>Gives back all tables; it isn't in use any more.</summary>
    public void Dispose()
    {
        FreeTables(0, 1UL << (FrameExtent.FrameShift + TEntry.Levels * IndexBits - 1));
        _frames.Free(new FrameExtent(_root, 1));
    }

    /// <summary>Makes the processor forget what it knows of a range, if it uses this table.</summary>
    public void Forget(ulong start, ulong end)
    {
        if (CpuInstructions.ReadRoot() != Root)
            return;
        if (end - start > PagesAtOnce << FrameExtent.FrameShift)
        {
            CpuInstructions.WriteRoot(Root);
            return;
        }

        for (; start < end; start += FrameExtent.FrameSize)
            CpuInstructions.ForgetPage(start);
    }

    private void FreeTables(byte* table, int level, ulong first, ulong start, ulong end)
    {
        ulong size = 1UL << (FrameExtent.FrameShift + level * IndexBits);
        int count = level == TEntry.Levels - 1 ? Entries / 2 : Entries;
        for (int i = start > first ? (int)((start - first) / size) : 0; i < count; i++)
        {
            ulong from = first + (ulong)i * size;
            if (from >= end)
                return;
            ulong* entry = (ulong*)table + i;
            if (*entry == 0)
                continue;
            byte* inner = LinearMemory.At(TEntry.TableOf(*entry));
            if (level > 1)
                FreeTables(inner, level - 1, from, start, end);
            if (from < start || from + size > end)
                continue;
            _frames.Free(new FrameExtent((int)(TEntry.TableOf(*entry) >> FrameExtent.FrameShift), 1));
            *entry = 0;
        }
    }

    /// <summary>The place of an entry, or null and the level at which a table is missing.</summary>
    private ulong* Find(ulong address, out int missing)
    {
        ulong* table = (ulong*)LinearMemory.Frame(_root);
        for (missing = TEntry.Levels - 1; missing > 0; missing--)
        {
            ulong entry = table[Index(address, missing)];
            if (entry == 0)
                return null;
            table = (ulong*)LinearMemory.At(TEntry.TableOf(entry));
        }

        return table + Index(address, 0);
    }

    private static int Index(ulong address, int level) => (int)(address >> (FrameExtent.FrameShift + level * IndexBits)) & (Entries - 1);
}

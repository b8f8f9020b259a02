using System;
using System.Runtime.InteropServices;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// The host's page tables of this process, as /proc/self/pagemap shows them (Documentation/admin-guide/mm/pagemap.rst).
/// </summary>
internal sealed unsafe class HostPageMap
{
    private const ulong PagemapScan = 0xC0606610;

    // Categories of PAGEMAP_SCAN.
    private const ulong IsWritten = 1 << 1;
    private const ulong IsFile = 1 << 2;
    private const ulong IsPresent = 1 << 3;
    private const ulong IsSwapped = 1 << 4;
    private const ulong IsZeroPage = 1 << 5;

    // Bits of an entry that is read.
    private const ulong EntryFile = 1UL << 61;
    private const ulong EntrySwapped = 1UL << 62;
    private const ulong EntryPresent = 1UL << 63;

    private const int Batch = 64;

    private readonly Stubs _stubs;
    private readonly long _file;
    private volatile bool _cannotScan;

    public HostPageMap(Stubs stubs)
    {
        _stubs = stubs;
        fixed (byte* path = "/proc/self/pagemap\0"u8)
        {
            // SAFETY: the name ends with a zero.
            _file = stubs.Call(Host.Open, (ulong)path, Host.OpenCloseOnExec);
        }
    }

    /// <summary>Finds pages with memory; the shared zero page is none.</summary>
    /// <returns>How many runs there are; if all were filled, there may be more.</returns>
    public int Find(ulong start, ulong end, Span<PageRun> runs)
    {
        if (!_cannotScan)
        {
            long found = Scan(start, end, runs);
            if (found >= 0)
                return (int)found;

            // PAGEMAP_SCAN came with Linux 6.7; without it every entry of the range is read.
            _cannotScan = true;
        }

        return Read(start, end, runs);
    }

    /// <summary>Whether the host tells in one call what a range has.</summary>
    public bool CanScan
    {
        get
        {
            Span<PageRun> runs = stackalloc PageRun[1];
            Find(0, FrameExtent.FrameSize, runs);
            return !_cannotScan;
        }
    }

    /// <summary>Finds private pages by whether stores to them go through (<see cref="WriteTracking"/>).</summary>
    /// <returns>How many runs there are; if all were filled, there may be more.</returns>
    public int FindPrivate(ulong start, ulong end, bool isProtected, Span<PageRun> runs)
    {
        const ulong others = IsZeroPage | IsFile;
        long found = Scan(start, end, runs, others | IsWritten, isProtected ? others | IsWritten : others, 0);
        return (int)Math.Max(0, found);
    }

    private long Scan(ulong start, ulong end, Span<PageRun> runs) => Scan(start, end, runs, IsZeroPage, IsZeroPage, IsFile);

    private long Scan(ulong start, ulong end, Span<PageRun> runs, ulong mask, ulong inverted, ulong returned)
    {
        Region* regions = stackalloc Region[Batch];
        int count = 0;
        while (count < runs.Length && start < end)
        {
            int wanted = Math.Min(Batch, runs.Length - count);
            ScanArguments arguments = new()
            {
                Size = (ulong)sizeof(ScanArguments),
                Start = start,
                End = end,
                Vector = (ulong)regions,
                VectorLength = (ulong)wanted,
                AnyOf = IsPresent | IsSwapped,
                Inverted = inverted,
                Mask = mask,
                Return = returned,
            };
            // SAFETY: the structure and as many regions as it says live until the call returns.
            long found = _stubs.Call(Host.Ioctl, (ulong)_file, PagemapScan, (ulong)(&arguments));
            if (found < 0)
                return found;
            for (int i = 0; i < found; i++)
                Add(runs, ref count, regions[i].Start, regions[i].End, (regions[i].Categories & IsFile) == 0);
            if (found < wanted)
                break;
            start = arguments.WalkEnd;
        }

        return count;
    }

    private int Read(ulong start, ulong end, Span<PageRun> runs)
    {
        Span<ulong> entries = stackalloc ulong[512];
        int count = 0;
        while (start < end && count < runs.Length)
        {
            int pages = (int)Math.Min((ulong)entries.Length, (end - start) >> FrameExtent.FrameShift);
            fixed (ulong* to = entries)
            {
                // SAFETY: reads at most as many entries as there are.
                long length = _stubs.Call(Host.Pread64, (ulong)_file, (ulong)to, (ulong)pages * 8, start >> FrameExtent.FrameShift << 3);
                if (length <= 0)
                    return count;
                pages = (int)(length >> 3);
            }

            for (int i = 0; i < pages; i++)
            {
                if ((entries[i] & (EntryPresent | EntrySwapped)) == 0)
                    continue;
                ulong at = start + ((ulong)i << FrameExtent.FrameShift);
                if (!Add(runs, ref count, at, at + FrameExtent.FrameSize, (entries[i] & EntryFile) == 0))
                    return count;
            }

            start += (ulong)pages << FrameExtent.FrameShift;
        }

        return count;
    }

    private static bool Add(Span<PageRun> runs, ref int count, ulong start, ulong end, bool isPrivate)
    {
        if (count > 0 && runs[count - 1].End == start && runs[count - 1].IsPrivate == isPrivate)
            runs[count - 1] = runs[count - 1] with { End = end };
        else if (count == runs.Length)
            return false;
        else
            runs[count++] = new PageRun(start, end, isPrivate);
        return true;
    }

    /// <summary>struct page_region.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Region
    {
        public ulong Start;
        public ulong End;
        public ulong Categories;
    }

    /// <summary>struct pm_scan_arg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ScanArguments
    {
        public ulong Size;
        public ulong Flags;
        public ulong Start;
        public ulong End;
        public ulong WalkEnd;
        public ulong Vector;
        public ulong VectorLength;
        public ulong MaxPages;
        public ulong Inverted;
        public ulong Mask;
        public ulong AnyOf;
        public ulong Return;
    }
}

using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.CoreDumps;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

// What a core file shows of the memory.
internal sealed partial class AddressSpace
{
    /// <summary>MADV_DONTDUMP and MADV_DODUMP.</summary>
    public Errno SetDumped(ulong address, ulong length, bool isDumped)
    {
        using (_lock.Enter())
            return Change(address, address + length, !isDumped, static (region, value) => region.IsNotDumped = value);
    }

    /// <summary>The ranges, and which of them a file has the content of (vma_dump_size of Linux). Each is to be released.</summary>
    public List<CoreSegment> DescribeForDump(CoreContents wanted)
    {
        var segments = new List<CoreSegment>();
        byte[] path = new byte[4096];
        using (_lock.Enter())
        {
            for (int i = 0; i < _regions.Count; i++)
            {
                Region region = _regions[i];
                if (region.Kind == RegionKind.Hidden)
                    continue;
                region.Memory?.AddUser();
                region.File?.Hold();
                byte[] name = region.File is { } file ? path[..Math.Max(0, file.File.GetPath(null, path))] : [];
                segments.Add(new CoreSegment(region, name) { Share = ShareOf(region, wanted) });
            }
        }

        return segments;
    }

    /// <summary>Finds the next bytes of a segment that aren't just zeros that nobody has touched.</summary>
    public bool TryFindContent(CoreSegment segment, ulong at, ulong end, out ulong start, out ulong length)
    {
        start = at;
        length = end - at;
        if (segment.IsSparse && segment.Memory is { } memory)
        {
            long offset = segment.Offset + (long)(at - segment.Start);
            long data = memory.NextData(offset);
            if (data < 0 || data - offset >= (long)length)
                return false;
            start = at + (ulong)(data - offset);
            length = Math.Min(end - start, (ulong)(memory.NextHole(data) - data));
            return true;
        }

        if (segment.IsWhole)
            return length > 0;
        Span<PageRun> runs = stackalloc PageRun[1];
        using (_lock.Enter())
        {
            if (at >= end || Mmu.FindPresent(at, end, runs) == 0)
                return false;
        }

        start = runs[0].Start;
        length = runs[0].Length;
        return true;
    }

    private CoreShare ShareOf(Region region, CoreContents wanted)
    {
        if (region.Kind == RegionKind.Vdso)
            return CoreShare.All;
        if (region.IsNotDumped)
            return CoreShare.None;
        if (region.IsShared)
        {
            // Only the file itself tells whether it has a name.
            if (region.File is not null)
                return CoreShare.ByName;
            return (wanted & CoreContents.SharedAnonymous) != 0 ? CoreShare.All : CoreShare.None;
        }

        bool isChanged = region.Memory is null || MeasureLocked(region.Start, region.End).Private > 0;
        if (isChanged && (wanted & CoreContents.PrivateAnonymous) != 0)
            return CoreShare.All;
        if (region.File is null)
            return CoreShare.None;
        if ((wanted & CoreContents.PrivateFiles) != 0)
            return CoreShare.All;
        bool isBeginning = region.Offset == 0 && (region.Protection & Protection.Read) != 0 && (wanted & CoreContents.ElfHeaders) != 0;
        return isBeginning ? CoreShare.Header : CoreShare.None;
    }
}

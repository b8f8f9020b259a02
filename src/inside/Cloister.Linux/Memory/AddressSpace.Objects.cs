using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

// Files and shared memory, which may lose pages at any time.
internal sealed partial class AddressSpace
{
    private void AddObjectUser(MemoryObject memory)
    {
        if (!_objects.TryGetValue(memory, out ObjectMapping? mapping))
        {
            mapping = new ObjectMapping(this, memory);
            _objects.Add(memory, mapping);
            mapping.HasMissed = memory.AddMapping(mapping);
        }

        mapping.Users++;
    }

    /// <summary>Whether pages were leaving an object when the space began to map it: what fork has copied may not be there any more.</summary>
    private bool HasMissedRemoval(MemoryObject memory) => _objects[memory].HasMissed;

    private void RemoveObjectUser(MemoryObject memory)
    {
        ObjectMapping mapping = _objects[memory];
        if (--mapping.Users > 0)
            return;
        _objects.Remove(memory);
        memory.RemoveMapping(mapping);
    }

    private void RemovePages(ulong start, ulong end, bool keepsCopies)
    {
        if (!keepsCopies)
        {
            Mmu.Unmap(start, end - start);
            return;
        }

        Span<PageRun> present = stackalloc PageRun[16];
        ulong unmapped = start;
        for (ulong at = start; at < end;)
        {
            int found = Mmu.FindPresent(at, end, present);
            foreach (PageRun run in present[..found])
            {
                if (!run.IsPrivate)
                    continue;
                if (run.Start > unmapped)
                    Mmu.Unmap(unmapped, run.Start - unmapped);
                unmapped = run.End;
            }

            at = found == present.Length ? present[found - 1].End : end;
        }

        if (unmapped < end)
            Mmu.Unmap(unmapped, end - unmapped);
    }

    /// <summary>Hears of pages that leave an object, and unmaps them here.</summary>
    private sealed class ObjectMapping(AddressSpace space, MemoryObject memory) : IMemoryObjectMapping
    {
        public int Users { get; set; }

        public bool HasMissed { get; set; }

        public void OnPagesRemoved(long firstPage, long count, bool keepsCopies)
        {
            using (space._lock.Enter())
            {
                for (int i = 0; i < space._regions.Count; i++)
                {
                    Region region = space._regions[i];
                    if (region.Memory != memory || (region.IsPatchedCopy && keepsCopies))
                        continue;
                    long regionFirst = region.PageOf(region.Start);
                    long regionEnd = regionFirst + (long)(region.Length / PageSize);
                    long first = Math.Max(firstPage, regionFirst);
                    long end = count > regionEnd - firstPage ? regionEnd : firstPage + count;
                    if (first >= end)
                        continue;
                    space.RemovePages(AddressOf(region, first), AddressOf(region, end), keepsCopies && !region.IsShared);
                }
            }
        }
    }
}

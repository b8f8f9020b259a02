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
            memory.AddMapping(mapping);
        }

        mapping.Users++;
    }

    private void RemoveObjectUser(MemoryObject memory)
    {
        ObjectMapping mapping = _objects[memory];
        if (--mapping.Users > 0)
            return;
        _objects.Remove(memory);
        memory.RemoveMapping(mapping);
    }

    /// <summary>Hears of pages that leave an object, and unmaps them here.</summary>
    private sealed class ObjectMapping(AddressSpace space, MemoryObject memory) : IMemoryObjectMapping
    {
        public int Users { get; set; }

        public void OnPagesRemoved(long firstPage, long count)
        {
            using (space._lock.Enter())
            {
                for (int i = 0; i < space._regions.Count; i++)
                {
                    Region region = space._regions[i];
                    if (region.Memory != memory)
                        continue;
                    long regionFirst = region.PageOf(region.Start);
                    long regionEnd = regionFirst + (long)(region.Length / PageSize);
                    long first = Math.Max(firstPage, regionFirst);
                    long end = count > regionEnd - firstPage ? regionEnd : firstPage + count;
                    if (first >= end)
                        continue;
                    space.Mmu.Unmap(region.Start + (ulong)(first - regionFirst) * PageSize, (ulong)(end - first) * PageSize);
                }
            }
        }
    }
}

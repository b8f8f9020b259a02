using System;
using System.Runtime.Intrinsics.X86;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>
/// /sys/devices/system/cpu and node: one package, a core for each CPU, one node of memory, and the caches that the
/// processor names (what lscpu, hwloc and libnuma read).
/// </summary>
internal sealed class CpuTopology(SystemFileSystem fileSystem, int cpus)
{
    /// <summary>Leaves of CPUID that list caches: Intel's, and AMD's in the same format.</summary>
    private const int CacheLeaf = 4;
    private const int AmdCacheLeaf = unchecked((int)0x8000001D);

    private const int SmallestShared = 3;

    public void Register(Dentry system)
    {
        byte[] all = List(0, cpus);
        Dentry cpu = fileSystem.AddDirectory(system, "cpu"u8);
        fileSystem.AddText(cpu, "online"u8, all);
        fileSystem.AddText(cpu, "possible"u8, all);
        fileSystem.AddText(cpu, "present"u8, all);
        fileSystem.AddText(cpu, "offline"u8, "\n"u8);
        fileSystem.AddText(cpu, "isolated"u8, "\n"u8);
        fileSystem.AddText(cpu, "kernel_max"u8, "8191\n"u8);
        for (int i = 0; i < cpus; i++)
            AddCpu(cpu, i);
        AddNodes(system, all);
    }

    private void AddCpu(Dentry parent, int number)
    {
        Dentry cpu = fileSystem.AddDirectory(parent, new ByteWriter().Write("cpu"u8).Number(number).Written);
        Dentry topology = fileSystem.AddDirectory(cpu, "topology"u8);
        byte[] own = List(number, 1);
        byte[] ownMask = Mask(number, 1);
        byte[] all = List(0, cpus);
        byte[] allMask = Mask(0, cpus);
        fileSystem.AddText(topology, "core_id"u8, own);
        fileSystem.AddText(topology, "physical_package_id"u8, "0\n"u8);
        fileSystem.AddText(topology, "die_id"u8, "0\n"u8);

        // Old names and new ones of the same sets.
        fileSystem.AddText(topology, "thread_siblings"u8, ownMask);
        fileSystem.AddText(topology, "thread_siblings_list"u8, own);
        fileSystem.AddText(topology, "core_cpus"u8, ownMask);
        fileSystem.AddText(topology, "core_cpus_list"u8, own);
        fileSystem.AddText(topology, "core_siblings"u8, allMask);
        fileSystem.AddText(topology, "core_siblings_list"u8, all);
        fileSystem.AddText(topology, "package_cpus"u8, allMask);
        fileSystem.AddText(topology, "package_cpus_list"u8, all);
        fileSystem.AddText(topology, "die_cpus"u8, allMask);
        fileSystem.AddText(topology, "die_cpus_list"u8, all);
        if (number > 0)
            fileSystem.AddText(cpu, "online"u8, "1\n"u8);
        AddCaches(fileSystem.AddDirectory(cpu, "cache"u8), number);
    }

    private void AddCaches(Dentry parent, int cpu)
    {
        if (!X86Base.IsSupported)
            return;
        int leaf = (X86Base.CpuId(CacheLeaf, 0).Eax & 0x1F) != 0 ? CacheLeaf : AmdCacheLeaf;
        if (leaf == AmdCacheLeaf && (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < unchecked((uint)AmdCacheLeaf))
            return;
        for (int i = 0; i < 8; i++)
        {
            (int a, int b, int c, _) = X86Base.CpuId(leaf, i);
            int type = a & 0x1F;
            if (type == 0)
                return;
            int level = a >> 5 & 7;
            int line = (b & 0xFFF) + 1;
            int partitions = (b >> 12 & 0x3FF) + 1;
            int ways = (b >> 22 & 0x3FF) + 1;
            long sets = (uint)c + 1L;
            Dentry cache = fileSystem.AddDirectory(parent, new ByteWriter().Write("index"u8).Number(i).Written);
            bool isShared = level >= SmallestShared;
            fileSystem.AddText(cache, "level"u8, Line(level));
            fileSystem.AddText(cache, "type"u8, type switch { 1 => "Data\n"u8, 2 => "Instruction\n"u8, _ => "Unified\n"u8 });
            fileSystem.AddText(cache, "size"u8, new ByteWriter().Number(line * (long)partitions * ways * sets >> 10).Write("K\n"u8).Written);
            fileSystem.AddText(cache, "coherency_line_size"u8, Line(line));
            fileSystem.AddText(cache, "physical_line_partition"u8, Line(partitions));
            fileSystem.AddText(cache, "ways_of_associativity"u8, Line(ways));
            fileSystem.AddText(cache, "number_of_sets"u8, Line(sets));
            fileSystem.AddText(cache, "shared_cpu_list"u8, isShared ? List(0, cpus) : List(cpu, 1));
            fileSystem.AddText(cache, "shared_cpu_map"u8, isShared ? Mask(0, cpus) : Mask(cpu, 1));
            fileSystem.AddText(cache, "id"u8, Line(isShared ? 0 : cpu));
        }
    }

    private void AddNodes(Dentry system, byte[] all)
    {
        Dentry nodes = fileSystem.AddDirectory(system, "node"u8);
        fileSystem.AddText(nodes, "online"u8, "0\n"u8);
        fileSystem.AddText(nodes, "possible"u8, "0\n"u8);
        fileSystem.AddText(nodes, "has_cpu"u8, "0\n"u8);
        fileSystem.AddText(nodes, "has_memory"u8, "0\n"u8);
        fileSystem.AddText(nodes, "has_normal_memory"u8, "0\n"u8);
        Dentry node = fileSystem.AddDirectory(nodes, "node0"u8);
        fileSystem.AddText(node, "cpulist"u8, all);
        fileSystem.AddText(node, "cpumap"u8, Mask(0, cpus));
        fileSystem.AddText(node, "distance"u8, "10\n"u8);
        fileSystem.AddFile(node, "meminfo"u8, (_, writer) =>
        {
            SystemStatus status = fileSystem.Vfs.SystemStatus;
            Size(writer, "MemTotal:       "u8, status.TotalMemory);
            Size(writer, "MemFree:        "u8, status.FreeMemory);
            Size(writer, "MemUsed:        "u8, status.TotalMemory - status.FreeMemory);
            Size(writer, "FilePages:      "u8, status.CachedMemory);
            writer.Write("Node 0 HugePages_Total:     0\nNode 0 HugePages_Free:      0\nNode 0 HugePages_Surp:      0\n"u8);
            return Abi.Errno.Success;
        });
    }

    private static void Size(ByteWriter writer, ReadOnlySpan<byte> label, long bytes) =>
        writer.Write("Node 0 "u8).Write(label).Padded(Math.Max(0, bytes) >> 10, 8).Write(" kB\n"u8);

    private static byte[] Line(long value) => new ByteWriter().Number(value).Write('\n').ToArray();

    private static byte[] List(int first, int count)
    {
        ByteWriter writer = new ByteWriter().Number(first);
        if (count > 1)
            writer.Write('-').Number(first + count - 1);
        return writer.Write('\n').ToArray();
    }

    /// <summary>A set of CPUs in hexadecimal: 32 in each group, the highest first, as wide as all CPUs need.</summary>
    private byte[] Mask(int first, int count)
    {
        var writer = new ByteWriter();
        for (int group = (cpus - 1) / 32; group >= 0; group--)
        {
            uint bits = 0;
            for (int bit = 0; bit < 32; bit++)
            {
                int cpu = (group * 32) + bit;
                if (cpu >= first && cpu < first + count)
                    bits |= 1u << bit;
            }

            int width = group == (cpus - 1) / 32 ? ((cpus - 1) % 32 / 4) + 1 : 8;
            writer.Hexadecimal(bits, width);
            if (group > 0)
                writer.Write(',');
        }

        return writer.Write('\n').ToArray();
    }
}

using System;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>The part of sysfs that language runtimes and C libraries read (sysfs(5)).</summary>
internal sealed class SystemFileSystem : GeneratedFileSystem
{
    /// <summary>SYSFS_MAGIC.</summary>
    private const long SysfsMagic = 0x62656572;

    public SystemFileSystem(VirtualFileSystem vfs, int cpus)
        : base(vfs, "sysfs"u8, SysfsMagic)
    {
        Root = new Dentry(new GeneratedDirectory(this, NextInodeNumber()));
        byte[] all = new ByteWriter().Write(cpus == 1 ? "0"u8 : "0-"u8).Write(cpus == 1 ? ""u8 : new ByteWriter().Number(cpus - 1).Written).Write('\n').ToArray();
        Dentry devices = AddDirectory(Root, "devices"u8);
        Dentry system = AddDirectory(devices, "system"u8);
        Dentry cpu = AddDirectory(system, "cpu"u8);
        AddText(cpu, "online"u8, all);
        AddText(cpu, "possible"u8, all);
        AddText(cpu, "present"u8, all);
        AddText(cpu, "offline"u8, "\n"u8);
        AddText(cpu, "kernel_max"u8, "8191\n"u8);
        for (int i = 0; i < cpus; i++)
            AddCpu(cpu, i, all);
        Dentry nodes = AddDirectory(system, "node"u8);
        AddText(nodes, "online"u8, "0\n"u8);
        AddText(nodes, "possible"u8, "0\n"u8);
        AddText(nodes, "has_cpu"u8, "0\n"u8);
        AddText(AddDirectory(nodes, "node0"u8), "cpulist"u8, all);
        Dentry virtualDevices = AddDirectory(devices, "virtual"u8);
        AddDirectory(virtualDevices, "net"u8);
        AddDirectory(Root, "block"u8);
        AddDirectory(Root, "bus"u8);
        AddDirectory(AddDirectory(Root, "class"u8), "net"u8);
        AddDirectory(AddDirectory(Root, "fs"u8), "cgroup"u8);
        Dentry kernel = AddDirectory(Root, "kernel"u8);
        Dentry huge = AddDirectory(AddDirectory(kernel, "mm"u8), "transparent_hugepage"u8);
        AddText(huge, "enabled"u8, "always madvise [never]\n"u8);
        AddText(huge, "defrag"u8, "always defer defer+madvise [madvise] never\n"u8);
        AddText(huge, "shmem_enabled"u8, "always within_size advise [never] deny force\n"u8);
        AddText(huge, "hpage_pmd_size"u8, "2097152\n"u8);
        AddDirectory(Root, "module"u8);
    }

    private void AddCpu(Dentry parent, int number, ReadOnlySpan<byte> all)
    {
        Dentry cpu = AddDirectory(parent, new ByteWriter().Write("cpu"u8).Number(number).Written);
        Dentry topology = AddDirectory(cpu, "topology"u8);
        byte[] text = new ByteWriter().Number(number).Write('\n').ToArray();
        AddText(topology, "core_id"u8, text);
        AddText(topology, "physical_package_id"u8, "0\n"u8);
        AddText(topology, "thread_siblings_list"u8, text);
        AddText(topology, "core_siblings_list"u8, all);
        if (number > 0)
            AddText(cpu, "online"u8, "1\n"u8);
    }
}

using System;
using Cloister.Contracts.Network;
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
        Dentry devices = AddDirectory(Root, "devices"u8);
        Dentry system = AddDirectory(devices, "system"u8);
        new CpuTopology(this, cpus).Register(system);
        Dentry virtualDevices = AddDirectory(devices, "virtual"u8);
        AddDirectory(virtualDevices, "net"u8);
        AddDirectory(Root, "block"u8);
        AddDirectory(Root, "bus"u8);
        Dentry classes = AddDirectory(Root, "class"u8);
        AddInterfaces(AddDirectory(classes, "net"u8));
        AddDirectory(classes, "block"u8);

        // No block devices, and character devices without directories of their own.
        Dentry numbers = AddDirectory(Root, "dev"u8);
        AddDirectory(numbers, "block"u8);
        AddDirectory(numbers, "char"u8);
        AddDirectory(AddDirectory(Root, "fs"u8), "cgroup"u8);
        Dentry kernel = AddDirectory(Root, "kernel"u8);
        Dentry huge = AddDirectory(AddDirectory(kernel, "mm"u8), "transparent_hugepage"u8);
        AddText(huge, "enabled"u8, "always madvise [never]\n"u8);
        AddText(huge, "defrag"u8, "always defer defer+madvise [madvise] never\n"u8);
        AddText(huge, "shmem_enabled"u8, "always within_size advise [never] deny force\n"u8);
        AddText(huge, "hpage_pmd_size"u8, "2097152\n"u8);
        AddDirectory(Root, "module"u8);
    }

    private void AddInterfaces(Dentry parent)
    {
        foreach (NetworkInterface link in Vfs.Network?.Interfaces ?? [])
        {
            Dentry directory = AddDirectory(parent, link.Name);
            bool isLoopback = (link.Flags & InterfaceFlags.Loopback) != 0;
            AddText(directory, "ifindex"u8, new ByteWriter().Number(link.Index).Write('\n').Written);
            AddText(directory, "iflink"u8, new ByteWriter().Number(link.Index).Write('\n').Written);
            AddText(directory, "mtu"u8, new ByteWriter().Number(link.MaximumUnit).Write('\n').Written);
            AddText(directory, "type"u8, new ByteWriter().Number(link.HardwareType).Write('\n').Written);
            AddText(directory, "flags"u8, new ByteWriter().Write("0x"u8).Hexadecimal((ulong)link.Flags & 0xFFFF).Write('\n').Written);
            AddText(directory, "operstate"u8, isLoopback ? "unknown\n"u8 : "up\n"u8);
            AddText(directory, "carrier"u8, "1\n"u8);
            AddText(directory, "tx_queue_len"u8, "1000\n"u8);
            var address = new ByteWriter();
            for (int i = 0; i < link.HardwareAddress.Length; i++)
                address.Write(i == 0 ? ""u8 : ":"u8).Hexadecimal(link.HardwareAddress[i], 2);
            AddText(directory, "address"u8, address.Write('\n').Written);
            AddText(directory, "broadcast"u8, isLoopback ? "00:00:00:00:00:00\n"u8 : "ff:ff:ff:ff:ff:ff\n"u8);
        }
    }

    public new Dentry AddDirectory(Dentry parent, ReadOnlySpan<byte> name, uint permissions = 0x16D) => base.AddDirectory(parent, name, permissions);

    public void AddFile(Dentry parent, ReadOnlySpan<byte> name, ContentGenerator generate, uint permissions = 0x124, ContentReceiver? receive = null) =>
        base.AddFile(parent, name, generate, permissions, receive);

    public void AddText(Dentry parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, uint permissions = 0x124) =>
        base.AddText(parent, name, text, permissions);
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>procfs (proc(5)).</summary>
internal sealed class ProcessFileSystem : GeneratedFileSystem
{
    /// <summary>PROC_SUPER_MAGIC.</summary>
    private const long ProcMagic = 0x9fa0;

    /// <summary>Inode numbers below are of fixed files; a process's follow from its id.</summary>
    public const ulong FirstProcessInode = 1UL << 32;

    public ProcessFileSystem(VirtualFileSystem vfs, IProcessDirectory processes)
        : base(vfs, "proc"u8, ProcMagic)
    {
        Processes = processes;
        Root = new Dentry(new ProcessRoot(this));
        AddLink(Root, "self"u8, (caller, writer) => Done(writer.Number(caller.ProcessId)));
        AddLink(Root, "thread-self"u8, (caller, writer) => Done(writer.Number(caller.ProcessId).Write("/task/"u8).Number(caller.ThreadId)));
        AddLink(Root, "mounts"u8, (_, writer) => Put(writer, "self/mounts"u8));
        AddLink(Root, "net"u8, (_, writer) => Put(writer, "self/net"u8));
        AddText(Root, "filesystems"u8, "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\tramfs\nnodev\tdevpts\nnodev\toverlay\n"u8);
        AddText(Root, "devices"u8, "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n"u8);
        AddText(Root, "cmdline"u8, "cloister\n"u8);
        AddText(Root, "swaps"u8, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"u8);
        AddText(Root, "partitions"u8, "major minor  #blocks  name\n\n"u8);
        AddText(Root, "modules"u8, ""u8);

        // Neither disks nor interrupts: tables without lines.
        AddText(Root, "diskstats"u8, ""u8);
        AddFile(Root, "interrupts"u8, (_, writer) => WriteProcessors(writer));
        AddText(Root, "execdomains"u8, "0-0\tLinux           \t[kernel]\n"u8);
        Dentry tty = AddDirectory(Root, "tty"u8);
        AddText(tty, "drivers"u8, """
            /dev/tty             /dev/tty        5       0 system:/dev/tty
            /dev/console         /dev/console    5       1 system:console
            /dev/ptmx            /dev/ptmx       5       2 system
            pty_slave            /dev/pts      136 0-1048575 pty:slave

            """u8);
        Dentry systemV = AddDirectory(Root, "sysvipc"u8);
        AddFile(systemV, "shm"u8, (_, writer) => WriteSystemV(SystemVKind.SharedMemory, writer));
        AddFile(systemV, "sem"u8, (_, writer) => WriteSystemV(SystemVKind.Semaphores, writer));
        AddFile(systemV, "msg"u8, (_, writer) => WriteSystemV(SystemVKind.MessageQueues, writer));
        AddText(Root, "cgroups"u8, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"u8);
        new SystemFiles(this).Register(Root);
        new SystemControls(this).Register(AddDirectory(Root, "sys"u8));
    }

    public IProcessDirectory Processes { get; }

    public new Dentry AddDirectory(Dentry parent, ReadOnlySpan<byte> name, uint permissions = 0x16D) => base.AddDirectory(parent, name, permissions);

    public new void AddFile(
        Dentry parent, ReadOnlySpan<byte> name, ContentGenerator generate, uint permissions = 0x124, ContentReceiver? receive = null, ChangeNotice? notice = null) =>
        base.AddFile(parent, name, generate, permissions, receive, notice);

    public new void AddText(Dentry parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, uint permissions = 0x124, ChangeNotice? notice = null) =>
        base.AddText(parent, name, text, permissions, notice);

    /// <summary>The end of a generator that can't fail.</summary>
    public static Errno Done(ByteWriter writer)
    {
        _ = writer;
        return Errno.Success;
    }

    private Errno WriteSystemV(SystemVKind kind, ByteWriter writer)
    {
        Processes.WriteSystemV(kind, writer);
        return Done(writer);
    }

    private Errno WriteProcessors(ByteWriter writer)
    {
        writer.Write("           "u8);
        for (int cpu = 0; cpu < Processes.GetSystemStatus().Cpus; cpu++)
            writer.Write("CPU"u8).Number(cpu).Write(cpu < 10 ? "       "u8 : "      "u8);
        return Done(writer.Write('\n'));
    }

    /// <summary>A process id out of a name; 0 where it isn't one.</summary>
    public static int ParseId(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > 9 || (name[0] == (byte)'0' && name.Length > 1))
            return -1;
        int value = 0;
        foreach (byte digit in name)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return -1;
            value = (value * 10) + digit - '0';
        }

        return value;
    }

    /// <summary>The root: fixed files, and a directory for each process.</summary>
    private sealed class ProcessRoot : Inode
    {
        public ProcessRoot(ProcessFileSystem fileSystem)
            : base(fileSystem, FileModes.S_IFDIR | 0x16D, 0, 0, fileSystem.NextInodeNumber()) => LinkCount = 2;

        // Not complete: processes are asked for each time.
        public override DentryTable? CreateChildren(Dentry entry) => new(entry, false);

        public override Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
        {
            child = directory.Children!.Find(name, hash);
            if (child is not null)
                return Errno.Success;
            int id = ParseId(name);
            var fileSystem = (ProcessFileSystem)FileSystem;
            if (id > 0 && fileSystem.Processes.TryGetProcess(id, out IProcessInformation? process))
                child = new Dentry(directory, name.ToArray(), hash, new ProcessDirectory(fileSystem, process!, 0));
            return Errno.Success;
        }

        public override bool NextEntry(ICaller caller, Dentry directory, ref long position, Span<byte> nameBuffer, out ListedEntry entry)
        {
            // Fixed files first, at positions below 2^32; then processes by id.
            if (position < 1L << 32)
            {
                if (base.NextEntry(caller, directory, ref position, nameBuffer, out entry))
                    return true;
                position = 1L << 32;
            }

            int id = ((ProcessFileSystem)FileSystem).Processes.NextProcess((int)(position - (1L << 32)));
            entry = default;
            if (id == 0)
                return false;
            position = (1L << 32) + id;
            id.TryFormat(nameBuffer, out int length);
            entry = new ListedEntry(ProcessDirectory.NumberOf(id, 0), FileModes.S_IFDIR, length);
            return true;
        }

        public override Errno SetAttributes(ICaller caller, in AttributeChange change) => Errno.EPERM;
    }
}

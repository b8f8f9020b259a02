using System;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>
/// /proc/sys (proc(5)): what programs look at. Values are those that the kernel here works by; hardly any can be changed.
/// </summary>
internal sealed class SystemControls(ProcessFileSystem fileSystem)
{
    private const uint WritableByRoot = 0x1A4;

    // All of /proc/sys can be polled (proc_sys_poll of Linux); most of it doesn't change.
    private readonly ChangeNotice _constant = new();

    public void Register(Dentry root)
    {
        RegisterKernel(fileSystem.AddDirectory(root, "kernel"u8));
        Dentry vm = fileSystem.AddDirectory(root, "vm"u8);
        AddText(vm, "overcommit_memory"u8, "0\n"u8);
        AddText(vm, "overcommit_ratio"u8, "50\n"u8);
        AddText(vm, "overcommit_kbytes"u8, "0\n"u8);
        AddText(vm, "zone_reclaim_mode"u8, "0\n"u8);
        AddText(vm, "max_map_count"u8, "65530\n"u8);
        AddText(vm, "mmap_min_addr"u8, "65536\n"u8);
        AddText(vm, "nr_hugepages"u8, "0\n"u8);
        AddText(vm, "swappiness"u8, "60\n"u8);
        Dentry fs = fileSystem.AddDirectory(root, "fs"u8);
        VirtualFileSystem vfs = fileSystem.Vfs;
        AddFile(fs, "file-max"u8, (_, writer) => Number(writer, vfs.MostOpenFiles));
        AddFile(fs, "file-nr"u8, (_, writer) => Number(writer.Number(vfs.OpenFiles).Write("\t0\t"u8), vfs.MostOpenFiles));
        AddText(fs, "nr_open"u8, "1048576\n"u8);
        AddText(fs, "pipe-max-size"u8, "1048576\n"u8);
        AddText(fs, "aio-max-nr"u8, "65536\n"u8);
        AddText(fs, "protected_hardlinks"u8, "1\n"u8);
        AddText(fs, "protected_symlinks"u8, "0\n"u8);
        AddText(fs, "protected_fifos"u8, "0\n"u8);
        AddText(fs, "protected_regular"u8, "0\n"u8);
        AddText(fs, "suid_dumpable"u8, "0\n"u8);
        AddText(fs, "overflowuid"u8, "65534\n"u8);
        AddText(fs, "overflowgid"u8, "65534\n"u8);
        Dentry inotify = fileSystem.AddDirectory(fs, "inotify"u8);
        AddFile(inotify, "max_queued_events"u8, (_, writer) => Number(writer, VirtualFileSystem.MostQueuedEvents));
        AddFile(inotify, "max_user_instances"u8, (_, writer) => Number(writer, VirtualFileSystem.MostInstances));
        AddFile(inotify, "max_user_watches"u8, (_, writer) => Number(writer, VirtualFileSystem.MostWatches));
        Dentry queues = fileSystem.AddDirectory(fs, "mqueue"u8);
        AddText(queues, "queues_max"u8, "256\n"u8);
        AddText(queues, "msg_max"u8, "10\n"u8);
        AddText(queues, "msg_default"u8, "10\n"u8);
        AddText(queues, "msgsize_max"u8, "8192\n"u8);
        AddText(queues, "msgsize_default"u8, "8192\n"u8);
        Dentry net = fileSystem.AddDirectory(root, "net"u8);
        Dentry core = fileSystem.AddDirectory(net, "core"u8);
        AddText(core, "somaxconn"u8, "4096\n"u8);
        AddText(core, "rmem_max"u8, "212992\n"u8);
        AddText(core, "wmem_max"u8, "212992\n"u8);
        AddText(core, "rmem_default"u8, "212992\n"u8);
        AddText(core, "wmem_default"u8, "212992\n"u8);
        Dentry unix = fileSystem.AddDirectory(net, "unix"u8);
        AddText(unix, "max_dgram_qlen"u8, "512\n"u8);
        Dentry version4 = fileSystem.AddDirectory(net, "ipv4"u8);
        AddFile(version4, "ip_local_port_range"u8, (_, writer) => WritePorts(writer), WritableByRoot, (_, text) => SetPorts(text));
        AddText(version4, "tcp_fastopen"u8, "0\n"u8);
    }

    private void RegisterKernel(Dentry kernel)
    {
        IProcessDirectory processes = fileSystem.Processes;
        AddText(kernel, "ostype"u8, "Linux\n"u8);
        AddFile(kernel, "osrelease"u8, (_, writer) => Line(writer, processes.WriteRelease));
        AddFile(kernel, "version"u8, (_, writer) => Line(writer, processes.WriteVersion));
        AddFile(kernel, "hostname"u8, (_, writer) => Line(writer, processes.WriteHostName), notice: fileSystem.Vfs.NameNotice);
        AddFile(kernel, "domainname"u8, (_, writer) => Line(writer, processes.WriteDomainName), notice: fileSystem.Vfs.NameNotice);
        AddText(fileSystem.AddDirectory(kernel, "pty"u8), "max"u8, "4096\n"u8);
        AddText(kernel, "pid_max"u8, "4194304\n"u8);
        AddFile(kernel, "threads-max"u8, (_, writer) => Number(writer, processes.GetSystemStatus().MostThreads));
        AddText(kernel, "cap_last_cap"u8, "40\n"u8);
        AddText(kernel, "ngroups_max"u8, "65536\n"u8);
        AddText(kernel, "randomize_va_space"u8, "2\n"u8);
        AddFile(kernel, "core_pattern"u8, (_, writer) => Line(writer, processes.WriteCorePattern), WritableByRoot,
            (_, text) => processes.SetCorePattern(FirstLine(text)));
        AddFile(kernel, "core_uses_pid"u8, (_, writer) => Number(writer, processes.CoreUsesProcessId ? 1 : 0), WritableByRoot, (_, text) => SetCoreUsesProcessId(text));
        AddText(kernel, "overflowuid"u8, "65534\n"u8);
        AddText(kernel, "overflowgid"u8, "65534\n"u8);
        AddText(kernel, "panic"u8, "0\n"u8);
        AddText(kernel, "numa_balancing"u8, "0\n"u8);
        AddText(kernel, "tainted"u8, "0\n"u8);
        AddText(kernel, "dmesg_restrict"u8, "1\n"u8);
        AddText(kernel, "perf_event_paranoid"u8, "3\n"u8);
        AddText(kernel, "sched_child_runs_first"u8, "0\n"u8);
        AddText(kernel, "shmmax"u8, "18446744073692774399\n"u8);
        AddText(kernel, "shmall"u8, "18446744073692774399\n"u8);
        AddText(kernel, "shmmni"u8, "4096\n"u8);
        AddText(kernel, "sem"u8, "32000\t1024000000\t500\t32000\n"u8);
        AddText(kernel, "msgmax"u8, "8192\n"u8);
        AddText(kernel, "msgmnb"u8, "16384\n"u8);
        AddText(kernel, "msgmni"u8, "32000\n"u8);
        Dentry random = fileSystem.AddDirectory(kernel, "random"u8);
        AddText(random, "entropy_avail"u8, "256\n"u8);
        AddText(random, "poolsize"u8, "256\n"u8);
        byte[] bootId = MakeUuid();
        AddFile(random, "boot_id"u8, (_, writer) => Text(writer, bootId));
        AddFile(random, "uuid"u8, (_, writer) => Text(writer, MakeUuid()));
    }

    /// <summary>What proc_dostring of Linux takes.</summary>
    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAny((byte)'\n', (byte)0);
        return end < 0 ? text : text[..end];
    }

    private Errno SetCoreUsesProcessId(ReadOnlySpan<byte> text)
    {
        int value = ProcessFileSystem.ParseId(text.Trim(" \t\n"u8));
        if (value < 0)
            return Errno.EINVAL;
        fileSystem.Processes.CoreUsesProcessId = value != 0;
        return Errno.Success;
    }

    private Errno WritePorts(ByteWriter writer)
    {
        (ushort first, ushort last) = fileSystem.Vfs.Network?.EphemeralPorts ?? (32_768, 60_999);
        writer.Number(first).Write('\t').Number(last).Write('\n');
        return Errno.Success;
    }

    private Errno SetPorts(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\n"u8);
        int end = text.IndexOfAny((byte)' ', (byte)'\t');
        if (end < 0 || fileSystem.Vfs.Network is not { } network)
            return Errno.EINVAL;
        int first = ProcessFileSystem.ParseId(text[..end]);
        int last = ProcessFileSystem.ParseId(text[end..].Trim(" \t"u8));
        if (first < 1 || last < first || last > ushort.MaxValue)
            return Errno.EINVAL;
        network.EphemeralPorts = ((ushort)first, (ushort)last);
        return Errno.Success;
    }

    /// <summary>A random UUID as text with a line end (RFC 4122, version 4).</summary>
    private byte[] MakeUuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        fileSystem.Vfs.Services.Entropy.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        var writer = new ByteWriter();
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i is 4 or 6 or 8 or 10)
                writer.Write('-');
            writer.Hexadecimal(bytes[i], 2);
        }

        return writer.Write('\n').ToArray();
    }

    private static Errno Text(ByteWriter writer, ReadOnlySpan<byte> text)
    {
        writer.Write(text);
        return Errno.Success;
    }

    private static Errno Number(ByteWriter writer, long value)
    {
        writer.Number(value).Write('\n');
        return Errno.Success;
    }

    private static Errno Line(ByteWriter writer, Action<IByteSink> write)
    {
        write(writer);
        writer.Write('\n');
        return Errno.Success;
    }

    private void AddText(Dentry parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) => fileSystem.AddText(parent, name, text, notice: _constant);

    private void AddFile(
        Dentry parent, ReadOnlySpan<byte> name, ContentGenerator generate, uint permissions = 0x124, ContentReceiver? receive = null, ChangeNotice? notice = null) =>
        fileSystem.AddFile(parent, name, generate, permissions, receive, notice ?? _constant);
}

using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/meminfo, stat, uptime, loadavg, version, cpuinfo (proc(5)).</summary>
internal sealed class SystemFiles(ProcessFileSystem fileSystem)
{
    private IProcessDirectory Processes => fileSystem.Processes;

    public void Register(Dentry root)
    {
        fileSystem.AddFile(root, "cpuinfo"u8, (_, writer) => CpuText.Write(writer, Processes.GetSystemStatus().Cpus));
        fileSystem.AddFile(root, "meminfo"u8, (_, writer) => WriteMemory(writer));
        fileSystem.AddFile(root, "stat"u8, (_, writer) => WriteStat(writer));
        fileSystem.AddFile(root, "uptime"u8, (_, writer) => WriteUptime(writer));
        fileSystem.AddFile(root, "loadavg"u8, (_, writer) => WriteLoad(writer));
        fileSystem.AddFile(root, "version"u8, (_, writer) => WriteVersion(writer));
        fileSystem.AddFile(root, "vmstat"u8, (_, writer) => WriteVmStat(writer));
    }

    private Errno WriteMemory(ByteWriter writer)
    {
        SystemStatus s = Processes.GetSystemStatus();
        Size(writer, "MemTotal:       "u8, s.TotalMemory);
        Size(writer, "MemFree:        "u8, s.FreeMemory);
        Size(writer, "MemAvailable:   "u8, s.FreeMemory + s.CachedMemory);
        Size(writer, "Buffers:        "u8, 0);
        Size(writer, "Cached:         "u8, s.CachedMemory);
        Size(writer, "SwapCached:     "u8, 0);
        Size(writer, "Active:         "u8, s.TotalMemory - s.FreeMemory - s.CachedMemory);
        Size(writer, "Inactive:       "u8, s.CachedMemory);
        Size(writer, "Unevictable:    "u8, 0);
        Size(writer, "Mlocked:        "u8, 0);
        Size(writer, "SwapTotal:      "u8, 0);
        Size(writer, "SwapFree:       "u8, 0);
        Size(writer, "Dirty:          "u8, 0);
        Size(writer, "Writeback:      "u8, 0);
        Size(writer, "AnonPages:      "u8, s.TotalMemory - s.FreeMemory - s.CachedMemory);
        Size(writer, "Mapped:         "u8, 0);
        Size(writer, "Shmem:          "u8, 0);
        Size(writer, "Slab:           "u8, 0);
        Size(writer, "SReclaimable:   "u8, 0);
        Size(writer, "SUnreclaim:     "u8, 0);
        Size(writer, "KernelStack:    "u8, 0);
        Size(writer, "PageTables:     "u8, 0);
        Size(writer, "CommitLimit:    "u8, s.TotalMemory);
        Size(writer, "Committed_AS:   "u8, s.CommittedMemory);
        writer.Write("VmallocTotal:   34359738367 kB\nVmallocUsed:           0 kB\nVmallocChunk:          0 kB\n"u8);
        writer.Write("HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\nHugepagesize:       2048 kB\nHugetlb:               0 kB\n"u8);
        return Errno.Success;
    }

    private Errno WriteStat(ByteWriter writer)
    {
        SystemStatus s = Processes.GetSystemStatus();
        long user = s.UserTime / ProcessText.Tick;
        long idle = Math.Max(0, (s.Uptime / ProcessText.Tick * s.Cpus) - user);
        WriteCpu(writer.Write("cpu  "u8), user, idle);
        for (int cpu = 0; cpu < s.Cpus; cpu++)
            WriteCpu(writer.Write("cpu"u8).Number(cpu).Write(' '), user / s.Cpus, idle / s.Cpus);
        writer.Write("intr 0\nctxt 0\nbtime "u8).Number(s.BootTime / 1_000_000_000);
        writer.Write("\nprocesses "u8).Number(s.Created).Write("\nprocs_running "u8).Number(s.Running).Write("\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n"u8);
        return Errno.Success;
    }

    private static void WriteCpu(ByteWriter writer, long user, long idle) =>
        writer.Number(user).Write(" 0 0 "u8).Number(idle).Write(" 0 0 0 0 0 0\n"u8);

    private Errno WriteUptime(ByteWriter writer)
    {
        SystemStatus s = Processes.GetSystemStatus();
        WriteSeconds(writer, s.Uptime);
        writer.Write(' ');
        WriteSeconds(writer, Math.Max(0, (s.Uptime * s.Cpus) - s.UserTime));
        writer.Write('\n');
        return Errno.Success;
    }

    private static void WriteSeconds(ByteWriter writer, long nanoseconds)
    {
        long hundredths = nanoseconds / ProcessText.Tick % 100;
        writer.Number(nanoseconds / 1_000_000_000).Write('.').Write((byte)('0' + (hundredths / 10))).Write((byte)('0' + (hundredths % 10)));
    }

    private Errno WriteLoad(ByteWriter writer)
    {
        SystemStatus s = Processes.GetSystemStatus();
        writer.Write("0.00 0.00 0.00 "u8).Number(s.Running).Write('/').Number(s.Threads).Write(' ').Number(s.LastProcessId).Write('\n');
        return Errno.Success;
    }

    private Errno WriteVersion(ByteWriter writer)
    {
        writer.Write("Linux version "u8);
        Processes.WriteRelease(writer);
        writer.Write(" (cloister) "u8);
        Processes.WriteVersion(writer);
        writer.Write('\n');
        return Errno.Success;
    }

    private Errno WriteVmStat(ByteWriter writer)
    {
        SystemStatus s = Processes.GetSystemStatus();
        writer.Write("nr_free_pages "u8).Number(s.FreeMemory >> 12).Write("\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault 0\npgmajfault 0\n"u8);
        return Errno.Success;
    }

    private static void Size(ByteWriter writer, ReadOnlySpan<byte> label, long bytes) => writer.Write(label).Padded(Math.Max(0, bytes) >> 10, 8).Write(" kB\n"u8);
}

using System;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/PID/stat, statm, status and limits (proc(5)).</summary>
internal static class ProcessText
{
    /// <summary>Nanoseconds of a clock tick (sysconf(_SC_CLK_TCK) is 100).</summary>
    public const long Tick = 10_000_000;

    private const int PageShift = 12;

    public static Errno WriteStat(IProcessInformation process, int threadId, ByteWriter writer)
    {
        process.TryGetStatus(threadId, out ProcessStatus s, withMemory: true);
        process.GetLimit(5, out ulong residentLimit, out _);
        writer.Number(threadId == 0 ? process.ProcessId : threadId).Write(" ("u8);
        process.WriteName(threadId, writer);
        writer.Write(") "u8).Write(s.State);
        Field(writer, s.ParentId);
        Field(writer, s.ProcessGroup);
        Field(writer, s.Session);

        // tty_nr of /dev/console, major 5 minor 1.
        Field(writer, (long)s.TerminalDevice);
        Field(writer, s.HasTerminal ? s.TerminalGroup : -1);
        writer.Write(" 4194304"u8);
        Field(writer, s.MinorFaults);
        writer.Write(" 0 0 0"u8);
        Field(writer, s.UserTime / Tick);
        Field(writer, s.SystemTime / Tick);
        Field(writer, s.ChildrenUserTime / Tick);
        Field(writer, s.ChildrenSystemTime / Tick);
        Field(writer, 20 + s.Nice);
        Field(writer, s.Nice);
        Field(writer, s.Threads);
        writer.Write(" 0"u8);
        Field(writer, s.StartTime / Tick);
        Field(writer, s.VirtualBytes);
        Field(writer, s.ResidentBytes >> PageShift);
        writer.Write(' ').Number(residentLimit);
        writer.Write(' ').Number(s.StartCode).Write(' ').Number(s.EndCode).Write(' ').Number(s.StartStack);
        writer.Write(" 0 0"u8);
        Field(writer, (long)(s.PendingSignals & 0x7fffffff));
        Field(writer, (long)(s.BlockedSignals & 0x7fffffff));
        Field(writer, (long)(s.IgnoredSignals & 0x7fffffff));
        Field(writer, (long)(s.CaughtSignals & 0x7fffffff));
        writer.Write(" 0 0 0"u8);
        Field(writer, s.ExitSignal);
        Field(writer, s.Processor);
        writer.Write(" 0 0 0 0 0 0 0 0 0 0 0 0"u8);
        Field(writer, s.ExitCode);
        writer.Write('\n');
        return Errno.Success;
    }

    public static Errno WriteMemory(IProcessInformation process, ByteWriter writer)
    {
        process.TryGetStatus(0, out ProcessStatus s, withMemory: true);
        writer.Number(s.VirtualBytes >> PageShift);
        Field(writer, s.ResidentBytes >> PageShift);
        Field(writer, s.SharedBytes >> PageShift);
        Field(writer, s.TextBytes >> PageShift);
        writer.Write(" 0"u8);
        Field(writer, (s.DataBytes + s.StackBytes) >> PageShift);
        writer.Write(" 0\n"u8);
        return Errno.Success;
    }

    public static Errno WriteStatus(IProcessInformation process, int threadId, ByteWriter writer)
    {
        process.TryGetStatus(threadId, out ProcessStatus s, withMemory: true);
        int id = threadId == 0 ? process.ProcessId : threadId;
        writer.Write("Name:\t"u8);
        process.WriteName(threadId, writer);
        writer.Write('\n');
        if (process.FileSystemContext is { } context)
            writer.Write("Umask:\t0"u8).Write((byte)('0' + (context.Umask >> 6))).Write((byte)('0' + (context.Umask >> 3 & 7))).Write((byte)('0' + (context.Umask & 7))).Write('\n');
        writer.Write("State:\t"u8).Write(s.State).Write(NameOf(s.State));
        Line(writer, "\nTgid:\t"u8, process.ProcessId);
        Line(writer, "Ngid:\t"u8, 0);
        Line(writer, "Pid:\t"u8, id);
        Line(writer, "PPid:\t"u8, s.ParentId);
        Line(writer, "TracerPid:\t"u8, s.TracerId);
        writer.Write("Uid:\t"u8).Number(s.UserId).Write('\t').Number(s.EffectiveUserId).Write('\t').Number(s.SavedUserId).Write('\t').Number(s.FileUserId);
        writer.Write("\nGid:\t"u8).Number(s.GroupId).Write('\t').Number(s.EffectiveGroupId).Write('\t').Number(s.SavedGroupId).Write('\t').Number(s.FileGroupId);
        Line(writer, "\nFDSize:\t"u8, 64);
        WriteGroups(process, writer);
        Line(writer, "NStgid:\t"u8, process.ProcessId);
        Line(writer, "NSpid:\t"u8, id);
        Line(writer, "NSpgid:\t"u8, s.ProcessGroup);
        Line(writer, "NSsid:\t"u8, s.Session);
        if (s.State is not ('Z' or 'X'))
            WriteMemorySizes(writer, s);
        Line(writer, "Threads:\t"u8, s.Threads);
        writer.Write("SigQ:\t"u8).Number(s.QueuedSignals).Write('/').Number(s.QueuedSignalsLimit).Write('\n');
        Mask(writer, "SigPnd:\t"u8, s.PendingSignals);
        Mask(writer, "ShdPnd:\t"u8, s.SharedPendingSignals);
        Mask(writer, "SigBlk:\t"u8, s.BlockedSignals);
        Mask(writer, "SigIgn:\t"u8, s.IgnoredSignals);
        Mask(writer, "SigCgt:\t"u8, s.CaughtSignals);
        Mask(writer, "CapInh:\t"u8, s.Inheritable);
        Mask(writer, "CapPrm:\t"u8, s.Permitted);
        Mask(writer, "CapEff:\t"u8, s.Effective);
        Mask(writer, "CapBnd:\t"u8, s.Bounding);
        Mask(writer, "CapAmb:\t"u8, s.Ambient);
        Line(writer, "NoNewPrivs:\t"u8, s.NoNewPrivileges ? 1 : 0);
        Line(writer, "Seccomp:\t"u8, s.SeccompMode);
        Line(writer, "Seccomp_filters:\t"u8, s.SeccompFilters);
        writer.Write("Speculation_Store_Bypass:\tvulnerable\n"u8);
        writer.Write("Cpus_allowed:\t"u8).Hexadecimal(s.AllowedCpus).Write("\nCpus_allowed_list:\t"u8);
        WriteCpuList(s.AllowedCpus, writer);
        writer.Write("\nMems_allowed:\t1\nMems_allowed_list:\t0\n"u8);
        Line(writer, "voluntary_ctxt_switches:\t"u8, s.VoluntarySwitches);
        Line(writer, "nonvoluntary_ctxt_switches:\t"u8, s.InvoluntarySwitches);
        return Errno.Success;
    }

    public static Errno WriteLimits(IProcessInformation process, ByteWriter writer)
    {
        writer.Write("Limit                     Soft Limit           Hard Limit           Units     \n"u8);
        Limit(process, writer, "Max cpu time"u8, 0, "seconds"u8);
        Limit(process, writer, "Max file size"u8, 1, "bytes"u8);
        Limit(process, writer, "Max data size"u8, 2, "bytes"u8);
        Limit(process, writer, "Max stack size"u8, 3, "bytes"u8);
        Limit(process, writer, "Max core file size"u8, 4, "bytes"u8);
        Limit(process, writer, "Max resident set"u8, 5, "bytes"u8);
        Limit(process, writer, "Max processes"u8, 6, "processes"u8);
        Limit(process, writer, "Max open files"u8, 7, "files"u8);
        Limit(process, writer, "Max locked memory"u8, 8, "bytes"u8);
        Limit(process, writer, "Max address space"u8, 9, "bytes"u8);
        Limit(process, writer, "Max file locks"u8, 10, "locks"u8);
        Limit(process, writer, "Max pending signals"u8, 11, "signals"u8);
        Limit(process, writer, "Max msgqueue size"u8, 12, "bytes"u8);
        Limit(process, writer, "Max nice priority"u8, 13, ""u8);
        Limit(process, writer, "Max realtime priority"u8, 14, ""u8);
        Limit(process, writer, "Max realtime timeout"u8, 15, "us"u8);
        return Errno.Success;
    }

    /// <summary>A set of CPUs as a list of ranges.</summary>
    public static void WriteCpuList(ulong cpus, ByteWriter writer)
    {
        bool isFirst = true;
        for (int cpu = 0; cpu < 64; cpu++)
        {
            if ((cpus >> cpu & 1) == 0)
                continue;
            int last = cpu;
            while (last < 63 && (cpus >> (last + 1) & 1) != 0)
                last++;
            if (!isFirst)
                writer.Write(',');
            isFirst = false;
            writer.Number(cpu);
            if (last > cpu)
                writer.Write('-').Number(last);
            cpu = last;
        }
    }

    private static void WriteMemorySizes(ByteWriter writer, in ProcessStatus s)
    {
        Size(writer, "VmPeak:\t"u8, s.PeakVirtualBytes);
        Size(writer, "VmSize:\t"u8, s.VirtualBytes);
        Size(writer, "VmLck:\t"u8, s.LockedBytes);
        Size(writer, "VmPin:\t"u8, 0);
        Size(writer, "VmHWM:\t"u8, s.PeakResidentBytes);
        Size(writer, "VmRSS:\t"u8, s.ResidentBytes);
        Size(writer, "RssAnon:\t"u8, s.ResidentBytes - s.SharedBytes);
        Size(writer, "RssFile:\t"u8, s.SharedBytes);
        Size(writer, "RssShmem:\t"u8, 0);
        Size(writer, "VmData:\t"u8, s.DataBytes);
        Size(writer, "VmStk:\t"u8, s.StackBytes);
        Size(writer, "VmExe:\t"u8, s.TextBytes);
        Size(writer, "VmLib:\t"u8, s.LibraryBytes);
        Size(writer, "VmPTE:\t"u8, 0);
        Size(writer, "VmSwap:\t"u8, 0);
        Size(writer, "HugetlbPages:\t"u8, 0);
        writer.Write("CoreDumping:\t0\nTHP_enabled:\t0\n"u8);
    }

    private static void WriteGroups(IProcessInformation process, ByteWriter writer)
    {
        Span<uint> groups = stackalloc uint[256];
        int count = Math.Min(groups.Length, process.GetGroups(groups));
        writer.Write("Groups:\t"u8);
        for (int i = 0; i < count; i++)
            writer.Number(groups[i]).Write(' ');
        writer.Write(count == 0 ? " \n"u8 : "\n"u8);
    }

    private static void Limit(IProcessInformation process, ByteWriter writer, ReadOnlySpan<byte> name, int resource, ReadOnlySpan<byte> unit)
    {
        process.GetLimit(resource, out ulong soft, out ulong hard);
        int start = writer.Length;
        writer.Write(name);
        Pad(writer, start + 26);
        Value(writer, soft);
        Pad(writer, start + 47);
        Value(writer, hard);
        Pad(writer, start + 68);
        if (!unit.IsEmpty)
            writer.Write(unit);
        Pad(writer, start + 78);
        writer.Write('\n');
    }

    private static void Value(ByteWriter writer, ulong value)
    {
        if (value == ulong.MaxValue)
            writer.Write("unlimited"u8);
        else
            writer.Number(value);
    }

    private static void Pad(ByteWriter writer, int until)
    {
        while (writer.Length < until)
            writer.Write(' ');
    }

    private static ReadOnlySpan<byte> NameOf(char state) => state switch
    {
        'R' => " (running)"u8,
        'D' => " (disk sleep)"u8,
        'T' => " (stopped)"u8,
        't' => " (tracing stop)"u8,
        'Z' => " (zombie)"u8,
        'X' => " (dead)"u8,
        _ => " (sleeping)"u8,
    };

    private static void Field(ByteWriter writer, long value) => writer.Write(' ').Number(value);

    private static void Line(ByteWriter writer, ReadOnlySpan<byte> label, long value) => writer.Write(label).Number(value).Write('\n');

    private static void Mask(ByteWriter writer, ReadOnlySpan<byte> label, ulong value) => writer.Write(label).Hexadecimal(value, 16).Write('\n');

    private static void Size(ByteWriter writer, ReadOnlySpan<byte> label, long bytes) => writer.Write(label).Padded(bytes >> 10, 8).Write(" kB\n"u8);
}

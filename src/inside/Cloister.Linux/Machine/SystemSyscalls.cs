using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Machine;

/// <summary>What the system is and has.</summary>
internal static class SystemSyscalls
{
    /// <summary>The version whose interface we follow.</summary>
    public const string Release = "6.1.0-cloister";

    public const string Version = "#1 SMP Cloister";

    private const int NameSize = 65;

    [Syscall(63, "uname")]
    public static SyscallResult Uname(LinuxThread thread, UserAddress result)
    {
        Span<byte> bytes = stackalloc byte[NameSize * 6];
        bytes.Clear();
        "Linux"u8.CopyTo(bytes);
        thread.Kernel.Names.Host.CopyTo(bytes[NameSize..]);
        System.Text.Encoding.ASCII.GetBytes(Release, bytes[(NameSize * 2)..]);
        System.Text.Encoding.ASCII.GetBytes(Version, bytes[(NameSize * 3)..]);
        "x86_64"u8.CopyTo(bytes[(NameSize * 4)..]);
        thread.Kernel.Names.Domain.CopyTo(bytes[(NameSize * 5)..]);
        return thread.Memory.CopyOut(result, bytes);
    }

    [Syscall(170, "sethostname")]
    public static SyscallResult SetHostName(LinuxThread thread, UserAddress name, ulong length)
    {
        Errno error = ReadName(thread, name, length, out byte[] value);
        if (error == Errno.Success)
            thread.Kernel.Names.Host = value;
        return error;
    }

    [Syscall(171, "setdomainname")]
    public static SyscallResult SetDomainName(LinuxThread thread, UserAddress name, ulong length)
    {
        Errno error = ReadName(thread, name, length, out byte[] value);
        if (error == Errno.Success)
            thread.Kernel.Names.Domain = value;
        return error;
    }

    [Syscall(99, "sysinfo")]
    public static SyscallResult SysInfo(LinuxThread thread, UserAddress result)
    {
        var info = new SystemInformation
        {
            Uptime = (thread.MonotonicNow - thread.Kernel.FirstProcess!.StartTime) / Timespec.PerSecond + 1,
            TotalMemory = (ulong)thread.Kernel.Memory.Total,
            FreeMemory = (ulong)thread.Kernel.Memory.FreeBytes,
            Processes = (ushort)Math.Min(ushort.MaxValue, thread.Kernel.Processes.Count),
            Unit = 1,
        };
        return thread.Memory.TryWrite(result, info) ? 0 : Errno.EFAULT;
    }

    [Syscall(318, "getrandom")]
    public static SyscallResult GetRandom(LinuxThread thread, UserAddress buffer, ulong count, uint flags)
    {
        const uint insecure = 4;
        const uint random = 2;
        const uint known = 7;
        if ((flags & ~known) != 0 || (flags & (insecure | random)) == (insecure | random))
            return Errno.EINVAL;
        Span<byte> bytes = stackalloc byte[256];
        long wanted = (long)Math.Min(count, 33_554_431);
        long done = 0;
        while (done < wanted)
        {
            Span<byte> part = bytes[..(int)Math.Min(bytes.Length, wanted - done)];
            thread.Kernel.Platform.Entropy.Fill(part);
            if (thread.Memory.CopyOut(buffer.Offset((ulong)done), part) != Errno.Success)
                return done > 0 ? done : Errno.EFAULT;
            done += part.Length;
        }

        return done;
    }

    [Syscall(158, "arch_prctl", SyscallSupport.Partial, Note = "No ARCH_SET_GS on the process platform, which needs GS itself; no CPUID faulting.")]
    public static SyscallResult ArchPrctl(LinuxThread thread, int code, ulong address)
    {
        const int setGs = 0x1001;
        const int setFs = 0x1002;
        const int getFs = 0x1003;
        const int getGs = 0x1004;
        const int getCpuid = 0x1011;
        switch (code)
        {
            case setFs:
                if (address >= 1UL << 47)
                    return Errno.EPERM;
                thread.Context.Registers.FsBase = address;
                return 0;
            case getFs:
                return thread.Memory.TryWrite(new UserAddress(address), thread.Context.Registers.FsBase) ? 0 : Errno.EFAULT;
            case getGs:
                return thread.Memory.TryWrite(new UserAddress(address), thread.Context.Registers.GsBase) ? 0 : Errno.EFAULT;
            case getCpuid:
                return 1;
            case setGs:
                thread.Kernel.Log.Unsupported(thread, "arch_prctl(ARCH_SET_GS)");
                return Errno.EPERM;
            default:
                return Errno.EINVAL;
        }
    }

    [Syscall(135, "personality", SyscallSupport.Partial, Note = "Of the flags ADDR_NO_RANDOMIZE has an effect.")]
    public static SyscallResult Personality(LinuxThread thread, uint persona)
    {
        uint old = thread.Process.Personality;
        if (persona != uint.MaxValue)
            thread.Process.Personality = persona;
        return old;
    }

    [Syscall(24, "sched_yield")]
    public static SyscallResult SchedYield(LinuxThread thread)
    {
        thread.Kernel.Platform.Cpus.Yield();
        return 0;
    }

    [Syscall(309, "getcpu")]
    public static SyscallResult GetCpu(LinuxThread thread, UserAddress cpu, UserAddress node, UserAddress cache)
    {
        if (!cpu.IsNull && !thread.Memory.TryWrite(cpu, thread.Kernel.Platform.Cpus.Current))
            return Errno.EFAULT;
        return node.IsNull || thread.Memory.TryWrite(node, 0) ? 0 : Errno.EFAULT;
    }

    [Syscall(204, "sched_getaffinity")]
    public static SyscallResult GetAffinity(LinuxThread thread, int processId, uint size, UserAddress mask)
    {
        if (processId != 0 && thread.Kernel.Processes.FindThread(processId) is null)
            return Errno.ESRCH;
        int cpus = thread.Kernel.Platform.Cpus.Count;
        int bytes = Math.Max(8, (cpus + 63) / 64 * 8);
        if (size * 8 < cpus || (size & 7) != 0)
            return Errno.EINVAL;
        Span<byte> set = stackalloc byte[bytes];
        set.Clear();
        for (int i = 0; i < cpus; i++)
            set[i / 8] |= (byte)(1 << (i % 8));
        int count = Math.Min(bytes, (int)size);
        return SyscallResult.From(thread.Memory.CopyOut(mask, set[..count]), count);
    }

    [Syscall(203, "sched_setaffinity", SyscallSupport.Partial, Note = "Checked but without effect: the host schedules.")]
    public static SyscallResult SetAffinity(LinuxThread thread, int processId, uint size, UserAddress mask)
    {
        if (processId != 0 && thread.Kernel.Processes.FindThread(processId) is null)
            return Errno.ESRCH;
        Span<byte> set = stackalloc byte[128];
        set.Clear();
        Errno error = thread.Memory.CopyIn(mask, set[..(int)Math.Min(size, 128)]);
        if (error != Errno.Success)
            return error;
        int cpus = thread.Kernel.Platform.Cpus.Count;
        for (int i = 0; i < cpus; i++)
        {
            if ((set[i / 8] >> (i % 8) & 1) != 0)
                return 0;
        }

        return Errno.EINVAL;
    }

    [Syscall(145, "sched_getscheduler")]
    public static SyscallResult GetScheduler(LinuxThread thread, int processId) =>
        processId < 0 ? Errno.EINVAL : Exists(thread, processId) ? 0 : Errno.ESRCH;

    [Syscall(144, "sched_setscheduler", SyscallSupport.Partial, Note = "SCHED_OTHER, SCHED_BATCH and SCHED_IDLE only.")]
    public static SyscallResult SetScheduler(LinuxThread thread, int processId, int policy, UserAddress parameters)
    {
        if (!thread.Memory.TryRead(parameters, out int priority))
            return Errno.EFAULT;
        if (processId < 0)
            return Errno.EINVAL;
        if (!Exists(thread, processId))
            return Errno.ESRCH;
        return CheckPolicy(policy & ~0x40000000, priority);
    }

    [Syscall(143, "sched_getparam")]
    public static SyscallResult GetParameters(LinuxThread thread, int processId, UserAddress parameters)
    {
        if (processId < 0 || parameters.IsNull)
            return Errno.EINVAL;
        if (!Exists(thread, processId))
            return Errno.ESRCH;
        return thread.Memory.TryWrite(parameters, 0) ? 0 : Errno.EFAULT;
    }

    [Syscall(142, "sched_setparam")]
    public static SyscallResult SetParameters(LinuxThread thread, int processId, UserAddress parameters)
    {
        if (processId < 0 || parameters.IsNull)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(parameters, out int priority))
            return Errno.EFAULT;
        return !Exists(thread, processId) ? Errno.ESRCH : priority == 0 ? 0 : Errno.EINVAL;
    }

    [Syscall(146, "sched_get_priority_max")]
    public static SyscallResult PriorityMax(LinuxThread thread, int policy) => policy switch
    {
        1 or 2 => 99,
        0 or 3 or 5 or 6 => 0,
        _ => Errno.EINVAL,
    };

    [Syscall(147, "sched_get_priority_min")]
    public static SyscallResult PriorityMin(LinuxThread thread, int policy) => policy switch
    {
        1 or 2 => 1,
        0 or 3 or 5 or 6 => 0,
        _ => Errno.EINVAL,
    };

    [Syscall(148, "sched_rr_get_interval")]
    public static SyscallResult RoundRobinInterval(LinuxThread thread, int processId, UserAddress interval)
    {
        if (processId < 0)
            return Errno.EINVAL;
        if (!Exists(thread, processId))
            return Errno.ESRCH;
        return thread.Memory.TryWrite(interval, new Timespec(0, 4_000_000)) ? 0 : Errno.EFAULT;
    }

    [Syscall(140, "getpriority")]
    public static SyscallResult GetPriority(LinuxThread thread, int which, int who)
    {
        LinuxProcess[]? processes = FindProcesses(thread, which, who);
        if (processes is null)
            return Errno.EINVAL;
        int best = int.MaxValue;
        foreach (LinuxProcess process in processes)
            best = Math.Min(best, process.Nice);
        // The call itself gives 20 - nice, so that no value looks like an error (getpriority(2), NOTES).
        return best == int.MaxValue ? Errno.ESRCH : 20 - best;
    }

    [Syscall(141, "setpriority", SyscallSupport.Partial, Note = "Kept and inherited, but without effect: the host schedules.")]
    public static SyscallResult SetPriority(LinuxThread thread, int which, int who, int priority)
    {
        LinuxProcess[]? processes = FindProcesses(thread, which, who);
        if (processes is null)
            return Errno.EINVAL;
        if (processes.Length == 0)
            return Errno.ESRCH;
        priority = Math.Clamp(priority, -20, 19);
        foreach (LinuxProcess process in processes)
        {
            if (priority < process.Nice && !thread.Identity.Has(Capability.SysNice))
                return Errno.EACCES;
            process.Nice = priority;
        }

        return 0;
    }

    /// <summary>The processes that getpriority and setpriority mean; null for an unknown kind.</summary>
    private static LinuxProcess[]? FindProcesses(LinuxThread thread, int which, int who)
    {
        const int byProcess = 0;
        const int byGroup = 1;
        const int byUser = 2;
        switch (which)
        {
            case byProcess:
                LinuxProcess? process = who == 0 ? thread.Process : thread.Kernel.Processes.FindThread(who)?.Process;
                return process is null ? [] : [process];
            case byGroup:
                return thread.Kernel.Processes.SnapshotGroup(who == 0 ? thread.Process.GroupId : who);
            case byUser:
                uint user = who == 0 ? thread.Identity.UserId : (uint)who;
                return Array.FindAll(thread.Kernel.Processes.Snapshot(), candidate => candidate.Leader?.Identity.UserId == user);
            default:
                return null;
        }
    }

    private static Errno CheckPolicy(int policy, int priority)
    {
        const int other = 0;
        const int batch = 3;
        const int idle = 5;
        if (policy is other or batch or idle)
            return priority == 0 ? Errno.Success : Errno.EINVAL;
        return policy is 1 or 2 && priority is >= 1 and <= 99 ? Errno.EPERM : Errno.EINVAL;
    }

    private static bool Exists(LinuxThread thread, int id) => id == 0 || thread.Kernel.Processes.FindThread(id) is not null;

    private static Errno ReadName(LinuxThread thread, UserAddress name, ulong length, out byte[] value)
    {
        value = [];
        if (!thread.Identity.Has(Capability.SysAdmin))
            return Errno.EPERM;
        if (length > HostNames.MaximumLength)
            return Errno.EINVAL;
        value = new byte[length];
        return thread.Memory.CopyIn(name, value);
    }

    /// <summary>struct sysinfo (sysinfo(2)).</summary>
    [StructLayout(LayoutKind.Sequential, Size = 112)]
    private struct SystemInformation
    {
        public long Uptime;
        public ulong Load1;
        public ulong Load5;
        public ulong Load15;
        public ulong TotalMemory;
        public ulong FreeMemory;
        public ulong SharedMemory;
        public ulong BufferMemory;
        public ulong TotalSwap;
        public ulong FreeSwap;
        public ushort Processes;
        public ushort Padding;
        public ulong TotalHigh;
        public ulong FreeHigh;
        public uint Unit;
    }
}

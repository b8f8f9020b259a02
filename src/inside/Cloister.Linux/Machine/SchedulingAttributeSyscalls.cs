using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

/// <summary>sched_setattr(2) and sched_getattr(2).</summary>
internal static class SchedulingAttributeSyscalls
{
    private const uint SmallestSize = 48;
    private const uint KnownSize = 56; // SCHED_ATTR_SIZE_VER1
    private const uint PageSize = 4096;

    private const ulong ResetOnForkFlag = 1;
    private const ulong KeepPolicyFlag = 0x8;
    private const ulong KeepParametersFlag = 0x10;
    private const ulong UtilizationFlags = 0x60;
    private const ulong KnownFlags = 0x7F;

    [Syscall(315, "sched_getattr")]
    public static SyscallResult Get(LinuxThread thread, int threadId, UserAddress attributes, uint size, uint flags)
    {
        if (attributes.IsNull || threadId < 0 || size is < SmallestSize or > PageSize || flags != 0)
            return Errno.EINVAL;
        if (SchedulingSyscalls.Find(thread, threadId) is not { } target)
            return Errno.ESRCH;
        Scheduling scheduling = target.Scheduling;
        var value = new SchedulingAttributes
        {
            Size = Math.Min(size, KnownSize),
            Policy = (uint)scheduling.Policy,
            Flags = scheduling.ResetsOnFork ? ResetOnForkFlag : 0,
            Nice = Scheduling.IsRealTime(scheduling.Policy) ? 0 : scheduling.Nice,
            Priority = (uint)scheduling.Priority,
        };
        return thread.Memory.CopyOut(attributes, MemoryMarshal.AsBytes(new ReadOnlySpan<SchedulingAttributes>(in value))[..(int)value.Size]);
    }

    [Syscall(314, "sched_setattr", SyscallSupport.Partial,
        Note = "As sched_setscheduler; no utilisation clamps.",
        Lacks = "SCHED_DEADLINE SCHED_FLAG_UTIL_CLAMP*")]
    public static SyscallResult Set(LinuxThread thread, int threadId, UserAddress attributes, uint flags)
    {
        if (attributes.IsNull || threadId < 0 || flags != 0)
            return Errno.EINVAL;
        Errno error = Read(thread, attributes, out SchedulingAttributes value);
        if (error != Errno.Success)
            return error;
        if (SchedulingSyscalls.Find(thread, threadId) is not { } target)
            return Errno.ESRCH;
        if ((int)value.Policy < 0 || (value.Flags & ~KnownFlags) != 0)
            return Errno.EINVAL;
        if ((value.Flags & UtilizationFlags) != 0)
            return Errno.EOPNOTSUPP;
        Scheduling scheduling = target.Scheduling;
        SchedulingPolicy policy = (value.Flags & KeepPolicyFlag) != 0 ? scheduling.Policy : (SchedulingPolicy)value.Policy;
        bool resets = (value.Flags & ResetOnForkFlag) != 0 || ((value.Flags & KeepPolicyFlag) != 0 && scheduling.ResetsOnFork);
        if ((value.Flags & KeepParametersFlag) != 0)
            return SchedulingSyscalls.Change(thread, target, policy, scheduling.Priority, null, resets);
        if (value.Priority > Scheduling.HighestPriority || (policy == SchedulingPolicy.Deadline && !value.HasDeadline))
            return Errno.EINVAL;
        int nice = Math.Clamp(value.Nice, Scheduling.HighestNice, Scheduling.LowestNice);
        return SchedulingSyscalls.Change(thread, target, policy, (int)value.Priority, nice, resets);
    }

    /// <summary>Reads a structure that says itself how long it is (sched_copy_attr of Linux).</summary>
    private static Errno Read(LinuxThread thread, UserAddress attributes, out SchedulingAttributes value)
    {
        value = default;
        if (!thread.Memory.TryRead(attributes, out uint size))
            return Errno.EFAULT;
        if (size == 0)
            size = SmallestSize;
        if (size is < SmallestSize or > PageSize)
            return thread.Memory.TryWrite(attributes, KnownSize) ? Errno.E2BIG : Errno.EFAULT;
        Span<byte> bytes = stackalloc byte[(int)Math.Max(size, KnownSize)];
        bytes.Clear();
        if (thread.Memory.CopyIn(attributes, bytes[..(int)size]) != Errno.Success)
            return Errno.EFAULT;
        if (bytes[(int)KnownSize..].ContainsAnyExcept((byte)0))
            return thread.Memory.TryWrite(attributes, KnownSize) ? Errno.E2BIG : Errno.EFAULT;
        value = MemoryMarshal.Read<SchedulingAttributes>(bytes);
        return Errno.Success;
    }

    /// <summary>struct sched_attr, of <see cref="KnownSize"/> bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulingAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
        public uint LeastUtilization;
        public uint MostUtilization;

        // __checkparam_dl of Linux.
        public readonly bool HasDeadline
        {
            get
            {
                const ulong leastRuntime = 1 << 10;
                ulong period = Period == 0 ? Deadline : Period;
                return Deadline != 0 && Runtime >= leastRuntime && Runtime <= Deadline && Deadline <= period && period <= long.MaxValue;
            }
        }
    }
}

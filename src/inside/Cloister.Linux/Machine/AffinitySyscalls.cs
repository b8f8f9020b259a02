using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

/// <summary>Which processors a thread may run on.</summary>
internal static class AffinitySyscalls
{
    /// <summary>Bytes of a mask that are looked at: more processors than there will be.</summary>
    private const int LargestMask = 128;

    [Syscall(204, "sched_getaffinity")]
    public static SyscallResult GetAffinity(LinuxThread thread, int threadId, uint size, UserAddress mask)
    {
        if (SchedulingSyscalls.Find(thread, threadId) is not { } target)
            return Errno.ESRCH;
        int cpus = thread.Kernel.Platform.Cpus.Count;
        if ((long)size * 8 < cpus || (size & 7) != 0)
            return Errno.EINVAL;
        Span<ulong> all = stackalloc ulong[Words(cpus)];
        ReadOnlySpan<ulong> allowed = target.Scheduling.Processors ?? Everything(cpus, all);
        int count = (int)Math.Min((uint)(all.Length * sizeof(ulong)), size);
        return SyscallResult.From(thread.Memory.CopyOut(mask, MemoryMarshal.AsBytes(allowed)[..count]), count);
    }

    [Syscall(203, "sched_setaffinity")]
    public static SyscallResult SetAffinity(LinuxThread thread, int threadId, uint size, UserAddress mask)
    {
        Span<ulong> wanted = stackalloc ulong[LargestMask / sizeof(ulong)];
        wanted.Clear();
        Errno error = thread.Memory.CopyIn(mask, MemoryMarshal.AsBytes(wanted)[..(int)Math.Min(size, LargestMask)]);
        if (error != Errno.Success)
            return error;
        if (SchedulingSyscalls.Find(thread, threadId) is not { } target)
            return Errno.ESRCH;
        if (!SchedulingSyscalls.IsOwner(thread, target) && !thread.Identity.Has(Capability.SysNice))
            return Errno.EPERM;
        int cpus = thread.Kernel.Platform.Cpus.Count;
        ulong[] allowed = new ulong[Words(cpus)];
        Everything(cpus, allowed);
        bool hasAny = false;
        for (int i = 0; i < allowed.Length; i++)
        {
            allowed[i] &= wanted[i];
            hasAny |= allowed[i] != 0;
        }

        if (!hasAny)
            return Errno.EINVAL;
        target.SetProcessors(allowed);
        return 0;
    }

    /// <summary>Words of a mask of all processors.</summary>
    private static int Words(int cpus) => (cpus + 63) / 64;

    private static Span<ulong> Everything(int cpus, Span<ulong> mask)
    {
        mask.Fill(ulong.MaxValue);
        if (cpus % 64 != 0)
            mask[^1] = (1UL << (cpus % 64)) - 1;
        return mask;
    }
}

using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Seccomp;

/// <summary>Filters that programs install for themselves (seccomp(2)).</summary>
internal static class SeccompSyscalls
{
    public const ulong ModeStrict = 1;
    public const ulong ModeFilter = 2;

    private const uint SetModeStrict = 0;
    private const uint SetModeFilter = 1;
    private const uint GetActionAvailable = 2;

    [Flags]
    private enum FilterFlags : uint
    {
        SynchronizeThreads = 1,
        Log = 2,
        AllowSpeculation = 4,
        SynchronizeThreadsError = 16,
    }

    [Syscall(317, "seccomp", SyscallSupport.Partial,
        Note = "No SECCOMP_RET_USER_NOTIF; SECCOMP_RET_TRACE has no tracer to ask.",
        Lacks = "SECCOMP_RET_USER_NOTIF SECCOMP_FILTER_FLAG_NEW_LISTENER")]
    public static SyscallResult Call(LinuxThread thread, uint operation, uint flags, UserAddress arguments)
    {
        switch (operation)
        {
            case SetModeStrict:
                return flags != 0 || !arguments.IsNull ? Errno.EINVAL : SetStrict(thread);
            case SetModeFilter:
                return SetFilter(thread, flags, arguments);
            case GetActionAvailable:
                if (flags != 0)
                    return Errno.EINVAL;
                if (!thread.Memory.TryRead(arguments, out SeccompAction action))
                    return Errno.EFAULT;
                bool isKnown = action is SeccompAction.KillProcess or SeccompAction.KillThread or SeccompAction.Trap or SeccompAction.Error or
                    SeccompAction.Trace or SeccompAction.Log or SeccompAction.Allow;
                return isKnown ? 0 : Errno.EOPNOTSUPP;
            default:
                return Errno.EINVAL;
        }
    }

    /// <summary>SECCOMP_MODE_STRICT. A mode is never left, nor changed for another.</summary>
    public static SyscallResult SetStrict(LinuxThread thread)
    {
        if (thread.Seccomp is { IsStrict: false })
            return Errno.EINVAL;
        thread.Seccomp ??= SeccompFilter.CreateStrict();
        return 0;
    }

    /// <summary>SECCOMP_SET_MODE_FILTER.</summary>
    public static SyscallResult SetFilter(LinuxThread thread, uint flags, UserAddress description)
    {
        var wanted = (FilterFlags)flags;
        const FilterFlags known = FilterFlags.SynchronizeThreads | FilterFlags.Log | FilterFlags.AllowSpeculation | FilterFlags.SynchronizeThreadsError;
        if ((wanted & ~known) != 0)
            return Errno.EINVAL;
        Errno error = ReadProgram(thread, description, out SeccompProgram? program);
        if (error != Errno.Success)
            return error;
        if (thread.Seccomp is { IsStrict: true })
            return Errno.EINVAL;
        if (SeccompFilter.Create(program!, thread.Seccomp, thread.Cpu.AuditArchitecture) is not { } filter ||
            !thread.Process.TryChargeFilter(thread, SeccompFilter.WeightOf(program!)))
            return Errno.ENOMEM;
        if ((wanted & FilterFlags.SynchronizeThreads) == 0)
        {
            thread.Seccomp = filter;
            return 0;
        }

        int obstacle = thread.Process.SynchronizeSeccomp(thread, filter);
        return obstacle == 0 ? 0 : (wanted & FilterFlags.SynchronizeThreadsError) != 0 ? Errno.ESRCH : obstacle;
    }

    private static Errno ReadProgram(LinuxThread thread, UserAddress description, out SeccompProgram? program)
    {
        program = null;
        if (!thread.Memory.TryRead(description, out Description head))
            return Errno.EFAULT;
        if (head.Count is 0 or > SeccompProgram.MostInstructions)
            return Errno.EINVAL;

        // Who could gain rights by execve might be tricked by what its filter makes fail.
        if (!thread.Identity.NoNewPrivileges && !thread.Identity.Has(Capability.SysAdmin))
            return Errno.EACCES;
        var instructions = new SeccompInstruction[head.Count];
        if (thread.Memory.CopyIn(new UserAddress(head.Instructions), MemoryMarshal.AsBytes(instructions.AsSpan())) != Errno.Success)
            return Errno.EFAULT;
        program = SeccompProgram.Check(instructions);
        return program is null ? Errno.EINVAL : Errno.Success;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Description(ushort Count, ulong Instructions);
}

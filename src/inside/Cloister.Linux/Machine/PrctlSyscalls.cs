using System;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;
using Cloister.Linux.Seccomp;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

/// <summary>prctl(2).</summary>
internal static class PrctlSyscalls
{
    private const int SetParentDeathSignal = 1;
    private const int GetParentDeathSignal = 2;
    private const int GetDumpable = 3;
    private const int SetDumpable = 4;
    private const int GetKeepCapabilities = 7;
    private const int SetKeepCapabilities = 8;
    private const int SetName = 15;
    private const int GetName = 16;
    private const int GetTiming = 13;
    private const int SetTiming = 14;
    private const int GetSeccomp = 21;
    private const int SetSeccomp = 22;
    private const int ReadBoundingCapability = 23;
    private const int DropBoundingCapability = 24;
    private const int GetTsc = 25;
    private const int SetTsc = 26;
    private const int GetSecureBits = 27;
    private const int SetSecureBits = 28;
    private const int SetTimerSlack = 29;
    private const int GetTimerSlack = 30;
    private const int MachineCheckPolicy = 33;
    private const int GetMachineCheckPolicy = 34;
    private const int SetMemoryMap = 35;
    private const int SetChildSubreaper = 36;
    private const int GetChildSubreaper = 37;
    private const int SetNoNewPrivileges = 38;
    private const int GetNoNewPrivileges = 39;
    private const int GetTidAddress = 40;
    private const int SetThpDisable = 41;
    private const int GetThpDisable = 42;
    private const int AmbientCapabilities = 47;
    private const int LastCapability = 40;

    [Syscall(157, "prctl", SyscallSupport.Partial, Note = "Names, death signal, dumpable, capabilities, subreaper, no_new_privs, timer slack; EINVAL for the rest.")]
    public static SyscallResult Prctl(LinuxThread thread, int option, ulong argument2, ulong argument3, ulong argument4, ulong argument5)
    {
        LinuxProcess process = thread.Process;
        Identity.Identity identity = thread.Identity;
        var address = new UserAddress(argument2);
        switch (option)
        {
            case SetParentDeathSignal:
                if (argument2 > Signal.Last)
                    return Errno.EINVAL;
                process.ParentDeathSignal = (int)argument2;
                return 0;
            case GetParentDeathSignal:
                return Write(thread, address, process.ParentDeathSignal);
            case GetDumpable:
                return process.Dumpable;
            case SetDumpable:
                if (argument2 > 1)
                    return Errno.EINVAL;
                process.Dumpable = (int)argument2;
                return 0;
            case GetKeepCapabilities:
                return identity.Has(SecureBit.KeepCapabilities) ? 1 : 0;
            case SetKeepCapabilities:
                if (argument2 > 1)
                    return Errno.EINVAL;
                if (identity.Has(SecureBit.KeepCapabilitiesLocked))
                    return Errno.EPERM;
                uint others = identity.SecureBits & ~(uint)SecureBit.KeepCapabilities;
                thread.Identity = identity with { SecureBits = argument2 == 1 ? others | (uint)SecureBit.KeepCapabilities : others };
                return 0;
            case SetName:
                Span<byte> name = stackalloc byte[ThreadName.MaximumLength];
                Errno error = thread.Memory.ReadString(new UserString(argument2), name, out int length);
                if (error == Errno.EFAULT)
                    return error;
                thread.Name.Set(name[..(error == Errno.ENAMETOOLONG ? name.Length : length)]);
                return 0;
            case GetName:
                return thread.Memory.CopyOut(address, thread.Name.Padded);
            case GetSeccomp:
                return thread.Seccomp is not { } filter ? 0 : filter.IsStrict ? (int)SeccompSyscalls.ModeStrict : (int)SeccompSyscalls.ModeFilter;
            case SetSeccomp:
                return argument2 switch
                {
                    SeccompSyscalls.ModeStrict => SeccompSyscalls.SetStrict(thread),
                    SeccompSyscalls.ModeFilter => SeccompSyscalls.SetFilter(thread, 0, new UserAddress(argument3)),
                    _ => Errno.EINVAL,
                };
            case ReadBoundingCapability:
                return argument2 > LastCapability ? Errno.EINVAL : (long)(identity.Bounding >> (int)argument2 & 1);
            case DropBoundingCapability:
                if (argument2 > LastCapability)
                    return Errno.EINVAL;
                if (!identity.Has(Capability.SetPcap))
                    return Errno.EPERM;
                thread.Identity = identity with { Bounding = identity.Bounding & ~(1UL << (int)argument2) };
                return 0;
            case GetTsc:
                return Write(thread, address, 1);
            case SetTsc:
                return argument2 == 1 ? 0 : Errno.EINVAL;
            case GetSecureBits:
                return identity.SecureBits;
            case SetSecureBits:
                return ChangeSecureBits(thread, argument2);
            case SetTimerSlack:
                thread.TimerSlack = (long)argument2 <= 0 ? LinuxThread.DefaultTimerSlack : (long)argument2;
                return 0;
            case GetTimerSlack:
                return thread.TimerSlack;
            case GetTiming:
                return 0;
            case SetTiming:
                return argument2 == 0 ? 0 : Errno.EINVAL;
            case MachineCheckPolicy:
                return (argument2, argument3, argument4, argument5) switch
                {
                    ( > 1, _, _, _) or (_, _, not 0, _) or (_, _, _, not 0) or (0, not 0, _, _) or (1, > 2, _, _) => Errno.EINVAL,
                    _ => 0, // advice about broken memory of the machine, which isn't ours
                };
            case GetMachineCheckPolicy:
                return (argument2 | argument3 | argument4 | argument5) != 0 ? Errno.EINVAL : 2;
            case SetMemoryMap:
                if (argument5 != 0)
                    return Errno.EINVAL;
                return identity.Has(Capability.SysResource) ? Errno.EINVAL : Errno.EPERM;
            case SetChildSubreaper:
                process.IsSubreaper = argument2 != 0;
                return 0;
            case GetChildSubreaper:
                return Write(thread, address, process.IsSubreaper ? 1 : 0);
            case SetNoNewPrivileges:
                if (argument2 != 1 || argument3 != 0 || argument4 != 0 || argument5 != 0)
                    return Errno.EINVAL;
                thread.Identity = identity with { NoNewPrivileges = true };
                return 0;
            case GetNoNewPrivileges when (argument2 | argument3 | argument4 | argument5) != 0:
                return Errno.EINVAL;
            case GetNoNewPrivileges:
                return identity.NoNewPrivileges ? 1 : 0;
            case GetTidAddress:
                return thread.Memory.TryWrite(address, thread.ClearThreadId.Value) ? 0 : Errno.EFAULT;
            case SetThpDisable when (argument3 | argument4 | argument5) != 0:
                return Errno.EINVAL;
            case SetThpDisable:
                process.DisablesLargePages = argument2 != 0;
                return 0;
            case GetThpDisable:
                return (argument2 | argument3 | argument4 | argument5) != 0 ? Errno.EINVAL : process.DisablesLargePages ? 1 : 0;
            case AmbientCapabilities:
                return (argument4 | argument5) != 0 ? Errno.EINVAL : Ambient(thread, argument2, argument3);
            default:
                return Errno.EINVAL;
        }
    }

    /// <summary>PR_SET_SECUREBITS: locked bits stay, and so do locks (cap_task_prctl of Linux).</summary>
    private static SyscallResult ChangeSecureBits(LinuxThread thread, ulong bits)
    {
        Identity.Identity identity = thread.Identity;
        uint locks = identity.SecureBits & (uint)SecureBit.Locks;
        bool changesLocked = (locks >> 1 & (identity.SecureBits ^ bits)) != 0 || (locks & ~bits) != 0;
        if (changesLocked || (bits & ~(ulong)SecureBit.All) != 0 || !identity.Has(Capability.SetPcap))
            return Errno.EPERM;
        thread.Identity = identity with { SecureBits = (uint)bits };
        return 0;
    }

    private static SyscallResult Ambient(LinuxThread thread, ulong command, ulong capability)
    {
        const ulong isSet = 1;
        const ulong raise = 2;
        const ulong lower = 3;
        const ulong clearAll = 4;
        Identity.Identity identity = thread.Identity;
        if (command == clearAll)
        {
            if (capability != 0)
                return Errno.EINVAL;
            thread.Identity = identity with { Ambient = 0 };
            return 0;
        }

        if (capability > LastCapability)
            return Errno.EINVAL;
        ulong bit = 1UL << (int)capability;
        switch (command)
        {
            case isSet:
                return (identity.Ambient & bit) != 0 ? 1 : 0;
            case raise:
                if ((identity.Permitted & identity.Inheritable & bit) == 0 || identity.Has(SecureBit.NoAmbientRaise))
                    return Errno.EPERM;
                thread.Identity = identity with { Ambient = identity.Ambient | bit };
                return 0;
            case lower:
                thread.Identity = identity with { Ambient = identity.Ambient & ~bit };
                return 0;
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult Write(LinuxThread thread, UserAddress address, int value) =>
        thread.Memory.TryWrite(address, value) ? 0 : Errno.EFAULT;
}

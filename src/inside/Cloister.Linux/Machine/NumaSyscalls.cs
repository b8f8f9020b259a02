using System;
using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

/// <summary>Memory policies of a machine with one memory node (numa(7)): the default is all there is.</summary>
internal static class NumaSyscalls
{
    private const int Default = 0;
    private const int LastPolicy = 6;
    private const uint NodeFlag = 1;
    private const uint AddressFlag = 2;
    private const uint AllowedFlag = 4;
    private const int ModeFlags = 0xE000;

    [Syscall(239, "get_mempolicy", Note = "One memory node.")]
    public static SyscallResult GetPolicy(LinuxThread thread, UserAddress mode, UserAddress nodes, ulong maximum, UserAddress address, uint flags)
    {
        if ((flags & ~(NodeFlag | AddressFlag | AllowedFlag)) != 0 || ((flags & AddressFlag) == 0 && !address.IsNull))
            return Errno.EINVAL;
        if (!mode.IsNull && !thread.Memory.TryWrite(mode, Default))
            return Errno.EFAULT;
        if (nodes.IsNull || maximum == 0)
            return 0;
        Span<byte> mask = stackalloc byte[(int)Math.Min((maximum + 63) / 64 * 8, 128)];
        mask.Clear();
        mask[0] = (byte)((flags & AllowedFlag) != 0 ? 1 : 0);
        return thread.Memory.CopyOut(nodes, mask);
    }

    [Syscall(238, "set_mempolicy", Note = "Checked but without effect: one memory node.")]
    public static SyscallResult SetPolicy(LinuxThread thread, int mode, UserAddress nodes, ulong maximum) =>
        (mode & ~ModeFlags) is < 0 or > LastPolicy ? Errno.EINVAL : 0;

    [Syscall(237, "mbind", Note = "Checked but without effect: one memory node.")]
    public static SyscallResult Bind(LinuxThread thread, UserAddress address, ulong length, int mode, UserAddress nodes, ulong maximum, uint flags) =>
        (mode & ~ModeFlags) is < 0 or > LastPolicy || (address.Value & 4095) != 0 ? Errno.EINVAL : 0;

    [Syscall(330, "pkey_alloc", SyscallSupport.None, Note = "No protection keys: ENOSPC, as on a processor without them.")]
    public static SyscallResult AllocateKey(LinuxThread thread, uint flags, ulong rights) => Errno.ENOSPC;

    [Syscall(331, "pkey_free", SyscallSupport.None, Note = "No protection keys: EINVAL.")]
    public static SyscallResult FreeKey(LinuxThread thread, int key) => Errno.EINVAL;
}

/// <summary>membarrier(2).</summary>
internal static class MembarrierSyscalls
{
    private const int Query = 0;
    private const int Global = 1;
    private const int GlobalExpedited = 2;
    private const int RegisterGlobalExpedited = 4;
    private const int PrivateExpedited = 8;
    private const int RegisterPrivateExpedited = 16;
    private const int PrivateExpeditedSyncCore = 32;
    private const int RegisterPrivateExpeditedSyncCore = 64;

    [Syscall(324, "membarrier", SyscallSupport.Partial, Note = "Where the platform can: no rseq commands.")]
    public static SyscallResult Membarrier(LinuxThread thread, int command, uint flags, int cpu)
    {
        if (!thread.Kernel.Platform.Cpus.CanSynchronize)
            return Errno.ENOSYS;
        if (flags != 0)
            return Errno.EINVAL;
        switch (command)
        {
            case Query:
                return Global | GlobalExpedited | RegisterGlobalExpedited | PrivateExpedited | RegisterPrivateExpedited |
                    PrivateExpeditedSyncCore | RegisterPrivateExpeditedSyncCore;
            case RegisterGlobalExpedited:
            case RegisterPrivateExpedited:
            case RegisterPrivateExpeditedSyncCore:
                return 0;
            case Global:
            case GlobalExpedited:
            case PrivateExpedited:
                thread.Kernel.Platform.Cpus.Synchronize(instructions: false);
                return 0;
            case PrivateExpeditedSyncCore:
                thread.Kernel.Platform.Cpus.Synchronize(instructions: true);
                return 0;
            default:
                return Errno.EINVAL;
        }
    }
}

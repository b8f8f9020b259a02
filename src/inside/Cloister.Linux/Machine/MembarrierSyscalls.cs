using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

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
    private const int GetRegistrations = 512;

    /// <summary>Everything but the commands for rseq(2), which come with it (CONFIG_RSEQ).</summary>
    private const int Known = Global | GlobalExpedited | RegisterGlobalExpedited | PrivateExpedited | RegisterPrivateExpedited |
        PrivateExpeditedSyncCore | RegisterPrivateExpeditedSyncCore | GetRegistrations;

    [Syscall(324, "membarrier", SyscallSupport.Partial,
        Note = "Where the platform can; no commands for rseq.",
        Lacks = "MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ")]
    public static SyscallResult Membarrier(LinuxThread thread, int command, uint flags, int cpu)
    {
        if (!thread.Kernel.Platform.Cpus.CanSynchronize)
            return Errno.ENOSYS;
        if (flags != 0)
            return Errno.EINVAL;
        LinuxProcess process = thread.Process;
        switch (command)
        {
            case Query:
                return Known;
            case RegisterGlobalExpedited or RegisterPrivateExpedited or RegisterPrivateExpeditedSyncCore:
                process.BarrierRegistrations |= command;
                return 0;
            case GetRegistrations:
                return process.BarrierRegistrations;
            case Global or GlobalExpedited:
                thread.Kernel.Platform.Cpus.Synchronize(instructions: false);
                return 0;
            case PrivateExpedited:
                // Only for who has said before that it will: membarrier(2), EPERM.
                if ((process.BarrierRegistrations & RegisterPrivateExpedited) == 0)
                    return Errno.EPERM;
                thread.Kernel.Platform.Cpus.Synchronize(instructions: false);
                return 0;
            case PrivateExpeditedSyncCore:
                if ((process.BarrierRegistrations & RegisterPrivateExpeditedSyncCore) == 0)
                    return Errno.EPERM;
                thread.Kernel.Platform.Cpus.Synchronize(instructions: true);
                return 0;
            default:
                return Errno.EINVAL;
        }
    }
}

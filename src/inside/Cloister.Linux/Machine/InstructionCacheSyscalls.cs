using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

/// <summary>Instructions that programs have written.</summary>
internal static class InstructionCacheSyscalls
{
    [Syscall(SyscallDescription.FirstForeign, "riscv_flush_icache")]
    public static SyscallResult FlushInstructionCache(LinuxThread thread, UserAddress start, UserAddress end, ulong flags)
    {
        const ulong local = 1;
        if ((flags & ~local) != 0)
            return Errno.EINVAL;
        thread.Kernel.Platform.Cpus.Synchronize(instructions: true);
        return 0;
    }
}

using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Processes;

/// <summary>unshare(2).</summary>
internal static class UnshareSyscalls
{
    private const CloneFlags Namespaces = CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_NEWCGROUP | CloneFlags.CLONE_NEWUTS | CloneFlags.CLONE_NEWIPC |
        CloneFlags.CLONE_NEWUSER | CloneFlags.CLONE_NEWPID | CloneFlags.CLONE_NEWNET | CloneFlags.CLONE_NEWTIME;

    private const CloneFlags Threads = CloneFlags.CLONE_THREAD | CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_VM;

    private const CloneFlags Resources = CloneFlags.CLONE_FS | CloneFlags.CLONE_FILES | CloneFlags.CLONE_SYSVSEM;

    [Syscall(272, "unshare", SyscallSupport.Partial,
        Note = "Descriptors and working directory of a process; namespaces as on a kernel without them.",
        Lacks = "CLONE_NEW*")]
    public static SyscallResult Unshare(LinuxThread thread, CloneFlags flags)
    {
        if ((flags & ~(Namespaces | Threads | Resources)) != 0)
            return Errno.EINVAL;
        if ((flags & Namespaces) != 0)
        {
            thread.Kernel.Log.Unsupported(thread, $"unshare with flags 0x{(ulong)flags:x}");
            return Errno.EINVAL;
        }

        LinuxProcess process = thread.Process;
        bool isAlone = process.ThreadCount == 1;
        if ((flags & Threads) != 0 && (!isAlone || ((flags & CloneFlags.CLONE_VM) != 0 && process.AddressSpace.IsSharedWithOthers)))
            return Errno.EINVAL;

        // Threads of one process always share these here.
        if (!isAlone && (flags & Resources) != 0)
        {
            thread.Kernel.Log.Unsupported(thread, "unshare of one thread's descriptors or directories");
            return Errno.EINVAL;
        }

        if ((flags & CloneFlags.CLONE_FS) != 0)
            process.FileSystemContext = process.FileSystemContext.Clone();
        if ((flags & CloneFlags.CLONE_FILES) != 0)
            process.UnshareDescriptors(thread);
        return 0;
    }
}

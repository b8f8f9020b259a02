using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Processes;

/// <summary>What a process descriptor refers to: the process, not its number, which another may get.</summary>
internal sealed class ProcessHandle(LinuxProcess process) : IProcessHandle
{
    /// <summary>The process.</summary>
    public LinuxProcess Process => process;

    /// <inheritdoc/>
    public int ProcessId => process.IsReaped ? -1 : process.ProcessId;

    /// <inheritdoc/>
    public bool HasEnded => process.IsZombie;

    /// <inheritdoc/>
    public IWaitQueue EndQueue => process.EndEvents;

    /// <summary>The process of a descriptor that may also be one of its directory in /proc (tgid_pidfd_to_pid of Linux).</summary>
    /// <returns>EBADF where it is neither.</returns>
    public static Errno FindForSignal(LinuxThread thread, int descriptor, out LinuxProcess? process)
    {
        Errno error = Find(thread, descriptor, out process, out _);
        if (error == Errno.Success)
            return error;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(descriptor);
        if (borrowed.File is not { } file || thread.Kernel.Vfs.FindProcess(file) is not ProcessInformation information)
            return Errno.EBADF;
        process = information.Process;
        return Errno.Success;
    }

    /// <summary>The process of a descriptor.</summary>
    /// <returns>EBADF where it is no process descriptor.</returns>
    public static Errno Find(LinuxThread thread, int descriptor, out LinuxProcess? process, out bool isNonBlocking)
    {
        process = null;
        isNonBlocking = false;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(descriptor);
        if (borrowed.File is not IProcessFile { Process: ProcessHandle handle })
            return Errno.EBADF;
        process = handle.Process;
        isNonBlocking = (borrowed.File.Flags & Cloister.Abi.Files.OpenFlags.O_NONBLOCK) != 0;
        return Errno.Success;
    }
}

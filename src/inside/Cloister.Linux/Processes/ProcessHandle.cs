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

using Cloister.Linux.Memory;
using Cloister.Linux.Signals;

namespace Cloister.Linux.Processes;

/// <summary>
/// Process 1. The kernel itself does what an init does, which is to wait for orphans: there is no program behind it, but
/// programs find a process with that id, root's, which no signal ends (kill(2), NOTES).
/// </summary>
internal static class InitProcess
{
    public const int Id = 1;

    /// <summary>Makes it, before the first program.</summary>
    public static LinuxProcess Create(LinuxKernel kernel)
    {
        var process = new LinuxProcess(kernel, Id, AddressSpace.CreateGone(kernel.Platform.Mmu, kernel.Commit), new SignalActions())
        {
            Descriptors = kernel.Vfs.CreateDescriptorTable(),
            FileSystemContext = kernel.Vfs.CreateContext(),
            GroupId = Id,
            SessionId = Id,
        };
        // Children that it gets are reaped at once (wait(2), NOTES).
        process.Actions[Signal.Child] = new SignalAction { Handler = SignalAction.Ignore };
        var thread = new LinuxThread(kernel, process, Id, Identity.Identity.Create(0, 0, []));
        thread.Name.Set("init"u8);
        process.TryAdd(thread);
        kernel.Processes.Add(process);
        kernel.Processes.Add(thread);
        kernel.Processes.Init = process;
        return process;
    }
}

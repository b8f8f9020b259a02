using System;
using Cloister.Linux.Futexes;
using Cloister.Linux.Identity;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Processes;

/// <summary>The end of a thread, and of its process with the last one.</summary>
internal static class ThreadExit
{
    /// <summary>Runs on the ending thread, last of all.</summary>
    public static void Finish(LinuxThread thread)
    {
        LinuxProcess process = thread.Process;
        LinuxKernel kernel = thread.Kernel;
        thread.LeaveSignals();
        RobustFutexes.OnExit(thread);
        if (!thread.ClearThreadId.IsNull)
        {
            // set_tid_address(2): only where somebody can still see it.
            if (process.ThreadCount > 1 || process.AddressSpace.IsSharedWithOthers)
            {
                thread.Memory.TryWrite(thread.ClearThreadId, 0);
                kernel.Futexes.Wake(thread, thread.ClearThreadId, isPrivate: false, 1, uint.MaxValue);
            }
        }

        thread.ReleaseRegisteredRings();
        process.RingTasks?.OnThreadExit(thread);
        kernel.Statistics.Add(thread.SyscallCounts);
        process.LastName = thread.Name.Bytes.ToArray();
        thread.SetEnded();
        kernel.Processes.Remove(thread);
        Tracing.TraceRelations.OnExit(thread, process.IsExiting ? process.ExitStatus : thread.ExitStatus);
        thread.Vfork?.Complete();
        thread.Vfork = null;
        process.Descriptors.RemoveUser(thread);
        if (process.Remove(thread))
        {
            process.StopRings(thread);
            FinishProcess(thread, process);
        }
        else
        {
            FinishThread(thread, process);
        }
    }

    private static void FinishThread(LinuxThread thread, LinuxProcess process)
    {
        thread.Kernel.Processes.OnThreadExit(thread);
        thread.Kernel.Users.Remove(process.UserId, UserResource.Tasks);
    }

    private static void FinishProcess(LinuxThread thread, LinuxProcess process)
    {
        LinuxKernel kernel = thread.Kernel;
        process.IntervalTimers.DisarmAll();
        process.PosixTimers.DeleteAll();
        process.CpuLimit.Disarm();
        process.GiveFilters();
        using (process.SignalLock.Enter())
            process.RemovePending(ulong.MaxValue);
        Ipc.SemaphoreSyscalls.OnExit(process);
        kernel.Jobs.OnLeaderExit(process);
        process.Executable?.Release();
        process.Executable = null;
        process.AddressSpace.RemoveUser();
        kernel.Defects.Restore();
        bool isFirst = process == kernel.FirstProcess;

        // The last thread's place on the account is the process's, until somebody has waited for it.
        kernel.Processes.OnExit(process);
        Tracing.TraceRelations.OnProcessExit(process);
        process.Launch?.Ended?.Invoke(process.End);
        if (isFirst)
            kernel.OnFirstProcessExit();
    }
}

/// <summary>Lets a vfork parent sleep until the child has its own program or is gone.</summary>
internal sealed class VforkCompletion(LinuxThread parent)
{
    private bool _isComplete;

    public bool IsComplete => System.Threading.Volatile.Read(ref _isComplete);

    public void Complete()
    {
        System.Threading.Volatile.Write(ref _isComplete, true);
        parent.Wake();
    }
}

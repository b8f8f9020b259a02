using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Nucleus;

namespace Cloister.Linux.CoreDumps;

/// <summary>What of a program's memory goes into its core file (core(5), "Controlling which mappings are written to the core dump").</summary>
[Flags]
internal enum CoreContents
{
    PrivateAnonymous = 1,
    SharedAnonymous = 2,
    PrivateFiles = 4,
    SharedFiles = 8,
    ElfHeaders = 16,
    PrivateHugePages = 32,

    /// <summary>What Linux begins with.</summary>
    Default = PrivateAnonymous | SharedAnonymous | ElfHeaders | PrivateHugePages,

    /// <summary>All that there are on Linux, huge and DAX pages included.</summary>
    All = 0x1FF,
}

/// <summary>The end of a process by a signal that leaves a core file (core(5)).</summary>
internal sealed class CoreDump(LinuxThread dumper)
{
    /// <summary>No core file is smaller (min_coredump of Linux).</summary>
    private const ulong SmallestLimit = 4096;

    private bool _isComplete;

    /// <summary>The thread that took the signal.</summary>
    public LinuxThread Dumper { get; } = dumper;

    /// <summary>The other threads. Guarded by the process's lock until all have halted.</summary>
    public List<CoreThread> Threads { get; } = [];

    /// <summary>Woken when the threads may end.</summary>
    public WaitQueue Completion { get; } = new();

    public bool IsComplete => Volatile.Read(ref _isComplete);

    public void Complete()
    {
        Volatile.Write(ref _isComplete, true);
        Completion.WakeAll();
    }

    /// <summary>Ends a thread's process by a signal, with a core file where it may have one.</summary>
    /// <returns>False where the process isn't to have one: it has yet to be ended.</returns>
    public static bool TryEnd(LinuxThread thread, in SignalInfo info)
    {
        LinuxProcess process = thread.Process;
        ulong limit = process.Limits[ResourceLimits.Core].Soft;
        if (process.Dumpable != 1 || limit < SmallestLimit || process.BeginCoreDump(thread, info.Signal) is not { } dump)
            return false;
        bool isWritten = false;
        try
        {
            isWritten = TryWrite(thread, info, dump, limit);
        }
        catch (Exception defect) when (Defects.ConcernOneProgram(defect))
        {
            thread.Kernel.Defects.Note(thread, defect);
        }
        finally
        {
            process.EndCoreDump(dump, isWritten);
        }

        process.BeginExit(info.Signal);
        return true;
    }

    private static bool TryWrite(LinuxThread thread, in SignalInfo info, CoreDump dump, ulong limit)
    {
        byte[] name = thread.Kernel.CoreName.Make(thread, info.Signal, limit);
        if (name.Length == 0)
            return false;
        var path = new PathArgument(thread.Process.FileSystemContext, null, name, LookupFlags.None);
        IVfs vfs = thread.Kernel.Vfs;
        if (vfs.CreateCoreFile(thread, path, out IOpenFile? file) != Errno.Success)
            return false;
        try
        {
            new CoreFile(thread, file!, limit).Write(info, dump.Threads);
        }
        finally
        {
            file!.Release();
        }

        return true;
    }
}

/// <summary>A thread's registers for a core file.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="General">NT_PRSTATUS has them.</param>
/// <param name="Vectors">The vector state, as ptrace(2) shows it.</param>
internal sealed record CoreThread(LinuxThread Thread, byte[] General, byte[] Vectors)
{
    /// <summary>By the thread itself: vectors are in the processor's registers.</summary>
    public static CoreThread Capture(LinuxThread thread)
    {
        byte[] general = new byte[thread.Cpu.Trace.GeneralSize];
        if (thread.Context is not { } context)
            return new CoreThread(thread, general, []);
        byte[] vectors = new byte[context.VectorStateSize];
        context.SaveVectorState(vectors);
        thread.Cpu.Trace.Read(thread, general);
        return new CoreThread(thread, general, thread.Cpu.Trace.Vectors(thread, vectors));
    }
}

using System.Threading;
using Cloister.Contracts;
using Cloister.Linux.CoreDumps;

namespace Cloister.Linux;

// The end of a process that leaves a core file: its threads stand still until it is written (coredump_wait of Linux).
public sealed partial class LinuxProcess
{
    private CoreDump? _coreDump;

    /// <summary>What of its memory goes into a core file (/proc/PID/coredump_filter).</summary>
    internal CoreContents CoreContents { get; set; } = CoreContents.Default;

    /// <summary>Begins the end by a signal, and waits until all other threads have halted on their way out.</summary>
    /// <returns>Null where the process ends already, or one of its threads executes another program.</returns>
    internal CoreDump? BeginCoreDump(LinuxThread dumper, int signal)
    {
        LinuxThread[] threads;
        CoreDump dump;
        using (_lock.Enter())
        {
            if (_isExiting || _executing is not null)
                return null;
            Volatile.Write(ref _isExiting, true);
            ExitStatus = signal;
            _coreDump = dump = new CoreDump(dumper);
            threads = _threads.ToArray();
        }

        foreach (LinuxThread thread in threads)
        {
            if (thread != dumper)
                thread.RequestExit();
        }

        ContinueEvents.WakeAll();
        dumper.Watch(ThreadEnds);
        while (!HasHalted(dump))
            dumper.SleepUninterruptibly(Deadline.Never);
        dumper.StopWatching();
        return dump;
    }

    /// <summary>The file is written, or can't be: the threads go on to their end.</summary>
    internal void EndCoreDump(CoreDump dump, bool isWritten)
    {
        const int coreFlag = 0x80;
        using (_lock.Enter())
        {
            if (isWritten)
                ExitStatus |= coreFlag;
            _coreDump = null;
        }

        dump.Complete();
    }

    /// <summary>A thread is about to end: where the process leaves a core file, its registers go there, and it stays until they are written.</summary>
    internal void HaltForCoreDump(LinuxThread thread)
    {
        CoreDump? dump;
        using (_lock.Enter())
            dump = _coreDump;
        if (dump is null || dump.Dumper == thread)
            return;
        CoreThread state = CoreThread.Capture(thread);
        thread.Watch(dump.Completion);
        using (_lock.Enter())
            dump.Threads.Add(state);
        ThreadEnds.WakeAll();
        while (!dump.IsComplete)
            thread.SleepUninterruptibly(Deadline.Never);
        thread.StopWatching();
    }

    private bool HasHalted(CoreDump dump)
    {
        using (_lock.Enter())
            return dump.Threads.Count == _threads.Count - 1;
    }
}

using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;

namespace Cloister.Linux;

// The threads of a process: how they come, end together, and give way to execve.
public sealed partial class LinuxProcess
{
    /// <summary>Adds a thread.</summary>
    /// <returns>False where the process is ending, or one of its threads executes another program: the caller will end too.</returns>
    internal bool TryAdd(LinuxThread thread)
    {
        using (_lock.Enter())
        {
            if (_isExiting || _executing is not null)
                return false;
            _threads.Add(thread);
            return true;
        }
    }

    /// <summary>Removes a thread that ends.</summary>
    /// <returns>Whether it was the last.</returns>
    internal bool Remove(LinuxThread thread)
    {
        using (_lock.Enter())
        {
            _threads.Remove(thread);
            EndedThreadsCpu += thread.CpuNanoseconds;
            ThreadEnds.WakeAll();
            if (_threads.Count > 0)
                return false;
            LastThread = thread;
            return true;
        }
    }

    /// <summary>exit_group(2), or death by a signal. The first call decides the status.</summary>
    /// <param name="status">As wait4 reports it.</param>
    internal void BeginExit(int status)
    {
        LinuxThread[] threads;
        using (_lock.Enter())
        {
            if (!_isExiting)
            {
                Volatile.Write(ref _isExiting, true);
                ExitStatus = status;
            }

            threads = _threads.ToArray();
        }

        foreach (LinuxThread thread in threads)
            thread.RequestExit();
        ContinueEvents.WakeAll();
    }

    /// <summary>The status of the last thread's exit(2), where nobody called exit_group.</summary>
    internal void SetStatusOfLastThread(int status)
    {
        using (_lock.Enter())
        {
            if (!_isExiting)
                ExitStatus = status;
        }
    }

    /// <summary>Gives all threads the filters of one (SECCOMP_FILTER_FLAG_TSYNC).</summary>
    /// <returns>A thread whose own filters aren't among the caller's; 0 where it was done.</returns>
    internal int SynchronizeSeccomp(LinuxThread caller, Seccomp.SeccompFilter filter)
    {
        using (_lock.Enter())
        {
            foreach (LinuxThread thread in _threads)
            {
                if (thread != caller && thread.Seccomp is { } other && (other.IsStrict || caller.Seccomp is null || !caller.Seccomp.Includes(other)))
                    return thread.ThreadId;
            }

            foreach (LinuxThread thread in _threads)
            {
                thread.Seccomp = filter;
                if (caller.Identity.NoNewPrivileges)
                    thread.Identity = thread.Identity with { NoNewPrivileges = true };
            }

            return 0;
        }
    }

    /// <summary>execve(2): ends all threads but the caller, which takes over the process's id.</summary>
    /// <returns>EAGAIN where the process ends, or another thread does the same: that one goes on, this one ends (de_thread of Linux).</returns>
    internal Errno EndOtherThreads(LinuxThread survivor)
    {
        LinuxThread[] threads;
        using (_lock.Enter())
        {
            if (_isExiting || _executing is not null)
                return Errno.EAGAIN;

            // From here on no thread can be added, so that one look at the list is enough.
            _executing = survivor;
            threads = _threads.ToArray();
        }

        foreach (LinuxThread thread in threads)
        {
            if (thread != survivor)
                thread.RequestExit();
        }

        survivor.Watch(ThreadEnds);
        while (ThreadCount > 1 && !survivor.IsExiting)
            survivor.SleepUninterruptibly(Deadline.Never);
        survivor.StopWatching();
        using (_lock.Enter())
            _executing = null;
        return survivor.IsExiting ? Errno.EAGAIN : Errno.Success;
    }
}

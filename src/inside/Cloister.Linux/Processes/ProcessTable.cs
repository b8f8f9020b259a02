using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Identity;
using Cloister.Linux.Signals;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Processes;

/// <summary>All processes and threads by id, and their family relations.</summary>
public sealed partial class ProcessTable
{
    /// <summary>The first program's id: 1 is no program's, so that none meets the rules for init by accident.</summary>
    private const int FirstId = InitProcess.Id + 1;

    private const int HighestId = 4_194_304 - 1;

    private readonly Dictionary<int, LinuxProcess> _processes = [];
    private readonly Dictionary<int, LinuxThread> _threads = [];
    private int _lastId = FirstId - 1;

    /// <summary>Guards the table and all family relations.</summary>
    internal KernelLock Lock { get; } = new(LockLevel.Processes);

    /// <summary>Process 1, who gets the orphans.</summary>
    internal LinuxProcess Init { get; set; } = null!;

    /// <summary>How many signals were sent to groups. Changed with the lock held.</summary>
    internal long GroupSignals { get; set; }

    /// <summary>Number of processes, zombies included.</summary>
    public int Count
    {
        get
        {
            using (Lock.Enter())
                return _processes.Count;
        }
    }

    /// <summary>The id given last.</summary>
    internal int LastId => _lastId;

    /// <summary>Takes an unused id.</summary>
    internal int AllocateId()
    {
        using (Lock.Enter())
        {
            do
                _lastId = _lastId >= HighestId ? 300 : _lastId + 1;
            while (_threads.ContainsKey(_lastId) || _processes.ContainsKey(_lastId) || IsGroupOrSession(_lastId));
            return _lastId;
        }
    }

    /// <summary>Adds a program that was started from outside: a child of process 1.</summary>
    internal void Adopt(LinuxProcess process)
    {
        using (Lock.Enter())
        {
            process.Parent = Init;
            Init.Children.Add(process);
            _processes.Add(process.ProcessId, process);
        }
    }

    internal void Add(LinuxProcess process)
    {
        using (Lock.Enter())
            _processes.Add(process.ProcessId, process);
    }

    internal void Add(LinuxThread thread)
    {
        using (Lock.Enter())
            _threads.Add(thread.ThreadId, thread);
    }

    internal void Remove(LinuxThread thread)
    {
        using (Lock.Enter())
            _threads.Remove(thread.ThreadId);
    }

    /// <summary>execve by another thread than the first: it takes over the process's id.</summary>
    internal void Rename(LinuxThread thread, int threadId)
    {
        using (Lock.Enter())
        {
            _threads.Remove(thread.ThreadId);
            thread.ThreadId = threadId;
            _threads[threadId] = thread;
        }
    }

    internal LinuxProcess? Find(int processId)
    {
        using (Lock.Enter())
            return _processes.GetValueOrDefault(processId);
    }

    internal LinuxThread? FindThread(int threadId)
    {
        using (Lock.Enter())
            return _threads.GetValueOrDefault(threadId);
    }

    /// <summary>The process that an id means to kill(2): its own, or that of any of its threads.</summary>
    internal LinuxProcess? FindByAnyId(int id)
    {
        using (Lock.Enter())
            return _processes.GetValueOrDefault(id) ?? _threads.GetValueOrDefault(id)?.Process;
    }

    /// <summary>All processes, in no order.</summary>
    internal LinuxProcess[] Snapshot()
    {
        using (Lock.Enter())
        {
            var all = new LinuxProcess[_processes.Count];
            _processes.Values.CopyTo(all, 0);
            return all;
        }
    }

    /// <summary>The members of a group.</summary>
    internal LinuxProcess[] SnapshotGroup(int groupId)
    {
        var members = new List<LinuxProcess>();
        using (Lock.Enter())
        {
            foreach (LinuxProcess process in _processes.Values)
            {
                if (process.GroupId == groupId)
                    members.Add(process);
            }
        }

        return members.ToArray();
    }

    /// <summary>Whether a group has a member in a session.</summary>
    internal bool IsGroupInSession(int groupId, int sessionId)
    {
        using (Lock.Enter())
        {
            foreach (LinuxProcess process in _processes.Values)
            {
                if (process.GroupId == groupId && process.SessionId == sessionId && !process.IsZombie)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether there is no process that runs.</summary>
    internal bool AreAllStopped()
    {
        using (Lock.Enter())
        {
            foreach (LinuxProcess process in _processes.Values)
            {
                if (!process.IsZombie && !process.IsStopping && !process.IsInit)
                    return false;
            }

            return true;
        }
    }

    /// <summary>A process was stopped or continued.</summary>
    internal void NotifyStop(LinuxProcess process, int signal)
    {
        LinuxProcess? parent;
        using (Lock.Enter())
        {
            parent = process.Parent;

            // A parent that traces it sees the stop of each thread instead.
            if (parent is not null && signal != Signal.Continue && Tracing.TraceRelations.IsTracedBy(process, parent))
                return;
            process.UnreportedStop = signal;
        }

        if (parent is null)
            return;
        if ((parent.Actions[Signal.Child].Flags & SignalAction.NoChildStop) == 0)
        {
            var info = new SignalInfo
            {
                Signal = Signal.Child,
                Code = signal == Signal.Continue ? SignalInfo.ChildContinued : SignalInfo.ChildStopped,
                ProcessId = process.ProcessId,
                UserId = process.Leader?.Identity.UserId ?? 0,
                Status = signal,
            };
            parent.Send(info);
        }

        parent.ChildEvents.WakeAll(PollEvents.In);
    }

    /// <summary>Tells a tracer that a thread waits for it (do_notify_parent_cldstop of Linux).</summary>
    internal void NotifyTracer(LinuxProcess tracer, LinuxThread tracee, int reason, int signal)
    {
        SignalAction action = tracer.Actions[Signal.Child];
        if (action.Handler != SignalAction.Ignore && (action.Flags & SignalAction.NoChildStop) == 0)
        {
            tracer.Send(new SignalInfo
            {
                Signal = Signal.Child,
                Code = reason,
                ProcessId = tracee.ThreadId,
                UserId = tracee.Identity.UserId,
                Status = signal,
            });
        }

        tracer.ChildEvents.WakeAll(PollEvents.In);
    }

    /// <summary>Forgets a zombie that was waited for. With the lock held.</summary>
    internal void Reap(LinuxProcess process)
    {
        Forget(process);
        process.Parent?.Children.Remove(process);
        process.Parent = null;
    }

    /// <summary>siginfo of SIGCHLD and waitid.</summary>
    internal static SignalInfo ChildInfo(LinuxProcess process, int signal, int status) => ChildInfo(process.ProcessId, process.UserId, signal, status);

    internal static SignalInfo ChildInfo(int id, uint user, int signal, int status) => new()
    {
        Signal = signal,
        Code = (status & 0x7F) == 0 ? SignalInfo.ChildExited : (status & 0x80) != 0 ? SignalInfo.ChildDumped : SignalInfo.ChildKilled,
        ProcessId = id,
        UserId = user,
        Status = (status & 0x7F) == 0 ? status >> 8 & 0xFF : status & 0x7F,
    };

    private void Forget(LinuxProcess process)
    {
        _processes.Remove(process.ProcessId);
        process.IsReaped = true;
        process.Kernel.Users.Remove(process.UserId, UserResource.Tasks);
    }

    private bool IsGroupOrSession(int id)
    {
        foreach (LinuxProcess process in _processes.Values)
        {
            if (process.GroupId == id || process.SessionId == id)
                return true;
        }

        return false;
    }
}

using System.Threading;
using Cloister.Linux.Signals;

namespace Cloister.Linux.Tracing;

/// <summary>
/// That a thread is traced, and how (ptrace(2)). Guarded by the lock of the process table, but for what is said to be read by any.
/// </summary>
internal sealed class TraceState(LinuxThread tracer, bool isSeized, TraceOptions options)
{
    private bool _isStopped;
    private bool _isListening;
    private bool _isTrapPending;
    private bool _stopsAtCalls;

    /// <summary>The one thread that may make requests.</summary>
    public LinuxThread Tracer { get; } = tracer;

    /// <summary>PTRACE_SEIZE: stops of the group are told from signals, and may be listened to.</summary>
    public bool IsSeized { get; } = isSeized;

    public TraceOptions Options { get; set; } = options;

    /// <summary>Whether the tracee waits for its tracer. Read by any.</summary>
    public bool IsStopped
    {
        get => Volatile.Read(ref _isStopped);
        set => Volatile.Write(ref _isStopped, value);
    }

    /// <summary>PTRACE_LISTEN: stopped like its group, and not the tracer's to command. Read by any.</summary>
    public bool IsListening
    {
        get => Volatile.Read(ref _isListening);
        set => Volatile.Write(ref _isListening, value);
    }

    /// <summary>A stop of PTRACE_EVENT_STOP is due. Set by any.</summary>
    public bool IsTrapPending
    {
        get => Volatile.Read(ref _isTrapPending);
        set => Volatile.Write(ref _isTrapPending, value);
    }

    /// <summary>PTRACE_SYSCALL. Read by any.</summary>
    public bool StopsAtCalls
    {
        get => Volatile.Read(ref _stopsAtCalls);
        set => Volatile.Write(ref _stopsAtCalls, value);
    }

    /// <summary>PTRACE_SINGLESTEP.</summary>
    public bool IsStepping { get; set; }

    /// <summary>Whether the program itself had set the trap flag that steps are made by.</summary>
    public bool HasOwnTrapFlag { get; set; }

    /// <summary>Signal of the stop, and its event in the second byte: what wait shows.</summary>
    public int Code { get; set; }

    /// <summary>Whether no wait has shown it yet.</summary>
    public bool IsUnreported { get; set; }

    /// <summary>PTRACE_GETEVENTMSG.</summary>
    public ulong Message { get; set; }

    /// <summary>PTRACE_GETSIGINFO; null at a stop of the group.</summary>
    public SignalInfo? Info { get; set; }

    /// <summary>Where the tracee's system call is.</summary>
    public CallPlace Place { get; set; }

    /// <summary>The filter's data at <see cref="CallPlace.Seccomp"/>.</summary>
    public uint FilterData { get; set; }

    /// <summary>Signal that the tracer lets through.</summary>
    public int Signal { get; set; }

    /// <summary>Vector state of the stopped tracee: it is in the processor's registers, and only the tracee can reach those.</summary>
    public byte[] Vectors { get; set; } = [];

    public bool HasChangedVectors { get; set; }

    /// <summary>Which stop of the group the tracee has shown.</summary>
    public int ShownGroupStop { get; set; }

    public bool Has(TraceOptions option) => (Options & option) != 0;
}

/// <summary>A tracee that has ended, for its tracer's wait: a thread, or a process that isn't the tracer's child.</summary>
/// <param name="Tracer">The thread that traced it.</param>
/// <param name="Id">Its id.</param>
/// <param name="GroupId">Its process group.</param>
/// <param name="UserId">Its user.</param>
/// <param name="Status">As wait4 shows it.</param>
/// <param name="Held">The process that its parent doesn't see the end of before; null for a thread.</param>
internal sealed record TraceeEnd(LinuxThread Tracer, int Id, int GroupId, uint UserId, int Status, LinuxProcess? Held = null);

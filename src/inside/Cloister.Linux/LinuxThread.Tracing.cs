using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Processes;
using Cloister.Linux.Seccomp;
using Cloister.Linux.Signals;
using Cloister.Linux.Tracing;

namespace Cloister.Linux;

// What a traced thread does: it stops, tells its tracer, and waits to be told how to go on (ptrace(2)).
public sealed partial class LinuxThread
{
    private const int SystemGood = 0x80;

    private TraceState? _trace;

    /// <summary>How it is traced; null where it isn't. Changed with the lock of the process table, read by any.</summary>
    internal TraceState? Trace
    {
        get => Volatile.Read(ref _trace);
        set => Volatile.Write(ref _trace, value);
    }

    /// <summary>Whether a group's stop is still to be shown to the tracer, or to be slept through.</summary>
    private bool MustStopWithGroup => Process.IsStopping && !(Trace is { } trace && trace.ShownGroupStop == Process.StopCount);

    /// <summary>A stop of PTRACE_EVENT_STOP is due. Any thread.</summary>
    internal void RequestTrap()
    {
        if (Trace is not { } trace)
            return;
        trace.IsTrapPending = true;
        Alert();
    }

    /// <summary>Stops for an event, where the tracer wants to know of it.</summary>
    internal void StopForEvent(int traceEvent, ulong message)
    {
        if (Trace is not { } trace || !trace.Has((TraceOptions)(1 << traceEvent)))
            return;
        trace.Message = message;
        StopForTracer(trace, Signal.Trap | traceEvent << 8, TrapInfo(Signal.Trap | traceEvent << 8), SignalInfo.ChildTrapped);
        PassOnSignal(trace);
    }

    /// <summary>execve has succeeded: tracers that haven't asked for the event get SIGTRAP (ptrace(2), "execve(2) under ptrace").</summary>
    internal void StopForExec(int formerId)
    {
        if (Trace is not { } trace)
            return;
        if (trace.Has(TraceOptions.PTRACE_O_TRACEEXEC))
            StopForEvent(TraceEvent.Exec, (ulong)formerId);
        else if (!trace.IsSeized)
            Send(SignalInfo.User(Signal.Trap, SignalInfo.FromUser, ProcessId, Identity.UserId));
    }

    /// <summary>Shows the stop of the group to the tracer.</summary>
    /// <returns>False where the thread isn't traced: it sleeps as the others do.</returns>
    internal bool TryStopWithGroup()
    {
        if (Trace is not { } trace)
            return false;
        if (trace.ShownGroupStop == Process.StopCount)
            return true;
        trace.ShownGroupStop = Process.StopCount;
        if (trace.IsSeized)
            StopForTrap(trace);
        else
            StopForTracer(trace, Process.StopSignal, null, SignalInfo.ChildStopped);
        return true;
    }

    private static SignalInfo TrapInfo(int code) => new() { Signal = Signal.Trap, Code = code };

    /// <summary>PTRACE_INTERRUPT, and news of the group for seized tracees.</summary>
    private void StopForTrap(TraceState trace)
    {
        trace.IsTrapPending = false;
        int signal = Process.IsStopping ? Process.StopSignal : Signal.Trap;
        int code = signal | TraceEvent.Stop << 8;
        StopForTracer(trace, code, TrapInfo(code) with { Signal = signal, ProcessId = ProcessId, UserId = Identity.UserId }, SignalInfo.ChildStopped);
    }

    /// <summary>A signal is about to be delivered: the tracer may change it.</summary>
    /// <returns>False where there is nothing to deliver.</returns>
    private bool StopForSignal(ref SignalInfo info)
    {
        if (Trace is not { } trace)
            return true;
        StopForTracer(trace, info.Signal, info, SignalInfo.ChildTrapped);
        int signal = trace.Signal;
        if (signal == 0 || IsExiting)
            return false;
        SignalInfo shown = trace.Info ?? info;
        info = signal == info.Signal
            ? shown with { Signal = signal }
            : SignalInfo.User(signal, SignalInfo.FromUser, trace.Tracer.ProcessId, trace.Tracer.Identity.UserId);
        if ((SignalMask & Signal.Bit(signal)) == 0)
            return true;
        Send(info);
        return false;
    }

    /// <summary>A system call begins (PTRACE_SYSCALL).</summary>
    /// <returns>False where the tracer has made it none.</returns>
    private bool StopAtCall(TraceState trace)
    {
        Cpu.PrepareResult(this);
        return StopAtCall(trace, CallPlace.Entry) && CurrentSyscall >= 0;
    }

    private bool StopAtCall(TraceState trace, CallPlace place)
    {
        trace.Place = place;
        int code = Signal.Trap | (trace.Has(TraceOptions.PTRACE_O_TRACESYSGOOD) ? SystemGood : 0);
        trace.Message = (ulong)place;
        StopForTracer(trace, code, TrapInfo(code) with { ProcessId = ProcessId, UserId = Identity.UserId }, SignalInfo.ChildTrapped);
        trace.Place = CallPlace.None;
        PassOnSignal(trace);
        return !IsExiting;
    }

    /// <summary>A system call has ended.</summary>
    private void StopAfterCall(TraceState trace)
    {
        if (trace.StopsAtCalls)
            StopAtCall(trace, CallPlace.Exit);
        else if (trace.IsStepping)
            ForceSignal(SignalInfo.Fault(Signal.Trap, SignalInfo.TrapBreakpoint, InstructionPointer));
    }

    /// <summary>A filter leaves a call to the tracer (SECCOMP_RET_TRACE).</summary>
    /// <returns>False where there is none that asked for it: the call isn't there.</returns>
    private bool StopForFilter(int data)
    {
        if (Trace is not { } trace || !trace.Has(TraceOptions.PTRACE_O_TRACESECCOMP))
            return false;
        trace.Place = CallPlace.Seccomp;
        trace.FilterData = (uint)data;
        Cpu.PrepareResult(this);
        StopForEvent(TraceEvent.Seccomp, (uint)data);
        trace.Place = CallPlace.None;
        return true;
    }

    /// <summary>The thread is about to end.</summary>
    private void StopAtExit()
    {
        if (Trace is { } trace && trace.Has(TraceOptions.PTRACE_O_TRACEEXIT) && Process.ExitStatus != Signal.Kill)
            StopForEvent(TraceEvent.Exit, (ulong)Process.ExitStatus);
    }

    /// <summary>Stops until the tracer says how to go on, leaves, or the thread has to end.</summary>
    private void StopForTracer(TraceState trace, int code, SignalInfo? info, int reason)
    {
        ProcessTable table = Kernel.Processes;
        if (trace.Vectors.Length == 0)
            trace.Vectors = new byte[Context.VectorStateSize];
        Context.SaveVectorState(trace.Vectors);
        EndStep(trace);
        bool isEnding = IsExiting;
        using (table.Lock.Enter())
        {
            if (Trace != trace || (isEnding && code != (Signal.Trap | TraceEvent.Exit << 8)))
                return;
            trace.Code = code;
            trace.Info = info;
            trace.Signal = 0;
            trace.HasChangedVectors = false;
            trace.IsUnreported = true;
            trace.IsStopped = true;
        }

        table.NotifyTracer(trace.Tracer.Process, this, reason, code & 0x7F);
        while (trace.IsStopped && !(trace.IsListening && trace.IsTrapPending) && (isEnding ? Process.ExitStatus != Signal.Kill : !IsExiting))
            SleepUninterruptibly(Deadline.Never);
        using (table.Lock.Enter())
        {
            trace.IsStopped = false;
            trace.IsListening = false;
            trace.IsUnreported = false;
        }

        if (trace.HasChangedVectors)
            Cpu.Trace.LoadVectors(this, trace.Vectors);
        BeginStep(trace);

        // A debugger that has called a function puts the interrupted call back.
        long result = (long)Result;
        if (CurrentSyscall >= 0 && result < 0 && IsRestart((Errno)(-result)))
        {
            _interrupted = (Errno)(-result);
            _isRestartable = true;
        }

        Context.SetAllRegistersChanged();
        using (Process.SignalLock.Enter())
            RecalculateAttention();
    }

    private void BeginStep(TraceState trace)
    {
        if (trace.IsStepping && Trace == trace)
            Cpu.Trace.BeginStep(this, trace);
    }

    private void EndStep(TraceState trace)
    {
        if (trace.IsStepping)
            Cpu.Trace.EndStep(this, trace);
        trace.IsStepping = false;
    }

    /// <summary>At stops that aren't for a signal the tracer may send one all the same.</summary>
    private void PassOnSignal(TraceState trace)
    {
        if (trace.Signal != 0 && !IsExiting)
            Send(SignalInfo.User(trace.Signal, SignalInfo.FromUser, trace.Tracer.ProcessId, trace.Tracer.Identity.UserId));
    }
}

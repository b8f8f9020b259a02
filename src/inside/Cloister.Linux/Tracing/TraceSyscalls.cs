using Cloister.Abi;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Tracing;

/// <summary>ptrace(2).</summary>
internal static class TraceSyscalls
{
    [Syscall(101, "ptrace", SyscallSupport.Partial,
        Note = "For strace, gdb and sanitizers. No hardware breakpoints, PTRACE_SYSEMU, PTRACE_PEEKSIGINFO; seccomp filters can't be read.",
        Lacks = "PTRACE_SYSEMU* PTRACE_PEEKSIGINFO PTRACE_SECCOMP_GET_FILTER")]
    public static SyscallResult Trace(LinuxThread thread, TraceRequest request, int id, UserAddress address, UserAddress data)
    {
        if (request == TraceRequest.PTRACE_TRACEME)
            return TraceRelations.TraceMe(thread);
        if (thread.Kernel.Processes.FindThread(id) is not { } target)
            return Errno.ESRCH;
        switch (request)
        {
            case TraceRequest.PTRACE_ATTACH:
                return TraceRelations.Attach(thread, target, seizes: false, 0);
            case TraceRequest.PTRACE_SEIZE:
                if (!address.IsNull || (data.Value & ~(ulong)TraceOptions.All) != 0)
                    return address.IsNull ? Errno.EINVAL : Errno.EIO;
                return TraceRelations.Attach(thread, target, seizes: true, (TraceOptions)data.Value);
            case TraceRequest.PTRACE_KILL:
                if (target.Trace?.Tracer != thread)
                    return Errno.ESRCH;
                target.Process.Send(SignalInfo.Kernel(Signal.Kill));
                return 0;
            case TraceRequest.PTRACE_INTERRUPT:
                if (target.Trace?.Tracer != thread)
                    return Errno.ESRCH;
                if (!target.Trace.IsSeized)
                    return Errno.EIO;
                target.RequestTrap();
                return 0;
        }

        if (target.Trace is not { IsStopped: true, IsListening: false } trace || trace.Tracer != thread)
            return Errno.ESRCH;
        return Command(thread, target, trace, request, address, data);
    }

    /// <summary>Requests to a stopped tracee of the caller's.</summary>
    private static SyscallResult Command(
        LinuxThread thread, LinuxThread target, TraceState trace, TraceRequest request, UserAddress address, UserAddress data)
    {
        switch (request)
        {
            case TraceRequest.PTRACE_SINGLESTEP when !target.Cpu.Trace.CanStep:
                return Errno.EIO;
            case TraceRequest.PTRACE_CONT or TraceRequest.PTRACE_SYSCALL or TraceRequest.PTRACE_SINGLESTEP:
                return Resume(target, trace, request, data.Value);
            case TraceRequest.PTRACE_DETACH:
                if (data.Value > Signal.Last)
                    return Errno.EIO;
                TraceRelations.Detach(target, (int)data.Value);
                return 0;
            case TraceRequest.PTRACE_LISTEN:
                return Listen(target, trace);
            case TraceRequest.PTRACE_PEEKTEXT or TraceRequest.PTRACE_PEEKDATA or TraceRequest.PTRACE_POKETEXT or TraceRequest.PTRACE_POKEDATA:
                return TraceData.PeekOrPoke(thread, target, request, address, data);
            case TraceRequest.PTRACE_PEEKUSER or TraceRequest.PTRACE_POKEUSER when target.Cpu.Trace.HasLegacyRequests:
                return TraceData.User(thread, target, request == TraceRequest.PTRACE_POKEUSER, address.Value, data);
            case TraceRequest.PTRACE_GETREGS or TraceRequest.PTRACE_SETREGS when target.Cpu.Trace.HasLegacyRequests:
                return TraceData.Registers(thread, target, data, target.Cpu.Trace.GeneralSize, request == TraceRequest.PTRACE_SETREGS);
            case TraceRequest.PTRACE_GETFPREGS or TraceRequest.PTRACE_SETFPREGS when target.Cpu.Trace.HasLegacyRequests:
                return TraceData.Vectors(thread, target, trace, data, target.Cpu.Trace.FloatingPointSize, request == TraceRequest.PTRACE_SETFPREGS);
            case TraceRequest.PTRACE_GETREGSET or TraceRequest.PTRACE_SETREGSET:
                return TraceData.RegisterSet(thread, target, trace, address.Value, data, request == TraceRequest.PTRACE_SETREGSET);
            case TraceRequest.PTRACE_GET_SYSCALL_INFO:
                return TraceData.CallInfo(thread, target, trace, address.Value, data);
            case TraceRequest.PTRACE_SETOPTIONS:
                if ((data.Value & ~(ulong)TraceOptions.All) != 0)
                    return Errno.EINVAL;
                trace.Options = (TraceOptions)data.Value;
                return 0;
            case TraceRequest.PTRACE_GETEVENTMSG:
                return thread.Memory.TryWrite(data, trace.Message) ? 0 : Errno.EFAULT;
            case TraceRequest.PTRACE_GETSIGINFO:
                return trace.Info is not { } info ? Errno.EINVAL : thread.Memory.TryWrite(data, info) ? 0 : Errno.EFAULT;
            case TraceRequest.PTRACE_SETSIGINFO:
                if (!thread.Memory.TryRead(data, out SignalInfo changed))
                    return Errno.EFAULT;
                if (trace.Info is null)
                    return Errno.EINVAL;
                trace.Info = changed;
                return 0;
            case TraceRequest.PTRACE_GETSIGMASK or TraceRequest.PTRACE_SETSIGMASK:
                return Mask(thread, target, address.Value, data, request == TraceRequest.PTRACE_SETSIGMASK);
            default:
                return Errno.EIO;
        }
    }

    private static SyscallResult Resume(LinuxThread target, TraceState trace, TraceRequest request, ulong signal)
    {
        if (signal > Signal.Last)
            return Errno.EIO;
        using (target.Kernel.Processes.Lock.Enter())
        {
            if (!trace.IsStopped)
                return Errno.ESRCH;
            trace.Signal = (int)signal;
            trace.StopsAtCalls = request == TraceRequest.PTRACE_SYSCALL;
            trace.IsStepping = request == TraceRequest.PTRACE_SINGLESTEP;
            trace.IsStopped = false;
        }

        target.Wake();
        return 0;
    }

    private static SyscallResult Listen(LinuxThread target, TraceState trace)
    {
        using (target.Kernel.Processes.Lock.Enter())
        {
            if (!trace.IsSeized || trace.Code >> 8 != TraceEvent.Stop)
                return Errno.EIO;
            trace.IsListening = true;
            trace.IsUnreported = false;
        }

        // News since the stop are told at once.
        if (trace.IsTrapPending)
            target.Wake();
        return 0;
    }

    private static SyscallResult Mask(LinuxThread thread, LinuxThread target, ulong size, UserAddress data, bool sets)
    {
        if (size != sizeof(ulong))
            return Errno.EINVAL;
        if (!sets)
            return thread.Memory.TryWrite(data, target.SignalMask) ? 0 : Errno.EFAULT;
        if (!thread.Memory.TryRead(data, out ulong mask))
            return Errno.EFAULT;
        target.SetSignalMask(mask);
        return 0;
    }

}

using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Linux.Identity;
using Cloister.Linux.Memory;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;
using Cloister.Nucleus;

namespace Cloister.Linux;

/// <summary>
/// A thread of a program: runs user mode, answers its traps. All members belong to the thread itself unless they say
/// otherwise.
/// </summary>
public sealed partial class LinuxThread : KernelThread, ICaller, IKernelThreadEntry
{
    private readonly UserBuffers _buffers;
    private readonly ThreadResources _resources;
    private bool _hasInitialState;
    private bool _isRestartable;

    internal LinuxThread(LinuxKernel kernel, LinuxProcess process, int threadId, Identity.Identity identity)
        : this(kernel, process, threadId, identity, kernel.ThreadResources.Take())
    {
    }

    private LinuxThread(LinuxKernel kernel, LinuxProcess process, int threadId, Identity.Identity identity, ThreadResources resources)
        : base(resources.Parker, kernel.Platform.Clock)
    {
        _resources = resources;
        Kernel = kernel;
        Process = process;
        Cpu = kernel.Cpu;
        ThreadId = threadId;
        Identity = identity;
        Memory = new UserMemory(process.AddressSpace);
        _buffers = new UserBuffers(Memory);
    }

    /// <summary>The kernel this thread lives in.</summary>
    public LinuxKernel Kernel { get; }

    /// <summary>What is the processor's.</summary>
    internal Cpus.LinuxCpu Cpu { get; }

    /// <summary>The process (thread group).</summary>
    public LinuxProcess Process { get; }

    /// <summary>The tid; the first thread's is the process's id. execve gives the caller the process's id.</summary>
    public int ThreadId { get; internal set; }

    /// <summary>The program's memory.</summary>
    public UserMemory Memory { get; }

    /// <summary>Users, groups and capabilities.</summary>
    internal Identity.Identity Identity { get; set; }

    /// <summary>The thread's name (PR_SET_NAME), at most 15 bytes.</summary>
    internal ThreadName Name { get; } = new();

    /// <summary>Registers and the way into user mode; null before the thread has started.</summary>
    internal IUserContext Context { get; private set; } = null!;

    /// <summary>The register of a call's result.</summary>
    internal ref ulong Result => ref Context.Registers[Cpu.ResultRegister];

    /// <summary>The register with the address of the next instruction.</summary>
    internal ref ulong InstructionPointer => ref Context.Registers[Cpu.InstructionRegister];

    /// <summary>The stack pointer.</summary>
    internal ref ulong StackPointer => ref Context.Registers[Cpu.StackRegister];

    /// <summary>The address of the next instruction as the program knows it: a thread may be in code of the platform's.</summary>
    internal ulong ProgramAddress => Memory.Space.Mmu.CallSites?.ToProgramAddress(InstructionPointer) ?? InstructionPointer;

    /// <summary>The first argument of the system call being handled, whose register may be the result's.</summary>
    internal ulong FirstArgument { get; private set; }

    /// <summary>Details of the last fault, for signal frames.</summary>
    internal TrapDetails LastTrap { get; private set; }

    /// <summary>Address that is cleared and woken when the thread ends (set_tid_address(2)).</summary>
    internal UserAddress ClearThreadId { get; set; }

    /// <summary>Where the thread stores its id before its first instruction, in its own memory (CLONE_CHILD_SETTID).</summary>
    internal UserAddress StoreThreadId { get; set; }

    /// <summary>Head of the robust futex list (set_robust_list(2)).</summary>
    internal UserAddress RobustList { get; set; }

    /// <summary>Number of the system call being handled, on x86-64; or -1: what a restart repeats.</summary>
    internal long CurrentSyscall { get; set; } = -1;

    /// <summary>This thread's place in a futex's queue.</summary>
    internal Futexes.FutexWaiter FutexWaiter => _futexWaiter ??= new Futexes.FutexWaiter(this);

    private Futexes.FutexWaiter? _futexWaiter;

    /// <summary>What restart_syscall(2) goes on with.</summary>
    internal IRestartableCall? RestartBlock { get; set; }

    /// <summary>Somebody who waits for this thread's process to exec or exit (vfork(2)).</summary>
    internal VforkCompletion? Vfork { get; set; }

    /// <summary>How often each system call was made.</summary>
    internal long[] SyscallCounts => _resources.SyscallCounts;

    /// <summary>CPU nanoseconds used; any thread.</summary>
    internal long CpuNanoseconds => _endedCpuNanoseconds ?? Context?.CpuNanoseconds ?? 0;

    private long? _endedCpuNanoseconds;

    /// <inheritdoc/>
    public int ProcessId => Process.ProcessId;

    /// <inheritdoc/>
    public Credentials Credentials => Identity.FileCredentials;

    /// <inheritdoc/>
    public bool IsInGroup(uint group) => Identity.IsInGroup(group);

    /// <inheritdoc/>
    public long FileSizeLimit => Process.Limits.FileSize;

    /// <inheritdoc/>
    public IKernelMemory KernelMemory => Kernel.KernelAccounts.Of(Identity.UserId);

    /// <summary>Scratch memory for a path: valid until the call's end.</summary>
    public Span<byte> PathBuffer => _resources.Path;

    /// <summary>Scratch memory for a second path.</summary>
    public Span<byte> SecondPathBuffer => _resources.SecondPath ??= new byte[_resources.Path.Length];

    /// <summary>A program's buffer for one transfer; reused by the next call of this or <see cref="Vector"/>.</summary>
    public IIoBuffer Buffer(UserAddress address, ulong count)
    {
        _buffers.SetBuffer(address.Value, count);
        return _buffers;
    }

    /// <summary>A program's vector of buffers (readv(2)).</summary>
    /// <returns>EINVAL for too many or too long ones, EFAULT.</returns>
    public Errno Vector(UserAddress vector, ulong count, out IIoBuffer buffer)
    {
        buffer = _buffers;
        return _buffers.SetVector(vector, count);
    }

    /// <inheritdoc/>
    public void RaiseSignal(int signal)
    {
        // Signals reach no worker (create_io_thread of Linux): it stands for a thread that has long gone on.
        if (!IsRingWorker)
            Send(SignalInfo.User(signal, SignalInfo.FromUser, ProcessId, Identity.UserId));
    }

    /// <summary>Makes the thread start as a copy of another's state; the copy may still be changed.</summary>
    internal Span<byte> TakeInitialState(IUserContext from)
    {
        if (_resources.InitialState.Length != from.StateSize)
            _resources.InitialState = new byte[from.StateSize];
        from.CaptureState(_resources.InitialState);
        _hasInitialState = true;
        return _resources.InitialState;
    }

    /// <inheritdoc/>
    void IKernelThreadEntry.Run()
    {
        try
        {
            Context = Kernel.Platform.Mmu.CreateContext();
            Kernel.Platform.Mmu.Activate(Context, Memory.Space.Mmu);
            if (_hasInitialState)
                Context.LoadState(_resources.InitialState);
            if (Scheduling.Processors is { } processors)
                Context.SetProcessors(processors);
            // As schedule_tail of Linux: where the memory isn't there, nobody hears of it.
            if (!StoreThreadId.IsNull)
                Memory.TryWrite(StoreThreadId, ThreadId);
            Start?.Invoke(this);
            Start = null;
            while (!IsExiting)
                RunUntilTrap();
        }
        catch (Exception defect) when (Defects.ConcernOneProgram(defect))
        {
            // A kernel defect must not take other programs along; this one can't go on.
            Kernel.Defects.Note(this, defect);
            Process.BeginExit(Signal.Kill);
        }

        Process.HaltForCoreDump(this);
        if (Trace is not null && Context is not null)
            StopAtExit();
        _endedCpuNanoseconds = CpuNanoseconds;
        try
        {
            ThreadExit.Finish(this);
        }
        catch (Exception defect) when (Defects.ConcernOneProgram(defect))
        {
            // What it has left undone stays undone; others go on.
            Kernel.Defects.Note(this, defect);
        }

        Context?.Dispose();
        Kernel.ThreadResources.Give(_resources);
    }

    /// <summary>The thread was never started.</summary>
    internal void Discard() => Kernel.ThreadResources.Give(_resources);

    /// <summary>Whether the thread has left its process. Any thread.</summary>
    internal bool HasEnded => Volatile.Read(ref _hasEnded);

    private bool _hasEnded;

    /// <summary>Notes that nobody can find the thread any more.</summary>
    internal void SetEnded() => Volatile.Write(ref _hasEnded, true);

    /// <summary>Whether the program got rights that its caller didn't have (AT_SECURE).</summary>
    internal bool IsSecureProgram { get; set; }

    /// <summary>What the thread has asked of the scheduler.</summary>
    internal Machine.Scheduling Scheduling { get; private set; } = new();

    /// <summary>Changes the processors that the thread may run on. Any thread.</summary>
    internal void SetProcessors(ulong[] allowed)
    {
        Scheduling.Processors = allowed;
        if (!HasEnded)
            Context?.SetProcessors(allowed);
    }

    /// <summary>PR_SET_TIMERSLACK, nanoseconds: kept and shown.</summary>
    internal long TimerSlack { get; set; } = DefaultTimerSlack;

    /// <summary>What it is where nobody has set it.</summary>
    internal const long DefaultTimerSlack = 50_000;

    /// <summary>Whether setuid(2) has brought its user over RLIMIT_NPROC: execve(2) fails then, if the user still is.</summary>
    internal bool ExceedsTaskLimit { get; set; }

    /// <summary>Status of exit(2), as wait shows it.</summary>
    internal int ExitStatus { get; set; }

    /// <summary>Work to do on the new thread before its first instruction, such as loading the first program.</summary>
    internal Action<LinuxThread>? Start { get; set; }

    private void RunUntilTrap()
    {
        if (HasAttention)
            HandleAttention();
        if (IsExiting)
            return;
        switch (Context.Run())
        {
            case TrapKind.SystemCall:
                HandleSystemCall();
                break;
            case TrapKind.PageFault:
                HandlePageFault();
                break;
            case TrapKind.Fault:
                HandleFault();
                break;
            default:
                break;
        }
    }

    private void HandleSystemCall()
    {
        ReadOnlySpan<ulong> registers = Context.Registers;
        int shown = (int)registers[Cpu.NumberRegister];
        CurrentSyscall = Cpu.ToKernelNumber(shown);
        if (Trace is { StopsAtCalls: true } trace && !StopAtCall(trace))
        {
            EndCall(new SyscallResult((long)Result));
            return;
        }

        int number = (int)CurrentSyscall;
        if (number != Cpu.ToKernelNumber(shown))
            shown = Cpu.ToProgramNumber(number); // a tracer's
        SyscallArguments arguments = Cpu.ArgumentsOf(registers, number);
        FirstArgument = arguments.A0;
        SyscallCounts[number & 511]++;
        SyscallResult result;
        if (_seccomp is { } filter && !filter.AllowsAlways(shown) && !PassesFilter(filter, shown, arguments, out SyscallResult denied))
            result = denied;
        else
            result = Kernel.Tracer is null ? Dispatch(number, arguments) : DispatchTraced(number, arguments);
        EndCall(result);
    }

    private void EndCall(SyscallResult result)
    {
        bool hasResult = !ReplacedRegisters;
        ReplacedRegisters = false;
        if (hasResult)
            Result = (ulong)result.Value;
        if (Trace is { } trace)
        {
            StopAfterCall(trace);
            hasResult &= (long)Result == result.Value;
        }

        if (!hasResult)
        {
            CurrentSyscall = -1;
            return;
        }

        if (result.IsError && IsRestart(result.Errno))
            HandleInterruptedCall(result.Errno);
        else
            CurrentSyscall = -1;
    }

    private SyscallResult DispatchTraced(int number, in SyscallArguments arguments)
    {
        Kernel.Tracer!.OnEntry(this, number, arguments);
        SyscallResult result = Dispatch(number, arguments);
        Kernel.Tracer.OnExit(this, number, arguments, result);
        return result;
    }

    private SyscallResult Dispatch(int number, in SyscallArguments arguments)
    {
        try
        {
            return SyscallTable.Dispatch(this, number, arguments);
        }
        catch (Exception defect) when (Defects.ConcernOneProgram(defect))
        {
            Kernel.Defects.Note(this, defect);
            StopWatching();
            return defect is OutOfMemoryException ? Errno.ENOMEM : Errno.EIO;
        }
    }

    /// <summary>Set by calls that have loaded all registers themselves (rt_sigreturn, execve): there is no result.</summary>
    internal bool ReplacedRegisters { get; set; }

    /// <summary>Answers a system call that isn't implemented, and names it once in the log.</summary>
    internal SyscallResult OnUnimplementedSyscall(int number, string? name)
    {
        Kernel.Log.Unimplemented(this, number, name);
        return Errno.ENOSYS;
    }

    /// <summary>Whether a call that ended so is made again or fails with EINTR, by what its signal's handler wants.</summary>
    internal static bool IsRestart(Errno error) => error is >= Errno.ERESTARTSYS and <= Errno.ERESTART_RESTARTBLOCK;

    private void HandlePageFault()
    {
        TrapDetails trap = Context.Trap;
        LastTrap = trap;
        Errno error = Memory.Space.ResolveFault(trap.Address, trap.IsWrite, trap.IsExecute);
        switch (error)
        {
            case Errno.Success:
                break;
            case Errno.EIO:
                ForceSignal(SignalInfo.Fault(Signal.Bus, SignalInfo.BusAddressError, trap.Address));
                break;
            case Errno.ENOMEM:
            case Errno.ENOBUFS:
                // As the out-of-memory killer of Linux would, since a touch can't fail.
                Kernel.Log.Write(LogLevel.Error, error == Errno.ENOMEM
                    ? $"{Process.Describe()}: enclave memory is exhausted; raise it with -m."
                    : $"{Process.Describe()}: the platform can hold no more mappings (sysctl vm.max_map_count of the host).");
                ForceSignal(SignalInfo.Kernel(Signal.Kill));
                break;
            default:
                int code = error == Errno.EACCES ? SignalInfo.SegvAccessError : SignalInfo.SegvMapError;
                ForceSignal(SignalInfo.Fault(Signal.SegmentationFault, code, trap.Address));
                break;
        }
    }

    private void HandleFault()
    {
        LastTrap = Context.Trap;
        ForceSignal(Cpu.ToSignal(this, LastTrap));
    }

    /// <inheritdoc/>
    protected override bool IsInterruptPending => HasAttention || _mayNotWait;
}

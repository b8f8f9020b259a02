using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Cpus;
using Cloister.Linux.Files;
using Cloister.Linux.Identity;
using Cloister.Linux.Memory;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Tracing;

namespace Cloister.Linux.Processes;

/// <summary>CLONE_* of clone(2).</summary>
[Flags]
internal enum CloneFlags : ulong
{
    CSIGNAL = 0xFF,
    CLONE_VM = 0x100,
    CLONE_FS = 0x200,
    CLONE_FILES = 0x400,
    CLONE_SIGHAND = 0x800,
    CLONE_PIDFD = 0x1000,
    CLONE_PTRACE = 0x2000,
    CLONE_VFORK = 0x4000,
    CLONE_PARENT = 0x8000,
    CLONE_THREAD = 0x10000,
    CLONE_NEWNS = 0x20000,
    CLONE_SYSVSEM = 0x40000,
    CLONE_SETTLS = 0x80000,
    CLONE_PARENT_SETTID = 0x100000,
    CLONE_CHILD_CLEARTID = 0x200000,
    CLONE_DETACHED = 0x400000,
    CLONE_UNTRACED = 0x800000,
    CLONE_CHILD_SETTID = 0x1000000,
    CLONE_NEWCGROUP = 0x2000000,
    CLONE_NEWUTS = 0x4000000,
    CLONE_NEWIPC = 0x8000000,
    CLONE_NEWUSER = 0x10000000,
    CLONE_NEWPID = 0x20000000,
    CLONE_NEWNET = 0x40000000,
    CLONE_IO = 0x80000000,
    CLONE_CLEAR_SIGHAND = 0x100000000,
    CLONE_INTO_CGROUP = 0x200000000,
    CLONE_NEWTIME = 0x80,
}

/// <summary>clone(2) and its relatives.</summary>
internal static class CloneSyscalls
{
    private const CloneFlags Namespaces = CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_NEWCGROUP | CloneFlags.CLONE_NEWUTS | CloneFlags.CLONE_NEWIPC |
        CloneFlags.CLONE_NEWUSER | CloneFlags.CLONE_NEWPID | CloneFlags.CLONE_NEWNET;

    private const ulong SmallestArguments = 64;
    private const ulong PageSize = 4096;

    [Syscall(56, "clone", SyscallSupport.Partial,
        Note = "No namespaces.",
        Lacks = "CLONE_NEW*")]
    public static SyscallResult Clone(LinuxThread thread, CloneFlags flags, UserAddress stack, UserAddress parentId, UserAddress childId, ulong tls)
    {
        var request = new CloneRequest
        {
            Flags = flags & ~CloneFlags.CSIGNAL,
            ExitSignal = (int)(flags & CloneFlags.CSIGNAL),
            Stack = stack.Value,
            ParentThreadId = parentId,
            ChildThreadId = childId,
            Descriptor = parentId,
            Tls = tls,
        };
        // One word can't take both.
        const CloneFlags both = CloneFlags.CLONE_PIDFD | CloneFlags.CLONE_PARENT_SETTID;
        return (flags & both) == both ? Errno.EINVAL : Clone(thread, request);
    }

    [Syscall(435, "clone3", SyscallSupport.Partial,
        Note = "As clone; no set_tid, no cgroup.",
        Lacks = "CLONE_NEW* CLONE_INTO_CGROUP")]
    public static SyscallResult Clone3(LinuxThread thread, UserAddress arguments, ulong size)
    {
        if (size < SmallestArguments)
            return Errno.EINVAL;
        if (size > PageSize)
            return Errno.E2BIG;
        Span<byte> bytes = stackalloc byte[(int)Math.Max(size, 88)];
        bytes.Clear();
        Errno error = thread.Memory.CopyIn(arguments, bytes[..(int)size]);
        if (error != Errno.Success)
            return error;
        if (size > 88 && bytes[88..].ContainsAnyExcept((byte)0))
            return Errno.E2BIG;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes[..88]);
        var flags = (CloneFlags)words[0];
        ulong stack = words[5];
        ulong stackSize = words[6];
        ulong exitSignal = words[4];
        bool hasBadStack = (stack == 0) != (stackSize == 0);
        bool hasBadSignal = exitSignal > Signal.Last || ((flags & (CloneFlags.CLONE_THREAD | CloneFlags.CLONE_PARENT)) != 0 && exitSignal != 0);
        const CloneFlags known = (CloneFlags)0x3_FFFF_FFFF;
        bool hasBadFlags = (flags & ~known) != 0 || (flags & (CloneFlags.CLONE_DETACHED | (CloneFlags.CSIGNAL & ~CloneFlags.CLONE_NEWTIME))) != 0 ||
            (flags & (CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_CLEAR_SIGHAND)) == (CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_CLEAR_SIGHAND);
        const int mostLevels = 32; // of process namespaces
        bool hasBadId = (words[8] == 0) != (words[9] == 0) || words[9] > mostLevels;
        if (hasBadStack || hasBadSignal || hasBadFlags || hasBadId)
            return Errno.EINVAL;
        if (words[8] != 0)
            return Errno.EPERM; // set_tid needs CAP_CHECKPOINT_RESTORE
        var request = new CloneRequest
        {
            Flags = flags,
            ExitSignal = (int)exitSignal,
            Stack = stack == 0 ? 0 : stack + stackSize,
            ParentThreadId = new UserAddress(words[3]),
            ChildThreadId = new UserAddress(words[2]),
            Descriptor = new UserAddress(words[1]),
            Tls = words[7],
        };
        return Clone(thread, request);
    }

    [Syscall(58, "vfork")]
    public static SyscallResult Vfork(LinuxThread thread) =>
        Clone(thread, new CloneRequest { Flags = CloneFlags.CLONE_VFORK | CloneFlags.CLONE_VM, ExitSignal = Signal.Child });

    [Syscall(57, "fork")]
    public static SyscallResult Fork(LinuxThread thread) => Clone(thread, new CloneRequest { ExitSignal = Signal.Child });

    [Syscall(60, "exit")]
    public static SyscallResult Exit(LinuxThread thread, int status)
    {
        thread.ExitStatus = (status & 0xFF) << 8;
        thread.Process.SetStatusOfLastThread(thread.ExitStatus);
        thread.RequestExit();
        return 0;
    }

    [Syscall(231, "exit_group")]
    public static SyscallResult ExitGroup(LinuxThread thread, int status)
    {
        thread.Process.BeginExit((status & 0xFF) << 8);
        return 0;
    }

    [Syscall(218, "set_tid_address")]
    public static SyscallResult SetTidAddress(LinuxThread thread, UserAddress address)
    {
        thread.ClearThreadId = address;
        return thread.ThreadId;
    }

    private static SyscallResult Clone(LinuxThread thread, in CloneRequest request)
    {
        CloneFlags flags = request.Flags;
        if ((flags & Namespaces) != 0)
        {
            thread.Kernel.Log.Unsupported(thread, $"clone with flags 0x{(ulong)(flags & Namespaces):x}");
            return Errno.EINVAL;
        }

        if ((flags & CloneFlags.CLONE_THREAD) != 0 && (flags & CloneFlags.CLONE_SIGHAND) == 0 ||
            (flags & CloneFlags.CLONE_SIGHAND) != 0 && (flags & CloneFlags.CLONE_VM) == 0 ||
            (flags & CloneFlags.CLONE_PIDFD) != 0 && (flags & (CloneFlags.CLONE_THREAD | CloneFlags.CLONE_DETACHED)) != 0)
            return Errno.EINVAL;
        return (flags & CloneFlags.CLONE_THREAD) != 0 ? CloneThread(thread, request) : CloneProcess(thread, request);
    }

    private static SyscallResult CloneThread(LinuxThread thread, in CloneRequest request)
    {
        LinuxKernel kernel = thread.Kernel;
        if (!TryCharge(thread))
            return Errno.EAGAIN;

        // All that can fail comes before others can see the thread.
        if (kernel.Platform.Cpus.Reserve() is not { } reserved)
        {
            kernel.Users.Remove(thread.Process.UserId, UserResource.Tasks);
            return Errno.EAGAIN;
        }

        int id = kernel.Processes.AllocateId();
        var child = new LinuxThread(kernel, thread.Process, id, thread.Identity);
        Errno error = Prepare(thread, child, request);

        // Before the thread can run: from now on what either of them borrows is counted.
        thread.Process.Descriptors.AddUser();
        if (error == Errno.Success && !thread.Process.TryAdd(child))
            error = Errno.ERESTARTNOINTR; // this thread is about to end
        if (error != Errno.Success)
        {
            thread.Process.Descriptors.RemoveUser(thread);
            reserved.Cancel();
            child.Discard();
            kernel.Users.Remove(thread.Process.UserId, UserResource.Tasks);
            return error;
        }

        // Filters that another thread has given to all meanwhile.
        child.Seccomp = thread.Seccomp;

        kernel.Processes.Add(child);
        int traceEvent = TraceRelations.Inherit(thread, child, request.Flags, request.ExitSignal);
        reserved.Start(child);
        if (traceEvent != 0)
            thread.StopForEvent(traceEvent, (ulong)id);
        return id;
    }

    private static SyscallResult CloneProcess(LinuxThread thread, in CloneRequest request)
    {
        LinuxKernel kernel = thread.Kernel;
        if (!TryCharge(thread))
            return Errno.EAGAIN;
        if (kernel.Platform.Cpus.Reserve() is not { } reserved)
        {
            kernel.Users.Remove(thread.Process.UserId, UserResource.Tasks);
            return Errno.EAGAIN;
        }

        CloneFlags flags = request.Flags;
        long groupSignals = kernel.Processes.GroupSignals;
        Errno error = GetSpace(thread, flags, out AddressSpace? space);
        if (error != Errno.Success)
        {
            reserved.Cancel();
            kernel.Users.Remove(thread.Process.UserId, UserResource.Tasks);
            return error;
        }

        LinuxProcess process = CreateProcess(thread, request, space!);
        var child = new LinuxThread(kernel, process, process.ProcessId, thread.Identity);
        int descriptor = -1;
        error = Prepare(thread, child, request);
        if (error == Errno.Success && (flags & CloneFlags.CLONE_PIDFD) != 0)
            error = OpenDescriptor(thread, process, request.Descriptor, out descriptor);
        if (error == Errno.Success)
            error = Publish(thread, process, child, flags, groupSignals);
        if (error != Errno.Success)
        {
            if (descriptor >= 0)
                thread.Process.Descriptors.Close(thread, descriptor);
            reserved.Cancel();
            child.Discard();
            process.AddressSpace.RemoveUser();
            process.Descriptors.RemoveUser(thread);
            process.Executable?.Release();
            kernel.Users.Remove(process.UserId, UserResource.Tasks);
            return error;
        }

        bool isVfork = (flags & CloneFlags.CLONE_VFORK) != 0;
        var completion = new VforkCompletion(thread);
        if (isVfork)
            child.Vfork = completion;
        process.CpuLimit.Update();
        int traceEvent = TraceRelations.Inherit(thread, child, flags, request.ExitSignal);
        reserved.Start(child);
        if (traceEvent != 0)
            thread.StopForEvent(traceEvent, (ulong)process.ProcessId);
        if (isVfork)
        {
            // The parent sleeps until the child has its own program; only death ends that early (vfork(2)).
            while (!completion.IsComplete && !thread.IsExiting)
                thread.SleepUninterruptibly(Deadline.Never);
            thread.StopForEvent(TraceEvent.VforkDone, (ulong)process.ProcessId);
        }

        return process.ProcessId;
    }

    /// <summary>CLONE_PIDFD: the parent's descriptor of the child, which doesn't get one of itself.</summary>
    private static Errno OpenDescriptor(LinuxThread thread, LinuxProcess process, UserAddress address, out int descriptor)
    {
        descriptor = -1;
        Errno error = thread.Kernel.Vfs.CreateProcessFile(thread, process.Handle, isNonBlocking: false, out IOpenFile? file);
        if (error != Errno.Success)
            return error;
        SyscallResult installed = OpenSyscalls.Install(thread, file!, closeOnExec: true);
        if (installed.IsError)
            return installed.Errno;
        descriptor = (int)installed.Value;
        return thread.Memory.TryWrite(address, descriptor) ? Errno.Success : Errno.EFAULT;
    }

    /// <summary>Puts a new task on its user's account (RLIMIT_NPROC).</summary>
    private static bool TryCharge(LinuxThread thread)
    {
        LinuxProcess process = thread.Process;
        bool isExempt = process.UserId == 0 || thread.Identity.Has(Capability.SysResource) || thread.Identity.Has(Capability.SysAdmin);
        ulong limit = isExempt ? ulong.MaxValue : process.Limits[ResourceLimits.Processes].Soft;
        return thread.Kernel.Users.TryAdd(process.UserId, UserResource.Tasks, limit);
    }

    /// <summary>The child's memory: the parent's, or a copy.</summary>
    private static Errno GetSpace(LinuxThread thread, CloneFlags flags, out AddressSpace? space)
    {
        space = thread.Process.AddressSpace;
        // Looked at before the work, and once more by Publish.
        if (thread.HasAttention)
            return Errno.ERESTARTNOINTR;
        if ((flags & CloneFlags.CLONE_VM) == 0)
            return space.Clone(thread.Kernel.Platform.Mmu, out space);
        space.AddUser();
        return Errno.Success;
    }

    private static LinuxProcess CreateProcess(LinuxThread thread, in CloneRequest request, AddressSpace space)
    {
        CloneFlags flags = request.Flags;
        LinuxProcess parent = thread.Process;
        SignalActions actions = (flags & CloneFlags.CLONE_SIGHAND) != 0 ? parent.Actions : parent.Actions.Clone();
        if ((flags & CloneFlags.CLONE_CLEAR_SIGHAND) != 0)
            actions.ResetForExec();
        var process = new LinuxProcess(thread.Kernel, thread.Kernel.Processes.AllocateId(), space, actions)
        {
            Descriptors = (flags & CloneFlags.CLONE_FILES) != 0 ? Share(parent.Descriptors) : parent.Descriptors.Clone(),
            FileSystemContext = (flags & CloneFlags.CLONE_FS) != 0 ? parent.FileSystemContext : parent.FileSystemContext.Clone(),
            Limits = parent.Limits.Clone(),
            Personality = parent.Personality,
            Dumpable = parent.Dumpable,
            CoreContents = parent.CoreContents,
            BarrierRegistrations = parent.BarrierRegistrations,
            DisablesLargePages = parent.DisablesLargePages,
            HasLeftTerminal = parent.HasLeftTerminal,
            OutOfMemoryAdjustment = parent.OutOfMemoryAdjustment,
            ExitSignal = request.ExitSignal,
            Executable = parent.Executable,
            UserId = parent.UserId,
        };
        process.Executable?.AddReference();
        return process;
    }

    /// <summary>Makes a process visible to all others.</summary>
    /// <returns>
    /// ERESTARTNOINTR where the parent has a signal to take first: one that was sent to its group since the call began, or that
    /// kills it, must not miss the child (copy_process of Linux). Senders to groups hold the table's lock too. Other signals
    /// wait, so that a timer that fires faster than memory is copied doesn't keep a program from forking.
    /// </returns>
    private static Errno Publish(LinuxThread thread, LinuxProcess process, LinuxThread child, CloneFlags flags, long groupSignals)
    {
        LinuxProcess parent = thread.Process;
        ProcessTable table = thread.Kernel.Processes;
        using (table.Lock.Enter())
        {
            if (thread.IsExiting || (thread.HasAttention && table.GroupSignals != groupSignals))
                return Errno.ERESTARTNOINTR;
            process.GroupId = parent.GroupId;
            process.SessionId = parent.SessionId;
            process.Parent = (flags & CloneFlags.CLONE_PARENT) != 0 ? parent.Parent : parent;
            process.Parent?.Children.Add(process);
            process.ParentThread = (flags & CloneFlags.CLONE_PARENT) != 0 ? parent.ParentThread : thread;
            process.TryAdd(child);
            table.Add(process);
            table.Add(child);
            return Errno.Success;
        }
    }

    private static IDescriptorTable Share(IDescriptorTable table)
    {
        table.AddUser();
        return table;
    }

    /// <summary>What threads and processes start with alike.</summary>
    private static Errno Prepare(LinuxThread parent, LinuxThread child, in CloneRequest request)
    {
        CloneFlags flags = request.Flags;
        LinuxCpu cpu = parent.Cpu;
        Span<ulong> registers = MemoryMarshal.Cast<byte, ulong>(child.TakeInitialState(parent.Context)[..cpu.RegistersSize]);
        registers[cpu.ResultRegister] = 0;
        if (request.Stack != 0)
            registers[cpu.StackRegister] = request.Stack;
        if ((flags & CloneFlags.CLONE_SETTLS) != 0)
        {
            if (!cpu.IsThreadPointer(request.Tls))
                return Errno.EPERM;
            registers[cpu.ThreadRegister] = request.Tls;
        }

        child.InheritFrom(parent, keepAlternateStack: (flags & (CloneFlags.CLONE_VM | CloneFlags.CLONE_VFORK)) != CloneFlags.CLONE_VM);

        // Where it can't be written, it isn't (kernel_clone of Linux).
        if ((flags & CloneFlags.CLONE_PARENT_SETTID) != 0)
            parent.Memory.TryWrite(request.ParentThreadId, child.ThreadId);
        if ((flags & CloneFlags.CLONE_CHILD_SETTID) != 0)
            child.StoreThreadId = request.ChildThreadId;
        if ((flags & CloneFlags.CLONE_CHILD_CLEARTID) != 0)
            child.ClearThreadId = request.ChildThreadId;
        return Errno.Success;
    }

    private readonly record struct CloneRequest
    {
        public CloneFlags Flags { get; init; }

        public int ExitSignal { get; init; }

        public ulong Stack { get; init; }

        public UserAddress ParentThreadId { get; init; }

        public UserAddress ChildThreadId { get; init; }

        /// <summary>Where the process descriptor goes (CLONE_PIDFD).</summary>
        public UserAddress Descriptor { get; init; }

        public ulong Tls { get; init; }
    }
}

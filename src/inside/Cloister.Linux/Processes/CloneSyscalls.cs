using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Processes;

/// <summary>CLONE_* of clone(2).</summary>
[Flags]
internal enum CloneFlags : ulong
{
    SignalMask = 0xFF,
    Vm = 0x100,
    Fs = 0x200,
    Files = 0x400,
    SigHand = 0x800,
    PidFd = 0x1000,
    Ptrace = 0x2000,
    Vfork = 0x4000,
    Parent = 0x8000,
    Thread = 0x10000,
    NewNs = 0x20000,
    SysVSem = 0x40000,
    SetTls = 0x80000,
    ParentSetTid = 0x100000,
    ChildClearTid = 0x200000,
    Detached = 0x400000,
    Untraced = 0x800000,
    ChildSetTid = 0x1000000,
    NewCgroup = 0x2000000,
    NewUts = 0x4000000,
    NewIpc = 0x8000000,
    NewUser = 0x10000000,
    NewPid = 0x20000000,
    NewNet = 0x40000000,
    Io = 0x80000000,
    ClearSigHand = 0x100000000,
    IntoCgroup = 0x200000000,
    NewTime = 0x80,
}

/// <summary>clone(2) and its relatives.</summary>
internal static class CloneSyscalls
{
    private const CloneFlags Namespaces = CloneFlags.NewNs | CloneFlags.NewCgroup | CloneFlags.NewUts | CloneFlags.NewIpc |
        CloneFlags.NewUser | CloneFlags.NewPid | CloneFlags.NewNet;

    private const ulong SmallestArguments = 64;
    private const ulong PageSize = 4096;

    [Syscall(56, "clone", SyscallSupport.Partial, Note = "Threads and children that share memory (CLONE_VM); no namespaces, no CLONE_PIDFD, no copied address space yet.")]
    public static SyscallResult Clone(LinuxThread thread, CloneFlags flags, UserAddress stack, UserAddress parentId, UserAddress childId, ulong tls)
    {
        var request = new CloneRequest
        {
            Flags = flags & ~CloneFlags.SignalMask,
            ExitSignal = (int)(flags & CloneFlags.SignalMask),
            Stack = stack.Value,
            ParentThreadId = parentId,
            ChildThreadId = childId,
            Tls = tls,
        };
        return Clone(thread, request);
    }

    [Syscall(435, "clone3", SyscallSupport.Partial, Note = "As clone; no set_tid, no cgroup.")]
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
        bool hasBadSignal = exitSignal > Signal.Last || ((flags & (CloneFlags.Thread | CloneFlags.Parent)) != 0 && exitSignal != 0);
        bool hasBadFlags = (flags & (CloneFlags.Detached | (CloneFlags.SignalMask & ~CloneFlags.NewTime))) != 0 ||
            (flags & (CloneFlags.SigHand | CloneFlags.ClearSigHand)) == (CloneFlags.SigHand | CloneFlags.ClearSigHand);
        if (hasBadStack || hasBadSignal || hasBadFlags)
            return Errno.EINVAL;
        if (words[8] != 0 || words[9] != 0)
            return Errno.EPERM; // set_tid needs CAP_CHECKPOINT_RESTORE
        var request = new CloneRequest
        {
            Flags = flags,
            ExitSignal = (int)exitSignal,
            Stack = stack == 0 ? 0 : stack + stackSize,
            ParentThreadId = new UserAddress(words[3]),
            ChildThreadId = new UserAddress(words[2]),
            Tls = words[7],
        };
        return Clone(thread, request);
    }

    [Syscall(58, "vfork")]
    public static SyscallResult Vfork(LinuxThread thread) =>
        Clone(thread, new CloneRequest { Flags = CloneFlags.Vfork | CloneFlags.Vm, ExitSignal = Signal.Child });

    [Syscall(57, "fork", SyscallSupport.None, Note = "An address space of its own for the child is not implemented yet; vfork and posix_spawn are.")]
    public static SyscallResult Fork(LinuxThread thread) => thread.OnUnimplementedSyscall(57, "fork");

    [Syscall(60, "exit")]
    public static SyscallResult Exit(LinuxThread thread, int status)
    {
        thread.Process.SetStatusOfLastThread((status & 0xFF) << 8);
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
        if ((flags & Namespaces) != 0 || ((flags & CloneFlags.PidFd) != 0))
        {
            thread.Kernel.Log.Unsupported(thread, $"clone with flags 0x{(ulong)(flags & (Namespaces | CloneFlags.PidFd)):x}");
            return Errno.EINVAL;
        }

        if ((flags & CloneFlags.Thread) != 0 && (flags & CloneFlags.SigHand) == 0 ||
            (flags & CloneFlags.SigHand) != 0 && (flags & CloneFlags.Vm) == 0)
            return Errno.EINVAL;
        if ((flags & CloneFlags.Vm) == 0)
            return thread.OnUnimplementedSyscall(57, "fork (clone without CLONE_VM)");
        return (flags & CloneFlags.Thread) != 0 ? CloneThread(thread, request) : CloneProcess(thread, request);
    }

    private static SyscallResult CloneThread(LinuxThread thread, in CloneRequest request)
    {
        LinuxKernel kernel = thread.Kernel;
        int id = kernel.Processes.AllocateId();
        var child = new LinuxThread(kernel, thread.Process, id, thread.Identity);
        Errno error = Prepare(thread, child, request);
        if (error != Errno.Success)
            return error;
        if (!thread.Process.TryAdd(child))
            return Errno.EAGAIN;
        kernel.Processes.Add(child);
        kernel.Platform.Cpus.Start(child);
        return id;
    }

    private static SyscallResult CloneProcess(LinuxThread thread, in CloneRequest request)
    {
        LinuxKernel kernel = thread.Kernel;
        LinuxProcess parent = thread.Process;
        CloneFlags flags = request.Flags;
        if (((ulong)kernel.Processes.Count) >= parent.Limits[ResourceLimits.Processes].Soft && thread.Identity.UserId != 0)
            return Errno.EAGAIN;
        int id = kernel.Processes.AllocateId();
        SignalActions actions = (flags & CloneFlags.SigHand) != 0 ? parent.Actions : parent.Actions.Clone();
        if ((flags & CloneFlags.ClearSigHand) != 0)
            actions.ResetForExec();
        var process = new LinuxProcess(kernel, id, parent.AddressSpace, actions)
        {
            Descriptors = (flags & CloneFlags.Files) != 0 ? Share(parent.Descriptors) : parent.Descriptors.Clone(),
            FileSystemContext = (flags & CloneFlags.Fs) != 0 ? parent.FileSystemContext : parent.FileSystemContext.Clone(),
            Limits = parent.Limits.Clone(),
            Personality = parent.Personality,
            Dumpable = parent.Dumpable,
            GroupId = parent.GroupId,
            SessionId = parent.SessionId,
            ExitSignal = request.ExitSignal,
            Executable = parent.Executable,
        };
        process.Executable?.AddReference();
        parent.AddressSpace.AddUser();
        var child = new LinuxThread(kernel, process, id, thread.Identity);
        Errno error = Prepare(thread, child, request);
        if (error != Errno.Success)
        {
            parent.AddressSpace.RemoveUser();
            process.Descriptors.RemoveUser(thread);
            process.Executable?.Release();
            return error;
        }

        process.TryAdd(child);
        lock (kernel.Processes.Lock)
        {
            process.Parent = (flags & CloneFlags.Parent) != 0 ? parent.Parent : parent;
            process.Parent?.Children.Add(process);
            kernel.Processes.Add(process);
            kernel.Processes.Add(child);
        }

        bool isVfork = (flags & CloneFlags.Vfork) != 0;
        var completion = new VforkCompletion(thread);
        if (isVfork)
            child.Vfork = completion;
        kernel.Platform.Cpus.Start(child);
        if (isVfork)
        {
            // The parent sleeps until the child has its own program; only death ends that early (vfork(2)).
            while (!completion.IsComplete && !thread.IsExiting)
                thread.SleepUninterruptibly(Deadline.Never);
        }

        return id;
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
        byte[] state = new byte[parent.Context.StateSize];
        parent.Context.CaptureState(state);
        ref var registers = ref MemoryMarshal.AsRef<Cloister.Hal.X64Registers>(state.AsSpan());
        registers.Rax = 0;
        if (request.Stack != 0)
            registers.Rsp = request.Stack;
        if ((flags & CloneFlags.SetTls) != 0)
        {
            if (request.Tls >= 1UL << 47)
                return Errno.EPERM;
            registers.FsBase = request.Tls;
        }

        child.SetInitialState(state);
        child.InheritFrom(parent, keepAlternateStack: (flags & (CloneFlags.Vm | CloneFlags.Vfork)) != CloneFlags.Vm);
        if ((flags & CloneFlags.ParentSetTid) != 0 && !parent.Memory.TryWrite(request.ParentThreadId, child.ThreadId))
            return Errno.EFAULT;
        if ((flags & CloneFlags.ChildSetTid) != 0)
            parent.Memory.TryWrite(request.ChildThreadId, child.ThreadId);
        if ((flags & CloneFlags.ChildClearTid) != 0)
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

        public ulong Tls { get; init; }
    }
}

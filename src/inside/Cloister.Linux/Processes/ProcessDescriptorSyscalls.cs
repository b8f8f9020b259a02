using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Identity;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Processes;

/// <summary>Process descriptors (pidfd_open(2)).</summary>
internal static class ProcessDescriptorSyscalls
{
    [Syscall(434, "pidfd_open", Note = "No PIDFD_THREAD, which is younger than Linux 6.1.")]
    public static SyscallResult Open(LinuxThread thread, int processId, OpenFlags flags)
    {
        if ((flags & ~OpenFlags.O_NONBLOCK) != 0 || processId <= 0)
            return Errno.EINVAL;
        ProcessTable table = thread.Kernel.Processes;
        if (table.Find(processId) is not { } process)
            return table.FindThread(processId) is null ? Errno.ESRCH : Errno.EINVAL;
        Errno error = thread.Kernel.Vfs.CreateProcessFile(thread, process.Handle, (flags & OpenFlags.O_NONBLOCK) != 0, out IOpenFile? file);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, file!, closeOnExec: true);
    }

    [Syscall(424, "pidfd_send_signal")]
    public static SyscallResult SendSignal(LinuxThread thread, Fd descriptor, SignalNumber signal, UserAddress info, uint flags)
    {
        if (flags != 0)
            return Errno.EINVAL;
        Errno error = ProcessHandle.FindForSignal(thread, descriptor.Value, out LinuxProcess? process);
        if (error != Errno.Success)
            return error;
        SignalInfo value = SignalInfo.User(signal.Value, SignalInfo.FromUser, thread.ProcessId, thread.Identity.UserId);
        if (!info.IsNull)
        {
            if (!thread.Memory.TryRead(info, out value))
                return Errno.EFAULT;
            if (value.Signal != signal.Value)
                return Errno.EINVAL;
            if (!SignalSyscalls.MayForge(value.Code, process == thread.Process))
                return Errno.EPERM;
        }

        if (signal.Value is < 0 or > Signal.Last)
            return Errno.EINVAL;
        return process!.IsReaped ? Errno.ESRCH : SignalSyscalls.SendChecked(thread, process, value);
    }

    [Syscall(438, "pidfd_getfd")]
    public static SyscallResult GetDescriptor(LinuxThread thread, Fd descriptor, Fd target, uint flags)
    {
        if (flags != 0)
            return Errno.EINVAL;
        Errno error = ProcessHandle.Find(thread, descriptor.Value, out LinuxProcess? process, out _);
        if (error != Errno.Success)
            return error;
        if (process!.Leader is not { } leader)
            return Errno.ESRCH;
        if (!ProcessAccess.MayInspect(thread, leader, ofFiles: false))
            return Errno.EPERM;
        return process.Descriptors.Take(target.Value) is { } file ? OpenSyscalls.Install(thread, file, closeOnExec: true) : Errno.EBADF;
    }

    [Syscall(312, "kcmp")]
    public static SyscallResult Compare(LinuxThread thread, int first, int second, int type, ulong firstIndex, ulong secondIndex)
    {
        const int file = 0;
        const int epollTarget = 7;
        if (thread.Kernel.Processes.FindThread(first) is not { } one || thread.Kernel.Processes.FindThread(second) is not { } other)
            return Errno.ESRCH;
        if (!ProcessAccess.MayInspect(thread, one, ofFiles: false) || !ProcessAccess.MayInspect(thread, other, ofFiles: false))
            return Errno.EPERM;
        if (type == file)
            return CompareFiles(one.Process, firstIndex, other.Process, secondIndex);
        return type switch
        {
            1 => Order(one.Process.AddressSpace, other.Process.AddressSpace),
            2 => Order(one.Process.Descriptors, other.Process.Descriptors),
            3 => Order(one.Process.FileSystemContext, other.Process.FileSystemContext),
            4 => Order(one.Process.Actions, other.Process.Actions),
            5 or 6 => 0, // no I/O contexts and no lists of semaphore undos: all have the same, none
            epollTarget => CompareTarget(thread, one.Process, firstIndex, other.Process, new UserAddress(secondIndex)),
            _ => Errno.EINVAL,
        };
    }

    private static SyscallResult CompareFiles(LinuxProcess one, ulong firstIndex, LinuxProcess other, ulong secondIndex)
    {
        IOpenFile? a = firstIndex > int.MaxValue ? null : one.Descriptors.Take((int)firstIndex);
        IOpenFile? b = secondIndex > int.MaxValue ? null : other.Descriptors.Take((int)secondIndex);
        SyscallResult result = a is null || b is null ? Errno.EBADF : Order(a, b);
        a?.Release();
        b?.Release();
        return result;
    }

    /// <summary>A file of one process, and what an epoll instance of another watches.</summary>
    private static SyscallResult CompareTarget(LinuxThread thread, LinuxProcess one, ulong index, LinuxProcess other, UserAddress slot)
    {
        if (!thread.Memory.TryRead(slot, out EpollSlot wanted))
            return Errno.EFAULT;
        IOpenFile? file = index > int.MaxValue ? null : one.Descriptors.Take((int)index);
        IOpenFile? instance = wanted.Instance < 0 ? null : other.Descriptors.Take(wanted.Instance);
        SyscallResult result = Errno.EBADF;
        if (file is not null && instance is not null)
        {
            IOpenFile? target = (instance as IEventPoll)?.TakeTarget(wanted.Target, wanted.Index);
            result = instance is not IEventPoll ? Errno.EINVAL : target is null ? Errno.ENOENT : Order(file, target);
            target?.Release();
        }

        file?.Release();
        instance?.Release();
        return result;
    }

    /// <summary>struct kcmp_epoll_slot.</summary>
    private readonly record struct EpollSlot(int Instance, int Target, int Index);

    /// <summary>0 for the same, 1 and 2 for an order that doesn't change, 3 where there is none.</summary>
    private static int Order(object a, object b)
    {
        if (ReferenceEquals(a, b))
            return 0;
        int first = System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(a);
        int second = System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(b);
        return first < second ? 1 : first > second ? 2 : 3;
    }
}

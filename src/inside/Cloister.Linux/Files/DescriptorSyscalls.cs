using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>dup(2), fcntl(2), flock(2).</summary>
public static class DescriptorSyscalls
{
    [Syscall(32, "dup")]
    public static SyscallResult Dup(LinuxThread thread, Fd fd) => DuplicateFrom(thread, fd, 0, false);

    [Syscall(33, "dup2")]
    public static SyscallResult Dup2(LinuxThread thread, Fd oldFd, Fd newFd)
    {
        if (oldFd != newFd)
            return Duplicate(thread, oldFd, newFd, false);
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(oldFd.Value);
        return borrowed.File is null ? Errno.EBADF : newFd.Value;
    }

    [Syscall(292, "dup3")]
    public static SyscallResult Dup3(LinuxThread thread, Fd oldFd, Fd newFd, OpenFlags flags)
    {
        if ((flags & ~OpenFlags.O_CLOEXEC) != 0 || oldFd == newFd)
            return Errno.EINVAL;
        return Duplicate(thread, oldFd, newFd, (flags & OpenFlags.O_CLOEXEC) != 0);
    }

    [Syscall(72, "fcntl", SyscallSupport.Partial, Note = "No leases and no directory notification: F_SETLEASE and F_NOTIFY give EINVAL. SIGIO comes without si_band.")]
    public static SyscallResult FCntl(LinuxThread thread, Fd fd, FcntlCommand command, ulong argument)
    {
        IDescriptorTable table = thread.Process.Descriptors;
        switch (command)
        {
            case FcntlCommand.F_DUPFD:
                return DuplicateFrom(thread, fd, (int)argument, false);
            case FcntlCommand.F_DUPFD_CLOEXEC:
                return DuplicateFrom(thread, fd, (int)argument, true);
            case FcntlCommand.F_GETFD:
                Errno error = table.GetCloseOnExec(fd.Value, out bool closeOnExec);
                return SyscallResult.From(error, closeOnExec ? 1 : 0);
            case FcntlCommand.F_SETFD:
                return table.SetCloseOnExec(fd.Value, (argument & 1) != 0);
        }

        using BorrowedFile borrowed = table.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        if (command == FcntlCommand.F_GETFL)
            return (int)file.Flags;

        // A reference to a place has no more than flags (open(2), O_PATH).
        if ((file.Flags & OpenFlags.O_PATH) != 0)
            return Errno.EBADF;
        switch (command)
        {
            case FcntlCommand.F_SETFL:
                return file.SetStatusFlags(thread, (OpenFlags)(int)argument);
            case FcntlCommand.F_GETLK or FcntlCommand.F_OFD_GETLK:
                return TestLock(thread, file, command == FcntlCommand.F_GETLK ? table : null, new UserAddress(argument));
            case FcntlCommand.F_SETLK or FcntlCommand.F_SETLKW:
                return SetLock(thread, file, table, new UserAddress(argument), command == FcntlCommand.F_SETLKW);
            case FcntlCommand.F_OFD_SETLK or FcntlCommand.F_OFD_SETLKW:
                return SetLock(thread, file, null, new UserAddress(argument), command == FcntlCommand.F_OFD_SETLKW);
            case FcntlCommand.F_GETPIPE_SZ:
                return file is IPipeFile pipe ? pipe.Capacity : Errno.EBADF;
            case FcntlCommand.F_SETPIPE_SZ:
                return file is IPipeFile changed ? changed.SetCapacity(thread, (uint)argument) : Errno.EBADF;
            case FcntlCommand.F_GET_SEALS:
                return file is ISealableFile sealable ? (int)sealable.Seals : Errno.EINVAL;
            case FcntlCommand.F_ADD_SEALS:
                return file is ISealableFile target ? target.AddSeals((FileSeals)(int)argument) : Errno.EINVAL;
            case FcntlCommand.F_GETLEASE:
                return (int)RecordLockType.F_UNLCK;
            case FcntlCommand.F_GETOWN:
                return file.Owner;
            case FcntlCommand.F_SETOWN:
                return SetOwner(thread, file, (int)argument);
            case FcntlCommand.F_GETSIG:
                return file.OwnerSignal;
            case FcntlCommand.F_SETSIG:
                if (argument > 64)
                    return Errno.EINVAL;
                file.OwnerSignal = (int)argument;
                return 0;
            case FcntlCommand.F_GETOWN_EX:
                return GetOwner(thread, file, new UserAddress(argument));
            case FcntlCommand.F_SETOWN_EX:
                return SetOwner(thread, file, new UserAddress(argument));
            default:
                return Errno.EINVAL;
        }
    }

    [Syscall(73, "flock")]
    public static SyscallResult Flock(LinuxThread thread, Fd fd, FlockOperation operation)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        return borrowed.File is { } file ? file.Lock(thread, operation) : Errno.EBADF;
    }

    // struct f_owner_ex: a type (thread, process, group) and an id.
    private const int OwnerThread = 0;
    private const int OwnerProcess = 1;
    private const int OwnerGroup = 2;

    private static SyscallResult SetOwner(LinuxThread thread, IOpenFile file, int owner)
    {
        // A group is a negative number; there is no group of that number's opposite.
        if (owner == int.MinValue)
            return Errno.EINVAL;
        if (owner > 0 && thread.Kernel.Processes.Find(owner) is null)
            return Errno.ESRCH;
        file.Owner = owner;
        return 0;
    }

    private static SyscallResult SetOwner(LinuxThread thread, IOpenFile file, UserAddress address)
    {
        if (!thread.Memory.TryRead(address, out int type) || !thread.Memory.TryRead(address.Offset(sizeof(int)), out int id))
            return Errno.EFAULT;
        if (type is not (OwnerThread or OwnerProcess or OwnerGroup))
            return Errno.EINVAL;
        return SetOwner(thread, file, type == OwnerGroup ? -id : id);
    }

    private static SyscallResult GetOwner(LinuxThread thread, IOpenFile file, UserAddress address)
    {
        int owner = file.Owner;
        bool stored = thread.Memory.TryWrite(address, owner < 0 ? OwnerGroup : OwnerProcess)
            && thread.Memory.TryWrite(address.Offset(sizeof(int)), System.Math.Abs(owner));
        return stored ? 0 : Errno.EFAULT;
    }

    private static SyscallResult DuplicateFrom(LinuxThread thread, Fd fd, int minimum, bool closeOnExec)
    {
        IDescriptorTable table = thread.Process.Descriptors;
        if (table.Take(fd.Value) is not { } file)
            return Errno.EBADF;
        ulong limit = thread.Process.Limits[ResourceLimits.OpenFiles].Soft;
        Errno error = minimum < 0 || (ulong)minimum >= limit ? Errno.EINVAL : table.Reserve(minimum, limit, closeOnExec, out minimum);
        if (error != Errno.Success)
        {
            file.Release();
            return error;
        }

        table.Install(minimum, file);
        return minimum;
    }

    private static SyscallResult Duplicate(LinuxThread thread, Fd oldFd, Fd newFd, bool closeOnExec)
    {
        ulong limit = thread.Process.Limits[ResourceLimits.OpenFiles].Soft;
        Errno error = thread.Process.Descriptors.Duplicate(thread, oldFd.Value, newFd.Value, limit, closeOnExec);
        return SyscallResult.From(error, newFd.Value);
    }

    private static SyscallResult TestLock(LinuxThread thread, IOpenFile file, IDescriptorTable? owner, UserAddress address)
    {
        if (!thread.Memory.TryRead(address, out Flock record))
            return Errno.EFAULT;
        Errno error = file.TestRecordLock(thread, owner, ref record);
        if (error != Errno.Success)
            return error;
        return thread.Memory.TryWrite(address, record) ? 0 : Errno.EFAULT;
    }

    private static SyscallResult SetLock(LinuxThread thread, IOpenFile file, IDescriptorTable? owner, UserAddress address, bool wait)
    {
        if (!thread.Memory.TryRead(address, out Flock record))
            return Errno.EFAULT;
        return file.SetRecordLock(thread, owner, record, wait);
    }
}

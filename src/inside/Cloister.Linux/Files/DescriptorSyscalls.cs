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

    [Syscall(72, "fcntl", SyscallSupport.Partial,
        Note = "No leases and no directory notification: F_SETLEASE and F_NOTIFY give EINVAL. SIGIO comes without si_band.",
        Lacks = "F_SETLEASE F_NOTIFY")]
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
                return file.SetStatusFlags(thread, (OpenFlags)(int)argument, fd.Value);
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
            case FcntlCommand.F_SETLEASE:
                return SetLease(file, (RecordLockType)(int)argument);
            case FcntlCommand.F_GETOWN:
                return file.SignalOwner.Number;
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

    private static SyscallResult SetOwner(LinuxThread thread, IOpenFile file, int number)
    {
        // A group is a negative number; there is no group of that number's opposite.
        if (number == int.MinValue)
            return Errno.EINVAL;
        SignalOwnerKind kind = number < 0 ? SignalOwnerKind.F_OWNER_PGRP : SignalOwnerKind.F_OWNER_PID;
        return SetOwner(thread, file, kind, System.Math.Abs(number));
    }

    private static SyscallResult SetOwner(LinuxThread thread, IOpenFile file, SignalOwnerKind kind, int id)
    {
        var owner = new SignalOwner(kind, id, thread.Identity.UserId);
        if (!owner.IsNone && !thread.Kernel.Jobs.Exists(owner))
            return Errno.ESRCH;
        file.SignalOwner = owner;
        return 0;
    }

    // struct f_owner_ex: a type (thread, process, group) and an id.
    private static SyscallResult SetOwner(LinuxThread thread, IOpenFile file, UserAddress address)
    {
        if (!thread.Memory.TryRead(address, out SignalOwnerKind kind) || !thread.Memory.TryRead(address.Offset(sizeof(int)), out int id))
            return Errno.EFAULT;
        if (kind is < SignalOwnerKind.F_OWNER_TID or > SignalOwnerKind.F_OWNER_PGRP)
            return Errno.EINVAL;
        return SetOwner(thread, file, kind, id);
    }

    private static SyscallResult GetOwner(LinuxThread thread, IOpenFile file, UserAddress address)
    {
        SignalOwner owner = file.SignalOwner;
        bool stored = thread.Memory.TryWrite(address, owner.Kind) && thread.Memory.TryWrite(address.Offset(sizeof(int)), owner.Id);
        return stored ? 0 : Errno.EFAULT;
    }

    // There are no leases. What Linux refuses with EAGAIN is that here too: none to give up, or the file is open for writing.
    private static SyscallResult SetLease(IOpenFile file, RecordLockType type)
    {
        if (type is < RecordLockType.F_RDLCK or > RecordLockType.F_UNLCK || file.Type != FileModes.S_IFREG)
            return Errno.EINVAL;
        bool isWriter = (file.Flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
        return type == RecordLockType.F_UNLCK || (type == RecordLockType.F_RDLCK && isWriter) ? Errno.EAGAIN : Errno.EINVAL;
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

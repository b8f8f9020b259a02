using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>inotify(7).</summary>
public static class InotifySyscalls
{
    private const InotifyFlags Known = InotifyFlags.IN_ALL_EVENTS | InotifyFlags.IN_UNMOUNT | InotifyFlags.IN_Q_OVERFLOW | InotifyFlags.IN_IGNORED
        | InotifyFlags.IN_ONLYDIR | InotifyFlags.IN_DONT_FOLLOW | InotifyFlags.IN_EXCL_UNLINK | InotifyFlags.IN_MASK_CREATE
        | InotifyFlags.IN_MASK_ADD | InotifyFlags.IN_ISDIR | InotifyFlags.IN_ONESHOT;

    [Syscall(253, "inotify_init")]
    public static SyscallResult Init(LinuxThread thread) => Init1(thread, 0);

    [Syscall(294, "inotify_init1")]
    public static SyscallResult Init1(LinuxThread thread, OpenFlags flags)
    {
        if ((flags & ~(OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC)) != 0)
            return Errno.EINVAL;
        Errno error = thread.Kernel.Vfs.CreateInotify(thread, (flags & OpenFlags.O_NONBLOCK) != 0, out IOpenFile? file);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, file!, (flags & OpenFlags.O_CLOEXEC) != 0);
    }

    [Syscall(254, "inotify_add_watch")]
    public static SyscallResult AddWatch(LinuxThread thread, Fd fd, UserString path, InotifyFlags mask)
    {
        const InotifyFlags both = InotifyFlags.IN_MASK_ADD | InotifyFlags.IN_MASK_CREATE;
        if ((mask & ~Known) != 0 || (mask & Known) == 0)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        if ((mask & both) == both || file is not IInotifyFile instance)
            return Errno.EINVAL;
        LookupFlags lookup = (mask & InotifyFlags.IN_DONT_FOLLOW) != 0 ? LookupFlags.None : LookupFlags.Follow;
        Errno error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            error = instance.Add(thread, operand.Argument(lookup), mask, out int descriptor);
            return SyscallResult.From(error, descriptor);
        }
    }

    [Syscall(255, "inotify_rm_watch")]
    public static SyscallResult RemoveWatch(LinuxThread thread, Fd fd, int descriptor)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        return file is IInotifyFile instance ? instance.Remove(descriptor) : Errno.EINVAL;
    }
}

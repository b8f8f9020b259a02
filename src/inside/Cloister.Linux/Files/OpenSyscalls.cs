using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>open(2), openat(2), openat2(2), creat(2), close(2), close_range(2).</summary>
public static class OpenSyscalls
{
    private const OpenFlags Known = OpenFlags.O_ACCMODE | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOCTTY | OpenFlags.O_TRUNC
        | OpenFlags.O_APPEND | OpenFlags.O_NONBLOCK | OpenFlags.O_SYNC | OpenFlags.O_ASYNC | OpenFlags.O_DIRECT | OpenFlags.O_LARGEFILE
        | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NOATIME | OpenFlags.O_CLOEXEC | OpenFlags.O_PATH | OpenFlags.__O_TMPFILE;

    private const OpenFlags KnownWithPath = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;

    private const ResolveFlags KnownResolve = ResolveFlags.RESOLVE_NO_XDEV | ResolveFlags.RESOLVE_NO_MAGICLINKS | ResolveFlags.RESOLVE_NO_SYMLINKS
        | ResolveFlags.RESOLVE_BENEATH | ResolveFlags.RESOLVE_IN_ROOT | ResolveFlags.RESOLVE_CACHED;

    [Syscall(2, "open")]
    public static SyscallResult Open(LinuxThread thread, UserString path, OpenFlags flags, FileMode mode) =>
        OpenAt(thread, new Fd(Fd.AtFdCwd), path, flags, mode);

    [Syscall(85, "creat")]
    public static SyscallResult Creat(LinuxThread thread, UserString path, FileMode mode) =>
        OpenAt(thread, new Fd(Fd.AtFdCwd), path, OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC, mode);

    [Syscall(257, "openat")]
    public static SyscallResult OpenAt(LinuxThread thread, Fd directory, UserString path, OpenFlags flags, FileMode mode)
    {
        (OpenFlags accepted, uint acceptedMode) = Accepted(flags, mode.Value);
        return Open(thread, directory, path, accepted, acceptedMode, ResolveFlags.None);
    }

    [Syscall(437, "openat2", SyscallSupport.Partial,
        Note = "RESOLVE_CACHED always gives EAGAIN.",
        Lacks = "RESOLVE_CACHED")]
    public static SyscallResult OpenAt2(LinuxThread thread, Fd directory, UserString path, UserAddress how, ulong size)
    {
        Errno error = ReadHow(thread, how, size, out OpenFlags flags, out uint mode, out ResolveFlags resolve);
        return error != Errno.Success ? error : Open(thread, directory, path, flags, mode, resolve);
    }

    private static Errno ReadHow(LinuxThread thread, UserAddress how, ulong size, out OpenFlags flags, out uint mode, out ResolveFlags resolve)
    {
        flags = default;
        mode = 0;
        resolve = default;
        if (size < 24)
            return Errno.EINVAL;
        if (size > 4096)
            return Errno.E2BIG;
        if (!thread.Memory.TryRead(how, out OpenHow request))
            return Errno.EFAULT;
        if (!IsZero(thread, how.Offset(24), size - 24, out Errno error))
            return error;
        flags = (OpenFlags)(int)request.Flags;
        mode = (uint)request.Mode;
        resolve = (ResolveFlags)request.Resolve;
        if (request.Flags > int.MaxValue || (flags & ~Known) != 0 || (resolve & ~KnownResolve) != 0)
            return Errno.EINVAL;
        if ((resolve & (ResolveFlags.RESOLVE_BENEATH | ResolveFlags.RESOLVE_IN_ROOT)) == (ResolveFlags.RESOLVE_BENEATH | ResolveFlags.RESOLVE_IN_ROOT))
            return Errno.EINVAL;
        bool creates = (flags & (OpenFlags.O_CREAT | OpenFlags.__O_TMPFILE)) != 0;
        if (creates ? (request.Mode & ~(ulong)FileModes.S_IALLUGO) != 0 : request.Mode != 0)
            return Errno.EINVAL;
        if ((flags & OpenFlags.O_PATH) != 0 && (flags & ~KnownWithPath) != 0)
            return Errno.EINVAL;
        if ((resolve & ResolveFlags.RESOLVE_CACHED) != 0)
            return (flags & (OpenFlags.O_TRUNC | OpenFlags.O_CREAT | OpenFlags.__O_TMPFILE)) != 0 ? Errno.EINVAL : Errno.EAGAIN;
        return Errno.Success;
    }

    /// <summary>openat(2) without a descriptor: for a ring's own table.</summary>
    internal static Errno OpenUnnumbered(LinuxThread thread, Fd directory, UserString path, OpenFlags flags, uint mode, out IOpenFile? file)
    {
        (OpenFlags accepted, uint acceptedMode) = Accepted(flags, mode);
        return OpenFile(thread, directory, path, accepted, acceptedMode, ResolveFlags.None, isNumbered: false, out file, out _);
    }

    /// <summary>openat2(2) without a descriptor.</summary>
    internal static Errno OpenUnnumbered2(
        LinuxThread thread, Fd directory, UserString path, UserAddress how, ulong size, out IOpenFile? file, out OpenFlags flags)
    {
        file = null;
        Errno error = ReadHow(thread, how, size, out flags, out uint mode, out ResolveFlags resolve);
        return error != Errno.Success ? error : OpenFile(thread, directory, path, flags, mode, resolve, isNumbered: false, out file, out _);
    }

    [Syscall(3, "close")]
    public static SyscallResult Close(LinuxThread thread, Fd fd) => thread.Process.Descriptors.Close(thread, fd.Value);

    [Syscall(436, "close_range", SyscallSupport.Partial, Note = "CLOSE_RANGE_UNSHARE gives EINVAL in a process with several threads.")]
    public static SyscallResult CloseRange(LinuxThread thread, uint first, uint last, uint flags)
    {
        const uint unshare = 2;
        const uint closeOnExec = 4;
        if ((flags & ~(unshare | closeOnExec)) != 0 || first > last)
            return Errno.EINVAL;
        if ((flags & unshare) != 0)
        {
            // Threads of one process always share their descriptors here.
            if (thread.Process.ThreadCount > 1)
                return Errno.EINVAL;
            thread.Process.UnshareDescriptors(thread);
        }

        thread.Process.Descriptors.CloseRange(thread, first, last, (flags & closeOnExec) != 0);
        return 0;
    }

    /// <summary>Reserves a descriptor, as all calls that return one do.</summary>
    internal static Errno Reserve(LinuxThread thread, bool closeOnExec, out int fd)
    {
        IDescriptorTable table = thread.Process.Descriptors;
        Errno error = table.Reserve(0, thread.Process.Limits[ResourceLimits.OpenFiles].Soft, closeOnExec, out fd);
        if (error != Errno.Success || !thread.Kernel.Vfs.HasMostOpenFiles(fd))
            return error;
        table.Unreserve(fd);
        return Errno.ENFILE;
    }

    /// <summary>Gives a file the lowest descriptor; releases it where there is none.</summary>
    internal static SyscallResult Install(LinuxThread thread, IOpenFile file, bool closeOnExec)
    {
        Errno error = Reserve(thread, closeOnExec, out int fd);
        if (error != Errno.Success)
        {
            file.Release();
            return error;
        }

        thread.Process.Descriptors.Install(fd, file);
        return fd;
    }

    /// <summary>Whether the rest of an extensible structure is zero; E2BIG where it isn't.</summary>
    internal static bool IsZero(LinuxThread thread, UserAddress address, ulong length, out Errno error)
    {
        error = Errno.Success;
        for (ulong i = 0; i < length; i++)
        {
            if (!thread.Memory.TryRead(address.Offset(i), out byte value))
                error = Errno.EFAULT;
            else if (value != 0)
                error = Errno.E2BIG;
            if (error != Errno.Success)
                return false;
        }

        return true;
    }

    /// <summary>The flags and the mode of openat(2), as far as they count.</summary>
    internal static (OpenFlags Flags, uint Mode) Accepted(OpenFlags flags, uint mode)
    {
        // Unknown flags are ignored here, unlike in openat2.
        flags = (flags & Known) | OpenFlags.O_LARGEFILE;
        if ((flags & OpenFlags.O_PATH) != 0)
            flags &= KnownWithPath;
        bool creates = (flags & (OpenFlags.O_CREAT | OpenFlags.__O_TMPFILE)) != 0;
        return (flags, creates ? mode & FileModes.S_IALLUGO : 0);
    }

    private static SyscallResult Open(LinuxThread thread, Fd directory, UserString path, OpenFlags flags, uint mode, ResolveFlags resolve)
    {
        Errno error = OpenFile(thread, directory, path, flags, mode, resolve, isNumbered: true, out IOpenFile? file, out int fd);
        if (error != Errno.Success)
            return error;
        thread.Process.Descriptors.Install(fd, file!);
        return fd;
    }

    /// <summary>Opens a file, and reserves its descriptor before, so that nothing has happened yet where there is none.</summary>
    private static Errno OpenFile(
        LinuxThread thread, Fd directory, UserString path, OpenFlags flags, uint mode, ResolveFlags resolve, bool isNumbered,
        out IOpenFile? file, out int fd)
    {
        file = null;
        fd = -1;
        if ((flags & OpenFlags.__O_TMPFILE) != 0)
        {
            if ((flags & OpenFlags.O_TMPFILE) != OpenFlags.O_TMPFILE || (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDONLY)
                return Errno.EINVAL;
        }
        else if ((flags & (OpenFlags.O_CREAT | OpenFlags.O_DIRECTORY)) == (OpenFlags.O_CREAT | OpenFlags.O_DIRECTORY))
        {
            // As Linux since 6.4; earlier ones made a regular file and then failed.
            return Errno.EINVAL;
        }

        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, false, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            if (isNumbered)
                error = Reserve(thread, (flags & OpenFlags.O_CLOEXEC) != 0, out fd);
            if (error != Errno.Success)
                return error;
            bool follows = (flags & OpenFlags.O_NOFOLLOW) == 0
                && (flags & (OpenFlags.O_CREAT | OpenFlags.O_EXCL)) != (OpenFlags.O_CREAT | OpenFlags.O_EXCL);
            PathArgument argument = operand.Argument(follows ? LookupFlags.Follow : LookupFlags.None, resolve);
            error = thread.Kernel.Vfs.Open(thread, argument, flags, mode, out file);
            if (error != Errno.Success && isNumbered)
                thread.Process.Descriptors.Unreserve(fd);
            return error;
        }
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>Calls that make, remove and read names: mkdir(2), link(2), unlink(2), symlink(2), rename(2), readlink(2), mknod(2).</summary>
public static class NameSyscalls
{
    [Syscall(83, "mkdir")]
    public static SyscallResult MkDir(LinuxThread thread, UserString path, FileMode mode) => MkDirAt(thread, new Fd(Fd.AtFdCwd), path, mode);

    [Syscall(258, "mkdirat")]
    public static SyscallResult MkDirAt(LinuxThread thread, Fd directory, UserString path, FileMode mode)
    {
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, false, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.MakeDirectory(thread, operand.Argument(LookupFlags.None), mode.Value);
    }

    [Syscall(133, "mknod")]
    public static SyscallResult MkNod(LinuxThread thread, UserString path, FileMode mode, uint device) =>
        MkNodAt(thread, new Fd(Fd.AtFdCwd), path, mode, device);

    [Syscall(259, "mknodat")]
    public static SyscallResult MkNodAt(LinuxThread thread, Fd directory, UserString path, FileMode mode, uint device)
    {
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, false, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.MakeNode(thread, operand.Argument(LookupFlags.None), mode.Value, device);
    }

    [Syscall(84, "rmdir")]
    public static SyscallResult RmDir(LinuxThread thread, UserString path) => UnlinkAt(thread, new Fd(Fd.AtFdCwd), path, AtFlags.AT_REMOVEDIR);

    [Syscall(87, "unlink")]
    public static SyscallResult Unlink(LinuxThread thread, UserString path) => UnlinkAt(thread, new Fd(Fd.AtFdCwd), path, AtFlags.None);

    [Syscall(263, "unlinkat")]
    public static SyscallResult UnlinkAt(LinuxThread thread, Fd directory, UserString path, AtFlags flags)
    {
        if ((flags & ~AtFlags.AT_REMOVEDIR) != 0)
            return Errno.EINVAL;
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, false, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            PathArgument argument = operand.Argument(LookupFlags.None);
            return (flags & AtFlags.AT_REMOVEDIR) != 0
                ? thread.Kernel.Vfs.RemoveDirectory(thread, argument)
                : thread.Kernel.Vfs.Unlink(thread, argument);
        }
    }

    [Syscall(88, "symlink")]
    public static SyscallResult SymLink(LinuxThread thread, UserString target, UserString path) => SymLinkAt(thread, target, new Fd(Fd.AtFdCwd), path);

    [Syscall(266, "symlinkat")]
    public static SyscallResult SymLinkAt(LinuxThread thread, UserString target, Fd directory, UserString path)
    {
        Errno error = thread.Memory.ReadString(target, thread.SecondPathBuffer, out int length);
        if (error != Errno.Success)
            return error;
        if (length == 0)
            return Errno.ENOENT;
        error = PathOperand.Read(thread, directory, path, thread.PathBuffer, false, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.MakeSymbolicLink(thread, thread.SecondPathBuffer[..length], operand.Argument(LookupFlags.None));
    }

    [Syscall(86, "link")]
    public static SyscallResult Link(LinuxThread thread, UserString existing, UserString path) =>
        LinkAt(thread, new Fd(Fd.AtFdCwd), existing, new Fd(Fd.AtFdCwd), path, AtFlags.None);

    [Syscall(265, "linkat")]
    public static SyscallResult LinkAt(LinuxThread thread, Fd oldDirectory, UserString existing, Fd newDirectory, UserString path, AtFlags flags)
    {
        if ((flags & ~(AtFlags.AT_SYMLINK_FOLLOW | AtFlags.AT_EMPTY_PATH)) != 0)
            return Errno.EINVAL;

        // A descriptor as source would get around the permissions of the path to it (linkat(2), AT_EMPTY_PATH).
        const int capDacReadSearch = FileCapabilities.CAP_DAC_READ_SEARCH;
        bool allowsEmpty = (flags & AtFlags.AT_EMPTY_PATH) != 0;
        if (allowsEmpty && !thread.Credentials.Has(capDacReadSearch))
            return Errno.ENOENT;
        Errno error = PathOperand.Read(thread, oldDirectory, existing, thread.SecondPathBuffer, allowsEmpty, out PathOperand source);
        if (error != Errno.Success)
            return error;
        using (source)
        {
            error = PathOperand.Read(thread, newDirectory, path, thread.PathBuffer, false, out PathOperand operand);
            if (error != Errno.Success)
                return error;
            using (operand)
            {
                LookupFlags lookup = (flags & AtFlags.AT_SYMLINK_FOLLOW) != 0 ? LookupFlags.Follow : LookupFlags.None;
                return thread.Kernel.Vfs.Link(thread, source.Argument(lookup), operand.Argument(LookupFlags.None));
            }
        }
    }

    [Syscall(82, "rename")]
    public static SyscallResult Rename(LinuxThread thread, UserString from, UserString to) =>
        RenameAt2(thread, new Fd(Fd.AtFdCwd), from, new Fd(Fd.AtFdCwd), to, RenameFlags.None);

    [Syscall(264, "renameat")]
    public static SyscallResult RenameAt(LinuxThread thread, Fd oldDirectory, UserString from, Fd newDirectory, UserString to) =>
        RenameAt2(thread, oldDirectory, from, newDirectory, to, RenameFlags.None);

    [Syscall(316, "renameat2", SyscallSupport.Partial,
        Note = "RENAME_WHITEOUT gives EINVAL, as file systems without it do.",
        Lacks = "RENAME_WHITEOUT")]
    public static SyscallResult RenameAt2(LinuxThread thread, Fd oldDirectory, UserString from, Fd newDirectory, UserString to, RenameFlags flags)
    {
        Errno error = PathOperand.Read(thread, oldDirectory, from, thread.SecondPathBuffer, false, out PathOperand source);
        if (error != Errno.Success)
            return error;
        using (source)
        {
            error = PathOperand.Read(thread, newDirectory, to, thread.PathBuffer, false, out PathOperand target);
            if (error != Errno.Success)
                return error;
            using (target)
                return thread.Kernel.Vfs.Rename(thread, source.Argument(LookupFlags.None), target.Argument(LookupFlags.None), flags);
        }
    }

    [Syscall(89, "readlink")]
    public static SyscallResult ReadLink(LinuxThread thread, UserString path, UserAddress buffer, int size) =>
        ReadLinkAt(thread, new Fd(Fd.AtFdCwd), path, buffer, size);

    [Syscall(267, "readlinkat")]
    public static SyscallResult ReadLinkAt(LinuxThread thread, Fd directory, UserString path, UserAddress buffer, int size)
    {
        if (size <= 0)
            return Errno.EINVAL;

        // An empty path means the link itself, opened with O_PATH | O_NOFOLLOW.
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, true, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            if (operand.IsEmpty && operand.Start is null)
                return Errno.ENOENT;
            Span<byte> target = thread.SecondPathBuffer;
            error = thread.Kernel.Vfs.ReadLink(thread, operand.Argument(LookupFlags.None), target, out int length);
            if (error != Errno.Success)
                return error;
            length = Math.Min(length, size);
            error = thread.Memory.CopyOut(buffer, target[..length]);
            return error != Errno.Success ? error : length;
        }
    }
}

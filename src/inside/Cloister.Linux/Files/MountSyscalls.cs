using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>mount(2) and umount2(2).</summary>
public static class MountSyscalls
{
    [Syscall(165, "mount", SyscallSupport.Partial,
        Note = "tmpfs, ramfs, proc, sysfs, devtmpfs, devpts; bind, move and remount. No propagation: there is one namespace.",
        Lacks = "MS_SHARED MS_SLAVE MS_UNBINDABLE")]
    public static SyscallResult Mount(LinuxThread thread, UserString source, UserString target, UserString type, MountFlags flags, UserString data)
    {
        // The magic number of old programs (MS_MGC_VAL).
        if (((ulong)flags & 0xffff0000) == 0xC0ED0000)
            flags = (MountFlags)((ulong)flags & 0xffff);
        Span<byte> typeBuffer = stackalloc byte[64];
        Errno error = ReadOptional(thread, type, typeBuffer, out int typeLength);
        if (error != Errno.Success)
            return error == Errno.ENAMETOOLONG ? Errno.ENODEV : error;

        // A page that the program need not fill: options end at the first NUL or with the page.
        byte[] options = new byte[4096];
        error = ReadOptional(thread, data, options, out int optionsLength);
        if (error is not (Errno.Success or Errno.ENAMETOOLONG))
            return error;
        Span<byte> sourceBuffer = thread.SecondPathBuffer;
        error = ReadOptional(thread, source, sourceBuffer, out int sourceLength);
        if (error != Errno.Success)
            return error;
        error = PathOperand.Read(thread, target, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            var from = new PathArgument(thread.Process.FileSystemContext, null, sourceBuffer[..sourceLength], LookupFlags.Follow);
            return thread.Kernel.Vfs.Mount(thread, from, operand.Argument(LookupFlags.Follow), typeBuffer[..typeLength], flags, options.AsSpan(0, optionsLength));
        }
    }

    [Syscall(166, "umount2")]
    public static SyscallResult UMount2(LinuxThread thread, UserString target, UnmountFlags flags)
    {
        Errno error = PathOperand.Read(thread, target, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            LookupFlags lookup = (flags & UnmountFlags.UMOUNT_NOFOLLOW) != 0 ? LookupFlags.None : LookupFlags.Follow;
            return thread.Kernel.Vfs.Unmount(thread, operand.Argument(lookup), flags);
        }
    }

    private static Errno ReadOptional(LinuxThread thread, UserString text, Span<byte> into, out int length)
    {
        length = 0;
        return text.IsNull ? Errno.Success : thread.Memory.ReadString(text, into, out length);
    }
}

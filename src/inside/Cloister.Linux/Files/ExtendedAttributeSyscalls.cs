using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>Extended attributes (xattr(7)).</summary>
public static class ExtendedAttributeSyscalls
{
    /// <summary>XATTR_NAME_MAX, and the NUL.</summary>
    private const int NameLength = 256;

    /// <summary>XATTR_SIZE_MAX and XATTR_LIST_MAX.</summary>
    private const ulong LargestValue = 65536;

    [Syscall(188, "setxattr")]
    public static SyscallResult SetXattr(LinuxThread thread, UserString path, UserString name, UserAddress value, ulong size, XattrFlags flags) =>
        Set(thread, path, LookupFlags.Follow, name, value, size, flags);

    [Syscall(189, "lsetxattr")]
    public static SyscallResult LSetXattr(LinuxThread thread, UserString path, UserString name, UserAddress value, ulong size, XattrFlags flags) =>
        Set(thread, path, LookupFlags.None, name, value, size, flags);

    [Syscall(190, "fsetxattr")]
    public static SyscallResult FSetXattr(LinuxThread thread, Fd fd, UserString name, UserAddress value, ulong size, XattrFlags flags)
    {
        Errno error = PathOperand.OpenDescriptor(thread, fd, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return Set(thread, operand.Argument(LookupFlags.None), name, value, size, flags);
    }

    [Syscall(191, "getxattr")]
    public static SyscallResult GetXattr(LinuxThread thread, UserString path, UserString name, UserAddress value, ulong size) =>
        Get(thread, path, LookupFlags.Follow, name, value, size);

    [Syscall(192, "lgetxattr")]
    public static SyscallResult LGetXattr(LinuxThread thread, UserString path, UserString name, UserAddress value, ulong size) =>
        Get(thread, path, LookupFlags.None, name, value, size);

    [Syscall(193, "fgetxattr")]
    public static SyscallResult FGetXattr(LinuxThread thread, Fd fd, UserString name, UserAddress value, ulong size)
    {
        Errno error = PathOperand.OpenDescriptor(thread, fd, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return Get(thread, operand.Argument(LookupFlags.None), name, value, size);
    }

    [Syscall(194, "listxattr")]
    public static SyscallResult ListXattr(LinuxThread thread, UserString path, UserAddress list, ulong size) =>
        List(thread, path, LookupFlags.Follow, list, size);

    [Syscall(195, "llistxattr")]
    public static SyscallResult LListXattr(LinuxThread thread, UserString path, UserAddress list, ulong size) =>
        List(thread, path, LookupFlags.None, list, size);

    [Syscall(196, "flistxattr")]
    public static SyscallResult FListXattr(LinuxThread thread, Fd fd, UserAddress list, ulong size)
    {
        Errno error = PathOperand.OpenDescriptor(thread, fd, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return List(thread, operand.Argument(LookupFlags.None), list, size);
    }

    [Syscall(197, "removexattr")]
    public static SyscallResult RemoveXattr(LinuxThread thread, UserString path, UserString name) => Remove(thread, path, LookupFlags.Follow, name);

    [Syscall(198, "lremovexattr")]
    public static SyscallResult LRemoveXattr(LinuxThread thread, UserString path, UserString name) => Remove(thread, path, LookupFlags.None, name);

    [Syscall(199, "fremovexattr")]
    public static SyscallResult FRemoveXattr(LinuxThread thread, Fd fd, UserString name)
    {
        Span<byte> nameBuffer = stackalloc byte[NameLength];
        Errno error = ReadName(thread, name, nameBuffer, out int length);
        if (error != Errno.Success)
            return error;
        error = PathOperand.OpenDescriptor(thread, fd, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.RemoveExtendedAttribute(thread, operand.Argument(LookupFlags.None), nameBuffer[..length]);
    }

    private static SyscallResult Set(LinuxThread thread, UserString path, LookupFlags lookup, UserString name, UserAddress value, ulong size, XattrFlags flags)
    {
        Errno error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return Set(thread, operand.Argument(lookup), name, value, size, flags);
    }

    /// <summary>Sets an attribute of what a path leads to.</summary>
    internal static SyscallResult Set(LinuxThread thread, in PathArgument path, UserString name, UserAddress value, ulong size, XattrFlags flags)
    {
        if ((flags & ~(XattrFlags.XATTR_CREATE | XattrFlags.XATTR_REPLACE)) != 0)
            return Errno.EINVAL;
        Span<byte> nameBuffer = stackalloc byte[NameLength];
        Errno error = ReadName(thread, name, nameBuffer, out int length);
        if (error != Errno.Success)
            return error;
        if (size > LargestValue)
            return Errno.E2BIG;
        Span<byte> bytes = Scratch(thread, size);
        error = thread.Memory.CopyIn(value, bytes);
        return error != Errno.Success ? error : thread.Kernel.Vfs.SetExtendedAttribute(thread, path, nameBuffer[..length], bytes, flags);
    }

    private static SyscallResult Get(LinuxThread thread, UserString path, LookupFlags lookup, UserString name, UserAddress value, ulong size)
    {
        Errno error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return Get(thread, operand.Argument(lookup), name, value, size);
    }

    /// <summary>Reads an attribute of what a path leads to.</summary>
    internal static SyscallResult Get(LinuxThread thread, in PathArgument path, UserString name, UserAddress value, ulong size)
    {
        Span<byte> nameBuffer = stackalloc byte[NameLength];
        Errno error = ReadName(thread, name, nameBuffer, out int length);
        if (error != Errno.Success)
            return error;
        Span<byte> bytes = Scratch(thread, Math.Min(size, LargestValue));
        error = thread.Kernel.Vfs.GetExtendedAttribute(thread, path, nameBuffer[..length], bytes, out int found);
        if (error == Errno.Success && size > 0)
            error = thread.Memory.CopyOut(value, bytes[..found]);
        return SyscallResult.From(error, found);
    }

    private static SyscallResult List(LinuxThread thread, UserString path, LookupFlags lookup, UserAddress list, ulong size)
    {
        Errno error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return List(thread, operand.Argument(lookup), list, size);
    }

    private static SyscallResult List(LinuxThread thread, in PathArgument path, UserAddress list, ulong size)
    {
        Span<byte> bytes = Scratch(thread, Math.Min(size, LargestValue));
        Errno error = thread.Kernel.Vfs.ListExtendedAttributes(thread, path, bytes, out int found);
        if (error == Errno.Success && size > 0)
            error = thread.Memory.CopyOut(list, bytes[..found]);
        return SyscallResult.From(error, found);
    }

    private static SyscallResult Remove(LinuxThread thread, UserString path, LookupFlags lookup, UserString name)
    {
        Span<byte> nameBuffer = stackalloc byte[NameLength];
        Errno error = ReadName(thread, name, nameBuffer, out int length);
        if (error != Errno.Success)
            return error;
        error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.RemoveExtendedAttribute(thread, operand.Argument(lookup), nameBuffer[..length]);
    }

    private static Errno ReadName(LinuxThread thread, UserString name, Span<byte> into, out int length)
    {
        Errno error = thread.Memory.ReadString(name, into, out length);
        if (error == Errno.ENAMETOOLONG || (error == Errno.Success && length == 0))
            return Errno.ERANGE;
        return error;
    }

    private static Span<byte> Scratch(LinuxThread thread, ulong size) =>
        size <= (ulong)thread.SecondPathBuffer.Length ? thread.SecondPathBuffer[..(int)size] : new byte[size];
}

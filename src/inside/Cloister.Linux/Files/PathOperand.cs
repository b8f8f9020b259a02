using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>A path argument with its starting descriptor, copied in and borrowed for the time of a call.</summary>
internal readonly ref struct PathOperand
{
    private readonly LinuxThread _thread;
    private readonly BorrowedFile _start;
    private readonly ReadOnlySpan<byte> _path;
    private readonly bool _allowsEmpty;

    private PathOperand(LinuxThread thread, BorrowedFile start, ReadOnlySpan<byte> path, bool allowsEmpty)
    {
        _thread = thread;
        _start = start;
        _path = path;
        _allowsEmpty = allowsEmpty;
    }

    /// <summary>Whether the path is empty, so that the descriptor itself is meant.</summary>
    public bool IsEmpty => _path.IsEmpty;

    /// <summary>The starting descriptor's file.</summary>
    public IOpenFile? Start => _start.File;

    /// <summary>A path relative to the working directory.</summary>
    public static Errno Read(LinuxThread thread, UserString path, Span<byte> scratch, out PathOperand operand) =>
        Read(thread, new Fd(Fd.AtFdCwd), path, scratch, false, out operand);

    /// <summary>A path relative to a descriptor.</summary>
    /// <param name="thread">The caller.</param>
    /// <param name="directory">The descriptor; not looked at where the path is absolute.</param>
    /// <param name="path">Address of the path.</param>
    /// <param name="scratch">Where it is copied to.</param>
    /// <param name="allowsEmpty">AT_EMPTY_PATH.</param>
    /// <param name="operand">The operand, to be disposed of.</param>
    public static Errno Read(LinuxThread thread, Fd directory, UserString path, Span<byte> scratch, bool allowsEmpty, out PathOperand operand)
    {
        operand = default;
        Errno error = thread.Memory.ReadString(path, scratch, out int length);
        if (error != Errno.Success)
            return error;
        if (length == 0 && !allowsEmpty)
            return Errno.ENOENT;
        BorrowedFile start = default;
        if (directory.Value != Fd.AtFdCwd && (length == 0 || scratch[0] != (byte)'/'))
        {
            start = thread.Process.Descriptors.Borrow(directory.Value);
            if (start.File is null)
                return Errno.EBADF;
        }

        operand = new PathOperand(thread, start, scratch[..length], allowsEmpty);
        return Errno.Success;
    }

    /// <summary>The descriptor itself, without a path: the f* calls.</summary>
    public static Errno Descriptor(LinuxThread thread, Fd fd, out PathOperand operand)
    {
        operand = default;
        BorrowedFile start = thread.Process.Descriptors.Borrow(fd.Value);
        if (start.File is null)
            return Errno.EBADF;
        operand = new PathOperand(thread, start, default, true);
        return Errno.Success;
    }

    /// <summary>The same, where O_PATH descriptors don't count as open (fchmod(2) and the like).</summary>
    public static Errno OpenDescriptor(LinuxThread thread, Fd fd, out PathOperand operand)
    {
        Errno error = Descriptor(thread, fd, out operand);
        if (error != Errno.Success || (operand.Start!.Flags & OpenFlags.O_PATH) == 0)
            return error;
        operand.Dispose();
        operand = default;
        return Errno.EBADF;
    }

    /// <summary>What the file system takes.</summary>
    public PathArgument Argument(LookupFlags flags, ResolveFlags resolve = ResolveFlags.None) =>
        new(_thread.Process.FileSystemContext, _start.File, _path, _allowsEmpty ? flags | LookupFlags.AllowEmpty : flags, resolve);

    /// <summary>Gives the descriptor back.</summary>
    public void Dispose() => _start.Dispose();
}

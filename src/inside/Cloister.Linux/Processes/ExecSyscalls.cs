using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Processes;

/// <summary>execve(2) and execveat(2).</summary>
internal static class ExecSyscalls
{
    private const int AtEmptyPath = 0x1000;
    private const int AtSymlinkNoFollow = 0x100;

    /// <summary>More pointers than the stack could ever hold.</summary>
    private const int MostStrings = 1 << 20;

    [Syscall(59, "execve")]
    public static SyscallResult Execve(LinuxThread thread, UserString path, UserAddress arguments, UserAddress environment) =>
        Execute(thread, new Fd(Fd.AtFdCwd), path, arguments, environment, 0);

    [Syscall(322, "execveat")]
    public static SyscallResult ExecveAt(LinuxThread thread, Fd directory, UserString path, UserAddress arguments, UserAddress environment, int flags) =>
        (flags & ~(AtEmptyPath | AtSymlinkNoFollow)) != 0 ? Errno.EINVAL : Execute(thread, directory, path, arguments, environment, flags);

    private static SyscallResult Execute(LinuxThread thread, Fd directory, UserString path, UserAddress arguments, UserAddress environment, int flags)
    {
        Errno error = thread.Memory.ReadString(path, thread.PathBuffer, out int length);
        if (error != Errno.Success)
            return error;
        byte[] name = thread.PathBuffer[..length].ToArray();
        error = ReadStrings(thread, arguments, out List<byte[]> argv);
        if (error == Errno.Success)
            error = ReadStrings(thread, environment, out List<byte[]> envp) is var e && e != Errno.Success ? e : Open(thread, directory, name, argv, envp, flags);
        return error;
    }

    private static Errno Open(LinuxThread thread, Fd directory, byte[] name, List<byte[]> argv, List<byte[]> envp, int flags)
    {
        // An empty argument vector becomes one empty string, as Linux does since 5.18.
        if (argv.Count == 0)
            argv.Add([]);
        LookupFlags lookup = ((flags & AtSymlinkNoFollow) == 0 ? LookupFlags.Follow : LookupFlags.None) |
            ((flags & AtEmptyPath) != 0 ? LookupFlags.AllowEmpty : LookupFlags.None);
        using BorrowedFile start = directory.Value == Fd.AtFdCwd ? default : thread.Process.Descriptors.Borrow(directory.Value);
        if (directory.Value != Fd.AtFdCwd && start.File is null && !name.AsSpan().StartsWith("/"u8))
            return Errno.EBADF;
        var argument = new PathArgument(thread.Process.FileSystemContext, start.File, name, lookup);
        Errno error = thread.Kernel.Vfs.OpenExecutable(thread, argument, out IOpenFile? file);
        if (error != Errno.Success)
            return error;
        byte[] path = name;
        bool isHidden = false;
        if (directory.Value != Fd.AtFdCwd && !name.AsSpan().StartsWith("/"u8))
        {
            // Scripts get a name that their interpreter can open (execveat(2), NOTES).
            string prefix = $"/dev/fd/{directory.Value}";
            path = System.Text.Encoding.UTF8.GetBytes(name.Length == 0 ? prefix : prefix + "/" + System.Text.Encoding.UTF8.GetString(name));
            thread.Process.Descriptors.GetCloseOnExec(directory.Value, out isHidden);
        }

        return ProgramStart.Execute(thread, file!, path, argv, envp, isHidden);
    }

    private static Errno ReadStrings(LinuxThread thread, UserAddress vector, out List<byte[]> strings)
    {
        strings = [];
        if (vector.IsNull)
            return Errno.Success;
        // Hardly a string is longer than a path; to clear 128 KiB for each vector would take longer than reading it.
        Span<byte> buffer = thread.PathBuffer;
        for (int i = 0; i < MostStrings; i++)
        {
            if (!thread.Memory.TryRead(vector.Offset((ulong)i * 8), out ulong pointer))
                return Errno.EFAULT;
            if (pointer == 0)
                return Errno.Success;
            Errno error = thread.Memory.ReadString(new UserString(pointer), buffer, out int length);
            if (error == Errno.ENAMETOOLONG && buffer.Length < StackBuilder.LongestString)
            {
                buffer = new byte[StackBuilder.LongestString];
                error = thread.Memory.ReadString(new UserString(pointer), buffer, out length);
            }

            if (error != Errno.Success)
                return error == Errno.ENAMETOOLONG ? Errno.E2BIG : error;
            strings.Add(buffer[..length].ToArray());
        }

        return Errno.E2BIG;
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>struct termio of System V (TCGETA and TCSETA in ioctl_tty(2)): the lower halves of the flags of struct termios, and less of the rest.</summary>
internal static class TerminalIo
{
    private const int Size = 18;
    private const int Flags = 4;
    private const int LineAndCharacters = 9;

    /// <summary>TCGETA.</summary>
    public static SyscallResult Get(LinuxThread thread, IOpenFile file, UserAddress to)
    {
        Span<byte> settings = stackalloc byte[Termios.Size];
        SyscallResult result = file.Control(thread, Ioctls.TCGETS, 0, settings);
        if (result.IsError)
            return result;
        Span<byte> old = stackalloc byte[Size];
        old.Clear();
        for (int i = 0; i < Flags; i++)
            settings.Slice(i * sizeof(uint), sizeof(ushort)).CopyTo(old[(i * sizeof(ushort))..]);
        settings.Slice(Flags * sizeof(uint), LineAndCharacters).CopyTo(old[(Flags * sizeof(ushort))..]);
        return thread.Memory.CopyOut(to, old);
    }

    /// <summary>TCSETA, TCSETAW and TCSETAF: what it can't tell stays as it is.</summary>
    public static SyscallResult Set(LinuxThread thread, IOpenFile file, uint request, UserAddress from)
    {
        Span<byte> settings = stackalloc byte[Termios.Size];
        SyscallResult result = file.Control(thread, Ioctls.TCGETS, 0, settings);
        if (result.IsError)
            return result;
        Span<byte> old = stackalloc byte[Size];
        Errno error = thread.Memory.CopyIn(from, old);
        if (error != Errno.Success)
            return error;
        for (int i = 0; i < Flags; i++)
            old.Slice(i * sizeof(ushort), sizeof(ushort)).CopyTo(settings[(i * sizeof(uint))..]);
        old.Slice(Flags * sizeof(ushort), LineAndCharacters).CopyTo(settings[(Flags * sizeof(uint))..]);
        return file.Control(thread, request - Ioctls.TCSETA + Ioctls.TCSETS, 0, settings);
    }
}

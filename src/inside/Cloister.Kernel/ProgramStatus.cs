using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Linux;

namespace Cloister.Kernel;

/// <summary>How the end of a program is told to the user: as shells do.</summary>
internal static class ProgramStatus
{
    private const int OwnFailure = 125;
    private const int NotExecutable = 126;
    private const int NotFound = 127;
    private const int SignalBase = 128;

    /// <summary>The exit status.</summary>
    public static int CodeOf(in ProgramEnd end)
    {
        if (end.StartError == Errno.Success)
        {
            int signal = end.WaitStatus & 0x7F;
            return signal != 0 ? SignalBase + signal : end.WaitStatus >> 8 & 0xFF;
        }

        if (end.Obstacle.StartsWith(LinuxKernel.WorkingDirectoryObstacle, StringComparison.Ordinal))
            return OwnFailure;
        return end.StartError is Errno.ENOENT or Errno.ENOTDIR ? NotFound : NotExecutable;
    }

    /// <summary>One sentence where it couldn't be started; null where it was.</summary>
    public static string? Explain(IReadOnlyList<byte[]> command, in ProgramEnd end)
    {
        if (end.StartError == Errno.Success)
            return null;
        string name = Encoding.UTF8.GetString(command[0]);
        return end.Obstacle.Length == 0
            ? Explain(name, end.StartError)
            : $"{name}: its {end.Obstacle} can't be used in the enclave's file system ({Describe(end.StartError)}).";
    }

    /// <summary>An error in words.</summary>
    public static string Describe(Errno error) => error switch
    {
        Errno.ENOENT => "no such file or directory",
        Errno.EACCES => "permission denied",
        Errno.ENOTDIR => "not a directory",
        Errno.ELIBBAD or Errno.ENOEXEC => "damaged, or not for this processor",
        _ => error.ToString(),
    };

    private static string Explain(string name, Errno error)
    {
        return error switch
        {
            Errno.ENOENT => $"{name}: not found in the enclave's file system; give its path, or a PATH that has it.",
            Errno.EACCES => $"{name}: not executable (permission denied).",
            Errno.ENOEXEC => $"{name}: not a Linux program for this processor, or damaged (exec format error).",
            Errno.ELIBBAD => $"{name}: its program interpreter is damaged or not for this processor.",
            Errno.ENOMEM => $"{name}: the enclave's memory is too small for it; raise it with -m.",
            Errno.ENOTDIR => $"{name}: a part of the path is not a directory.",
            _ => $"{name}: can't be started ({error}).",
        };
    }
}

using System;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>Pipes and terminals for tests.</summary>
internal static unsafe partial class Unix
{
    public static (int Read, int Write) Pipe()
    {
        // Programs that other tests start meanwhile must not have them: an end that is closed here would live on there.
        const int CloseOnExec = 0x80000;
        int* ends = stackalloc int[2];
        Assert.Equal(0, pipe2(ends, CloseOnExec));
        return (ends[0], ends[1]);
    }

    public static (int Master, int Slave) OpenTerminal()
    {
        const int ReadWriteNoControl = 0x80102; // and O_CLOEXEC
        int master = posix_openpt(ReadWriteNoControl);
        Assert.True(master >= 0);
        Assert.Equal(0, grantpt(master));
        Assert.Equal(0, unlockpt(master));
        byte* name = stackalloc byte[100];
        Assert.Equal(0, ptsname_r(master, name, 100));
        int slave = open(name, ReadWriteNoControl, 0);
        Assert.True(slave >= 0);
        return (master, slave);
    }

    public static void Write(int descriptor, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* from = bytes)
            Assert.Equal(bytes.Length, write(descriptor, from, bytes.Length));
    }

    public static string Read(int descriptor, int length)
    {
        byte[] bytes = new byte[length];
        int count = 0;
        fixed (byte* into = bytes)
        {
            while (count < length)
            {
                nint part = read(descriptor, into + count, length - count);
                Assert.True(part > 0);
                count += (int)part;
            }
        }

        return Encoding.UTF8.GetString(bytes);
    }

    public static void Close(int descriptor) => close(descriptor);

    public static int Flags(int descriptor) => fcntl(descriptor, 3, 0);

    /// <summary>Names of a file's extended attributes.</summary>
    public static string ListAttributes(string path)
    {
        byte[] names = new byte[65536];
        nint length;
        fixed (byte* text = Encoding.UTF8.GetBytes(path + '\0'))
        fixed (byte* into = names)
            length = listxattr(text, into, names.Length);
        return length <= 0 ? "" : Encoding.UTF8.GetString(names, 0, (int)length);
    }

    /// <summary>Runs a program, which has to succeed.</summary>
    public static void Run(string program, string arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    public static void Kill(int process, int signal) => kill(process, signal);

    [LibraryImport("libc")]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, byte* from, nint length);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, byte* into, nint length);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command, nint argument);

    [LibraryImport("libc")]
    private static partial nint listxattr(byte* path, byte* into, nint length);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int posix_openpt(int flags);

    [LibraryImport("libc")]
    private static partial int grantpt(int master);

    [LibraryImport("libc")]
    private static partial int unlockpt(int master);

    [LibraryImport("libc")]
    private static partial int ptsname_r(int master, byte* name, nint length);

    [LibraryImport("libc")]
    private static partial int open(byte* path, int flags, uint mode);
}

using System;
using System.Linq;
using Xunit;

namespace Cloister.Generators.Tests;

/// <summary>Dispatch, strace text, catalogue and diagnostics from declarations in memory.</summary>
public sealed class SyscallGeneratorTests
{
    private const string Handlers = """
        [Flags] public enum OpenFlags { O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_ACCMODE = 3, O_CREAT = 0x40, O_DSYNC = 0x1000, O_SYNC = 0x101000, O_CLOEXEC = 0x80000 }
        [Flags] public enum Protection { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2 }
        public enum Whence : byte { SEEK_SET, SEEK_CUR, SEEK_END }
        public enum IdType { P_ALL = -1, P_PID = 1 }

        internal static class Files
        {
            [Syscall(257, "openat", SyscallSupport.Partial, Note = "No \"O_TMPFILE\".")]
            public static SyscallResult OpenAt(LinuxThread thread, Fd directory, UserString path, OpenFlags flags, FileMode mode) =>
                directory.Value == -100 && path.Value == 0x1000 && flags == OpenFlags.O_CLOEXEC && mode.Value == 0x1A4 ? 3 : Errno.EINVAL;

            [Syscall(8, "lseek")]
            internal static long Seek(LinuxThread thread, Fd file, long offset, Whence whence) => offset + (int)whence;

            [Syscall(9, "mmap")]
            public static SyscallResult Map(LinuxThread thread, UserAddress address, ulong length, Protection protection, uint flags, Fd file, ulong offset) => length;

            [Syscall(62, "kill")]
            public static Errno Kill(LinuxThread thread, int process, SignalNumber signal) => signal.Value == 9 ? Errno.Success : Errno.ESRCH;

            [Syscall(39, "getpid")]
            public static int GetPid(LinuxThread thread) => 1;

            [Syscall(247, "waitid")]
            public static int WaitId(LinuxThread thread, IdType type) => (int)type;
        }
        """;

    private static readonly Harness s_table = Harness.Load(Handlers);

    [Fact]
    public void Dispatch_converts_registers_to_typed_arguments()
    {
        // Upper halves are garbage in the registers of many programs.
        Assert.Equal(3, s_table.Call(257, 0xABCDEF01_FFFFFF9C, 0x1000, 0xFFFFFFFF_00080000, 0x1A4));
        Assert.Equal(-22, s_table.Call(257, 3, 0x1000, 0, 0));
        Assert.Equal(-5, s_table.Call(8, 0, unchecked((ulong)-7L), 0x102));
        Assert.Equal(4096, s_table.Call(9, 0, 4096));
        Assert.Equal(-3, s_table.Call(62, 1, 15));
        Assert.Equal(0, s_table.Call(62, 1, 9));
        Assert.Equal(1, s_table.Call(39));
        Assert.Equal(-1, s_table.Call(247, 0xFFFFFFFF));
    }

    [Theory]
    [InlineData(425, "425:io_uring_setup;", -38)]
    [InlineData(169, "169:reboot;", -1)]
    [InlineData(400, "400:null;", -38)]
    [InlineData(-1, "-1:null;", -38)]
    [InlineData(int.MaxValue, "2147483647:null;", -38)]
    public void Missing_calls_are_reported_to_the_thread(int number, string log, long result)
    {
        Harness table = Harness.Load(Handlers);
        Assert.Equal(result, table.Call(number));
        Assert.Equal(log, table.Log);
    }

    [Fact]
    public void Strace_prints_arguments_by_type()
    {
        Assert.Equal(
            "openat(AT_FDCWD, \"/etc/a\\\"b\\n\\0011\", O_RDONLY|O_CLOEXEC, 0644) = 3",
            s_table.Trace(257, 3, unchecked((ulong)-100L), 0x1000, 0x80000, 0x1A4));
        Assert.Equal(
            "openat(5, 0x2000, O_RDWR|O_SYNC|O_CREAT|0x20000000, 000) = -1 ENOENT (No such file or directory)",
            s_table.Trace(257, -2, 5, 0x2000, 0x20101042, 0));
        Assert.Equal("openat(5, NULL, O_RDONLY, 04755) = 0", s_table.Trace(257, 0, 5, 0, 0, 0x9ED));
        Assert.Equal("lseek(1, -7, SEEK_END) = 10", s_table.Trace(8, 10, 1, unchecked((ulong)-7L), 2));
        Assert.Equal("lseek(1, 0, 5 /* ??? */) = -1 EINVAL (Invalid argument)", s_table.Trace(8, -22, 1, 0, 5));
        Assert.Equal(
            "mmap(NULL, 4096, PROT_NONE, 34, -1, 0) = 0x7f0000001000",
            s_table.Trace(9, 0x7f0000001000, 0, 4096, 0, 34, unchecked((ulong)-1L), 0));
        Assert.Equal("kill(1, SIGKILL) = 0", s_table.Trace(62, 0, 1, 9));
        Assert.Equal("kill(1, SIGRT_2) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)", s_table.Trace(62, -512, 1, 34));
        Assert.Equal("getpid() = 1", s_table.Trace(39, 1));
        Assert.Equal("waitid(P_ALL) = 0", s_table.Trace(247, 0, 0xFFFFFFFF));
        Assert.Equal("bpf(0x1, 0x2, 0x0, 0x0, 0x0, 0x0) = -1 ENOSYS (Function not implemented)", s_table.Trace(321, -38, 1, 2));
        Assert.Equal("syscall_0x190(0x0, 0x0, 0x0, 0x0, 0x0, 0x0) = -1 ENOSYS (Function not implemented)", s_table.Trace(400, -38));
    }

    [Fact]
    public void Catalogue_lists_every_call_once()
    {
        string[] rows = s_table.Catalog();
        Assert.Equal(357, rows.Length);
        Assert.Equal(rows.Length, rows.Select(row => row.Split('|')[0]).Distinct().Count());
        Assert.Contains("257|openat(Fd directory, UserString path, OpenFlags flags, FileMode mode)|Partial|No \"O_TMPFILE\".|Success", rows);
        Assert.Contains("169|reboot(...)|None|As for a process without CAP_SYS_BOOT.|EPERM", rows);
        Assert.Equal("0|read(...)|None||ENOSYS", rows[0]);
    }

    [Theory]
    [InlineData("[Syscall(1, \"a\")] public static int A(LinuxThread t) => 0; [Syscall(1, \"b\")] public static int B(LinuxThread t) => 0;", "CLS001")]
    [InlineData("[Syscall(1, \"a\")] public static int A(LinuxThread t, string s) => 0;", "CLS002")]
    [InlineData("[Syscall(1, \"a\")] public static int A(LinuxThread t, ref int s) => 0;", "CLS002")]
    [InlineData("[Syscall(1, \"a\")] public static int A(LinuxThread t, Guid s) => 0;", "CLS002")]
    [InlineData("[Syscall(1, \"a\")] private static int A(LinuxThread t) => 0;", "CLS003")]
    [InlineData("[Syscall(1, \"a\")] public static int A(int t) => 0;", "CLS004")]
    [InlineData("[Syscall(1, \"a\")] public static void A(LinuxThread t) { }", "CLS005")]
    [InlineData("[Syscall(1, \"a\")] public static int A(LinuxThread t, int a, int b, int c, int d, int e, int f, int g) => 0;", "CLS006")]
    public void Mistakes_are_reported(string method, string expected) =>
        Assert.Equal([expected], Harness.FindProblems("internal static class C { " + method + " }"));

    [Fact]
    public void Instance_methods_are_reported() =>
        Assert.Equal(["CLS003"], Harness.FindProblems("internal sealed class C { [Syscall(1, \"a\")] public int A(LinuxThread t) => 0; }"));
}

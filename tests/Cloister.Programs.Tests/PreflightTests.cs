using System;
using System.IO;
using System.Text.Json;

namespace Cloister.Programs.Tests;

/// <summary><c>cloister preflight</c>: what a program needs that the kernel lacks.</summary>
public sealed class PreflightTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-preflight-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_program_that_runs_inside_has_nothing_missing()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed.");
        ProgramResult result = Preflight("--", "/bin/echo", "hello");
        Assert.Equal((0, ""), (result.Status, result.Error));
        Assert.StartsWith("hello\n/bin/echo hello: ", result.Output);
        Assert.Contains("Nothing is missing", result.Output);
    }

    [Fact]
    public void What_is_missing_is_named_with_its_kind_and_how_often()
    {
        string log = Write("""
            7 execve("/bin/x", ["x"], 0x7ffd) = 0
            7 fanotify_init(FAN_CLASS_NOTIF, O_RDONLY) = 3
            [pid     8] mmap(NULL, 2097152, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB, -1, 0 <unfinished ...>
            [pid     9] fanotify_init(FAN_CLASS_NOTIF, O_RDONLY) = -1 ENOSYS (Function not implemented)
            [pid     8] <... mmap resumed>) = 0x7f0000000000
            8 ioctl(3, FS_IOC_FIEMAP, {fm_start=0}) = 0
            8 ioctl(0, TCGETS, {B38400 opost}) = 0
            8 setsockopt(4, SOL_SOCKET, SO_BUSY_POLL, [50], 4) = 0
            8 setsockopt(4, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
            8 openat(AT_FDCWD, "/proc/4242/status", O_RDONLY) = 5
            8 openat(AT_FDCWD, "/proc/kallsyms", O_RDONLY) = 6
            8 openat(AT_FDCWD, "/proc/nothing", O_RDONLY) = -1 ENOENT (No such file or directory)
            8 write(1, "mmap(MAP_HUGETLB) = 0\") \"...", 40) = 40
            8 --- SIGCHLD {si_signo=SIGCHLD} ---
            8 rseq(0x7f, 0x20, 0, 0x53053053) = 0
            8 +++ exited with 0 +++

            """);
        ProgramResult result = Preflight("--strace", log, "--format", "json");
        Assert.Equal((1, ""), (result.Status, result.Error));
        using JsonDocument report = JsonDocument.Parse(result.Output);
        var found = new System.Collections.Generic.List<string>();
        foreach (JsonElement missing in report.RootElement.GetProperty("missing").EnumerateArray())
            found.Add($"{missing.GetProperty("kind").GetString()} {missing.GetProperty("name").GetString()} {missing.GetProperty("count").GetInt32()}");
        Assert.Equal(
            ["system call fanotify_init 1", "flag mmap MAP_HUGETLB 1", "ioctl FS_IOC_FIEMAP 1", "socket option SO_BUSY_POLL 1", "file /proc/kallsyms 1", "system call rseq 1"],
            found);
    }

    [Fact]
    public void Programs_are_read_without_being_run()
    {
        string source = Path.Combine(_folder, "p.c");
        File.WriteAllText(source, "#include <sys/fanotify.h>\nint main(void) { return fanotify_init(0, 0); }\n");
        Assert.Equal(0, ProgramResult.Of("/usr/bin/gcc", ["-o", Path.Combine(_folder, "dynamic"), source]).Status);
        Assert.Equal(0, ProgramResult.Of("/usr/bin/gcc", ["-static", "-o", Path.Combine(_folder, "static"), source]).Status);
        foreach (string name in (string[])["dynamic", "static"])
        {
            ProgramResult result = Preflight("--static", Path.Combine(_folder, name));
            Assert.Equal(1, result.Status);
            Assert.Contains("fanotify_init", result.Output);
        }
    }

    [Theory]
    [InlineData("needs a program")]
    [InlineData("holds no system calls", "--strace", "/etc/passwd")]
    [InlineData("can't be read", "--strace", "/missing")]
    [InlineData("is not a program or library", "--static", "/etc/passwd")]
    [InlineData("is not known", "--format", "xml", "--", "/bin/true")]
    public void Mistakes_are_named(string expected, params string[] arguments)
    {
        ProgramResult result = Preflight(arguments);
        Assert.Contains(expected, result.Error);
        Assert.Equal((125, ""), (result.Status, result.Output));
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [Fact]
    public void Damaged_programs_and_logs_are_survived()
    {
        byte[] program = File.ReadAllBytes("/bin/true");
        var random = new Random(1);
        for (int round = 0; round < 10; round++)
        {
            byte[] damaged = (byte[])program.Clone();
            for (int i = 0; i < 20; i++)
                damaged[random.Next(20, round % 2 == 0 ? 64 : damaged.Length)] = (byte)random.Next(256);
            string path = Path.Combine(_folder, "damaged");
            File.WriteAllBytes(path, damaged[..random.Next(64, damaged.Length)]);
            Assert.InRange(Preflight("--static", path).Status, 0, 1);
        }
    }

    private string Write(string log)
    {
        string path = Path.Combine(_folder, "log");
        File.WriteAllText(path, log);
        return path;
    }

    private static ProgramResult Preflight(params string[] arguments) => ProgramResult.Of(CloisterCommand.Path, ["preflight", .. arguments]);
}

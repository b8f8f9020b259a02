using System;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>How options are written, and what is said where they are written wrongly.</summary>
public sealed class OptionTests : IDisposable
{
    private const int OwnFailure = 125;

    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("-m1G")]
    [InlineData("-m", "1.5G")]
    [InlineData("-m", "512MB")]
    [InlineData("-m", "512MiB")]
    [InlineData("-m512m", "-eNAME=value")]
    [InlineData("-tm1G")]
    [InlineData("-tm", "1G")]
    public void Short_options_and_sizes_are_written_as_elsewhere(params string[] options)
    {
        ProgramResult result = Run(["do", .. options, "/bin/echo", "-n", "yes"]);
        Assert.Equal("yes", result.Output);
    }

    [Theory]
    [InlineData("needs a value: --volume HOST:GUEST", "do", "-v", "--", "ls")]
    [InlineData("needs a value: --env NAME", "do", "-e", "--", "env")]
    [InlineData("'-z'", "do", "-tz", "ls")]
    [InlineData("too much", "do", "-m", "9000T", "ls")]
    [InlineData("is not a size", "do", "-m", "1.5", "ls")]
    [InlineData("--strace=openat", "do", "--strace", "openat", "ls")]
    [InlineData("There is no command 'fs creat'; see 'cloister fs --help'", "fs", "creat", "x")]
    [InlineData("see 'cloister fs create --help'", "fs", "create")]
    [InlineData("There is no command 'frob'", "frob")]
    [InlineData("would hide another volume", "do", "-v", "/tmp:/a", "-v", "/usr:/a/", "true")]
    [InlineData("the enclave's own", "do", "-v", "/tmp:/proc/x", "true")]
    [InlineData("hide the program's root", "do", "-v", "/tmp:/", "true")]
    [InlineData("neither a directory nor a regular file", "do", "-v", "/dev/null:/n", "true")]
    [InlineData("working directory", "do", "-w", "/does/not/exist", "/bin/true")]
    [InlineData("no regular file", "run", "--rootfs", "/dev/null", "/bin/true")]
    public void Mistakes_are_named(string expected, params string[] command)
    {
        ProgramResult result = Run(command);
        Assert.Contains(expected, result.Error);
        Assert.Equal(expected.StartsWith("--strace", StringComparison.Ordinal) ? 127 : OwnFailure, result.Status);
        Assert.Equal("", result.Output);
        Assert.Single(result.Error.Trim().Split('\n'), line => line.StartsWith("cloister: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Help_and_version_are_where_one_looks_for_them()
    {
        Assert.Contains("Examples:", Run(["help"]).Output);
        Assert.Contains("--volume", Run(["help", "do"]).Output);
        Assert.Equal(Run(["version"]).Output, Run(["--version"]).Output);
        Assert.Matches("commit [0-9a-f]{12}", Run(["version"]).Output);
    }

    [Fact]
    public void Shells_complete()
    {
        string script = Path.Combine(_folder, "completion");
        File.WriteAllText(script, Run(["completion", "bash"]).Output);
        ProgramResult result = ProgramResult.Of("/bin/bash", ["-c", $$"""
            source {{script}}
            complete_at() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _cloister; echo "${COMPREPLY[@]}"; }
            complete_at cloister f
            complete_at cloister fs cr
            complete_at cloister do --stra
            complete_at cloister do -- /bin/truncat
            """]);
        Assert.Equal("fs\ncreate\n--strace\n/bin/truncate\n", result.Output);
    }

    [Fact]
    public void Files_without_end_need_few_descriptors()
    {
        const int count = 2000;
        for (int i = 0; i < count; i++)
            File.WriteAllText(Path.Combine(_folder, $"f{i}"), $"{i}");
        const string program = """
            import os, sys
            for folder in ('/volume', sys.argv[1]):
                print(sum(int(open(os.path.join(folder, 'f%d' % i)).read()) for i in range(2000)))
            os.rename('/volume/f1', '/volume/g1')
            print(open('/volume/g1').read(), len(os.listdir('/volume')))
            os.waitpid(os.posix_spawn('/bin/true', ['true'], os.environ), 0)
            """;
        ProgramResult result = ProgramResult.Of(
            "/bin/bash", ["-c", "ulimit -n 1024; exec \"$@\"", "bash", CloisterCommand.Path, "do", "-v", $"{_folder}:/volume", "--", "/usr/bin/python3.11", "-c", program, _folder]);
        Assert.Equal("1999000\n1999000\n1 2000\n", result.Output);
    }

    [Fact]
    public void Names_of_programs_reach_the_terminal_escaped()
    {
        const string program = """
            import ctypes
            libc = ctypes.CDLL(None)
            libc.prctl(15, b'\x1b[31mE\x07\nL\xc2\x9b', 0, 0, 0)
            for i in range(1500): libc.syscall(600 + i)
            """;
        string error = CloisterCommand.Do("/usr/bin/python3.11", "-c", program).Error;
        Assert.DoesNotContain('\u001b', error);
        Assert.DoesNotContain('\u009b', error);
        Assert.All(error.TrimEnd('\n').Split('\n'), line => Assert.StartsWith("cloister: ", line));
        Assert.InRange(error.Split('\n').Length, 900, 1003);
    }

    [Fact]
    public void Progress_is_for_terminals()
    {
        File.WriteAllText(Path.Combine(_folder, "key"), new string('a', 64));
        Assert.Equal(0, Run(["fs", "create", $"{_folder}/volume", "--size", "32M", "--key-file", $"{_folder}/key"]).Status);
        ProgramResult result = Run(["fs", "check", $"{_folder}/volume", "--key-file", $"{_folder}/key"]);
        Assert.StartsWith("clean", result.Output);
        Assert.Equal("", result.Error);
    }

    private static ProgramResult Run(string[] arguments) => ProgramResult.Of(CloisterCommand.Path, arguments);
}

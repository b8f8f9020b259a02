using System;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>What can't work is said in one sentence on standard error, with the exit status that shells use.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int OwnFailure = 125;
    private const int NotExecutable = 126;
    private const int NotFound = 127;

    private readonly string _folder = Directory.CreateTempSubdirectory("bad-input").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_missing_program() => AssertRefused(NotFound, CloisterCommand.Do("/does/not/exist"), "/does/not/exist");

    [Fact]
    public void A_missing_program_of_the_path() => AssertRefused(NotFound, CloisterCommand.Do("no-such-program"), "no-such-program");

    [Fact]
    public void A_file_that_is_no_program() => AssertRefused(NotExecutable, CloisterCommand.Do(Program("text"u8)), "program");

    [Fact]
    public void A_file_that_is_not_executable() => AssertRefused(NotExecutable, CloisterCommand.Do("/etc/passwd"), "/etc/passwd");

    [Fact]
    public void A_folder() => AssertRefused(NotExecutable, CloisterCommand.Do("/etc"), "/etc");

    [Fact]
    public void An_empty_program() => AssertRefused(NotExecutable, CloisterCommand.Do(Program([])), "program");

    [Fact]
    public void A_program_that_was_cut_off()
        => AssertRefused(NotExecutable, CloisterCommand.Do(Program(File.ReadAllBytes("/bin/true").AsSpan(0, 100))), "program");

    [Fact]
    public void A_program_with_damaged_headers()
    {
        byte[] bytes = File.ReadAllBytes("/bin/true");
        bytes.AsSpan(64, 56 * 8).Fill(0xFF);
        AssertRefused(NotExecutable, CloisterCommand.Do(Program(bytes)), "program");
    }

    [Theory]
    [InlineData(183)]
    [InlineData(243)]
    [InlineData(3)]
    public void A_program_for_another_cpu(int machine)
    {
        byte[] bytes = File.ReadAllBytes("/bin/true");
        bytes[18] = (byte)machine;
        AssertRefused(NotExecutable, CloisterCommand.Do(Program(bytes)), "program");
    }

    [Fact]
    public void A_script_without_its_interpreter()
        => AssertRefused(NotFound, CloisterCommand.Do(Program("#!/does/not/exist\n"u8)), "program");

    [Fact]
    public void A_program_without_its_loader()
    {
        byte[] bytes = File.ReadAllBytes("/bin/true");
        int place = bytes.AsSpan().IndexOf("/lib64/ld-linux"u8);
        Assert.SkipUnless(place > 0, "/bin/true is static here.");
        bytes[place + 1] = (byte)'X';
        AssertRefused(NotFound, CloisterCommand.Do(Program(bytes)), "program");
    }

    [Theory]
    [InlineData("--frob")]
    [InlineData("--tee=unknown")]
    [InlineData("--memory=much")]
    [InlineData("--memory=1K")]
    [InlineData("--user=somebody")]
    [InlineData("--volume=relative:path")]
    [InlineData("--volume=/does/not/exist:/data")]
    [InlineData("--volume=/etc:")]
    [InlineData("--log=loud")]
    [InlineData("--strace=no_such_call")]
    public void A_bad_option(string option) => AssertRefused(OwnFailure, CloisterCommand.Do([option], ["/bin/true"]), null);

    [Fact]
    public void A_missing_working_directory()
        => AssertRefused(null, CloisterCommand.Do(["-w", "/does/not/exist"], ["/bin/true"]), "/does/not/exist");

    [Fact]
    public void No_command() => AssertRefused(OwnFailure, ProgramResult.Of(CloisterCommand.Path, ["do"]), null);

    [Fact]
    public void A_truncated_tar()
    {
        string tar = Path.Combine(_folder, "root.tar");
        ProgramResult made = ProgramResult.Of("/bin/tar", ["-cf", tar, "-C", "/", "bin/busybox"]);
        Assert.SkipUnless(made.Status == 0, made.Error);
        using (FileStream file = File.OpenWrite(tar))
            file.SetLength(file.Length / 2);
        AssertRefused(OwnFailure, ProgramResult.Of(CloisterCommand.Path, ["run", "--rootfs", tar, "--", "/bin/busybox", "true"]), "root.tar");
    }

    [Fact]
    public void A_rootfs_that_is_no_tar()
    {
        string tar = Path.Combine(_folder, "root.tar");
        File.WriteAllText(tar, new string('x', 5000));
        AssertRefused(OwnFailure, ProgramResult.Of(CloisterCommand.Path, ["run", "--rootfs", tar, "--", "/bin/true"]), "root.tar");
    }

    [Fact]
    public void A_missing_rootfs()
        => AssertRefused(OwnFailure, ProgramResult.Of(CloisterCommand.Path, ["run", "--rootfs", "/does/not/exist", "--", "/bin/true"]), "/does/not/exist");

    [Fact]
    public void Too_little_memory_is_the_programs_error()
    {
        ProgramResult result = CloisterCommand.Do(["-m", "64M"], ["/usr/bin/python3.11", "-c", "x = bytearray(500 << 20)"]);
        Assert.NotEqual(0, result.Status);
        Assert.DoesNotContain("Unhandled exception", result.Error, StringComparison.Ordinal);
    }

    private string Program(ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(_folder, "program");
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    private static void AssertRefused(int? status, ProgramResult result, string? named)
    {
        if (status is not null)
            Assert.True(result.Status == status, $"status {result.Status}, expected {status}\n{result.Error}");
        Assert.NotEqual(0, result.Status);
        Assert.Equal("", result.Output);
        string sentence = result.Error.TrimEnd('\n');
        Assert.StartsWith("cloister: ", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", sentence, StringComparison.Ordinal);
        if (named is not null)
            Assert.Contains(named, sentence, StringComparison.Ordinal);
    }
}

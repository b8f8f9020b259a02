using System;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>
/// The kernel on a virtual machine's page tables (<c>--tee vm</c>), by emulation, which every machine has: a start, and a little of everything
/// that the platform does itself. What the kernel does is the same as on the process platform, and tested there.
/// </summary>
public sealed class MachineTests
{
    private static readonly Lazy<string> s_image = new(() => MachineImages.Build("x86_64", "Cloister.Image"));

    private static readonly string[] s_options = ["--tee", "vm", "--accel", "tcg", "-m", "1G"];

    [Fact]
    public void A_program_prints_and_ends()
    {
        ProgramResult result = Do("/bin/busybox", "sh", "-c", "echo hello; exit 7");
        Assert.Equal("hello\n", result.Output);
        Assert.Equal(7, result.Status);
    }

    [Theory]
    [InlineData("/bin/bash", "-c", "for i in 1 2 3; do echo $((i * i)); done | sort -r | tr '\\n' ' '; ls /etc | wc -l; (exit 3); echo $?")]
    [InlineData("/usr/bin/python3.11", "-c", "import ssl, sqlite3, threading, hashlib; print(hashlib.sha256(b'x').hexdigest(), 0.1 + 0.2)")]
    [InlineData("/usr/bin/sha256sum", "/bin/bash")]
    public void Programs_print_what_they_print_natively(params string[] command)
    {
        Assert.SkipUnless(File.Exists(command[0]), $"{command[0]} is not installed.");
        ProgramResult native = ProgramResult.Of(command[0], command[1..]);
        ProgramResult inside = Do(command);
        Assert.Equal((native.Status, native.Output), (inside.Status, inside.Output));
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("mappings")]
    [InlineData("threads")]
    [InlineData("fork")]
    [InlineData("futexes")]
    // Processor time is that of user mode only there, so that a thread that asks for the time in a loop uses hardly any.
    [InlineData("timers", "-sleep_on_processor_time", "-intervals_of_processor_time")]
    [InlineData("processor")]
    [InlineData("wild")]
    public void Syscall_programs_pass(string name, params string[] sections)
    {
        ProgramResult result = Do([SyscallProgramTests.Compile(name), .. sections]);
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
        Assert.Matches(@"ok \d+ checks\n$", result.Output);
    }

    [Theory]
    [InlineData("isn't installed", "--qemu", "/does/not/exist")]
    [InlineData("is no kernel image", "--image", "/etc/passwd")]
    [InlineData("There is no kernel image", "--image", "/does/not/exist")]
    [InlineData("write kvm, tcg or auto", "--accel", "fast")]
    [InlineData("one processor", "--cpus", "4")]
    [InlineData("from 64M to", "-m", "32M")]
    public void Mistakes_are_named(string expected, params string[] options)
    {
        string[] image = options[0] == "--image" ? [] : ["--image", s_image.Value];
        ProgramResult result = CloisterCommand.Do(["--tee", "vm", .. image, .. options], ["/bin/true"]);
        Assert.Contains(expected, result.Error);
        Assert.Equal(125, result.Status);
    }

    [Fact]
    public void An_image_is_described()
    {
        ProgramResult info = ProgramResult.Of(CloisterCommand.Path, ["image", "info", s_image.Value]);
        Assert.Contains("code", info.Output);
        ProgramResult hash = ProgramResult.Of(CloisterCommand.Path, ["image", "hash", s_image.Value]);
        Assert.Contains(hash.Output[..64], info.Output);
    }

    private static ProgramResult Do(params string[] command)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-system-x86_64"), "QEMU is not installed.");
        return CloisterCommand.Do([.. s_options, "--image", s_image.Value], command);
    }
}

using System;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>The kernel on an emulated RISC-V (<c>--tee vm --arch riscv64</c>): what is that processor's own. Programs are compiled for it, without libraries.</summary>
public sealed class RiscVMachineTests
{
    private static readonly Lazy<string> s_image = new(() => MachineImages.Build("riscv64", "Cloister.Image.RiscV64"));

    [Theory]
    [InlineData("riscv")]
    // Sv39 has 256 GiB of addresses.
    [InlineData("memory", "-huge_reservation")]
    [InlineData("threads")]
    // It names clone's arguments as x86-64 does.
    [InlineData("fork", "-flags_of_clone")]
    [InlineData("futexes")]
    public void Syscall_programs_pass(string name, params string[] sections)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-system-riscv64"), "QEMU is not installed.");
        Assert.SkipUnless(File.Exists("/usr/bin/riscv64-linux-gnu-gcc"), "The compiler for riscv64 is not installed.");
        ProgramResult result = CloisterCommand.Do(
            ["--tee", "vm", "--arch", "riscv64", "-m", "1G", "--image", s_image.Value], [SyscallProgramTests.Compile(name, "riscv64-linux-gnu-gcc", ".riscv64", "-static"), .. sections]);
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
        Assert.Matches(@"ok \d+ checks\n$", result.Output);
    }

    [Fact]
    public void A_program_of_another_processor_is_refused()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-system-riscv64"), "QEMU is not installed.");
        ProgramResult result = CloisterCommand.Do(["--tee", "vm", "--arch", "riscv64", "-m", "256M", "--image", s_image.Value], ["/bin/busybox"]);
        Assert.Equal(126, result.Status);
        Assert.Contains("not a Linux program for this processor", result.Error);
    }

    [Fact]
    public void An_image_of_another_processor_is_refused()
    {
        ProgramResult result = CloisterCommand.Do(["--tee", "vm", "--image", s_image.Value], ["/bin/true"]);
        Assert.Equal(125, result.Status);
        Assert.Contains("--arch riscv64", result.Error);
    }
}

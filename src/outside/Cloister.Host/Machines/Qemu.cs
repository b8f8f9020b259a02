using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Machines;

/// <summary>QEMU's command line.</summary>
internal static class Qemu
{
    // Ends QEMU when its launcher has ended, however that came about: then the pipe at its input ends. In a session of its own, so that
    // a terminal's signals go to the launcher alone, which passes them on to the program inside.
    private const string Guard = """
        exec 3<&0
        "$@" < /dev/null 3<&- &
        machine=$!
        { cat <&3 > /dev/null; kill -9 $machine 2> /dev/null; } > /dev/null 2>&1 &
        exec 3<&- > /dev/null
        wait $machine
        """;

    // Two processors: QEMU wants one for each part of the memory here. Firmware leaves the second one alone.
    private static readonly string[] s_riscV64 = ["-accel", "tcg", "-smp", "2", "-M", "virt"];

    /// <summary>Starts a machine.</summary>
    public static Process Start(MachineOptions options, string window, string line)
    {
        bool isOwn = options.Architecture == MachineArchitecture.X64;
        bool usesKvm = options.Accelerator == "kvm" || (options.Accelerator == "auto" && isOwn && HasKvm());
        if (options.Accelerator == "kvm" && !(isOwn && HasKvm()))
            throw new HostException("/dev/kvm can't be used on this machine: choose --accel tcg, which is slower.");
        long memory = options.Memory;
        List<string> arguments =
        [
            .. isOwn ? X64(usesKvm) : s_riscV64, "-m", FormattableString.Invariant($"{(memory + MachineWindow.Length) >> 20}M"),
            "-display", "none", "-monitor", "none", "-nodefaults", "-no-user-config", "-no-reboot",
            "-object", FormattableString.Invariant($"memory-backend-ram,id=own,size={memory}"),
            "-object", FormattableString.Invariant($"memory-backend-file,id=window,size={MachineWindow.Length},mem-path={window},share=on"),
            "-numa", "node,nodeid=0,memdev=own", "-numa", "node,nodeid=1,memdev=window",
            "-chardev", $"socket,id=line,path={line}", "-serial", "chardev:line",
            "-kernel", options.Image,
        ];
        return Start(options.Qemu, options.Architecture.Package, arguments);
    }

    /// <summary>Starts it with arguments of the caller's.</summary>
    /// <param name="name">The program.</param>
    /// <param name="package">Debian's package that has it.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Process Start(string name, string package, IEnumerable<string> arguments)
    {
        string program = Find(name) ?? throw new HostException(
            $"QEMU ({name}) isn't installed: install Debian's package {package}, or name the program with --qemu.");
        try
        {
            return Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", Guard, "cloister-machine", program, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception problem)
        {
            throw new HostException($"QEMU can't be started: {problem.Message}.", problem);
        }
    }

    // With one processor that can't become two, TCG makes plain accesses of atomic ones, and the rings lose updates.
    private static string[] X64(bool usesKvm) =>
    [
        "-accel", usesKvm ? "kvm" : "tcg", "-smp", "1,maxcpus=2", "-cpu", usesKvm ? "host,arch-capabilities=off" : "max",
        "-M", "microvm,acpi=off", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
    ];

    private static string? Find(string program)
    {
        if (program.Contains('/'))
            return File.Exists(program) ? program : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    private static bool HasKvm()
    {
        // Without the processor's own instructions KVM is something else's imitation, which runs no kernel like this one.
        if (!File.ReadLines("/proc/cpuinfo").Any(text => text.StartsWith("flags", StringComparison.Ordinal) && text.Split(' ').Any(flag => flag is "vmx" or "svm")))
            return false;
        try
        {
            using FileStream device = new("/dev/kvm", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

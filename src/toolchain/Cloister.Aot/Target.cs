using System;
using System.IO;
using System.Linq;

namespace Cloister.Aot;

/// <summary>A machine for which programs are compiled: the C compiler with its options, entry code, and how to start the program.</summary>
/// <param name="Name">What <c>--target</c> takes.</param>
/// <param name="Compiler">The C compiler; its name ends in "gcc".</param>
/// <param name="Options">Options of the C compiler for C and assembly.</param>
/// <param name="Sources">Files of the runtime, besides memory.c.</param>
public sealed record Target(string Name, string Compiler, string[] Options, string[] Sources)
{
    /// <summary>The class of the core library that is the platform; nothing where it is one of the <see cref="Sources"/>.</summary>
    public string? Board { get; init; }

    /// <summary>The linker script of a board, beside the runtime's files or with a path of its own; nothing where there is no board.</summary>
    public string? Script { get; init; }

    /// <summary>The address where a board's image begins.</summary>
    public ulong ImageBase { get; init; }

    /// <summary>The emulator and its options, before the image; empty where the program runs by itself.</summary>
    public string[] Emulator { get; init; } = [];

    /// <summary>Whether the emulator's status is twice the program's plus one, as isa-debug-exit makes it.</summary>
    public bool DoublesStatus { get; init; }

    /// <summary>Options for a kernel that leaves floating-point and vector registers alone (--cpu kernel); empty where that can't be said.</summary>
    public string[] IntegerOptions { get; init; } = [];

    /// <summary>Libraries that an image is linked with.</summary>
    public string[] Libraries { get; init; } = ["-lgcc"];

    /// <summary>Headers that every source includes, besides the runtime's.</summary>
    public string[] Headers { get; init; } = [];

    /// <summary>Whether programs schedule threads themselves, beyond what .NET offers (Cloister.Runtime.KernelScheduler).</summary>
    public bool IsKernel { get; init; }

    /// <summary>Every target.</summary>
    public static Target[] All { get; } =
    [
        new("x86_64-linux", "gcc", [], ["linux-x86_64.c"]),
        RiscV("riscv64-qemu-m", []),
        RiscV("riscv64-qemu-s", ["-DSUPERVISOR"]),
        AArch64("aarch64-qemu", "virt"),
        AArch64("aarch64-qemu-el3", "virt,secure=on"),
        new("x86_64-pvh", "gcc", ["-mno-red-zone", "-mcmodel=small"], ["bare.c", "x86_64-pvh.S"])
        {
            Board = "Cloister.Runtime.Boards.X86Pvh",
            Script = "bare.ld",
            ImageBase = 0x20_0000,
            Emulator = ["qemu-system-x86_64", "-machine", "q35", "-nodefaults", .. EmulatorOptions,
                "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-kernel"],
            DoublesStatus = true,
        },
        // A kernel in the upper half of the addresses. It is its own board, and says itself how it is started.
        new("x86_64-kernel", "gcc", ["-mno-red-zone", "-mcmodel=kernel"], [])
        {
            ImageBase = 0xffff_ffff_8020_0000,
            IsKernel = true,
            IntegerOptions = ["-mgeneral-regs-only"],
        },
        // Numbers in software would be those of a libgcc for this calling convention, which Debian doesn't have: what needs one doesn't link.
        new("riscv64-kernel", "riscv64-linux-gnu-gcc", ["-mcmodel=medany"], [])
        {
            ImageBase = 0xffff_ffff_8020_0000,
            IsKernel = true,
            IntegerOptions = ["-march=rv64imac_zicsr_zifencei", "-mabi=lp64"],
            Libraries = [],
        },
    ];

    /// <summary>The C compiler's options for a processor.</summary>
    public string[] OptionsOf(Processor processor) => processor.Name == "kernel" ? IntegerOptions : processor.Options;

    private static string[] EmulatorOptions => ["-m", "512M", "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot"];

    /// <summary>The target of this name.</summary>
    /// <exception cref="CompileException">There is none.</exception>
    public static Target Find(string name) => All.FirstOrDefault(target => target.Name == name) ??
        throw new CompileException($"There is no target {name}. Targets are {string.Join(", ", All.Select(target => target.Name))}.");

    /// <summary>
    /// The same machine with a program that is its own board: the C and assembly files of a folder take the place of the runtime's entry code,
    /// board.h is included before everything, board.ld is the linker script, and methods with UnmanagedCallersOnly are the functions of platform.h.
    /// </summary>
    /// <exception cref="CompileException">The folder has no board.h or no board.ld.</exception>
    public Target WithBoard(string folder)
    {
        string[] files = Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Select(Path.GetFullPath).Order(StringComparer.Ordinal)] : [];
        string header = files.FirstOrDefault(file => Path.GetFileName(file) == "board.h") ?? throw new CompileException($"{folder} has no board.h.");
        return this with
        {
            Board = null,
            Script = files.FirstOrDefault(file => Path.GetFileName(file) == "board.ld") ?? throw new CompileException($"{folder} has no board.ld."),
            Sources = [.. files.Where(file => Path.GetExtension(file) is ".c" or ".S")],
            Options = [.. Options, "-include", header],
            Headers = [header],
        };
    }

    private static Target RiscV(string name, string[] options) =>
        new(name, "riscv64-linux-gnu-gcc", ["-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany", .. options], ["bare.c", "riscv64.S"])
        {
            Board = "Cloister.Runtime.Boards.RiscvVirt",
            Script = "bare.ld",
            ImageBase = 0x8000_0000,
            Emulator = ["qemu-system-riscv64", "-machine", "virt", "-bios", "none", .. EmulatorOptions, "-kernel"],
        };

    // Atomic instructions inline: libgcc's functions for them ask the C library for the processor's features.
    private static Target AArch64(string name, string machine) =>
        new(name, "aarch64-linux-gnu-gcc", ["-mno-outline-atomics"], ["bare.c", "aarch64.S"])
        {
            Board = "Cloister.Runtime.Boards.AArch64Virt",
            Script = "bare.ld",
            ImageBase = 0x4020_0000,
            Emulator = ["qemu-system-aarch64", "-machine", machine, "-cpu", "cortex-a57", "-semihosting", .. EmulatorOptions, "-kernel"],
        };
}

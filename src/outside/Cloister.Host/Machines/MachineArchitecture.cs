using System.Collections.Generic;

namespace Cloister.Host.Machines;

/// <summary>A processor for which there are kernels.</summary>
/// <param name="Name">What <c>--arch</c> takes.</param>
/// <param name="Title">What users read.</param>
/// <param name="ElfMachine">The machine of its ELF files.</param>
/// <param name="Boot">How its image starts.</param>
/// <param name="Qemu">QEMU's program.</param>
/// <param name="Package">Debian's package with that.</param>
public sealed record MachineArchitecture(string Name, string Title, ushort ElfMachine, string Boot, string Qemu, string Package)
{
    /// <summary>This machine's own.</summary>
    public static readonly MachineArchitecture X64 = new("x86_64", "x86-64", 62, "PVH (QEMU -kernel)", "qemu-system-x86_64", "qemu-system-x86");

    /// <summary>RISC-V, emulated.</summary>
    public static readonly MachineArchitecture RiscV64 = new("riscv64", "riscv64", 243, "SBI (QEMU -kernel)", "qemu-system-riscv64", "qemu-system-misc");

    /// <summary>All.</summary>
    public static IReadOnlyList<MachineArchitecture> All { get; } = [X64, RiscV64];

    /// <summary>The one of this name.</summary>
    /// <exception cref="HostException">There is none.</exception>
    public static MachineArchitecture Find(string name)
    {
        foreach (MachineArchitecture one in All)
        {
            if (one.Name == name)
                return one;
        }

        throw new HostException($"'--arch {name}' is not known: write x86_64 or riscv64.");
    }
}

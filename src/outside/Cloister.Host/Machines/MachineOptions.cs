namespace Cloister.Host.Machines;

/// <summary>How a virtual machine is started.</summary>
/// <param name="Image">The kernel's image.</param>
/// <param name="Memory">Bytes of memory, without the window.</param>
/// <param name="Qemu">QEMU's program: a path, or a name to look for in PATH.</param>
/// <param name="Accelerator">kvm, tcg, or auto for kvm where the machine has it.</param>
/// <param name="Architecture">Its processor.</param>
public sealed record MachineOptions(string Image, long Memory, string Qemu, string Accelerator, MachineArchitecture Architecture);

namespace Cloister.Host.Machines;

/// <summary>How a RISC-V machine with an enclave is started.</summary>
/// <param name="Parts">Folder of monitor, the host's kernel, driver and launcher.</param>
/// <param name="Kernel">The enclave's kernel, as it lies in memory.</param>
/// <param name="Memory">Bytes of memory that the enclave has besides its parts.</param>
/// <param name="Harts">Processors of the machine; the enclave runs on one.</param>
/// <param name="Configuration">Where a copy of the measured configuration goes; null for nowhere.</param>
/// <param name="Qemu">QEMU's program: a path, or a name to look for in PATH.</param>
public sealed record KeystoneOptions(string Parts, string Kernel, long Memory, int Harts, string? Configuration, string Qemu);

using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Host;

namespace Cloister.Platform.Virt;

/// <summary>The serial port of QEMU's machine `virt` for RISC-V.</summary>
// SAFETY: entry code maps all physical memory.
internal readonly unsafe struct VirtUart : IUartRegisters
{
    private const ulong Base = 0x1000_0000;

    /// <inheritdoc/>
    public static byte Read(int number) => CpuInstructions.Read8(LinearMemory.At(Base + (ulong)number));

    /// <inheritdoc/>
    public static void Write(int number, byte value) => CpuInstructions.Write8(LinearMemory.At(Base + (ulong)number), value);
}

using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Vm;

/// <summary>The I/O APIC: one line of it is used, the serial port's.</summary>
// SAFETY: entry code maps the device's page without caching.
internal static unsafe class IoApic
{
    private const ulong Base = 0xfec0_0000;
    private const int Window = 0x10;
    private const uint FirstEntry = 0x10;
    private const int SerialLine = 4;

    /// <summary>Sends the serial port's interrupt, at its rising edge, to this processor.</summary>
    public static void RouteSerialLine(int vector)
    {
        Write(FirstEntry + 2 * SerialLine + 1, 0);
        Write(FirstEntry + 2 * SerialLine, (uint)vector);
    }

    private static void Write(uint register, uint value)
    {
        CpuInstructions.Write32(LinearMemory.At(Base), register);
        CpuInstructions.Write32(LinearMemory.At(Base + Window), value);
    }
}

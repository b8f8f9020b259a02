using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Host;

namespace Cloister.Platform.Virt;

/// <summary>The platform-level interrupt controller (RISC-V PLIC specification): one source of it is used, the serial port's.</summary>
// SAFETY: entry code maps all physical memory.
internal sealed unsafe class Plic : IBell
{
    private const ulong Base = 0x0c00_0000;
    private const ulong Enables = Base + 0x2000;
    private const ulong EnablesOfContext = 0x80;
    private const ulong Contexts = Base + 0x20_0000;
    private const ulong Context = 0x1000;
    private const ulong Claim = 4;
    private const uint SerialPort = 10;

    private readonly ulong _context;

    /// <summary>Sends the serial port's interrupt to a processor, in supervisor mode.</summary>
    /// <param name="hart">The processor; each has two contexts, machine mode's and supervisor mode's.</param>
    public Plic(ulong hart)
    {
        ulong number = 2 * hart + 1;
        _context = Contexts + number * Context;
        Write(Base + 4 * SerialPort, 1);
        Write(Enables + number * EnablesOfContext, 1u << (int)SerialPort);
        Write(_context, 0);
    }

    /// <inheritdoc/>
    public void Ring() => Uart16550<VirtUart>.Send(MachineWindow.Bell);

    /// <inheritdoc/>
    public void Answer()
    {
        uint source = CpuInstructions.Read32(LinearMemory.At(_context + Claim));
        Uart16550<VirtUart>.Drain();
        if (source != 0)
            Write(_context + Claim, source);
    }

    private static void Write(ulong place, uint value) => CpuInstructions.Write32(LinearMemory.At(place), value);
}

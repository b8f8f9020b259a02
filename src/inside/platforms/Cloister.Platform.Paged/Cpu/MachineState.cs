using System.Runtime.InteropServices;

namespace Cloister.Platform.Paged.Cpu;

/// <summary>State that belongs to the machine and not to an object: what boot and trap code in assembly and the runtime's exports share. Machine in board.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MachineState
{
    /// <summary>Address of what the boot loader has left: the start structure, or the device tree.</summary>
    public ulong Information;

    /// <summary>Interrupts that came while the kernel waited: bit 0 is vector 32.</summary>
    public ulong Pending;

    /// <summary>The processor that has started, where the boot loader says so.</summary>
    public ulong Processor;

    /// <summary>Where the kernel's heap begins.</summary>
    public ulong HeapStart;

    /// <summary>Its bytes.</summary>
    public ulong HeapSize;

    /// <summary>Physical address of the memory shared with the host.</summary>
    public ulong Window;

    /// <summary>Its bytes.</summary>
    public ulong WindowSize;

    /// <summary>Time stamp at which the clock began.</summary>
    public ulong ClockStart;

    /// <summary>Nanoseconds of a tick of the time stamp counter, times 2^32.</summary>
    public ulong ClockFactor;
}

using System.Runtime.InteropServices;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>State that belongs to the machine and not to an object: what boot and trap code in assembly and the runtime's exports share. Machine in board.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct X64Machine
{
    /// <summary>Address of the boot loader's start structure.</summary>
    public ulong Information;

    /// <summary>Interrupts that came while the kernel waited: bit 0 is vector 32.</summary>
    public ulong Pending;

    /// <summary>Not used.</summary>
    public ulong Reserved;

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

    /// <summary>The interrupts that came while the kernel waited, which now are the caller's.</summary>
    internal static unsafe ulong TakePending()
    {
        // SAFETY: a variable of the image; interrupts are off.
        X64Machine* machine = X64Instructions.GetMachine();
        ulong pending = machine->Pending;
        machine->Pending = 0;
        return pending;
    }
}

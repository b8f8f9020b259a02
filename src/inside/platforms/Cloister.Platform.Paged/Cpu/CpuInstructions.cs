using System.Runtime.CompilerServices;

namespace Cloister.Platform.Paged.Cpu;

/// <summary>What the platform needs of every processor, in C and assembly: Machine/board.h of its folder. They exist in kernels compiled by Cloister.Aot only.</summary>
// SAFETY: callers pass memory as large as each says.
public static unsafe class CpuInstructions
{
    /// <summary>What entry code keeps for the kernel.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern MachineState* GetMachine();

    /// <summary>The end of the image, where it is linked.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetImageEnd();

    /// <summary>Its start.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetImageStart();

    /// <summary>Where its constants begin, behind the code.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetConstants();

    /// <summary>Where its variables begin, behind the constants.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetData();

    /// <summary>The lowest byte of the first stack; the page below it is free.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetStackBottom();

    /// <summary>Zeroed pages of the image for page tables.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetSpareTables();

    /// <summary>Where physical address 0 is mapped.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong GetLinearStart();

    /// <summary>The counter that time is told by.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadCounter();

    /// <summary>The register that names the page table in use.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadRoot();

    /// <summary>Sets it, which forgets all translations.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteRoot(ulong value);

    /// <summary>Forgets what is known of a page.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void ForgetPage(ulong address);

    /// <summary>Forgets instructions that have been fetched ahead, where the processor doesn't see to that itself.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void ForgetInstructions();

    /// <summary>Reads a device's register.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte Read8(byte* place);

    /// <summary>Writes a device's register.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write8(byte* place, byte value);

    /// <summary>Reads a device's register.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern uint Read32(byte* place);

    /// <summary>Writes a device's register.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write32(byte* place, uint value);

    /// <summary>A moment of a loop that waits.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Pause();

    /// <summary>Sleeps until an interrupt.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WaitForInterrupt();

    /// <summary>The interrupts that wait, and from now on are the caller's: bit 0 is vector 32.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong TakeInterrupts();

    /// <summary>Zeroes a page.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void ClearPage(byte* page);

    /// <summary>Copies a page.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void CopyPage(byte* to, byte* from);
}

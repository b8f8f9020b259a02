using System.Runtime.InteropServices;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.RiscV64;

/// <summary>A thread's user state, as user.S loads and stores it.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct RiscV64UserBlock
{
    /// <summary>Bytes of the floating-point state.</summary>
    public const int FloatsSize = 33 * sizeof(ulong);

    /// <summary>pc, and x1 to x31.</summary>
    public fixed ulong Registers[RiscV64Registers.Count];

    /// <summary>sstatus.</summary>
    public ulong Status;

    /// <summary>scause of the last trap.</summary>
    public ulong Cause;

    /// <summary>stval after it.</summary>
    public ulong Value;

    /// <summary>The kernel's stack while the program runs.</summary>
    public ulong KernelStack;

    /// <summary>f0 to f31, and fcsr.</summary>
    public fixed ulong Floats[FloatsSize / sizeof(ulong)];
}

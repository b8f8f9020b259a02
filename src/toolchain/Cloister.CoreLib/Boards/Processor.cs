using System.Runtime.CompilerServices;

namespace Cloister.Runtime.Boards;

/// <summary>
/// Registers of devices and instructions for which C# has no operator. Accesses of devices are done exactly once and in program order. What a
/// processor doesn't have is an error of the C compiler in a program that reaches it.
/// </summary>
// SAFETY: callers pass registers of devices that their board has and maps, and that are as wide as the access.
internal static unsafe class Processor
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte Read8(byte* register);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write8(byte* register, byte value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern uint Read32(byte* register);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write32(byte* register, uint value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Read64(byte* register);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write64(byte* register, ulong value);

    /// <summary>x86: reads an I/O port.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte In8(ushort port);

    /// <summary>x86: writes an I/O port.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Out8(ushort port, byte value);

    /// <summary>RISC-V: the time register. AArch64: the virtual counter.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadCounter();

    /// <summary>AArch64: the counter's frequency in Hz.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadCounterFrequency();

    /// <summary>AArch64: a call of the debugger or emulator (Arm semihosting 2.0).</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Semihosting(uint operation, byte* argument);
}

using System.Runtime.CompilerServices;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>Instructions for which C# has no words: Machine/board.h and Machine/user.S. They exist in kernels compiled by Cloister.Aot only.</summary>
// SAFETY: callers pass memory as large as each says, and registers that the processor has (CPUID).
public static unsafe class X64Instructions
{
    /// <summary>RDMSR.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadRegister(uint number);

    /// <summary>WRMSR.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteRegister(uint number, ulong value);

    /// <summary>Reads CR4.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadControl4();

    /// <summary>Writes CR4.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteControl4(ulong value);

    /// <summary>XSETBV of XCR0.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void SetComponents(ulong value);

    /// <summary>XSAVE of all components, to an aligned area.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void SaveVectors(byte* area);

    /// <summary>XRSTOR of all components.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void LoadVectors(byte* area);

    /// <summary>CPUID, to four words: EAX, EBX, ECX, EDX.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Identify(uint leaf, uint part, byte* result);

    /// <summary>IN.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte In8(ushort port);

    /// <summary>OUT.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Out8(ushort port, byte value);

    /// <summary>RDRAND; false where it had no number.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern bool Random(byte* value);

    /// <summary>Runs the program of a block until its next trap.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void EnterUser(X64UserBlock* block);
}

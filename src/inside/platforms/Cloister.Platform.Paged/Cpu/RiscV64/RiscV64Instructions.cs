using System.Runtime.CompilerServices;

namespace Cloister.Platform.Paged.Cpu.RiscV64;

/// <summary>Instructions for which C# has no words: Machine/board.h and Machine/user.S.</summary>
// SAFETY: callers pass memory as large as each says.
public static unsafe class RiscV64Instructions
{
    /// <summary>Reads sstatus.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadStatus();

    /// <summary>Calls the firmware (SBI); the result is its error.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long CallFirmware(ulong extension, ulong function, ulong first, ulong second);

    /// <summary>Runs the program of a block until its next trap.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void EnterUser(RiscV64UserBlock* block);

    /// <summary>Stores f0 to f31 and fcsr, in 33 words.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void SaveFloats(byte* area);

    /// <summary>Loads them.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void LoadFloats(byte* area);
}

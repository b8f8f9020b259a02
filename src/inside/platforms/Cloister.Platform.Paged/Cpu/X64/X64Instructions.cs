using System.Runtime.CompilerServices;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>Instructions for which C# has no words: Machine/board.h and Machine/user.S. They exist in kernels compiled by Cloister.Aot only.</summary>
// SAFETY: callers pass memory as large as each says, and registers that the processor has (CPUID).
public static unsafe class X64Instructions
{
    /// <summary>What entry code keeps for the kernel.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern X64Machine* GetMachine();

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

    /// <summary>RDTSC.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadTimeStamp();

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

    /// <summary>Reads CR3.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadRoot();

    /// <summary>Writes CR3, which forgets all translations.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteRoot(ulong value);

    /// <summary>INVLPG.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void ForgetPage(ulong address);

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

    /// <summary>Reads a device's register.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern uint Read32(byte* place);

    /// <summary>Writes a device's register.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write32(byte* place, uint value);

    /// <summary>PAUSE.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Pause();

    /// <summary>Sleeps until an interrupt, which is noted in <see cref="X64Machine.Pending"/>.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WaitForInterrupt();

    /// <summary>Notes the interrupts that wait.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void TakeInterrupts();

    /// <summary>RDRAND; false where it had no number.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern bool Random(byte* value);

    /// <summary>Zeroes a page.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void ClearPage(byte* page);

    /// <summary>Copies a page.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void CopyPage(byte* to, byte* from);

    /// <summary>Runs the program of a block until its next trap.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void EnterUser(X64UserBlock* block);
}

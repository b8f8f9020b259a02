using System.Runtime.CompilerServices;

namespace Cloister.Monitor.Hardware;

/// <summary>Instructions for which C# has no operator.</summary>
internal static class Instructions
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WaitForInterrupt();

    /// <summary>sfence.vma for all addresses; it orders changes of physical memory protection too (privileged architecture, 3.7.2).</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void FlushTranslations();

    /// <summary>hfence.gvma and hfence.vvma for all addresses; only with the hypervisor extension.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void FlushGuestTranslations();

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void FlushInstructions();

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Fence();
}

/// <summary>Registers of devices, by physical address: accesses are done exactly once and in program order.</summary>
internal static class Device
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte Read8(ulong address);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern uint Read32(ulong address);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Read64(ulong address);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write8(ulong address, byte value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write32(ulong address, uint value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write64(ulong address, ulong value);
}

/// <summary>A word that several harts change.</summary>
internal static class Shared
{
    /// <summary>Sets bits and gives what the word was.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Or(ref int word, int bits);
}

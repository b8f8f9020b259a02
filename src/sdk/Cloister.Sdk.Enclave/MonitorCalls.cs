using System.Runtime.CompilerServices;

namespace Cloister.Sdk.Enclave;

/// <summary>Keystone's calls to the monitor.</summary>
internal static class MonitorCalls
{
    public const ulong Attest = 3002, SealingKey = 3003, Stop = 3004, Exit = 3006;
    public const ulong ForHostCall = 1;

    /// <summary>Makes a call; gives its error, and zero where there is none.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long Call(ulong function, ulong first, ulong second, ulong third);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Random();
}

/// <summary>The enclave's memory, as board.h has it.</summary>
// SAFETY: entry code has mapped the shared memory for its whole size, and the rest of the enclave's memory behind the program.
internal static unsafe class EnclaveMemory
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetShared();

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long GetSharedSize();

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetHeap();

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long GetHeapSize();

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong GetPhysical(byte* place);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong GetTime();
}

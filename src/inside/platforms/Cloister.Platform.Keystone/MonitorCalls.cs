using System.Runtime.CompilerServices;

namespace Cloister.Platform.Keystone;

/// <summary>Keystone's calls of an enclave to the monitor (docs/keystone.md): Machine/board.h.</summary>
// SAFETY: callers pass addresses of as much memory as each call takes.
internal static unsafe class MonitorCalls
{
    public const ulong Attest = 3002, SealingKey = 3003, Stop = 3004, Exit = 3006;

    /// <summary>Of <see cref="Stop"/>: the launcher is to look why.</summary>
    public const ulong ForLauncher = 1;

    /// <summary>Makes a call; gives its error, 0 where there is none.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long Call(ulong function, ulong first, ulong second, ulong third);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Random();

    /// <summary>What entry code has kept of the registers.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern EnclaveStart* GetStart();
}

using System.Runtime.InteropServices;

namespace Cloister.Platform.Keystone;

/// <summary>
/// What the monitor tells an enclave of its memory, in registers a1 to a7. All of it was checked by the monitor, and the parts measured: the kernel's image
/// is the first, what it is to run the second.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EnclaveStart
{
    /// <summary>The enclave's own memory.</summary>
    public ulong Memory, Size;

    /// <summary>Where the second and the third part begin, and what is free.</summary>
    public ulong Configuration, Commitment, Free;

    /// <summary>Memory that it shares with the host.</summary>
    public ulong Shared, SharedSize;

    /// <summary>The address behind its own memory.</summary>
    public readonly ulong End => Memory + Size;
}

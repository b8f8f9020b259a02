using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>The host's answer to a request, 64 bytes, little-endian. <see cref="HostOperation"/> says which fields an operation uses.</summary>
/// <remarks>The id is compared with those of requests only; everything else has to be checked before it can be used at all.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Length)]
public struct CompletionEntry
{
    /// <summary>Bytes of an entry.</summary>
    public const int Length = 64;

    /// <summary><see cref="SubmissionEntry.Id"/> of the request.</summary>
    public ulong Id;

    /// <summary>0 or an error number of Linux, positive.</summary>
    public Untrusted<int> Error;

    /// <summary>Bytes transferred, or valid in the data slot.</summary>
    public Untrusted<uint> Data;

    /// <summary>A number: position, cookie, signal.</summary>
    public Untrusted<long> Value;

    /// <summary>Number of records.</summary>
    public Untrusted<uint> Items;

    /// <summary>Flags.</summary>
    public Untrusted<uint> Flags;
}

using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>The host's answer to a request, 64 bytes, little-endian. <see cref="HostOperation"/> says which fields an operation uses.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Length)]
public struct CompletionEntry
{
    /// <summary>Bytes of an entry.</summary>
    public const int Length = 64;

    /// <summary><see cref="SubmissionEntry.Id"/> of the request.</summary>
    public ulong Id;

    /// <summary>0 or an error number of Linux, positive.</summary>
    public int Error;

    /// <summary>Bytes transferred, or valid in the data slot.</summary>
    public uint Data;

    /// <summary>A number: position, cookie, signal.</summary>
    public long Value;

    /// <summary>Number of records.</summary>
    public uint Items;

    /// <summary>Flags.</summary>
    public uint Flags;
}

using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>A request to the host, 128 bytes, little-endian. <see cref="HostOperation"/> says which fields an operation uses; the others are 0.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Length)]
public struct SubmissionEntry
{
    /// <summary>Bytes of an entry.</summary>
    public const int Length = 128;

    /// <summary>Name of the request; its completion carries the same.</summary>
    public ulong Id;

    /// <summary>What is asked.</summary>
    public HostOperation Operation;

    /// <summary>Not used, 0.</summary>
    public ushort Reserved;

    /// <summary>Index of the data slot, or <see cref="HostRegionLayout.NoSlot"/>.</summary>
    public uint Slot;

    /// <summary>A file, a share or a stream.</summary>
    public uint Handle;

    /// <summary>A second directory.</summary>
    public uint SecondHandle;

    /// <summary>Handle to bind.</summary>
    public uint NewHandle;

    /// <summary>Flags.</summary>
    public uint Flags;

    /// <summary>Offset in the file, or cookie.</summary>
    public long Offset;

    /// <summary>Length in bytes.</summary>
    public long Count;

    /// <summary>Bytes of the first item in the data slot.</summary>
    public uint FirstLength;

    /// <summary>Bytes of the second item, which follows the first at once.</summary>
    public uint SecondLength;

    /// <summary>Mode bits.</summary>
    public uint Mode;
}

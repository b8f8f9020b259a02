using System.Collections.Generic;

namespace Cloister.Host.Files;

/// <summary>What a member of a tar archive is (POSIX pax, "ustar Interchange Format", typeflag).</summary>
public enum TarMemberKind
{
    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>Another name of a member before it.</summary>
    HardLink,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A character device.</summary>
    CharacterDevice,

    /// <summary>A block device.</summary>
    BlockDevice,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A FIFO.</summary>
    Fifo,
}

/// <summary>A piece of a regular file that the archive holds; what lies between pieces is a hole.</summary>
/// <param name="Offset">Where in the file.</param>
/// <param name="Stored">Where among the stored bytes of the member.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct TarPiece(long Offset, long Stored, long Length);

/// <summary>A member of a tar archive. Names and values are bytes, as Linux has them.</summary>
public sealed class TarMember
{
    /// <summary>What it is.</summary>
    public TarMemberKind Kind { get; init; }

    /// <summary>The path as the archive has it, without NUL, at most PATH_MAX bytes; not checked otherwise.</summary>
    public required byte[] Path { get; init; }

    /// <summary>Where a symbolic or hard link leads, likewise.</summary>
    public byte[] LinkTarget { get; init; } = [];

    /// <summary>Permission bits with set-user-ID, set-group-ID and sticky.</summary>
    public uint Permissions { get; init; }

    /// <summary>Owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Time of the last change of content, nanoseconds since 1970; times that don't fit are the nearest that do.</summary>
    public long ModificationTime { get; init; }

    /// <summary>Length of the file, holes included.</summary>
    public long Size { get; init; }

    /// <summary>Bytes that the archive holds of it.</summary>
    public long StoredLength { get; init; }

    /// <summary>Where in the plain archive they begin.</summary>
    public long Position { get; init; }

    /// <summary>The pieces of a sparse file, in order; null where all of the file is stored as it is.</summary>
    public IReadOnlyList<TarPiece>? Pieces { get; init; }

    /// <summary>Major number of a device.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>Minor number of a device.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>Extended attributes.</summary>
    public IReadOnlyList<(byte[] Name, byte[] Value)> Attributes { get; init; } = [];
}

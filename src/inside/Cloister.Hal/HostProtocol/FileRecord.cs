using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>Status of a file in a data slot, 88 bytes, little-endian.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Length)]
public struct FileRecord
{
    /// <summary>Bytes of the record.</summary>
    public const int Length = 88;

    /// <summary>File type and permission bits.</summary>
    public uint Mode;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>Preferred size of transfers.</summary>
    public uint BlockSize;

    /// <summary>Number of names.</summary>
    public ulong LinkCount;

    /// <summary>Length in bytes.</summary>
    public long Size;

    /// <summary>Blocks of 512 bytes in use.</summary>
    public long Blocks;

    /// <summary>Inode number.</summary>
    public ulong Inode;

    /// <summary>Device that holds the file: major number in the upper half, minor in the lower.</summary>
    public ulong Device;

    /// <summary>Device that a device file stands for, likewise.</summary>
    public ulong RawDevice;

    /// <summary>Access time, nanoseconds since 1970.</summary>
    public long AccessTime;

    /// <summary>Modification time, nanoseconds since 1970.</summary>
    public long ModifyTime;

    /// <summary>Change time, nanoseconds since 1970.</summary>
    public long ChangeTime;
}

/// <summary>
/// An entry of a directory in a data slot: a <see cref="FileRecord"/>, the cookie, the length of the name, 4 unused bytes, the
/// name, and padding to a multiple of 8.
/// </summary>
public static class DirectoryRecord
{
    /// <summary>Offset of the cookie from which a read goes on after this entry (8 bytes).</summary>
    public const int Cookie = FileRecord.Length;

    /// <summary>Offset of the length of the name (4 bytes).</summary>
    public const int NameLength = Cookie + 8;

    /// <summary>Offset of the name.</summary>
    public const int Name = NameLength + 8;

    /// <summary>Longest name (NAME_MAX).</summary>
    public const int LongestName = 255;

    /// <summary>Bytes of an entry.</summary>
    public static int LengthOf(int nameLength) => (Name + nameLength + 7) & ~7;
}

/// <summary>Status of a file system in a data slot, 64 bytes, little-endian; fields as in statfs(2).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Length)]
public struct FileSystemRecord
{
    /// <summary>Bytes of the record.</summary>
    public const int Length = 64;

    /// <summary>Magic number.</summary>
    public ulong Type;

    /// <summary>Size of the blocks that the next fields count.</summary>
    public long BlockSize;

    /// <summary>Blocks in all.</summary>
    public ulong Blocks;

    /// <summary>Free blocks.</summary>
    public ulong FreeBlocks;

    /// <summary>Free blocks for unprivileged users.</summary>
    public ulong AvailableBlocks;

    /// <summary>Inodes in all.</summary>
    public ulong Files;

    /// <summary>Free inodes.</summary>
    public ulong FreeFiles;

    /// <summary>Longest name.</summary>
    public long NameLimit;
}

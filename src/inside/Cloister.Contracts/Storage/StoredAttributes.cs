using System;

namespace Cloister.Contracts.Storage;

/// <summary>Attributes of an inode. Times are nanoseconds since 1970.</summary>
public struct StoredAttributes
{
    /// <summary>Its number; never used again for another file.</summary>
    public ulong Inode;

    /// <summary>Type and permissions.</summary>
    public uint Mode;

    /// <summary>Names; of a directory 2 and one for each directory in it.</summary>
    public uint LinkCount;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>Which device a device file stands for, in the form of st_rdev.</summary>
    public ulong RawDevice;

    /// <summary>Bytes; of a directory the number of its entries, of a symbolic link the length of its target.</summary>
    public long Size;

    /// <summary>Blocks of 4096 bytes that its content takes.</summary>
    public long Blocks;

    /// <summary>Last access.</summary>
    public long AccessTime;

    /// <summary>Last change of the content.</summary>
    public long ModificationTime;

    /// <summary>Last change of the inode.</summary>
    public long ChangeTime;

    /// <summary>Creation.</summary>
    public long BirthTime;

    /// <summary>The directory that a directory is in (".."); 0 for other files.</summary>
    public ulong Parent;
}

/// <summary>What a new inode is.</summary>
/// <param name="Mode">Type and permissions.</param>
/// <param name="UserId">Owner.</param>
/// <param name="GroupId">Group.</param>
/// <param name="RawDevice">The device, for device files.</param>
public readonly record struct NewInode(uint Mode, uint UserId, uint GroupId, ulong RawDevice = 0);

/// <summary>Which attributes a change sets.</summary>
[Flags]
public enum AttributeMask
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Permissions.</summary>
    Mode = 1,

    /// <summary>Owner.</summary>
    UserId = 2,

    /// <summary>Group.</summary>
    GroupId = 4,

    /// <summary>Size.</summary>
    Size = 8,

    /// <summary>Time of last access.</summary>
    AccessTime = 16,

    /// <summary>Time of last modification.</summary>
    ModificationTime = 32,

    /// <summary>Time of creation.</summary>
    BirthTime = 64,

    /// <summary>
    /// Leaves the time of change as it is: an access time that is noted after a read is no change of the inode.
    /// </summary>
    KeepChangeTime = 128,
}

/// <summary>New attributes; only those named by <see cref="Mask"/> count.</summary>
public struct AttributeChange
{
    /// <summary>Which.</summary>
    public AttributeMask Mask;

    /// <summary>Permissions; the type bits are ignored.</summary>
    public uint Mode;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>Bytes.</summary>
    public long Size;

    /// <summary>Last access.</summary>
    public long AccessTime;

    /// <summary>Last modification.</summary>
    public long ModificationTime;

    /// <summary>Creation.</summary>
    public long BirthTime;
}

/// <summary>Size and use of a volume.</summary>
/// <param name="Blocks">Blocks of 4096 bytes in all.</param>
/// <param name="BlocksFree">Free ones, with the reserve.</param>
/// <param name="BlocksAvailable">Free ones that files may take.</param>
/// <param name="Inodes">Inodes in use.</param>
/// <param name="InodesFree">How many more could be made, at most.</param>
public readonly record struct StoreStatus(long Blocks, long BlocksFree, long BlocksAvailable, long Inodes, long InodesFree);

namespace Cloister.Contracts.Files;

/// <summary>Status of a file, what stat(2) and statx(2) are made of. Times are nanoseconds since 1970.</summary>
public struct FileStatus
{
    /// <summary>st_dev.</summary>
    public ulong Device;

    /// <summary>st_ino.</summary>
    public ulong Inode;

    /// <summary>Type and permissions.</summary>
    public uint Mode;

    /// <summary>Number of hard links.</summary>
    public uint LinkCount;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>st_rdev: the device that a device file stands for.</summary>
    public ulong RawDevice;

    /// <summary>Bytes.</summary>
    public long Size;

    /// <summary>Preferred size of a transfer.</summary>
    public uint BlockSize;

    /// <summary>Allocated blocks of 512 bytes.</summary>
    public long Blocks;

    /// <summary>Last access.</summary>
    public long AccessTime;

    /// <summary>Last change of the content.</summary>
    public long ModificationTime;

    /// <summary>Last change of the inode.</summary>
    public long ChangeTime;

    /// <summary>Creation.</summary>
    public long BirthTime;

    /// <summary>Id of the mount, as in /proc/self/mountinfo.</summary>
    public ulong MountId;

    /// <summary>Whether this is the root of its mount (STATX_ATTR_MOUNT_ROOT).</summary>
    public bool IsMountRoot;
}

/// <summary>Status of a file system, what statfs(2) is made of.</summary>
public struct FileSystemStatus
{
    /// <summary>Magic number of the type.</summary>
    public long Type;

    /// <summary>Bytes of a block.</summary>
    public long BlockSize;

    /// <summary>Blocks in all.</summary>
    public long Blocks;

    /// <summary>Free blocks.</summary>
    public long BlocksFree;

    /// <summary>Inodes in all.</summary>
    public long Files;

    /// <summary>Free inodes.</summary>
    public long FilesFree;

    /// <summary>Identity of the file system.</summary>
    public ulong FileSystemId;

    /// <summary>Longest name.</summary>
    public long NameLength;

    /// <summary>ST_* flags of the mount.</summary>
    public long Flags;
}

/// <summary>New times for a file (utimensat(2)), in nanoseconds since 1970.</summary>
/// <param name="AccessTime">Last access, <see cref="Now"/> or <see cref="Omit"/>.</param>
/// <param name="ModificationTime">Last change, <see cref="Now"/> or <see cref="Omit"/>.</param>
public readonly record struct FileTimesChange(long AccessTime, long ModificationTime)
{
    /// <summary>UTIME_NOW.</summary>
    public const long Now = long.MaxValue;

    /// <summary>UTIME_OMIT.</summary>
    public const long Omit = long.MinValue;

    /// <summary>Whether both become the current time: what a writer who isn't the owner may ask for.</summary>
    public bool IsNow => AccessTime == Now && ModificationTime == Now;
}

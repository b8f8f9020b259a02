using System;

namespace Cloister.Abi.Files;

/// <summary>Flags of the *at calls (include/uapi/linux/fcntl.h).</summary>
[Flags]
public enum AtFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Don't follow a symbolic link in the last component.</summary>
    AT_SYMLINK_NOFOLLOW = 0x100,

    /// <summary>unlinkat: remove a directory. faccessat: check with the effective ids (AT_EACCESS).</summary>
    AT_REMOVEDIR = 0x200,

    /// <summary>linkat: follow a symbolic link.</summary>
    AT_SYMLINK_FOLLOW = 0x400,

    /// <summary>Don't mount automatically; there are no automounts.</summary>
    AT_NO_AUTOMOUNT = 0x800,

    /// <summary>An empty path means the descriptor itself.</summary>
    AT_EMPTY_PATH = 0x1000,

    /// <summary>statx: fetch from the server.</summary>
    AT_STATX_FORCE_SYNC = 0x2000,

    /// <summary>statx: what is cached will do.</summary>
    AT_STATX_DONT_SYNC = 0x4000,
}

/// <summary>Flags of renameat2(2).</summary>
[Flags]
public enum RenameFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Fail if the new name exists.</summary>
    RENAME_NOREPLACE = 1,

    /// <summary>Exchange the two.</summary>
    RENAME_EXCHANGE = 2,

    /// <summary>Leave a whiteout: only overlay implementations on disk need it.</summary>
    RENAME_WHITEOUT = 4,
}

/// <summary>How openat2(2) resolves a path.</summary>
[Flags]
public enum ResolveFlags : ulong
{
    /// <summary>As open(2).</summary>
    None = 0,

    /// <summary>Don't cross mounts.</summary>
    RESOLVE_NO_XDEV = 0x1,

    /// <summary>Don't follow the links of procfs that jump.</summary>
    RESOLVE_NO_MAGICLINKS = 0x2,

    /// <summary>Follow no symbolic links.</summary>
    RESOLVE_NO_SYMLINKS = 0x4,

    /// <summary>Stay beneath the starting directory.</summary>
    RESOLVE_BENEATH = 0x8,

    /// <summary>The starting directory is the root.</summary>
    RESOLVE_IN_ROOT = 0x10,

    /// <summary>Only what is cached.</summary>
    RESOLVE_CACHED = 0x20,
}

/// <summary>Base of an offset in lseek(2).</summary>
public enum SeekWhence
{
    /// <summary>From the start.</summary>
    SEEK_SET = 0,

    /// <summary>From the current position.</summary>
    SEEK_CUR = 1,

    /// <summary>From the end.</summary>
    SEEK_END = 2,

    /// <summary>Next data.</summary>
    SEEK_DATA = 3,

    /// <summary>Next hole.</summary>
    SEEK_HOLE = 4,
}

/// <summary>Modes of fallocate(2).</summary>
[Flags]
public enum FallocateMode
{
    /// <summary>Allocate and extend.</summary>
    None = 0,

    /// <summary>The size stays.</summary>
    FALLOC_FL_KEEP_SIZE = 0x1,

    /// <summary>Make a hole.</summary>
    FALLOC_FL_PUNCH_HOLE = 0x2,

    /// <summary>Remove a range.</summary>
    FALLOC_FL_COLLAPSE_RANGE = 0x8,

    /// <summary>Zero a range.</summary>
    FALLOC_FL_ZERO_RANGE = 0x10,

    /// <summary>Insert a range.</summary>
    FALLOC_FL_INSERT_RANGE = 0x20,

    /// <summary>Unshare blocks.</summary>
    FALLOC_FL_UNSHARE_RANGE = 0x40,
}

/// <summary>Flags of preadv2(2) and pwritev2(2).</summary>
[Flags]
public enum ReadWriteFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>High priority.</summary>
    RWF_HIPRI = 0x1,

    /// <summary>As O_DSYNC.</summary>
    RWF_DSYNC = 0x2,

    /// <summary>As O_SYNC.</summary>
    RWF_SYNC = 0x4,

    /// <summary>Don't wait.</summary>
    RWF_NOWAIT = 0x8,

    /// <summary>As O_APPEND.</summary>
    RWF_APPEND = 0x10,

    /// <summary>Not as O_APPEND (Linux 6.9).</summary>
    RWF_NOAPPEND = 0x20,

    /// <summary>All that there are; others are EOPNOTSUPP.</summary>
    RWF_SUPPORTED = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND,
}

/// <summary>Advice of posix_fadvise(2).</summary>
public enum FileAdvice
{
    /// <summary>No advice.</summary>
    POSIX_FADV_NORMAL = 0,

    /// <summary>Random access.</summary>
    POSIX_FADV_RANDOM = 1,

    /// <summary>Sequential access.</summary>
    POSIX_FADV_SEQUENTIAL = 2,

    /// <summary>Needed soon.</summary>
    POSIX_FADV_WILLNEED = 3,

    /// <summary>Not needed.</summary>
    POSIX_FADV_DONTNEED = 4,

    /// <summary>Used once.</summary>
    POSIX_FADV_NOREUSE = 5,
}

/// <summary>Flags of memfd_create(2).</summary>
[Flags]
public enum MemfdFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Close on execve.</summary>
    MFD_CLOEXEC = 1,

    /// <summary>Seals may be added.</summary>
    MFD_ALLOW_SEALING = 2,

    /// <summary>In huge pages.</summary>
    MFD_HUGETLB = 4,

    /// <summary>Not executable, sealed so (Linux 6.3).</summary>
    MFD_NOEXEC_SEAL = 8,

    /// <summary>Executable (Linux 6.3).</summary>
    MFD_EXEC = 0x10,
}

/// <summary>Seals of a memfd (F_ADD_SEALS in fcntl(2)).</summary>
[Flags]
public enum FileSeals
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>No more seals.</summary>
    F_SEAL_SEAL = 0x1,

    /// <summary>Can't shrink.</summary>
    F_SEAL_SHRINK = 0x2,

    /// <summary>Can't grow.</summary>
    F_SEAL_GROW = 0x4,

    /// <summary>Can't be written.</summary>
    F_SEAL_WRITE = 0x8,

    /// <summary>Can't be written by anything new; existing mappings may.</summary>
    F_SEAL_FUTURE_WRITE = 0x10,

    /// <summary>The rights to execute it can't change (Linux 6.3).</summary>
    F_SEAL_EXEC = 0x20,
}

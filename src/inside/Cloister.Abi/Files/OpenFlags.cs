using System;

namespace Cloister.Abi.Files;

/// <summary>Flags of open(2), with the values of x86-64 (include/uapi/asm-generic/fcntl.h).</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>Read only. The two lowest bits are the access mode, a number and not flags.</summary>
    O_RDONLY = 0,

    /// <summary>Write only.</summary>
    O_WRONLY = 1,

    /// <summary>Read and write.</summary>
    O_RDWR = 2,

    /// <summary>Mask of the access mode.</summary>
    O_ACCMODE = 3,

    /// <summary>Create the file if it does not exist.</summary>
    O_CREAT = 0x40,

    /// <summary>Fail if O_CREAT does not create.</summary>
    O_EXCL = 0x80,

    /// <summary>Don't make a terminal the controlling terminal.</summary>
    O_NOCTTY = 0x100,

    /// <summary>Truncate.</summary>
    O_TRUNC = 0x200,

    /// <summary>Each write goes to the end.</summary>
    O_APPEND = 0x400,

    /// <summary>Calls don't wait.</summary>
    O_NONBLOCK = 0x800,

    /// <summary>Writes are durable when they return, data and what is needed to read it.</summary>
    O_DSYNC = 0x1000,

    /// <summary>Signal-driven I/O.</summary>
    O_ASYNC = 0x2000,

    /// <summary>Bypass the page cache; packet mode of pipes.</summary>
    O_DIRECT = 0x4000,

    /// <summary>Large files; implied on 64-bit CPUs.</summary>
    O_LARGEFILE = 0x8000,

    /// <summary>Must be a directory.</summary>
    O_DIRECTORY = 0x10000,

    /// <summary>Don't follow a symbolic link in the last component.</summary>
    O_NOFOLLOW = 0x20000,

    /// <summary>Don't update the access time.</summary>
    O_NOATIME = 0x40000,

    /// <summary>Close on execve.</summary>
    O_CLOEXEC = 0x80000,

    /// <summary>The bit that O_SYNC has beyond O_DSYNC.</summary>
    __O_SYNC = 0x100000,

    /// <summary>Writes are durable when they return, data and all metadata.</summary>
    O_SYNC = 0x101000,

    /// <summary>A reference to a place in the file system, not an open file.</summary>
    O_PATH = 0x200000,

    /// <summary>The bit that O_TMPFILE has beyond O_DIRECTORY.</summary>
    __O_TMPFILE = 0x400000,

    /// <summary>An unnamed file in the directory.</summary>
    O_TMPFILE = 0x410000,
}

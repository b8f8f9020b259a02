namespace Cloister.Abi.Files;

/// <summary>Bits of a file's mode: type and permissions (inode(7)).</summary>
public static class FileModes
{
    /// <summary>Mask of the type.</summary>
    public const uint S_IFMT = 0xF000;

    /// <summary>Socket.</summary>
    public const uint S_IFSOCK = 0xC000;

    /// <summary>Symbolic link.</summary>
    public const uint S_IFLNK = 0xA000;

    /// <summary>Regular file.</summary>
    public const uint S_IFREG = 0x8000;

    /// <summary>Block device.</summary>
    public const uint S_IFBLK = 0x6000;

    /// <summary>Directory.</summary>
    public const uint S_IFDIR = 0x4000;

    /// <summary>Character device.</summary>
    public const uint S_IFCHR = 0x2000;

    /// <summary>FIFO.</summary>
    public const uint S_IFIFO = 0x1000;

    /// <summary>Set-user-ID.</summary>
    public const uint S_ISUID = 0x800;

    /// <summary>Set-group-ID.</summary>
    public const uint S_ISGID = 0x400;

    /// <summary>Sticky.</summary>
    public const uint S_ISVTX = 0x200;

    /// <summary>rwx of the owner.</summary>
    public const uint S_IRWXU = 0x1C0;

    /// <summary>x of the group: with S_ISGID it means "set the group", without it did mean mandatory locking.</summary>
    public const uint S_IXGRP = 0x8;

    /// <summary>x of anybody.</summary>
    public const uint S_IXUGO = 0x49;

    /// <summary>rwx of everybody.</summary>
    public const uint S_IRWXUGO = 0x1FF;

    /// <summary>All permission bits, as chmod sets them.</summary>
    public const uint S_IALLUGO = 0xFFF;

    /// <summary>Whether the mode is a directory's.</summary>
    public static bool IsDirectory(uint mode) => (mode & S_IFMT) == S_IFDIR;

    /// <summary>Whether the mode is a regular file's.</summary>
    public static bool IsRegular(uint mode) => (mode & S_IFMT) == S_IFREG;

    /// <summary>Whether the mode is a symbolic link's.</summary>
    public static bool IsSymbolicLink(uint mode) => (mode & S_IFMT) == S_IFLNK;

    /// <summary>The DT_* value of a mode's type (readdir(3)).</summary>
    public static byte DirectoryType(uint mode) => (byte)((mode & S_IFMT) >> 12);
}

/// <summary>Permissions asked for, as access(2) numbers them.</summary>
[System.Flags]
public enum AccessMode
{
    /// <summary>Existence only.</summary>
    F_OK = 0,

    /// <summary>Execute, or search a directory.</summary>
    X_OK = 1,

    /// <summary>Write.</summary>
    W_OK = 2,

    /// <summary>Read.</summary>
    R_OK = 4,
}

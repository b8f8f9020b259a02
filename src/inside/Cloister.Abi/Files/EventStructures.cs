using System.Runtime.InteropServices;

namespace Cloister.Abi.Files;

/// <summary>struct epoll_event, packed on x86-64.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct EpollEvent
{
    public uint Events;
    public ulong Data;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 12;
}

/// <summary>struct epoll_event of other processors.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GenericEpollEvent
{
    public uint Events;
    private uint _padding;
    public ulong Data;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 16;
}

/// <summary>Operations of epoll_ctl(2).</summary>
public enum EpollOperation
{
    EPOLL_CTL_ADD = 1,
    EPOLL_CTL_DEL = 2,
    EPOLL_CTL_MOD = 3,
}

/// <summary>Flags in epoll_event.events beyond the events themselves.</summary>
public static class EpollFlags
{
    public const uint EPOLLEXCLUSIVE = 1u << 28;
    public const uint EPOLLWAKEUP = 1u << 29;
    public const uint EPOLLONESHOT = 1u << 30;
    public const uint EPOLLET = 1u << 31;
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollDescriptor
{
    public int Fd;
    public short Events;
    public short ReturnedEvents;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 8;
}

/// <summary>Flags of eventfd2(2).</summary>
[System.Flags]
public enum EventFdFlags
{
    None = 0,
    EFD_SEMAPHORE = 1,
    EFD_NONBLOCK = 0x800,
    EFD_CLOEXEC = 0x80000,
}

/// <summary>Flags of splice(2), tee(2) and vmsplice(2).</summary>
[System.Flags]
public enum SpliceFlags : uint
{
    None = 0,
    SPLICE_F_MOVE = 1,
    SPLICE_F_NONBLOCK = 2,
    SPLICE_F_MORE = 4,
    SPLICE_F_GIFT = 8,
}

/// <summary>Flags of mount(2).</summary>
[System.Flags]
public enum MountFlags : ulong
{
    None = 0,
    MS_RDONLY = 1,
    MS_NOSUID = 2,
    MS_NODEV = 4,
    MS_NOEXEC = 8,
    MS_SYNCHRONOUS = 16,
    MS_REMOUNT = 32,
    MS_MANDLOCK = 64,
    MS_DIRSYNC = 128,
    MS_NOSYMFOLLOW = 256,
    MS_NOATIME = 1024,
    MS_NODIRATIME = 2048,
    MS_BIND = 4096,
    MS_MOVE = 8192,
    MS_REC = 16384,
    MS_SILENT = 32768,
    MS_UNBINDABLE = 1 << 17,
    MS_PRIVATE = 1 << 18,
    MS_SLAVE = 1 << 19,
    MS_SHARED = 1 << 20,
    MS_RELATIME = 1 << 21,
    MS_STRICTATIME = 1 << 24,
    MS_LAZYTIME = 1 << 25,
}

/// <summary>Flags of umount2(2).</summary>
[System.Flags]
public enum UnmountFlags
{
    None = 0,
    MNT_FORCE = 1,
    MNT_DETACH = 2,
    MNT_EXPIRE = 4,
    UMOUNT_NOFOLLOW = 8,
}

/// <summary>Flags of setxattr(2).</summary>
[System.Flags]
public enum XattrFlags
{
    None = 0,
    XATTR_CREATE = 1,
    XATTR_REPLACE = 2,
}

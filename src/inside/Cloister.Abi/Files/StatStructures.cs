using System.Runtime.InteropServices;

namespace Cloister.Abi.Files;

/// <summary>struct stat of x86-64 (arch/x86/include/uapi/asm/stat.h), 144 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LinuxStat
{
    public ulong Device;
    public ulong Inode;
    public ulong LinkCount;
    public uint Mode;
    public uint UserId;
    public uint GroupId;
    private uint _padding;
    public ulong RawDevice;
    public long Size;
    public long BlockSize;
    public long Blocks;
    public long AccessSeconds;
    public long AccessNanoseconds;
    public long ModificationSeconds;
    public long ModificationNanoseconds;
    public long ChangeSeconds;
    public long ChangeNanoseconds;
    private long _unused0;
    private long _unused1;
    private long _unused2;
}

/// <summary>struct stat of RISC-V and AArch64 (include/uapi/asm-generic/stat.h), 128 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GenericStat
{
    public ulong Device;
    public ulong Inode;
    public uint Mode;
    public uint LinkCount;
    public uint UserId;
    public uint GroupId;
    public ulong RawDevice;
    private ulong _padding1;
    public long Size;
    public int BlockSize;
    private int _padding2;
    public long Blocks;
    public long AccessSeconds;
    public long AccessNanoseconds;
    public long ModificationSeconds;
    public long ModificationNanoseconds;
    public long ChangeSeconds;
    public long ChangeNanoseconds;
    private ulong _unused;
}

/// <summary>struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LinuxStatxTimestamp
{
    public long Seconds;
    public uint Nanoseconds;
    private int _reserved;
}

/// <summary>struct statx (include/uapi/linux/stat.h), 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
public struct LinuxStatx
{
    public uint Mask;
    public uint BlockSize;
    public ulong Attributes;
    public uint LinkCount;
    public uint UserId;
    public uint GroupId;
    public ushort Mode;
    private ushort _spare0;
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong AttributesMask;
    public LinuxStatxTimestamp AccessTime;
    public LinuxStatxTimestamp BirthTime;
    public LinuxStatxTimestamp ChangeTime;
    public LinuxStatxTimestamp ModificationTime;
    public uint RawDeviceMajor;
    public uint RawDeviceMinor;
    public uint DeviceMajor;
    public uint DeviceMinor;
    public ulong MountId;
}

/// <summary>Bits of stx_mask.</summary>
[System.Flags]
public enum StatxMask : uint
{
    STATX_TYPE = 0x1,
    STATX_MODE = 0x2,
    STATX_NLINK = 0x4,
    STATX_UID = 0x8,
    STATX_GID = 0x10,
    STATX_ATIME = 0x20,
    STATX_MTIME = 0x40,
    STATX_CTIME = 0x80,
    STATX_INO = 0x100,
    STATX_SIZE = 0x200,
    STATX_BLOCKS = 0x400,
    STATX_BASIC_STATS = 0x7ff,
    STATX_BTIME = 0x800,
    STATX_MNT_ID = 0x1000,
    STATX__RESERVED = 0x80000000,
}

/// <summary>struct statfs of 64-bit CPUs, 120 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LinuxStatfs
{
    public long Type;
    public long BlockSize;
    public long Blocks;
    public long BlocksFree;
    public long BlocksAvailable;
    public long Files;
    public long FilesFree;
    public ulong FileSystemId;
    public long NameLength;
    public long FragmentSize;
    public long Flags;
    private long _spare0;
    private long _spare1;
    private long _spare2;
    private long _spare3;
}

/// <summary>struct open_how of openat2(2).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenHow
{
    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}

/// <summary>Device numbers (makedev(3)).</summary>
public static class DeviceNumbers
{
    /// <summary>The form of st_dev and st_rdev.</summary>
    public static ulong Make(uint major, uint minor) =>
        (minor & 0xffUL) | ((major & 0xfffUL) << 8) | ((minor & ~0xffUL) << 12) | ((major & ~0xfffUL) << 32);

    /// <summary>The major number.</summary>
    public static uint Major(ulong device) => (uint)((device >> 8) & 0xfff) | (uint)((device >> 32) & ~0xfffUL);

    /// <summary>The minor number.</summary>
    public static uint Minor(ulong device) => (uint)(device & 0xff) | (uint)((device >> 12) & ~0xffUL);
}

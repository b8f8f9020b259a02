using System;
using System.Buffers.Binary;
using System.Numerics;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>Reads the status of files with statx(2) and statfs(2).</summary>
internal static unsafe class StatusReader
{
    private const int StatXLength = 256;

    /// <summary>Status of an open file.</summary>
    public static Errno Read(FileDescriptor file, out FileRecord record) => Read(file, "\0"u8, Constants.AT_EMPTY_PATH, out record);

    /// <summary>Status of a name in a directory; symbolic links are not followed.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">With a NUL behind it.</param>
    /// <param name="flags">More flags of statx(2).</param>
    /// <param name="record">The status.</param>
    public static Errno Read(FileDescriptor directory, ReadOnlySpan<byte> name, int flags, out FileRecord record)
    {
        byte* into = stackalloc byte[StatXLength];
        int result;
        fixed (byte* path = name)
            result = Libc.StatX(directory, path, flags | Constants.AT_SYMLINK_NOFOLLOW, Constants.STATX_BASIC_STATS, into);
        if (result < 0)
        {
            record = default;
            return Failure.Last;
        }

        record = Convert(new ReadOnlySpan<byte>(into, StatXLength));
        return Errno.Success;
    }

    /// <summary>Status of the file system of an open file.</summary>
    public static Errno ReadFileSystem(FileDescriptor file, out FileSystemRecord record)
    {
        record = default;
        StatFs status;
        if (Libc.FStatFs(file, &status) < 0)
            return Failure.Last;
        // Some file systems count in ways that don't add up; the enclave takes that for a lie.
        ulong free = Math.Min(status.FreeBlocks, status.Blocks);
        record = new FileSystemRecord
        {
            Type = (ulong)status.Type,
            BlockSize = Math.Clamp(status.BlockSize, 1, 1 << 30),
            Blocks = status.Blocks,
            FreeBlocks = free,
            AvailableBlocks = Math.Min(status.AvailableBlocks, free),
            Files = status.Files,
            FreeFiles = Math.Min(status.FreeFiles, status.Files),
            NameLimit = Math.Clamp(status.NameLimit, 1, 255),
        };
        return Errno.Success;
    }

    // Offsets of struct statx (include/uapi/linux/stat.h).
    private static FileRecord Convert(ReadOnlySpan<byte> from)
    {
        uint blockSize = BinaryPrimitives.ReadUInt32LittleEndian(from[4..]);
        return new FileRecord
        {
            Mode = BinaryPrimitives.ReadUInt16LittleEndian(from[28..]),
            UserId = BinaryPrimitives.ReadUInt32LittleEndian(from[20..]),
            GroupId = BinaryPrimitives.ReadUInt32LittleEndian(from[24..]),
            BlockSize = blockSize is >= 512 and <= 1 << 30 && BitOperations.IsPow2(blockSize) ? blockSize : 4096,
            LinkCount = BinaryPrimitives.ReadUInt32LittleEndian(from[16..]),
            Size = BinaryPrimitives.ReadInt64LittleEndian(from[40..]),
            Blocks = BinaryPrimitives.ReadInt64LittleEndian(from[48..]),
            Inode = BinaryPrimitives.ReadUInt64LittleEndian(from[32..]),
            Device = ReadDevice(from[136..]),
            RawDevice = ReadDevice(from[128..]),
            AccessTime = ReadTime(from[64..]),
            ChangeTime = ReadTime(from[96..]),
            ModifyTime = ReadTime(from[112..]),
        };
    }

    private static ulong ReadDevice(ReadOnlySpan<byte> from) =>
        ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(from) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(from[4..]);

    private static long ReadTime(ReadOnlySpan<byte> from) => unchecked(
        (BinaryPrimitives.ReadInt64LittleEndian(from) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(from[8..]));
}

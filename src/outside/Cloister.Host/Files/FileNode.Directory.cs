using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>Reading directories: getdents64(2) and the status of each name.</summary>
internal sealed unsafe partial class FileNode
{
    private const int BufferLength = 8192;

    public override Errno ReadDirectory(long cookie, ref DirectoryAnswer answer)
    {
        if (_type != Constants.S_IFDIR)
            return Errno.ENOTDIR;
        Errno error = HoldDirectory(out HeldDescriptor held);
        if (error != Errno.Success)
            return error;

        // The position belongs to the descriptor, hence one reader at a time.
        using (held)
        lock (_opening)
        {
            FileDescriptor directory = held.File;
            if (Libc.LSeek(directory, cookie, 0) < 0)
                return Failure.Last;
            byte* buffer = stackalloc byte[BufferLength];
            while (true)
            {
                nint length = Libc.GetDents64(directory, buffer, BufferLength);
                if (length < 0)
                    return answer.Items > 0 ? Errno.Success : Failure.Last;
                if (length == 0)
                {
                    answer.IsLast = true;
                    return Errno.Success;
                }

                if (!TryAddAll(directory, new ReadOnlySpan<byte>(buffer, (int)length), ref answer))
                    return answer.Items > 0 ? Errno.Success : Errno.EINVAL;
            }
        }
    }

    // struct linux_dirent64 (getdents(2)): inode (8), position of the next entry (8), length (2), type (1), name with NUL.
    private static bool TryAddAll(FileDescriptor directory, ReadOnlySpan<byte> entries, ref DirectoryAnswer answer)
    {
        while (!entries.IsEmpty)
        {
            long cookie = BinaryPrimitives.ReadInt64LittleEndian(entries[8..]);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(entries[16..]);
            byte type = entries[18];
            ReadOnlySpan<byte> name = entries[19..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                Errno error = StatusReader.Read(directory, name, 0, out FileRecord record);
                // An entry that went away meanwhile is none. One without permission has at least a type and a number.
                if (error != Errno.Success && error != Errno.ENOENT && type != 0)
                {
                    record = new FileRecord
                    {
                        Mode = (uint)type << 12,
                        Inode = BinaryPrimitives.ReadUInt64LittleEndian(entries),
                        LinkCount = 1,
                        BlockSize = 4096,
                    };
                    error = Errno.Success;
                }

                if (error == Errno.Success && !answer.TryAdd(name, record, cookie))
                    return false;
            }

            entries = entries[length..];
        }

        return true;
    }
}

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>A directory of this machine that is read, with names, targets and attributes as bytes. Symbolic links are not followed.</summary>
public sealed unsafe class SourceTree : IDisposable
{
    private const int LargestList = 64 * 1024; // XATTR_LIST_MAX, XATTR_SIZE_MAX

    private readonly FileDescriptor _directory;

    private SourceTree(FileDescriptor directory) => _directory = directory;

    /// <summary>Opens a directory.</summary>
    /// <exception cref="HostException">It can't be opened.</exception>
    public static SourceTree Open(string path)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int root = Libc.Open(bytes, Constants.O_DIRECTORY | Constants.O_CLOEXEC, 0);
            return root >= 0 ? new SourceTree(new FileDescriptor(root)) : throw new HostException($"'{path}' can't be read ({Failure.Last}).");
        }
    }

    /// <summary>Opens a directory in this one.</summary>
    public Errno OpenDirectory(ReadOnlySpan<byte> name, out SourceTree? directory)
    {
        Errno error = OpenAt(name, Constants.O_DIRECTORY, out int descriptor);
        directory = error == Errno.Success ? new SourceTree(new FileDescriptor(descriptor)) : null;
        return error;
    }

    /// <summary>Opens a regular file.</summary>
    public Errno OpenFile(ReadOnlySpan<byte> name, out ConfinedFile? file)
    {
        Errno error = OpenAt(name, 0, out int descriptor);
        file = error == Errno.Success ? new ConfinedFile(new FileDescriptor(descriptor)) : null;
        return error;
    }

    /// <summary>Names in the directory, in the order of their bytes.</summary>
    public Errno List(List<byte[]> names)
    {
        byte[] buffer = new byte[64 * 1024];
        Libc.LSeek(_directory, 0, 0);
        while (true)
        {
            nint length;
            fixed (byte* bytes = buffer)
                length = Libc.GetDents64(_directory, bytes, buffer.Length);
            if (length < 0)
                return Failure.Last;
            if (length == 0)
                break;
            for (int at = 0; at < length;)
            {
                // struct linux_dirent64: inode 8, offset 8, length 2, type 1, name.
                int size = MemoryMarshal.Read<ushort>(buffer.AsSpan(at + 16));
                ReadOnlySpan<byte> name = buffer.AsSpan(at + 19, size - 19);
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(name.ToArray());
                at += size;
            }
        }

        names.Sort(static (left, right) => left.AsSpan().SequenceCompareTo(right));
        return Errno.Success;
    }

    /// <summary>Status of a file in the directory, or with an empty name of the directory.</summary>
    public Errno GetStatus(ReadOnlySpan<byte> name, out FileRecord record) =>
        StatusReader.Read(_directory, Terminate(name.IsEmpty ? "."u8 : name), Constants.AT_SYMLINK_NOFOLLOW, out record);

    /// <summary>Target of a symbolic link.</summary>
    public Errno ReadLink(ReadOnlySpan<byte> name, out byte[] target)
    {
        byte[] buffer = new byte[4096];
        nint length;
        fixed (byte* bytes = Terminate(name))
        fixed (byte* into = buffer)
            length = Libc.ReadLinkAt(_directory, bytes, into, buffer.Length);
        target = length < 0 ? [] : buffer.AsSpan(0, (int)length).ToArray();
        return Failure.From(length);
    }

    /// <summary>Extended attributes of a file in the directory, or with an empty name of the directory; none where the file system has none.</summary>
    public Errno GetExtendedAttributes(ReadOnlySpan<byte> name, List<(byte[] Name, byte[] Value)> attributes)
    {
        // There is no call relative to a directory; this path leads to exactly this file.
        if (!_directory.TryHold(out HeldDescriptor held))
            return Errno.EBADF;
        using HeldDescriptor holding = held;
        Span<byte> directory = stackalloc byte[HeldDescriptor.PathLength];
        held.WritePath(directory);
        directory = directory[..directory.IndexOf((byte)0)];
        byte[] path = new byte[directory.Length + name.Length + 3];
        directory.CopyTo(path);
        path[directory.Length] = (byte)'/';
        if (name.IsEmpty)
            path[directory.Length + 1] = (byte)'.';
        name.CopyTo(path.AsSpan(directory.Length + 1));
        byte[] names = new byte[LargestList], value = new byte[LargestList];
        fixed (byte* file = path)
        fixed (byte* list = names)
        fixed (byte* content = value)
        {
            nint length = Libc.LListXAttr(file, list, names.Length);
            if (length < 0)
                return Failure.Last is Errno.EOPNOTSUPP ? Errno.Success : Failure.Last;
            for (int at = 0; at < length;)
            {
                int end = names.AsSpan(at).IndexOf((byte)0);
                nint count = Libc.LGetXAttr(file, list + at, content, value.Length);
                if (count >= 0)
                    attributes.Add((names.AsSpan(at, end).ToArray(), value.AsSpan(0, (int)count).ToArray()));
                at += end + 1;
            }
        }

        return Errno.Success;
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private Errno OpenAt(ReadOnlySpan<byte> name, int flags, out int descriptor)
    {
        const int nonBlocking = 0x800; // O_NONBLOCK: should it have become a FIFO
        fixed (byte* bytes = Terminate(name))
            descriptor = Libc.OpenAt(_directory, bytes, flags | nonBlocking | Constants.O_NOFOLLOW | Constants.O_CLOEXEC, 0);
        return Failure.From(descriptor);
    }

    private static byte[] Terminate(ReadOnlySpan<byte> bytes)
    {
        byte[] terminated = new byte[bytes.Length + 1];
        bytes.CopyTo(terminated);
        return terminated;
    }
}

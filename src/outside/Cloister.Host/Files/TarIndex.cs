using System;
using System.Formats.Tar;
using System.IO;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>Builds the tree of nodes from the entries of a tar file.</summary>
internal sealed class TarIndex
{
    private const int BlockLength = 512;

    private readonly TarShare _share;
    private readonly string _path;
    private readonly TarNode _root;
    private ulong _inodes;

    private TarIndex(TarShare share, string path)
    {
        _share = share;
        _path = path;
        _root = NewDirectory();
    }

    /// <summary>Reads all headers.</summary>
    /// <param name="share">The share to be.</param>
    /// <param name="stream">The tar file in plain.</param>
    /// <param name="path">Its path, for messages.</param>
    public static TarNode Read(TarShare share, FileStream stream, string path)
    {
        var index = new TarIndex(share, path);
        long end = 0;
        using (var reader = new TarReader(stream, leaveOpen: true))
        {
            while (reader.GetNextEntry(copyData: false) is { } entry)
            {
                // The reader stands behind the header; it skips the data when it is asked for the next entry.
                end = stream.Position;
                if (entry.EntryType == TarEntryType.GlobalExtendedAttributes)
                    continue;
                end = Math.Max(end, index.Add(entry));
                if (end > stream.Length)
                    throw new EndOfStreamException();
            }
        }

        RequireEnd(stream, end);
        return index._root;
    }

    // POSIX (pax, "ustar Interchange Format"): an archive ends with two blocks of zeros. Without at least one, the rest of
    // the files is missing, perhaps without any other trace.
    private static void RequireEnd(FileStream stream, long end)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        stream.Position = (end + BlockLength - 1) / BlockLength * BlockLength;
        if (stream.ReadAtLeast(block, BlockLength, throwOnEndOfStream: false) < BlockLength)
            throw new EndOfStreamException();
    }

    /// <summary>Adds an entry; returns where its data end.</summary>
    private long Add(TarEntry entry)
    {
        if (FindPlace(entry.Name, out TarNode parent, out string name))
            return AddTo(parent, name, entry);

        // "./" is the root itself.
        _root.Describe(ToRecord(entry, Constants.S_IFDIR, 0), 0, "");
        return 0;
    }

    private long AddTo(TarNode parent, string name, TarEntry entry)
    {
        uint type = entry.EntryType switch
        {
            TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => Constants.S_IFREG,
            TarEntryType.Directory or TarEntryType.DirectoryList => Constants.S_IFDIR,
            TarEntryType.SymbolicLink => Constants.S_IFLNK,
            TarEntryType.CharacterDevice => Constants.S_IFCHR,
            TarEntryType.BlockDevice => Constants.S_IFBLK,
            TarEntryType.Fifo => Constants.S_IFIFO,
            TarEntryType.HardLink => 0,
            _ => throw new HostException(
                $"The tar file '{_path}' holds '{entry.Name}' as an entry of the unsupported kind '{entry.EntryType}': pack it again in the pax format."),
        };
        if (type == 0)
        {
            TarNode target = FindPlace(entry.LinkName, out TarNode directory, out string targetName) && directory.Find(targetName) is { IsDirectory: false } found
                ? found
                : throw new HostException($"The tar file '{_path}' holds the hard link '{entry.Name}' to '{entry.LinkName}', which it doesn't hold.");
            target.CountLink();
            parent.Add(name, target);
            return 0;
        }

        long position = type == Constants.S_IFREG && entry.Length > 0 ? entry.DataOffset : 0;
        FileRecord record = ToRecord(entry, type, type == Constants.S_IFREG ? entry.Length : 0);
        if (type == Constants.S_IFLNK)
            record.Size = System.Text.Encoding.UTF8.GetByteCount(entry.LinkName);
        if (type == Constants.S_IFDIR && parent.Find(name) is { IsDirectory: true } old)
        {
            old.Describe(record, 0, "");
        }
        else
        {
            var node = new TarNode(_share);
            node.Describe(record, position, type == Constants.S_IFLNK ? entry.LinkName : "");
            parent.Add(name, node);
        }

        return type == Constants.S_IFREG ? position + record.Size : 0;
    }

    /// <summary>Finds the directory of a path, making those that the tar doesn't list. False for the root.</summary>
    private bool FindPlace(string path, out TarNode parent, out string name)
    {
        parent = _root;
        name = "";
        foreach (Range part in path.AsSpan().Split('/'))
        {
            string component = path[part];
            if (component is "" or ".")
                continue;
            if (component == "..")
                throw new HostException($"The tar file '{_path}' holds the path '{path}', which leads out of it: it can't be trusted.");
            if (component.Contains('\0') || System.Text.Encoding.UTF8.GetByteCount(component) > DirectoryRecord.LongestName)
                throw new HostException($"The tar file '{_path}' holds the path '{path}', which is no path on Linux.");
            if (name.Length != 0)
                parent = Enter(parent, name);
            name = component;
        }

        return name.Length != 0;
    }

    private TarNode Enter(TarNode parent, string name)
    {
        if (parent.Find(name) is { IsDirectory: true } child)
            return child;
        TarNode made = NewDirectory();
        parent.Add(name, made);
        return made;
    }

    private TarNode NewDirectory()
    {
        var node = new TarNode(_share);
        node.Describe(
            new FileRecord { Mode = Constants.S_IFDIR | 0x1ED, LinkCount = 2, BlockSize = 4096, Inode = ++_inodes },
            0,
            "");
        return node;
    }

    private FileRecord ToRecord(TarEntry entry, uint type, long size)
    {
        long time = (entry.ModificationTime.UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;
        ulong device = entry is PosixTarEntry posix && (type is Constants.S_IFCHR or Constants.S_IFBLK)
            ? ((ulong)(uint)posix.DeviceMajor << 32) | (uint)posix.DeviceMinor
            : 0;
        return new FileRecord
        {
            Mode = type | ((uint)entry.Mode & 0xFFF),
            UserId = (uint)entry.Uid,
            GroupId = (uint)entry.Gid,
            BlockSize = 4096,
            LinkCount = 1,
            Size = size,
            Blocks = (size + BlockLength - 1) / BlockLength,
            Inode = ++_inodes,
            RawDevice = device,
            AccessTime = time,
            ModifyTime = time,
            ChangeTime = time,
        };
    }
}

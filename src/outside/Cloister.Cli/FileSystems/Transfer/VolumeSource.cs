using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>Reads the files of a volume.</summary>
internal sealed class VolumeSource(OpenVolume volume, IFileStore files, ITransferSink sink, Action<long> step)
{
    // By inode, the first path of files that have several.
    private readonly Dictionary<ulong, byte[]> _linked = [];

    public void Run()
    {
        Add([], IFileStore.RootInode);
        AddEntries([], IFileStore.RootInode);
        sink.Finish();
    }

    private void AddEntries(byte[] path, ulong directory)
    {
        var names = new Names();
        for (long cookie = 0; ; cookie = names.NextCookie)
        {
            names.Entries.Clear();
            Require(files.ReadDirectory(directory, cookie, names), path);
            if (names.Entries.Count == 0)
                return;
            foreach ((ulong inode, byte[] name) in names.Entries.ToArray())
            {
                byte[] full = path.Length == 0 ? name : [.. path, (byte)'/', .. name];
                if (Add(full, inode))
                    AddEntries(full, inode);
            }
        }
    }

    // True for a directory.
    private bool Add(byte[] path, ulong inode)
    {
        Require(files.GetAttributes(inode, out StoredAttributes attributes), path);
        bool isDirectory = FileModes.IsDirectory(attributes.Mode);
        byte[]? first = null;
        if (!isDirectory && attributes.LinkCount > 1 && !_linked.TryAdd(inode, path))
            first = _linked[inode];
        bool isFile = first is null && (attributes.Mode & FileModes.S_IFMT) == FileModes.S_IFREG;
        sink.Add(new TransferEntry
        {
            Path = path,
            Mode = attributes.Mode,
            UserId = attributes.UserId,
            GroupId = attributes.GroupId,
            ModificationTime = attributes.ModificationTime,
            Size = isFile ? attributes.Size : 0,
            Device = attributes.RawDevice,
            LinkTo = first,
            Target = first is null && (attributes.Mode & FileModes.S_IFMT) == FileModes.S_IFLNK ? ReadTarget(inode, path) : [],
            Attributes = first is null ? ReadAttributes(inode, path) : [],
            Ranges = isFile ? FindRanges(inode, attributes.Size, path) : [],
            Content = (offset, into) =>
            {
                Require(files.Read(inode, offset, into, out int count), path);
                into[count..].Clear();
            },
        });
        step(isFile ? attributes.Size : 0);
        return isDirectory;
    }

    private List<DataRange> FindRanges(ulong inode, long size, byte[] path)
    {
        var ranges = new List<DataRange>();
        for (long offset = 0; offset < size;)
        {
            Errno error = files.Seek(inode, offset, SeekWhence.SEEK_DATA, out long start);
            if (error == Errno.ENXIO)
                break;
            Require(error, path);
            Require(files.Seek(inode, start, SeekWhence.SEEK_HOLE, out offset), path);
            ranges.Add(new DataRange(start, offset - start));
        }

        return ranges;
    }

    private List<(byte[] Name, byte[] Value)> ReadAttributes(ulong inode, byte[] path)
    {
        var attributes = new List<(byte[] Name, byte[] Value)>();
        Require(files.ListExtendedAttributes(inode, default, out int length), path);
        if (length == 0)
            return attributes;
        byte[] names = new byte[length];
        byte[] value = new byte[IFileStore.LargestAttribute];
        Require(files.ListExtendedAttributes(inode, names, out length), path);
        for (int at = 0; at < length;)
        {
            ReadOnlySpan<byte> name = names.AsSpan(at, names.AsSpan(at, length - at).IndexOf((byte)0));
            Require(files.GetExtendedAttribute(inode, name, value, out int count), path);
            attributes.Add((name.ToArray(), value.AsSpan(0, count).ToArray()));
            at += name.Length + 1;
        }

        return attributes;
    }

    private byte[] ReadTarget(ulong inode, byte[] path)
    {
        byte[] target = new byte[FileLimits.PATH_MAX];
        Require(files.ReadSymbolicLink(inode, target, out int length), path);
        return target.AsSpan(0, length).ToArray();
    }

    private void Require(Errno error, byte[] path) => volume.Require(error, $"'{TransferEntry.Display(path)}' could not be read");

    private sealed class Names : IStoredEntrySink
    {
        private const int Most = 1024;

        public List<(ulong Inode, byte[] Name)> Entries { get; } = [];

        public long NextCookie { get; private set; }

        public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name)
        {
            if (Entries.Count == Most)
                return false;
            Entries.Add((entry.Inode, name.ToArray()));
            NextCookie = entry.NextCookie;
            return true;
        }
    }
}

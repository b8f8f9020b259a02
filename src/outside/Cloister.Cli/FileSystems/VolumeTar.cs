using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Host;

namespace Cloister.Cli.FileSystems;

/// <summary>Copies the files of a volume to a tar archive and back: names, types, owners, permissions, times, links, content.</summary>
internal sealed class VolumeTar(IFileStore files, Action<long> onBytes)
{
    private const int ChunkSize = 1 << 20;

    private readonly byte[] _chunk = new byte[ChunkSize];

    /// <summary>Writes all files.</summary>
    public void Export(Stream archive)
    {
        using var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
        var names = new Dictionary<ulong, string>();
        ExportDirectory(writer, IFileStore.RootInode, "", names);
    }

    /// <summary>Adds all entries of an archive.</summary>
    public void Import(Stream archive)
    {
        using var reader = new TarReader(archive, leaveOpen: true);
        // Times of directories at the end: what is put into them changes them.
        var times = new List<(ulong Inode, TarEntry Entry)>();
        while (reader.GetNextEntry() is { } entry)
        {
            string path = entry.Name.Trim('/');
            if (path.StartsWith("./", StringComparison.Ordinal))
                path = path[2..];
            if (path is "" or ".")
                continue;
            ImportEntry(entry, path, times);
        }

        for (int i = times.Count - 1; i >= 0; i--)
            SetAttributes(times[i].Inode, times[i].Entry);
    }

    private void ExportDirectory(TarWriter writer, ulong directory, string path, Dictionary<ulong, string> names)
    {
        var entries = new EntryList();
        Check(files.ReadDirectory(directory, 0, entries), path);
        entries.Names.Sort(StringComparer.Ordinal);
        foreach (string name in entries.Names)
        {
            string child = path + name;
            Check(files.Lookup(directory, Encoding.UTF8.GetBytes(name), out StoredAttributes attributes), child);
            ExportFile(writer, attributes, child, names);
            if (FileModes.IsDirectory(attributes.Mode))
                ExportDirectory(writer, attributes.Inode, child + "/", names);
        }
    }

    private void ExportFile(TarWriter writer, in StoredAttributes attributes, string path, Dictionary<ulong, string> names)
    {
        TarEntryType? type = (attributes.Mode & FileModes.S_IFMT) switch
        {
            FileModes.S_IFREG => TarEntryType.RegularFile,
            FileModes.S_IFDIR => TarEntryType.Directory,
            FileModes.S_IFLNK => TarEntryType.SymbolicLink,
            FileModes.S_IFCHR => TarEntryType.CharacterDevice,
            FileModes.S_IFBLK => TarEntryType.BlockDevice,
            FileModes.S_IFIFO => TarEntryType.Fifo,
            // Sockets have no place in an archive.
            _ => null,
        };
        if (type is null)
            return;
        bool isLink = type != TarEntryType.Directory && attributes.LinkCount > 1 && !names.TryAdd(attributes.Inode, path);
        var entry = new PaxTarEntry(isLink ? TarEntryType.HardLink : type.Value, path)
        {
            Mode = (UnixFileMode)(attributes.Mode & FileModes.S_IALLUGO),
            Uid = (int)attributes.UserId,
            Gid = (int)attributes.GroupId,
            ModificationTime = DateTimeOffset.UnixEpoch.AddTicks(attributes.ModificationTime / 100),
        };
        if (isLink)
        {
            entry.LinkName = names[attributes.Inode];
        }
        else if (type == TarEntryType.SymbolicLink)
        {
            Check(files.ReadSymbolicLink(attributes.Inode, _chunk, out int length), path);
            entry.LinkName = Encoding.UTF8.GetString(_chunk, 0, length);
        }
        else if (type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
        {
            entry.DeviceMajor = (int)DeviceNumbers.Major(attributes.RawDevice);
            entry.DeviceMinor = (int)DeviceNumbers.Minor(attributes.RawDevice);
        }
        else if (type == TarEntryType.RegularFile && attributes.Size > 0)
        {
            entry.DataStream = new StoredFileStream(files, attributes.Inode, attributes.Size, onBytes);
        }

        writer.WriteEntry(entry);
    }

    private void ImportEntry(TarEntry entry, string path, List<(ulong Inode, TarEntry Entry)> times)
    {
        int slash = path.LastIndexOf('/');
        ulong directory = FindDirectory(slash < 0 ? "" : path[..slash]);
        byte[] name = Encoding.UTF8.GetBytes(path[(slash + 1)..]);
        uint type = entry.EntryType switch
        {
            TarEntryType.Directory => FileModes.S_IFDIR,
            TarEntryType.SymbolicLink => FileModes.S_IFLNK,
            TarEntryType.CharacterDevice => FileModes.S_IFCHR,
            TarEntryType.BlockDevice => FileModes.S_IFBLK,
            TarEntryType.Fifo => FileModes.S_IFIFO,
            _ => FileModes.S_IFREG,
        };
        var node = new NewInode(type | (uint)entry.Mode, (uint)entry.Uid, (uint)entry.Gid);
        if (type is FileModes.S_IFCHR or FileModes.S_IFBLK && entry is PosixTarEntry posix)
            node = node with { RawDevice = DeviceNumbers.Make((uint)posix.DeviceMajor, (uint)posix.DeviceMinor) };
        StoredAttributes attributes;
        if (entry.EntryType == TarEntryType.HardLink)
        {
            Check(files.Link(Find(entry.LinkName.Trim('/')), directory, name, 0, out attributes), path);
            return;
        }

        Errno error = type == FileModes.S_IFLNK
            ? files.CreateSymbolicLink(directory, name, Encoding.UTF8.GetBytes(entry.LinkName), node, 0, out attributes)
            : files.Create(directory, name, node, 0, out attributes);
        // Directories that are there already get what the archive says of them.
        if (error == Errno.EEXIST && type == FileModes.S_IFDIR)
            error = files.Lookup(directory, name, out attributes);
        Check(error, path);
        if (type == FileModes.S_IFREG && entry.DataStream is { } data)
            CopyIn(data, attributes.Inode, path);
        if (type == FileModes.S_IFDIR)
            times.Add((attributes.Inode, entry));
        else
            SetAttributes(attributes.Inode, entry);
    }

    private void CopyIn(Stream data, ulong inode, string path)
    {
        for (long offset = 0; ;)
        {
            int length = data.ReadAtLeast(_chunk, _chunk.Length, throwOnEndOfStream: false);
            if (length == 0)
                return;
            Check(files.Write(inode, offset, _chunk.AsSpan(0, length), 0, out int count), path);
            if (count < length)
                Check(Errno.ENOSPC, path);
            offset += length;
            onBytes(length);
        }
    }

    private void SetAttributes(ulong inode, TarEntry entry)
    {
        long time = (entry.ModificationTime - DateTimeOffset.UnixEpoch).Ticks * 100;
        var change = new AttributeChange
        {
            Mask = AttributeMask.Mode | AttributeMask.UserId | AttributeMask.GroupId | AttributeMask.ModificationTime | AttributeMask.AccessTime | AttributeMask.BirthTime,
            Mode = (uint)entry.Mode,
            UserId = (uint)entry.Uid,
            GroupId = (uint)entry.Gid,
            ModificationTime = time,
            AccessTime = time,
            BirthTime = time,
        };
        Check(files.SetAttributes(inode, change, time, out _), entry.Name);
    }

    private ulong FindDirectory(string path)
    {
        ulong directory = IFileStore.RootInode;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            byte[] name = Encoding.UTF8.GetBytes(part);
            Errno error = files.Lookup(directory, name, out StoredAttributes attributes);
            if (error == Errno.ENOENT)
                error = files.Create(directory, name, new NewInode(FileModes.S_IFDIR | 0x1ED, 0, 0), 0, out attributes);
            Check(error, path);
            directory = attributes.Inode;
        }

        return directory;
    }

    private ulong Find(string path)
    {
        int slash = path.LastIndexOf('/');
        Check(files.Lookup(FindDirectory(slash < 0 ? "" : path[..slash]), Encoding.UTF8.GetBytes(path[(slash + 1)..]), out StoredAttributes attributes), path);
        return attributes.Inode;
    }

    private static void Check(Errno error, string path)
    {
        if (error == Errno.Success)
            return;
        throw new HostException(error switch
        {
            Errno.ENOSPC => $"The volume is full at '{path}': make a larger one, or grow it.",
            Errno.EEXIST => $"'{path}' exists in the volume already.",
            Errno.EBADMSG => $"'{path}': the host returned something else than what was stored.",
            _ => $"'{path}': {error}.",
        });
    }

    private sealed class EntryList : IStoredEntrySink
    {
        public List<string> Names { get; } = [];

        public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name)
        {
            Names.Add(Encoding.UTF8.GetString(name));
            return true;
        }
    }

    // A file of the volume, read from its start to its end.
    private sealed class StoredFileStream(IFileStore files, ulong inode, long size, Action<long> onBytes) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => size;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            Check(files.Read(inode, Position, buffer, out int count), $"inode {inode}");
            Position += count;
            onBytes(count);
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;

namespace Cloister.Cli.FileSystems;

/// <summary>Writes the files of a volume as a tar stream.</summary>
internal sealed class TarExport(OpenVolume volume, IFileStore files, Action<long> step)
{
    // By inode, the first name of files that have several.
    private readonly Dictionary<ulong, string> _linked = [];

    public void Run(Stream stream)
    {
        using var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        Require(files.GetAttributes(IFileStore.RootInode, out StoredAttributes root), "/");
        Write(writer, "./", root);
        WriteDirectory(writer, IFileStore.RootInode, "./");
    }

    private void WriteDirectory(TarWriter writer, ulong directory, string path)
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
                string full = path + Encoding.UTF8.GetString(name);
                Require(files.GetAttributes(inode, out StoredAttributes attributes), full);
                bool isDirectory = FileModes.IsDirectory(attributes.Mode);
                Write(writer, isDirectory ? full + "/" : full, attributes);
                if (isDirectory)
                    WriteDirectory(writer, inode, full + "/");
            }
        }
    }

    private void Write(TarWriter writer, string path, in StoredAttributes attributes)
    {
        string? first = null;
        bool isLink = !FileModes.IsDirectory(attributes.Mode) && attributes.LinkCount > 1 && !_linked.TryAdd(attributes.Inode, path)
            && _linked.TryGetValue(attributes.Inode, out first);
        TarEntryType? type = isLink ? TarEntryType.HardLink : TarEntries.TypeOf(attributes.Mode);
        if (type is null)
        {
            Console.Error.WriteLine($"cloister: '{path}' is left out: sockets have no place in a tar file.");
            return;
        }

        PaxTarEntry entry = TarEntries.Create(
            type.Value, path, ReadExtendedAttributes(attributes.Inode, isLink, path), attributes.Mode, attributes.UserId, attributes.GroupId,
            attributes.ModificationTime);
        if (isLink)
            entry.LinkName = first!;
        else if (type == TarEntryType.SymbolicLink)
            entry.LinkName = ReadTarget(attributes.Inode, path);
        if (type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
        {
            entry.DeviceMajor = (int)(((attributes.RawDevice >> 8) & 0xFFF) | ((attributes.RawDevice >> 32) & ~0xFFFUL));
            entry.DeviceMinor = (int)((attributes.RawDevice & 0xFF) | ((attributes.RawDevice >> 12) & ~0xFFUL));
        }

        if (type == TarEntryType.RegularFile && attributes.Size > 0)
            entry.DataStream = new Content(volume, files, attributes.Inode, attributes.Size, path);
        writer.WriteEntry(entry);
        step(type == TarEntryType.RegularFile ? attributes.Size : 0);
    }

    private Dictionary<string, string> ReadExtendedAttributes(ulong inode, bool isLink, string path)
    {
        var attributes = new Dictionary<string, string>();
        if (isLink)
            return attributes;
        Require(files.ListExtendedAttributes(inode, default, out int length), path);
        if (length == 0)
            return attributes;
        byte[] names = new byte[length];
        byte[] value = new byte[IFileStore.LargestAttribute];
        Require(files.ListExtendedAttributes(inode, names, out length), path);
        foreach (string name in Encoding.UTF8.GetString(names, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            Require(files.GetExtendedAttribute(inode, Encoding.UTF8.GetBytes(name), value, out int count), path);
            attributes[TarEntries.AttributePrefix + name] = Encoding.UTF8.GetString(value, 0, count);
        }

        return attributes;
    }

    private string ReadTarget(ulong inode, string path)
    {
        byte[] target = new byte[FileLimits.PATH_MAX];
        Require(files.ReadSymbolicLink(inode, target, out int length), path);
        return Encoding.UTF8.GetString(target, 0, length);
    }

    private void Require(Errno error, string path) => volume.Require(error, $"'{path}' could not be read");

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

    /// <summary>The content of a file as a stream.</summary>
    private sealed class Content(OpenVolume volume, IFileStore files, ulong inode, long length, string path) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            int wanted = (int)Math.Min(buffer.Length, length - Position);
            if (wanted <= 0)
                return 0;
            volume.Require(files.Read(inode, Position, buffer[..wanted], out int count), $"'{path}' could not be read");
            Position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => length + offset };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using Cloister.Abi.Files;
using Cloister.Hal.HostProtocol;
using Cloister.Host;

namespace Cloister.Cli.FileSystems;

/// <summary>Writes a directory of this machine as a tar stream: with hard links and extended attributes, which .NET's own way lacks.</summary>
internal sealed class DirectoryTar(string directory)
{
    // What else there is, such as access control lists, belongs to the file system it came from.
    private const string UserAttribute = "user.";

    // By device and inode, the first name of files that have several.
    private readonly Dictionary<(ulong Device, ulong Inode), string> _linked = [];

    public void Run(Stream stream)
    {
        using var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        Write(writer, directory, "./");
        WriteEntries(writer, directory, "./");
    }

    private void WriteEntries(TarWriter writer, string folder, string prefix)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { AttributesToSkip = 0, ReturnSpecialDirectories = false }))
        {
            string name = prefix + Path.GetFileName(path);
            if (!Write(writer, path, name))
                continue;
            WriteEntries(writer, path, name + "/");
        }
    }

    /// <summary>Writes an entry; true for a directory.</summary>
    private bool Write(TarWriter writer, string path, string name)
    {
        FileRecord status = HostPaths.GetStatus(path);
        bool isDirectory = FileModes.IsDirectory(status.Mode);
        string? first = null;
        bool isLink = !isDirectory && status.LinkCount > 1 && !_linked.TryAdd((status.Device, status.Inode), name)
            && _linked.TryGetValue((status.Device, status.Inode), out first);
        TarEntryType? kind = isLink ? TarEntryType.HardLink : TarEntries.TypeOf(status.Mode);
        if (kind is null)
        {
            Console.Error.WriteLine($"cloister: '{path}' is left out: sockets have no place in a volume.");
            return false;
        }

        var attributes = new Dictionary<string, string>();
        if (kind is TarEntryType.RegularFile or TarEntryType.Directory)
        {
            foreach ((string attribute, string value) in HostPaths.GetExtendedAttributes(path))
            {
                if (attribute.StartsWith(UserAttribute, StringComparison.Ordinal))
                    attributes[TarEntries.AttributePrefix + attribute] = value;
            }
        }

        PaxTarEntry entry = TarEntries.Create(
            kind.Value, isDirectory && name != "./" ? name + "/" : name, attributes, status.Mode, status.UserId, status.GroupId, status.ModifyTime);
        switch (kind)
        {
            case TarEntryType.HardLink:
                entry.LinkName = first!;
                break;
            case TarEntryType.SymbolicLink:
                entry.LinkName = new FileInfo(path).LinkTarget!;
                break;
            case TarEntryType.CharacterDevice or TarEntryType.BlockDevice:
                entry.DeviceMajor = (int)(status.RawDevice >> 32);
                entry.DeviceMinor = (int)(uint)status.RawDevice;
                break;
        }

        using FileStream? content = kind == TarEntryType.RegularFile ? File.OpenRead(path) : null;
        if (content is not null)
            entry.DataStream = content;
        writer.WriteEntry(entry);
        return isDirectory;
    }
}

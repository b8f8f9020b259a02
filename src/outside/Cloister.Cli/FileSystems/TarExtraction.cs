using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using Cloister.Host;

namespace Cloister.Cli.FileSystems;

/// <summary>Unpacks the tar stream of an export into a directory of this machine, with owners where the caller is root.</summary>
internal static class TarExtraction
{
    public static void Run(Stream stream, string directory)
    {
        var directories = new List<(string Path, PosixTarEntry Entry)>();
        using var reader = new TarReader(stream, leaveOpen: true);
        while (reader.GetNextEntry() is { } next)
        {
            var entry = (PosixTarEntry)next;
            // Names come from the volume itself, one component at a time: none is "..".
            string path = Path.Combine(directory, entry.Name[2..].TrimEnd('/'));
            if (entry.EntryType == TarEntryType.Directory)
            {
                Directory.CreateDirectory(path);
                directories.Add((path, entry));
                continue;
            }

            if (entry.EntryType == TarEntryType.HardLink)
            {
                HostPaths.Link(Path.Combine(directory, entry.LinkName[2..]), path);
                continue;
            }

            if (entry.EntryType == TarEntryType.SymbolicLink)
                File.CreateSymbolicLink(path, entry.LinkName);
            else
                entry.ExtractToFile(path, overwrite: false);
            HostPaths.SetOwner(path, (uint)entry.Uid, (uint)entry.Gid);
            if (entry.EntryType == TarEntryType.RegularFile)
                File.SetUnixFileMode(path, entry.Mode); // chown has cleared set-ID bits
        }

        // The innermost first: rights of a directory must not keep its files out, and its time must not change again.
        for (int i = directories.Count - 1; i >= 0; i--)
        {
            (string path, PosixTarEntry entry) = directories[i];
            HostPaths.SetOwner(path, (uint)entry.Uid, (uint)entry.Gid);
            File.SetUnixFileMode(path, entry.Mode);
            Directory.SetLastWriteTimeUtc(path, entry.ModificationTime.UtcDateTime);
        }
    }
}

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

/// <summary>Copies the entries of a tar stream into a volume, over what is there.</summary>
internal sealed class TarImport(OpenVolume volume, Action<long> step)
{
    private readonly IFileStore _files = volume.Volume.Files;
    private readonly byte[] _buffer = new byte[1 << 20];

    // A directory's time changes with each file that is made in it, so it is set last.
    private readonly List<(ulong Inode, long Time)> _directoryTimes = [];

    public void Run(Stream stream)
    {
        using var reader = new TarReader(stream, leaveOpen: true);
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
                continue;
            Add(entry);
            step(entry.Length);
        }

        for (int i = _directoryTimes.Count - 1; i >= 0; i--)
        {
            var change = new AttributeChange { Mask = AttributeMask.ModificationTime, ModificationTime = _directoryTimes[i].Time };
            Require(_files.SetAttributes(_directoryTimes[i].Inode, change, OpenVolume.Now, out _), "a directory");
        }
    }

    private void Add(TarEntry entry)
    {
        string[] parts = Split(entry.Name);
        uint permissions = (uint)entry.Mode & FileModes.S_IALLUGO;
        if (parts.Length == 0)
        {
            Finish(entry, IFileStore.RootInode, permissions);
            return;
        }

        ulong directory = FindDirectory(parts.AsSpan(0, parts.Length - 1));
        byte[] name = Encoding.UTF8.GetBytes(parts[^1]);
        long now = OpenVolume.Now;
        StoredAttributes made;
        Errno error;
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                error = _files.Lookup(directory, name, out made);
                if (error == Errno.ENOENT || (error == Errno.Success && !FileModes.IsDirectory(made.Mode)))
                    error = Make(FileModes.S_IFDIR);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                error = Make(FileModes.S_IFREG);
                if (error == Errno.Success && entry.DataStream is { } data)
                    Copy(data, made.Inode, entry.Name);
                break;
            case TarEntryType.SymbolicLink:
                Remove(directory, name);
                error = _files.CreateSymbolicLink(
                    directory, name, Encoding.UTF8.GetBytes(entry.LinkName), Node(FileModes.S_IFLNK | FileModes.S_IRWXUGO), now, out made);
                break;
            case TarEntryType.HardLink:
                Remove(directory, name);
                error = _files.Link(FindFile(entry.LinkName), directory, name, now, out _);
                Require(error, entry.Name);
                return;
            case TarEntryType.Fifo:
                error = Make(FileModes.S_IFIFO);
                break;
            case TarEntryType.CharacterDevice:
                error = Make(FileModes.S_IFCHR);
                break;
            case TarEntryType.BlockDevice:
                error = Make(FileModes.S_IFBLK);
                break;
            default:
                Console.Error.WriteLine($"cloister: '{entry.Name}' is left out: entries of the type {entry.EntryType} are not supported.");
                return;
        }

        Require(error, entry.Name);
        Finish(entry, made.Inode, permissions);
        return;

        NewInode Node(uint mode) => new(mode, (uint)entry.Uid, (uint)entry.Gid, DeviceOf(entry));

        Errno Make(uint type)
        {
            Remove(directory, name);
            return _files.Create(directory, name, Node(type | permissions), now, out made);
        }
    }

    /// <summary>st_rdev as Linux has it (makedev(3)).</summary>
    private static ulong DeviceOf(TarEntry entry)
    {
        if (entry is not PosixTarEntry posix || entry.EntryType is not (TarEntryType.CharacterDevice or TarEntryType.BlockDevice))
            return 0;
        ulong major = (uint)posix.DeviceMajor, minor = (uint)posix.DeviceMinor;
        return (minor & 0xFF) | ((major & 0xFFF) << 8) | ((minor & ~0xFFUL) << 12) | ((major & ~0xFFFUL) << 32);
    }

    private static string[] Split(string name)
    {
        var parts = new List<string>();
        foreach (string part in name.Split('/'))
        {
            if (part.Length == 0 || part == ".")
                continue;
            if (part == "..")
                throw new HostException($"The entry '{name}' would lead out of the volume: nothing behind it was copied.");
            parts.Add(part);
        }

        return [.. parts];
    }

    private void Finish(TarEntry entry, ulong inode, uint permissions)
    {
        long time = (entry.ModificationTime.UtcDateTime - DateTime.UnixEpoch).Ticks * 100;
        var change = new AttributeChange
        {
            Mask = AttributeMask.UserId | AttributeMask.GroupId | AttributeMask.ModificationTime,
            Mode = permissions,
            UserId = (uint)entry.Uid,
            GroupId = (uint)entry.Gid,
            ModificationTime = time,
        };
        if (entry.EntryType != TarEntryType.SymbolicLink)
            change.Mask |= AttributeMask.Mode;
        if (entry is PaxTarEntry pax)
        {
            foreach ((string name, string value) in pax.ExtendedAttributes)
            {
                if (name.StartsWith(TarEntries.AttributePrefix, StringComparison.Ordinal))
                    Require(_files.SetExtendedAttribute(inode, Encoding.UTF8.GetBytes(name[TarEntries.AttributePrefix.Length..]), Encoding.UTF8.GetBytes(value), XattrFlags.None, OpenVolume.Now), entry.Name);
            }
        }

        Require(_files.SetAttributes(inode, change, OpenVolume.Now, out _), entry.Name);
        if (entry.EntryType == TarEntryType.Directory)
            _directoryTimes.Add((inode, time));
    }

    private void Copy(Stream data, ulong inode, string name)
    {
        long offset = 0;
        while (true)
        {
            int count = data.ReadAtLeast(_buffer, _buffer.Length, throwOnEndOfStream: false);
            if (count == 0)
                return;
            Require(_files.Write(inode, offset, _buffer.AsSpan(0, count), OpenVolume.Now, out int written), name);
            if (written < count)
                Require(Errno.ENOSPC, name);
            offset += count;
        }
    }

    private void Remove(ulong directory, byte[] name)
    {
        Errno error = _files.Unlink(directory, name, OpenVolume.Now);
        if (error == Errno.EISDIR)
            error = _files.RemoveDirectory(directory, name, OpenVolume.Now);
        if (error != Errno.ENOENT)
            Require(error, Encoding.UTF8.GetString(name));
    }

    /// <summary>The directory of an entry; archives may name it later, or never.</summary>
    private ulong FindDirectory(ReadOnlySpan<string> parts)
    {
        ulong at = IFileStore.RootInode;
        foreach (string part in parts)
        {
            byte[] name = Encoding.UTF8.GetBytes(part);
            Errno error = _files.Lookup(at, name, out StoredAttributes found);
            if (error == Errno.ENOENT)
                error = _files.Create(at, name, new NewInode(FileModes.S_IFDIR | 0x1ED, 0, 0), OpenVolume.Now, out found);
            Require(error, part);
            at = found.Inode;
        }

        return at;
    }

    private ulong FindFile(string path)
    {
        string[] parts = Split(path);
        ulong directory = FindDirectory(parts.AsSpan(0, Math.Max(0, parts.Length - 1)));
        if (parts.Length == 0)
            return directory;
        Require(_files.Lookup(directory, Encoding.UTF8.GetBytes(parts[^1]), out StoredAttributes found), path);
        return found.Inode;
    }

    private void Require(Errno error, string name) => volume.Require(error, $"'{name}' could not be copied");
}

using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Host;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>Copies files into a volume, over what is there. A file gets its name when it is whole.</summary>
internal sealed class VolumeSink(OpenVolume volume, Action<long> step) : ITransferSink
{
    private readonly IFileStore _files = volume.Volume.Files;
    private readonly byte[] _buffer = new byte[1 << 20];

    // A directory's time changes with each file that is made in it, so it is set last.
    private readonly List<(ulong Inode, long Time)> _directoryTimes = [];

    // Second names whose file hasn't come yet.
    private List<TransferEntry> _links = [];

    public void Add(TransferEntry entry)
    {
        if (entry.LinkTo is not null)
        {
            if (!TryLink(entry))
                _links.Add(entry);
            return;
        }

        if (entry.Path.Length == 0)
        {
            if (!entry.IsDirectory)
                throw new HostException("The root of a volume can't be anything but a directory.");
            Finish(entry, IFileStore.RootInode);
            return;
        }

        ulong directory = FindDirectory(entry.Path, out byte[] name);
        switch (entry.Type)
        {
            case FileModes.S_IFDIR:
                Errno error = _files.Lookup(directory, name, out StoredAttributes made);
                if (error == Errno.ENOENT || (error == Errno.Success && !FileModes.IsDirectory(made.Mode)))
                {
                    Remove(directory, name);
                    error = _files.Create(directory, name, Node(entry), OpenVolume.Now, out made);
                }

                Require(error, entry);
                Finish(entry, made.Inode);
                break;
            case FileModes.S_IFREG:
                AddFile(entry, directory, name);
                break;
            case FileModes.S_IFLNK:
                Remove(directory, name);
                Require(_files.CreateSymbolicLink(directory, name, entry.Target, Node(entry), OpenVolume.Now, out made), entry);
                Finish(entry, made.Inode);
                break;
            default:
                Remove(directory, name);
                Require(_files.Create(directory, name, Node(entry), OpenVolume.Now, out made), entry);
                Finish(entry, made.Inode);
                break;
        }

        step(entry.Size);
    }

    public void Finish()
    {
        // A second name may be that of another second name.
        while (_links.Count > 0)
        {
            List<TransferEntry> left = _links.FindAll(link => !TryLink(link));
            if (left.Count == _links.Count)
                throw new HostException($"'{left[0].DisplayPath}' is a second name of '{TransferEntry.Display(left[0].LinkTo)}', which isn't there.");
            _links = left;
        }

        for (int i = _directoryTimes.Count - 1; i >= 0; i--)
        {
            var change = new AttributeChange { Mask = AttributeMask.ModificationTime, ModificationTime = _directoryTimes[i].Time };
            volume.Require(_files.SetAttributes(_directoryTimes[i].Inode, change, OpenVolume.Now, out _), "the time of a directory could not be set");
        }
    }

    private static NewInode Node(TransferEntry entry) => new(entry.Mode, entry.UserId, entry.GroupId, entry.Device);

    private void AddFile(TransferEntry entry, ulong directory, byte[] name)
    {
        Require(_files.CreateTemporary(Node(entry), OpenVolume.Now, out StoredAttributes made), entry);
        try
        {
            entry.CopyTo(_buffer, (offset, bytes) =>
            {
                Require(_files.Write(made.Inode, offset, bytes.Span, OpenVolume.Now, out int written), entry);
                if (written < bytes.Length)
                    Require(Errno.ENOSPC, entry);
            });
            var size = new AttributeChange { Mask = AttributeMask.Size, Size = entry.Size };
            Require(_files.SetAttributes(made.Inode, size, OpenVolume.Now, out _), entry);
            Finish(entry, made.Inode);
            Remove(directory, name);
            Require(_files.Link(made.Inode, directory, name, OpenVolume.Now, out _), entry);
        }
        finally
        {
            _files.Release(made.Inode);
        }
    }

    private bool TryLink(TransferEntry entry)
    {
        if (FindFile(entry.LinkTo!) is not { } inode)
            return false;
        ulong directory = FindDirectory(entry.Path, out byte[] name);
        // An archive may name a file twice: as itself, and as a second name of itself.
        if (_files.Lookup(directory, name, out StoredAttributes found) == Errno.Success && found.Inode == inode)
            return true;
        Remove(directory, name);
        Require(_files.Link(inode, directory, name, OpenVolume.Now, out _), entry);
        return true;
    }

    private void Finish(TransferEntry entry, ulong inode)
    {
        foreach ((byte[] name, byte[] value) in entry.Attributes)
            Require(_files.SetExtendedAttribute(inode, name, value, XattrFlags.None, OpenVolume.Now), entry);
        var change = new AttributeChange
        {
            Mask = AttributeMask.UserId | AttributeMask.GroupId | AttributeMask.ModificationTime,
            Mode = entry.Mode,
            UserId = entry.UserId,
            GroupId = entry.GroupId,
            ModificationTime = entry.ModificationTime,
        };
        if (entry.Type != FileModes.S_IFLNK)
            change.Mask |= AttributeMask.Mode;
        Require(_files.SetAttributes(inode, change, OpenVolume.Now, out _), entry);
        if (entry.IsDirectory)
            _directoryTimes.Add((inode, entry.ModificationTime));
    }

    private void Remove(ulong directory, byte[] name)
    {
        Errno error = _files.Unlink(directory, name, OpenVolume.Now);
        if (error == Errno.EISDIR)
            error = _files.RemoveDirectory(directory, name, OpenVolume.Now);
        if (error != Errno.ENOENT)
            volume.Require(error, $"'{TransferEntry.Display(name)}' could not be replaced");
    }

    // The directory of an entry; archives may name it later, or never.
    private ulong FindDirectory(byte[] path, out byte[] name)
    {
        ulong at = IFileStore.RootInode;
        ReadOnlySpan<byte> rest = path;
        while (true)
        {
            int slash = rest.IndexOf((byte)'/');
            if (slash < 0)
            {
                name = rest.ToArray();
                return at;
            }

            Errno error = _files.Lookup(at, rest[..slash], out StoredAttributes found);
            if (error == Errno.ENOENT)
                error = _files.Create(at, rest[..slash], new NewInode(FileModes.S_IFDIR | 0x1ED, 0, 0), OpenVolume.Now, out found);
            volume.Require(error, $"'{TransferEntry.Display(path)}' could not be copied");
            at = found.Inode;
            rest = rest[(slash + 1)..];
        }
    }

    private ulong? FindFile(ReadOnlySpan<byte> path)
    {
        ulong at = IFileStore.RootInode;
        foreach (Range part in path.Split((byte)'/'))
        {
            Errno error = _files.Lookup(at, path[part], out StoredAttributes found);
            if (error is Errno.ENOENT or Errno.ENOTDIR)
                return null;
            volume.Require(error, $"'{TransferEntry.Display(path)}' could not be found");
            at = found.Inode;
        }

        return at;
    }

    private void Require(Errno error, TransferEntry entry) => volume.Require(error, $"'{entry.DisplayPath}' could not be copied");
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Volumes;

/// <summary>A directory of a volume. Its table only remembers entries that were found; the host is asked each time.</summary>
internal sealed class VolumeDirectory(VolumeFileSystem fileSystem, uint handle, in HostFileStatus status) : VolumeInode(fileSystem, handle, status)
{
    private List<Listed> _listing = [];

    public override DentryTable? CreateChildren(Dentry entry) => new(entry, false);

    public override Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
    {
        using (FileSystem.NamespaceLock.Enter())
        {
            uint found = Volume.Handles.Take();
            Errno error = Host.Lookup(Handle, name, found, out HostFileStatus status);
            child = directory.Children!.Find(name, hash);
            if (error != Errno.Success)
            {
                Volume.Handles.Give(found);
                if (error != Errno.ENOENT)
                    return error;

                // Removed outside.
                if (child is not null)
                    Remember(directory, child, null);
                child = null;
                return Errno.Success;
            }

            VolumeInode inode = Volume.Adopt(found, status);
            if (child?.Inode == inode)
                return Errno.Success;
            var entry = new Dentry(directory, name.ToArray(), hash, inode);
            Remember(directory, child, entry);
            child = entry;
            return Errno.Success;
        }
    }

    public override Errno PrepareListing(ICaller caller, Dentry directory)
    {
        var listing = new List<Listed>();
        byte[] buffer = new byte[64 * 1024];
        ulong cookie = 0;
        while (true)
        {
            Errno error = Host.ReadDirectory(Handle, cookie, buffer, out HostDirectoryBatch batch);
            if (error != Errno.Success)
                return error;
            while (batch.MoveNext(out HostDirectoryEntry entry))
                listing.Add(new Listed(entry.Name.ToArray(), entry.Status.Mode, Volume.NumberOf(entry.Status)));
            if (batch.IsLast)
                break;
            if (batch.NextCookie == cookie)
                return Errno.EIO;
            cookie = batch.NextCookie;
        }

        Volatile.Write(ref _listing, listing);
        return Errno.Success;
    }

    public override bool NextEntry(ICaller caller, Dentry directory, ref long position, Span<byte> nameBuffer, out ListedEntry entry)
    {
        entry = default;
        List<Listed> listing = Volatile.Read(ref _listing);
        long index = position - 2;
        if (index >= listing.Count)
            return false;
        Listed found = listing[(int)index];
        found.Name.CopyTo(nameBuffer);
        entry = new ListedEntry(found.Inode, found.Mode, found.Name.Length);
        position++;
        return true;
    }

    public override Errno IsEmptyDirectory(ICaller caller, Dentry directory, out bool isEmpty)
    {
        // The host's answer to the removal counts.
        isEmpty = true;
        return Errno.Success;
    }

    public override Errno CreateChild(ICaller caller, ReadOnlySpan<byte> name, in NewNode node, out Inode? child)
    {
        child = null;
        uint made = Volume.Handles.Take();
        HostFileStatus status = default;
        uint permissions = node.Mode & FileModes.S_IALLUGO;
        Errno error = (node.Mode & FileModes.S_IFMT) switch
        {
            FileModes.S_IFREG => Host.Create(Handle, name, permissions, made, out status),
            FileModes.S_IFDIR => Host.MakeDirectory(Handle, name, permissions, made, out status),
            FileModes.S_IFLNK => Host.SymbolicLink(node.Target!, Handle, name, made, out status),
            FileModes.S_IFIFO or FileModes.S_IFSOCK => Host.MakeNode(Handle, name, node.Mode, made, out status),
            _ => Errno.EPERM,
        };
        if (error != Errno.Success)
        {
            Volume.Handles.Give(made);
            return error;
        }

        VolumeInode inode = Volume.Adopt(made, status);

        // The launcher made it. Where it may, it gives the file to the program's user; else the owner is the launcher.
        if ((inode.UserId != node.UserId || inode.GroupId != node.GroupId) && Host.SetOwner(inode.Handle, node.UserId, node.GroupId) == Errno.Success)
            inode.Refresh();
        child = inode;
        return Errno.Success;
    }

    public override Errno LinkChild(ICaller caller, ReadOnlySpan<byte> name, Inode child)
    {
        Errno error = Host.HardLink(((VolumeInode)child).Handle, Handle, name);
        if (error == Errno.Success)
            child.LinkCount++;
        return error;
    }

    public override Errno RemoveChild(ICaller caller, Dentry child)
    {
        Errno error = child.Inode.IsDirectory ? Host.RemoveDirectory(Handle, child.Name.Bytes) : Host.Unlink(Handle, child.Name.Bytes);
        if (error == Errno.Success)
            ((VolumeInode)child.Inode).OnNameRemoved();
        return error;
    }

    private static void Remember(Dentry directory, Dentry? old, Dentry? entry)
    {
        if (old is not null && entry is not null)
            directory.Children!.Replace(old, entry);
        else if (entry is not null)
            directory.Children!.Add(entry);
        else
            directory.Children!.Remove(old!);
        if (old is not null)
            old.IsRemoved = true;
    }

    private readonly record struct Listed(byte[] Name, uint Mode, ulong Inode);
}

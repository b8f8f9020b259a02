using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    /// <inheritdoc/>
    public Errno MakeDirectory(ICaller caller, in PathArgument path, uint mode) =>
        Make(caller, path, FileModes.S_IFDIR | (mode & (FileModes.S_IRWXUGO | FileModes.S_ISVTX)), 0, null);

    /// <inheritdoc/>
    public Errno MakeNode(ICaller caller, in PathArgument path, uint mode, ulong device)
    {
        uint type = mode & FileModes.S_IFMT;
        switch (type)
        {
            case 0:
                type = FileModes.S_IFREG;
                break;
            case FileModes.S_IFREG or FileModes.S_IFIFO or FileModes.S_IFSOCK:
                break;
            case FileModes.S_IFCHR or FileModes.S_IFBLK:
                if (!caller.Credentials.Has(FileCapabilities.CAP_MKNOD))
                    return Errno.EPERM;
                break;
            case FileModes.S_IFDIR:
                return Errno.EPERM;
            default:
                return Errno.EINVAL;
        }

        bool isDevice = type is FileModes.S_IFCHR or FileModes.S_IFBLK;
        return Make(caller, path, type | (mode & FileModes.S_IALLUGO), isDevice ? device : 0, null);
    }

    /// <inheritdoc/>
    public Errno MakeSymbolicLink(ICaller caller, ReadOnlySpan<byte> target, in PathArgument path) =>
        target.IsEmpty ? Errno.ENOENT : Make(caller, path, FileModes.S_IFLNK | FileModes.S_IRWXUGO, 0, target.ToArray());

    /// <summary>Makes a file by name and returns nothing: mkdir, mknod, symlink, bind of a socket.</summary>
    internal Errno Make(ICaller caller, in PathArgument path, uint mode, ulong device, byte[]? target) =>
        Make(caller, path, mode, device, target, out _);

    internal Errno Make(ICaller caller, in PathArgument path, uint mode, ulong device, byte[]? target, out VfsPath made)
    {
        made = default;
        Errno error = PathWalk.FindParent(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        if (walk.Last != LastComponent.Name)
            return Errno.EEXIST;
        Dentry directory = walk.Parent.Dentry;
        using (directory.Inode.FileSystem.NamespaceLock.Enter())
        {
            error = FindChild(caller, directory, walk.LastName, out Dentry? child);
            if (error != Errno.Success)
                return error;
            if (child is not null)
                return Errno.EEXIST;
            if (walk.HasTrailingSlash && !FileModes.IsDirectory(mode))
                return Errno.ENOENT;
            error = MayCreate(caller, walk.Parent);
            if (error != Errno.Success)
                return error;
            uint umask = FileModes.IsSymbolicLink(mode) ? 0 : path.Context.Umask;
            NewNode node = Prepare(caller, directory.Inode, mode, umask) with { Device = device, Target = target };
            error = AddNode(caller, directory, walk.LastName, node, out child);
            if (error == Errno.Success)
                made = new VfsPath(walk.Parent.Mount, child!);
            return error;
        }
    }

    /// <inheritdoc/>
    public Errno RemoveDirectory(ICaller caller, in PathArgument path)
    {
        Errno error = PathWalk.FindParent(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        switch (walk.Last)
        {
            case LastComponent.Dot:
                return Errno.EINVAL;
            case LastComponent.DotDot:
                return Errno.ENOTEMPTY;
            case LastComponent.None:
                return Errno.EBUSY;
        }

        Dentry directory = walk.Parent.Dentry;
        using (directory.Inode.FileSystem.NamespaceLock.Enter())
        {
            error = FindVictim(caller, walk, out Dentry? child);
            if (error != Errno.Success)
                return error;
            if (!child!.Inode.IsDirectory)
                return Errno.ENOTDIR;
            if (child.FirstMount is not null)
                return Errno.EBUSY;
            error = child.Inode.IsEmptyDirectory(caller, child, out bool isEmpty);
            if (error != Errno.Success)
                return error;
            return isEmpty ? RemoveEntry(caller, directory, child) : Errno.ENOTEMPTY;
        }
    }

    /// <inheritdoc/>
    public Errno Unlink(ICaller caller, in PathArgument path)
    {
        Errno error = PathWalk.FindParent(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        if (walk.Last != LastComponent.Name)
            return Errno.EISDIR;
        Dentry directory = walk.Parent.Dentry;
        using (directory.Inode.FileSystem.NamespaceLock.Enter())
        {
            if (walk.HasTrailingSlash)
            {
                error = FindChild(caller, directory, walk.LastName, out Dentry? named);
                if (error != Errno.Success)
                    return error;
                if (named is null)
                    return Errno.ENOENT;
                return named.Inode.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR;
            }

            error = FindVictim(caller, walk, out Dentry? child);
            if (error != Errno.Success)
                return error;
            if (child!.Inode.IsDirectory)
                return Errno.EISDIR;
            if (child.FirstMount is not null)
                return Errno.EBUSY;
            return RemoveEntry(caller, directory, child);
        }
    }

    /// <inheritdoc/>
    public Errno Link(ICaller caller, in PathArgument existing, in PathArgument path)
    {
        Errno error = PathWalk.Find(this, caller, existing, out PathWalk source);
        if (error != Errno.Success)
            return error;
        error = PathWalk.FindParent(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        if (walk.Last != LastComponent.Name)
            return Errno.EEXIST;
        Inode inode = source.Current.Inode;
        Dentry directory = walk.Parent.Dentry;
        using (directory.Inode.FileSystem.NamespaceLock.Enter())
        {
            error = FindChild(caller, directory, walk.LastName, out Dentry? child);
            if (error != Errno.Success)
                return error;
            if (child is not null)
                return Errno.EEXIST;
            if (walk.HasTrailingSlash)
                return Errno.ENOENT;
            if (source.Current.Mount != walk.Parent.Mount)
                return Errno.EXDEV;
            error = MayCreate(caller, walk.Parent);
            if (error != Errno.Success)
                return error;
            if (inode.FileSystem != directory.Inode.FileSystem)
                return Errno.EXDEV;
            if (inode.IsDirectory || !MayLink(caller, inode))
                return Errno.EPERM;

            // A removed file can't come back, except one made by O_TMPFILE, which never had a name.
            if (inode.LinkCount == 0 && !inode.MayGetFirstName)
                return Errno.ENOENT;
            error = directory.Inode.LinkChild(caller, walk.LastName, inode);
            if (error != Errno.Success)
                return error;
            inode.MayGetFirstName = false;
            directory.Children?.Add(CreateDentry(directory, walk.LastName, inode));
            Notify(inode, InotifyFlags.IN_ATTRIB);
            NotifyName(directory, walk.LastName, inode, InotifyFlags.IN_CREATE);
            return Errno.Success;
        }
    }

    /// <inheritdoc/>
    public Errno ReadLink(ICaller caller, in PathArgument path, Span<byte> into, out int length)
    {
        length = 0;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        Inode inode = walk.Current.Inode;
        if (!inode.IsSymbolicLink)
            return path.Path.IsEmpty ? Errno.ENOENT : Errno.EINVAL;
        error = inode.GetLinkTarget(caller, out byte[] target);
        if (error != Errno.Success)
            return error;
        TouchLink(caller, walk.Current);
        length = Math.Min(target.Length, into.Length);
        target.AsSpan(0, length).CopyTo(into);
        return Errno.Success;
    }

    /// <summary>Who doesn't own a file may give it a name only where that gives nothing away (proc_sys_fs(5), protected_hardlinks).</summary>
    private static bool MayLink(ICaller caller, Inode inode)
    {
        if (Permissions.IsOwner(caller, inode))
            return true;
        const uint groupProgram = FileModes.S_ISGID | FileModes.S_IXGRP;
        return inode.Type == FileModes.S_IFREG && (inode.Mode & FileModes.S_ISUID) == 0 && (inode.Mode & groupProgram) != groupProgram
            && Permissions.Check(caller, caller.Credentials, inode, AccessMode.R_OK | AccessMode.W_OK) == Errno.Success;
    }

    /// <summary>A link was read: its time changes as that of a file that is read (relatime).</summary>
    internal static void TouchLink(ICaller caller, VfsPath link)
    {
        Inode inode = link.Inode;
        bool isDue = inode.AccessTime <= inode.ModificationTime || inode.AccessTime <= inode.ChangeTime || link.Mount.Has(MountFlags.MS_STRICTATIME);
        if (isDue && !link.Mount.IsReadOnly && !link.Mount.Has(MountFlags.MS_NOATIME))
            inode.AccessTime = caller.RealtimeNow;
    }

    /// <summary>Finds a name in a directory. The namespace lock is held.</summary>
    private Errno FindChild(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, out Dentry? child)
    {
        uint hash = HashName(name);
        if (directory.Children is not { IsComplete: true } children)
            return directory.Inode.Lookup(caller, directory, name, hash, out child);
        child = children.Find(name, hash);
        return Errno.Success;
    }

    /// <summary>Whether the thread may make a name in a directory.</summary>
    private static Errno MayCreate(ICaller caller, VfsPath directory)
    {
        if (directory.Mount.IsReadOnly)
            return Errno.EROFS;
        if (directory.Dentry.IsRemoved)
            return Errno.ENOENT;
        return Permissions.Check(caller, caller.Credentials, directory.Inode, AccessMode.W_OK | AccessMode.X_OK);
    }

    /// <summary>Finds a name that the thread may remove.</summary>
    private Errno FindVictim(ICaller caller, in PathWalk walk, out Dentry? child)
    {
        Errno error = FindChild(caller, walk.Parent.Dentry, walk.LastName, out child);
        if (error != Errno.Success)
            return error;
        if (child is null)
            return Errno.ENOENT;
        return MayRemove(caller, walk.Parent, child);
    }

    private static Errno MayRemove(ICaller caller, VfsPath directory, Dentry child)
    {
        if (directory.Mount.IsReadOnly)
            return Errno.EROFS;
        Errno error = Permissions.Check(caller, caller.Credentials, directory.Inode, AccessMode.W_OK | AccessMode.X_OK);
        if (error != Errno.Success)
            return error;
        return Permissions.IsProtectedBySticky(caller, directory.Inode, child.Inode) ? Errno.EPERM : Errno.Success;
    }

    /// <summary>Owner, group and mode of a new file (inode(7), set-group-ID on directories).</summary>
    private static NewNode Prepare(ICaller caller, Inode directory, uint mode, uint umask)
    {
        Contracts.Credentials identity = caller.Credentials;
        uint group = identity.GroupId;
        mode &= ~umask;
        if ((directory.Mode & FileModes.S_ISGID) != 0)
        {
            group = directory.GroupId;
            if (FileModes.IsDirectory(mode))
            {
                mode |= FileModes.S_ISGID;
            }
            else if ((mode & (FileModes.S_ISGID | FileModes.S_IXGRP)) == (FileModes.S_ISGID | FileModes.S_IXGRP)
                && !Permissions.IsInGroup(caller, identity, group) && !identity.Has(FileCapabilities.CAP_FSETID))
            {
                mode &= ~FileModes.S_ISGID;
            }
        }

        return new NewNode(mode, identity.UserId, group, 0, null);
    }

    private Errno AddNode(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, in NewNode node, out Dentry? child)
    {
        child = null;
        Errno error = directory.Inode.CreateChild(caller, name, node, out Inode? inode);
        if (error != Errno.Success)
            return error;
        child = CreateDentry(directory, name, inode!);
        directory.Children?.Add(child);
        NotifyName(directory, name, inode!, InotifyFlags.IN_CREATE);
        return Errno.Success;
    }

    private Errno RemoveEntry(ICaller caller, Dentry directory, Dentry child)
    {
        // Told in this order: a link less, the end of the file where it was the last, the end of the name.
        Inode inode = child.Inode;
        bool isHeld = inode.Watches is not null && inode.AddOpen() == Errno.Success;
        Errno error = directory.Inode.RemoveChild(caller, child);
        if (error == Errno.Success)
        {
            child.IsRemoved = true;
            directory.Children?.Remove(child);
            if (inode.IsDirectory)
                NotifyEnd(inode, InotifyFlags.IN_DELETE_SELF);
            else
                Notify(inode, InotifyFlags.IN_ATTRIB);
        }

        if (isHeld)
            inode.RemoveOpen();
        if (error == Errno.Success)
            NotifyName(directory, child.Name.Bytes, inode, InotifyFlags.IN_DELETE);
        return error;
    }
}

using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    /// <inheritdoc/>
    public Errno Rename(ICaller caller, in PathArgument from, in PathArgument to, RenameFlags flags)
    {
        bool exchange = (flags & RenameFlags.RENAME_EXCHANGE) != 0;
        if ((flags & ~(RenameFlags.RENAME_NOREPLACE | RenameFlags.RENAME_EXCHANGE)) != 0
            || flags == (RenameFlags.RENAME_NOREPLACE | RenameFlags.RENAME_EXCHANGE))
        {
            return Errno.EINVAL;
        }

        Errno error = PathWalk.FindParent(this, caller, from, out PathWalk source);
        if (error != Errno.Success)
            return error;
        error = PathWalk.FindParent(this, caller, to, out PathWalk target);
        if (error != Errno.Success)
            return error;
        if (source.Parent.Mount != target.Parent.Mount && source.Last != LastComponent.None && target.Last != LastComponent.None)
            return Errno.EXDEV;
        if (source.Last != LastComponent.Name)
            return Errno.EBUSY;
        if (target.Last != LastComponent.Name)
            return (flags & RenameFlags.RENAME_NOREPLACE) != 0 ? Errno.EEXIST : Errno.EBUSY;
        using (source.Parent.Inode.FileSystem.NamespaceLock.Enter())
            return RenameLocked(caller, source, target, flags, exchange);
    }

    private Errno RenameLocked(ICaller caller, in PathWalk source, in PathWalk target, RenameFlags flags, bool exchange)
    {
        Dentry oldDirectory = source.Parent.Dentry;
        Dentry newDirectory = target.Parent.Dentry;
        Errno error = FindChild(caller, oldDirectory, source.LastName, out Dentry? child);
        if (error != Errno.Success)
            return error;
        if (child is null)
            return Errno.ENOENT;
        error = FindChild(caller, newDirectory, target.LastName, out Dentry? replaced);
        if (error != Errno.Success)
            return error;
        if (replaced is not null && (flags & RenameFlags.RENAME_NOREPLACE) != 0)
            return Errno.EEXIST;
        if (exchange)
        {
            if (replaced is null)
                return Errno.ENOENT;
            if (target.HasTrailingSlash && !replaced.Inode.IsDirectory)
                return Errno.ENOTDIR;
        }

        // Only directories may be named with a slash behind.
        if (!child.Inode.IsDirectory && (source.HasTrailingSlash || (!exchange && target.HasTrailingSlash)))
            return Errno.ENOTDIR;

        // A directory can't move below itself, nor replace one that it lies in.
        if (newDirectory.IsWithin(child))
            return Errno.EINVAL;
        if (replaced is not null && oldDirectory.IsWithin(replaced))
            return exchange ? Errno.EINVAL : Errno.ENOTEMPTY;
        if (replaced is not null && replaced.Inode == child.Inode)
            return Errno.Success;

        error = MayRemove(caller, source.Parent, child);
        if (error != Errno.Success)
            return error;
        error = replaced is null ? MayCreate(caller, target.Parent) : MayRemove(caller, target.Parent, replaced);
        if (error != Errno.Success)
            return error;
        if (replaced is not null && !exchange)
        {
            if (child.Inode.IsDirectory && !replaced.Inode.IsDirectory)
                return Errno.ENOTDIR;
            if (!child.Inode.IsDirectory && replaced.Inode.IsDirectory)
                return Errno.EISDIR;
        }

        // ".." of a directory that changes its parent is written to (rename(2), EACCES).
        if (oldDirectory != newDirectory)
        {
            error = MayMove(caller, child);
            if (error == Errno.Success && exchange)
                error = MayMove(caller, replaced!);
            if (error != Errno.Success)
                return error;
        }

        if (child.FirstMount is not null || replaced?.FirstMount is not null)
            return Errno.EBUSY;
        if (replaced is not null && !exchange && replaced.Inode.IsDirectory)
        {
            error = replaced.Inode.IsEmptyDirectory(caller, replaced, out bool isEmpty);
            if (error != Errno.Success)
                return error;
            if (!isEmpty)
                return Errno.ENOTEMPTY;
        }

        bool isHeld = replaced?.Inode.Watches is not null && replaced.Inode.AddOpen() == Errno.Success;
        DentryName oldName = child.Name;
        error = child.Inode.FileSystem.Rename(caller, oldDirectory, child, newDirectory, target.LastName, replaced, exchange);
        if (error == Errno.Success)
        {
            DentryName? otherName = replaced?.Name;
            MoveEntries(oldDirectory, child, newDirectory, target, replaced, exchange);
            NotifyMove(oldDirectory, oldName, child, exchange ? null : replaced);
            if (exchange)
                NotifyMove(newDirectory, otherName!, replaced!, null);
            else if (replaced is { Inode.IsDirectory: true })
                NotifyEnd(replaced.Inode, InotifyFlags.IN_DELETE_SELF);
        }

        if (isHeld)
            replaced!.Inode.RemoveOpen();
        return error;
    }

    private static Errno MayMove(ICaller caller, Dentry child) =>
        child.Inode.IsDirectory ? Permissions.Check(caller, caller.Credentials, child.Inode, AccessMode.W_OK) : Errno.Success;

    private void MoveEntries(Dentry oldDirectory, Dentry child, Dentry newDirectory, in PathWalk target, Dentry? replaced, bool exchange)
    {
        DentryName oldName = child.Name;
        var newName = new DentryName(newDirectory, target.LastName.ToArray(), HashName(target.LastName));
        oldDirectory.Children?.Remove(child);
        child.SetName(newName);
        if (replaced is null)
        {
            newDirectory.Children?.Add(child);
            return;
        }

        newDirectory.Children?.Replace(replaced, child);
        if (exchange)
        {
            replaced.SetName(new DentryName(oldDirectory, oldName.Bytes, oldName.Hash));
            oldDirectory.Children?.Add(replaced);
        }
        else
        {
            replaced.IsRemoved = true;
        }
    }
}

using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    /// <inheritdoc/>
    public Errno GetStatus(ICaller caller, in PathArgument path, out FileStatus status)
    {
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
        {
            status = default;
            return error;
        }

        VfsPath place = walk.Current;
        error = place.Inode.GetStatus(caller, out status);
        status.MountId = (ulong)place.Mount.Id;
        status.IsMountRoot = place.Dentry == place.Mount.Root;
        return error;
    }

    /// <inheritdoc/>
    public Errno CheckAccess(ICaller caller, Credentials identity, in PathArgument path, AccessMode mode)
    {
        Errno error = PathWalk.Find(this, caller, path, identity, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        VfsPath place = walk.Current;
        Inode inode = place.Inode;
        if ((mode & AccessMode.X_OK) != 0 && inode.Type == FileModes.S_IFREG && place.Mount.Has(MountFlags.MS_NOEXEC))
            return Errno.EACCES;
        if (mode == AccessMode.F_OK)
            return Errno.Success;
        error = Permissions.Check(caller, identity, inode, mode);
        if (error == Errno.Success && (mode & AccessMode.W_OK) != 0 && place.Mount.IsReadOnly && inode.IsOnDisk)
            return Errno.EROFS;
        return error;
    }

    /// <inheritdoc/>
    public Errno ChangeMode(ICaller caller, in PathArgument path, uint mode)
    {
        Errno error = FindToChange(caller, path, out VfsPath place);
        if (error != Errno.Success)
            return error;
        Inode inode = place.Inode;
        if (inode.IsSymbolicLink)
            return Errno.EOPNOTSUPP;
        if (!Permissions.IsOwner(caller, inode))
            return Errno.EPERM;
        mode &= FileModes.S_IALLUGO;

        // Who isn't in the file's group can't make it run with that group (chmod(2)).
        Credentials identity = caller.Credentials;
        using (inode.Lock.Enter())
        {
            if ((mode & FileModes.S_ISGID) != 0 && !Permissions.IsInGroup(caller, identity, inode.GroupId) && !identity.Has(FileCapabilities.CAP_FSETID))
                mode &= ~FileModes.S_ISGID;
            var change = new AttributeChange { Permissions = mode, ChangeTime = caller.RealtimeNow };
            return Changed(place, InotifyFlags.IN_ATTRIB, inode.SetAttributes(caller, change));
        }
    }

    /// <inheritdoc/>
    public Errno ChangeOwner(ICaller caller, in PathArgument path, uint userId, uint groupId)
    {
        Errno error = FindToChange(caller, path, out VfsPath place);
        if (error != Errno.Success)
            return error;
        Inode inode = place.Inode;
        Credentials identity = caller.Credentials;
        using (inode.Lock.Enter())
        {
            bool mayAll = identity.Has(FileCapabilities.CAP_CHOWN);
            bool isOwner = identity.UserId == inode.UserId;
            if (userId != uint.MaxValue && !mayAll && !(isOwner && userId == inode.UserId))
                return Errno.EPERM;
            if (groupId != uint.MaxValue && !mayAll && !(isOwner && (groupId == inode.GroupId || Permissions.IsInGroup(caller, identity, groupId))))
                return Errno.EPERM;

            // A new owner must not inherit the old one's set-ID program (chown(2)); directories keep theirs.
            uint permissions = inode.Mode & FileModes.S_IALLUGO;
            if (!inode.IsDirectory)
            {
                permissions &= ~FileModes.S_ISUID;
                if ((permissions & FileModes.S_IXGRP) != 0)
                    permissions &= ~FileModes.S_ISGID;
            }

            if (!inode.IsDirectory)
                inode.RemoveExtendedAttribute(caller, "security.capability"u8);
            return Changed(place, InotifyFlags.IN_ATTRIB, inode.SetAttributes(caller, new AttributeChange
            {
                UserId = userId == uint.MaxValue ? null : userId,
                GroupId = groupId == uint.MaxValue ? null : groupId,
                Permissions = permissions == (inode.Mode & FileModes.S_IALLUGO) ? null : permissions,
                ChangeTime = caller.RealtimeNow,
            }));
        }
    }

    /// <inheritdoc/>
    public Errno SetTimes(ICaller caller, in PathArgument path, FileTimesChange times)
    {
        Errno error = FindToChange(caller, path, out VfsPath place);
        if (error != Errno.Success)
            return error;
        Inode inode = place.Inode;
        if (!Permissions.IsOwner(caller, inode))
        {
            // A writer may set both times to now (utimensat(2), permissions requirements).
            if (!times.IsNow)
                return Errno.EPERM;
            error = Permissions.Check(caller, caller.Credentials, inode, AccessMode.W_OK);
            if (error != Errno.Success)
                return error;
        }

        // Both times are an attribute; one of them looks as the access that it is of (fsnotify_change of Linux).
        bool hasAccess = times.AccessTime != FileTimesChange.Omit;
        bool hasModification = times.ModificationTime != FileTimesChange.Omit;
        InotifyFlags what = hasAccess == hasModification ? InotifyFlags.IN_ATTRIB : hasAccess ? InotifyFlags.IN_ACCESS : InotifyFlags.IN_MODIFY;
        long now = caller.RealtimeNow;
        using (inode.Lock.Enter())
        {
            return Changed(place, what, inode.SetAttributes(caller, new AttributeChange
            {
                AccessTime = Resolve(times.AccessTime, now),
                ModificationTime = Resolve(times.ModificationTime, now),
                ChangeTime = now,
            }));
        }

        static long? Resolve(long time, long now) => time switch
        {
            FileTimesChange.Omit => null,
            FileTimesChange.Now => now,
            _ => time,
        };
    }

    /// <inheritdoc/>
    public Errno Truncate(ICaller caller, in PathArgument path, long length)
    {
        if (length < 0)
            return Errno.EINVAL;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        VfsPath place = walk.Current;
        Inode inode = place.Inode;
        if (inode.IsDirectory)
            return Errno.EISDIR;
        if (inode.Type != FileModes.S_IFREG)
            return Errno.EINVAL;
        if (place.Mount.IsReadOnly)
            return Errno.EROFS;
        error = Permissions.Check(caller, caller.Credentials, inode, AccessMode.W_OK);
        if (error != Errno.Success)
            return error;
        if (length > caller.FileSizeLimit && length > inode.Size)
        {
            caller.RaiseSignal(FileSignals.SIGXFSZ);
            return Errno.EFBIG;
        }

        error = inode.AddOpen();
        if (error != Errno.Success)
            return error;
        error = inode.AddWriter();
        if (error == Errno.Success)
        {
            error = Changed(place, InotifyFlags.IN_MODIFY, inode.Truncate(caller, length));
            inode.RemoveWriter();
        }

        inode.RemoveOpen();
        return error;
    }

    /// <inheritdoc/>
    public Errno ChangeDirectory(ICaller caller, in PathArgument path)
    {
        Errno error = FindDirectory(caller, path, out VfsPath place);
        if (error == Errno.Success)
            ((FileSystemContext)path.Context).SetWorkingDirectory(place);
        return error;
    }

    /// <inheritdoc/>
    public Errno ChangeRoot(ICaller caller, in PathArgument path)
    {
        Errno error = FindDirectory(caller, path, out VfsPath place);
        if (error != Errno.Success)
            return error;
        if (!caller.Credentials.Has(FileCapabilities.CAP_SYS_CHROOT))
            return Errno.EPERM;
        ((FileSystemContext)path.Context).SetRoot(place);
        return Errno.Success;
    }

    // PIPEFS_MAGIC and SOCKFS_MAGIC (statfs(2)).
    private const long PipeMagic = 0x50495045;
    private const long SocketMagic = 0x534F434B;

    /// <inheritdoc/>
    public Errno GetFileSystemStatus(ICaller caller, in PathArgument path, out FileSystemStatus status)
    {
        status = default;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        Mount mount = walk.Current.Mount;
        error = walk.Current.Inode.FileSystem.GetStatus(out status);

        // Pipes and sockets are of file systems of their own on Linux.
        if (walk.Current.Inode.FileSystem == _anonymous)
            status.Type = walk.Current.Inode.Type switch { FileModes.S_IFIFO => PipeMagic, FileModes.S_IFSOCK => SocketMagic, _ => status.Type };

        // ST_VALID says that the flags are filled in (statfs(2)); ST_* have the values of MS_* up to MS_NOEXEC.
        const long valid = 0x20;
        status.Flags = valid | (long)(mount.Flags & (MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC));
        if (mount.IsReadOnly)
            status.Flags |= 1;
        if (mount.Has(MountFlags.MS_NOATIME))
            status.Flags |= 0x400;
        if (mount.Has(MountFlags.MS_NODIRATIME))
            status.Flags |= 0x800;
        if (mount.Has(MountFlags.MS_RELATIME))
            status.Flags |= 0x1000;
        if (mount.Has(MountFlags.MS_NOSYMFOLLOW))
            status.Flags |= 0x2000;
        return error;
    }

    /// <inheritdoc/>
    public void SynchronizeAll(ICaller caller) => Synchronize();

    /// <summary>Tells all file systems to make everything durable.</summary>
    public void Synchronize()
    {
        foreach (Mount mount in Mounts.Snapshot())
            mount.FileSystem.Synchronize();
    }

    /// <inheritdoc/>
    public Errno SynchronizeFileSystem(ICaller caller, IOpenFile file) => ((OpenFile)file).Inode.FileSystem.Synchronize();

    private Errno Changed(VfsPath place, InotifyFlags what, Errno error)
    {
        if (error == Errno.Success)
            Notify(place, what);
        return error;
    }

    private Errno FindDirectory(ICaller caller, in PathArgument path, out VfsPath place)
    {
        place = default;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        place = walk.Current;
        if (!place.Inode.IsDirectory)
            return Errno.ENOTDIR;
        return Permissions.Check(caller, caller.Credentials, place.Inode, AccessMode.X_OK);
    }

    /// <summary>Finds a file whose attributes are to be changed.</summary>
    private Errno FindToChange(ICaller caller, in PathArgument path, out VfsPath place)
    {
        place = default;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        place = walk.Current;
        return place.Mount.IsReadOnly ? Errno.EROFS : Errno.Success;
    }
}

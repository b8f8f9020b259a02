using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Vfs.Core;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    private const MountFlags Settable = MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC
        | MountFlags.MS_NOATIME | MountFlags.MS_NODIRATIME | MountFlags.MS_NOSYMFOLLOW | MountFlags.MS_RELATIME | MountFlags.MS_STRICTATIME;

    /// <inheritdoc/>
    public Errno Mount(ICaller caller, in PathArgument source, in PathArgument target, ReadOnlySpan<byte> type, MountFlags flags, ReadOnlySpan<byte> options)
    {
        if (!caller.Credentials.Has(FileCapabilities.CAP_SYS_ADMIN))
            return Errno.EPERM;
        Errno error = PathWalk.Find(this, caller, target, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        VfsPath place = walk.Current;
        if ((flags & MountFlags.MS_REMOUNT) != 0)
        {
            if (place.Dentry != place.Mount.Root)
                return Errno.EINVAL;
            if (place.Mount.FileSystem is MemoryFileSystem memory)
            {
                error = TmpfsOptions.Parse(options, Services.Memory.Total >> FrameExtent.FrameShift, out TmpfsOptions changed);
                if (error == Errno.Success)
                    error = memory.SetLimits(changed);
                if (error != Errno.Success)
                    return error;
            }

            place.Mount.Flags = FlagsOf(flags, place.Mount.Flags);
            return Errno.Success;
        }

        // One namespace and no propagation: the type of propagation is private whatever is asked for, which is what
        // containers ask for.
        if ((flags & (MountFlags.MS_PRIVATE | MountFlags.MS_SLAVE | MountFlags.MS_UNBINDABLE)) != 0)
            return place.Dentry == place.Mount.Root ? Errno.Success : Errno.EINVAL;
        if ((flags & MountFlags.MS_SHARED) != 0)
            return Errno.EINVAL;
        if ((flags & (MountFlags.MS_BIND | MountFlags.MS_MOVE)) != 0)
            return Bind(caller, source, place, flags);

        if (!place.Inode.IsDirectory)
            return Errno.ENOTDIR;
        error = CreateFileSystem(caller, type, options, out FileSystem? fileSystem);
        if (error == Errno.Success)
            Mounts.Attach(place, fileSystem!, fileSystem!.Root, FlagsOf(flags, MountFlags.MS_RELATIME), source.Path.IsEmpty ? "none"u8.ToArray() : source.Path.ToArray());
        return error;
    }

    // path_mount of Linux: relatime unless something else is asked for, and a remount that asks for nothing keeps what there was.
    private static MountFlags FlagsOf(MountFlags wanted, MountFlags otherwise)
    {
        if ((wanted & MountFlags.MS_STRICTATIME) != 0)
            wanted &= ~(MountFlags.MS_RELATIME | MountFlags.MS_NOATIME);
        else if ((wanted & Core.Mount.TimeFlags) == 0)
            wanted |= otherwise & Core.Mount.TimeFlags;
        else if ((wanted & MountFlags.MS_NOATIME) != 0)
            wanted &= ~MountFlags.MS_RELATIME;
        else
            wanted |= MountFlags.MS_RELATIME;
        return wanted & Settable;
    }

    /// <inheritdoc/>
    public Errno Unmount(ICaller caller, in PathArgument target, UnmountFlags flags)
    {
        if ((flags & ~(UnmountFlags.MNT_FORCE | UnmountFlags.MNT_DETACH | UnmountFlags.MNT_EXPIRE | UnmountFlags.UMOUNT_NOFOLLOW)) != 0)
            return Errno.EINVAL;
        if (!caller.Credentials.Has(FileCapabilities.CAP_SYS_ADMIN))
            return Errno.EPERM;
        Errno error = PathWalk.Find(this, caller, target, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        if (walk.Current.Dentry != walk.Current.Mount.Root)
            return Errno.EINVAL;
        if ((flags & UnmountFlags.MNT_EXPIRE) != 0)
            return (flags & (UnmountFlags.MNT_FORCE | UnmountFlags.MNT_DETACH)) != 0 ? Errno.EINVAL : Errno.EAGAIN;
        FileSystem fileSystem = walk.Current.Mount.FileSystem;
        if ((flags & UnmountFlags.MNT_DETACH) == 0 && IsBusy(walk.Current.Mount))
            return Errno.EBUSY;
        error = Mounts.Detach(walk.Current.Mount, (flags & UnmountFlags.MNT_DETACH) != 0);
        if (error == Errno.Success && !Mounts.Has(fileSystem))
            NotifyUnmount(fileSystem);
        return error;
    }

    /// <summary>Whether somebody has a file open there, or stands there.</summary>
    private bool IsBusy(Mount mount)
    {
        if (mount.Opens > 0)
            return true;
        for (int id = _processes?.Processes.NextProcess(0) ?? 0; id != 0; id = _processes!.Processes.NextProcess(id))
        {
            if (_processes!.Processes.TryGetProcess(id, out IProcessInformation? process) && process!.FileSystemContext is FileSystemContext places
                && (places.Root.Mount == mount || places.WorkingDirectory.Mount == mount))
            {
                return true;
            }
        }

        return false;
    }

    private Errno Bind(ICaller caller, in PathArgument source, VfsPath place, MountFlags flags)
    {
        Errno error = PathWalk.Find(this, caller, source, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        VfsPath from = walk.Current;
        if (from.Inode.IsDirectory != place.Inode.IsDirectory)
            return Errno.ENOTDIR;
        if ((flags & MountFlags.MS_MOVE) == 0)
        {
            Mounts.Attach(place, from.Mount.FileSystem, from.Dentry, from.Mount.Flags, from.Mount.Source);
            return Errno.Success;
        }

        if (from.Dentry != from.Mount.Root || from.Mount.Parent is null)
            return Errno.EINVAL;
        for (Mount? above = place.Mount; above is not null; above = above.Parent)
        {
            if (above == from.Mount)
                return Errno.ELOOP;
        }

        Mounts.Move(from.Mount, place);
        return Errno.Success;
    }

    private Errno CreateFileSystem(ICaller caller, ReadOnlySpan<byte> type, ReadOnlySpan<byte> options, out FileSystem? fileSystem)
    {
        fileSystem = null;
        if (type.SequenceEqual("tmpfs"u8) || type.SequenceEqual("ramfs"u8))
        {
            Errno error = TmpfsOptions.Parse(options, Services.Memory.Total >> FrameExtent.FrameShift, out TmpfsOptions wanted);
            if (error != Errno.Success)
                return error;
            var memory = new MemoryFileSystem(this, type, wanted.Mode, wanted.UserId, wanted.GroupId);
            fileSystem = memory;

            // Half of the memory unless told otherwise (tmpfs(5)); ramfs has no limit.
            bool isLimited = type.SequenceEqual("tmpfs"u8);
            return isLimited ? memory.SetLimits(wanted with { Blocks = wanted.Blocks ?? (Services.Memory.Total >> FrameExtent.FrameShift) / 2 }) : Errno.Success;
        }

        // The kernel's own file systems have one instance each, as far as there is one.
        if (type.SequenceEqual("proc"u8))
            fileSystem = _processes;
        else if (type.SequenceEqual("sysfs"u8))
            fileSystem = _system;
        else if (type.SequenceEqual("devtmpfs"u8))
            fileSystem = _devices;
        else if (type.SequenceEqual("devpts"u8))
            fileSystem = _terminals?.Tree;
        return fileSystem is null ? Errno.ENODEV : Errno.Success;
    }
}

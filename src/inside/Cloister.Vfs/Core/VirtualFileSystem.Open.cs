using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Processes;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    /// <inheritdoc/>
    public Errno Open(ICaller caller, in PathArgument path, OpenFlags flags, uint mode, out IOpenFile? file)
    {
        file = null;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if ((flags & OpenFlags.O_PATH) != 0)
        {
            if (error != Errno.Success)
                return error;
            return OpenPath(walk.Current, flags, out file);
        }

        if ((flags & OpenFlags.__O_TMPFILE) != 0)
            return error != Errno.Success ? error : OpenUnnamed(caller, walk, path, flags, mode, out file);

        bool isNew = false;
        if ((flags & OpenFlags.O_CREAT) != 0)
        {
            if (error == Errno.ENOENT && walk.IsLastMissing)
            {
                error = walk.HasTrailingSlash ? Errno.EISDIR : Create(caller, ref walk, path, flags, mode, out isNew);
                if (error != Errno.Success)
                    return error;
            }
            else if (error != Errno.Success)
            {
                return error;
            }
            else if ((flags & OpenFlags.O_EXCL) != 0)
            {
                return Errno.EEXIST;
            }
            else if (walk.Current.Inode.IsDirectory)
            {
                return Errno.EISDIR;
            }
        }
        else if (error != Errno.Success)
        {
            return error;
        }

        error = OpenFound(caller, walk.Current, flags, isNew, out OpenFile? opened);
        file = opened;
        return error;
    }

    /// <inheritdoc/>
    public Errno CreateCoreFile(ICaller caller, in PathArgument path, out IOpenFile? file)
    {
        const uint ownerOnly = 0x180;
        file = null;
        Errno error = PathWalk.FindParent(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        if (walk.Parent.Dentry.Inode.FileSystem.IsOfHost)
            return Errno.EPERM;

        // A new file is regular, has one name, and is the caller's: what Linux looks for in one that is there.
        Unlink(caller, path);
        return Open(caller, path, OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_WRONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_LARGEFILE, ownerOnly, out file);
    }

    /// <inheritdoc/>
    public Errno OpenExecutable(ICaller caller, in PathArgument path, out IOpenFile? file)
    {
        file = null;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        Inode inode = walk.Current.Inode;
        if (inode.IsSymbolicLink)
            return Errno.ELOOP;
        if (inode.Type != FileModes.S_IFREG || walk.Current.Mount.Has(MountFlags.MS_NOEXEC))
            return Errno.EACCES;
        error = Permissions.Check(caller, caller.Credentials, inode, AccessMode.X_OK);
        if (error == Errno.Success)
            error = OpenChecked(caller, walk.Current, OpenFlags.O_RDONLY, out _, out file);
        if (error == Errno.Success)
            Notify(walk.Current, InotifyFlags.IN_OPEN);
        return error;
    }

    /// <inheritdoc/>
    public IProcessInformation? FindProcess(IOpenFile file) =>
        file is not PathFile && ((OpenFile)file).Path.Dentry?.Inode is ProcessDirectory { IsOfThread: false } directory ? directory.Process : null;

    /// <inheritdoc/>
    public bool IgnoresPrivileges(IOpenFile program) => ((OpenFile)program).Path.Mount.Has(MountFlags.MS_NOSUID);

    /// <summary>Opens a file that a path or a link led to: the second half of open(2).</summary>
    internal Errno OpenFound(ICaller caller, VfsPath place, OpenFlags flags, bool isNew, out OpenFile? file)
    {
        file = null;
        Inode inode = place.Inode;
        OpenFlags access = flags & OpenFlags.O_ACCMODE;
        bool truncates = (flags & OpenFlags.O_TRUNC) != 0;
        bool writes = access is OpenFlags.O_WRONLY or OpenFlags.O_RDWR or OpenFlags.O_ACCMODE;
        if ((flags & OpenFlags.O_DIRECTORY) != 0 && !inode.IsDirectory)
            return Errno.ENOTDIR;
        if ((flags & OpenFlags.O_DIRECT) != 0 && inode.Type != FileModes.S_IFREG && inode.Type != FileModes.S_IFIFO)
            return Errno.EINVAL;
        switch (inode.Type)
        {
            case FileModes.S_IFLNK:
                return Errno.ELOOP;
            case FileModes.S_IFDIR when writes || truncates:
                return Errno.EISDIR;
            case FileModes.S_IFCHR or FileModes.S_IFBLK when place.Mount.Has(MountFlags.MS_NODEV):
                return Errno.EACCES;
            case FileModes.S_IFCHR or FileModes.S_IFBLK or FileModes.S_IFIFO or FileModes.S_IFSOCK:
                truncates = false;
                break;
        }

        Errno error;
        if (!isNew)
        {
            AccessMode wanted = access switch
            {
                OpenFlags.O_RDONLY => AccessMode.R_OK,
                OpenFlags.O_WRONLY => AccessMode.W_OK,
                _ => AccessMode.R_OK | AccessMode.W_OK,
            };
            if (truncates)
                wanted |= AccessMode.W_OK;
            if ((wanted & AccessMode.W_OK) != 0 && place.Mount.IsReadOnly && inode.IsOnDisk)
                return Errno.EROFS;
            error = Permissions.Check(caller, caller.Credentials, inode, wanted);
            if (error != Errno.Success)
                return error;
        }

        if ((flags & OpenFlags.O_NOATIME) != 0 && !Permissions.IsOwner(caller, inode))
            return Errno.EPERM;
        error = OpenChecked(caller, place, flags, out file, out _);
        if (error == Errno.Success && truncates && !isNew && inode.Type == FileModes.S_IFREG)
        {
            error = inode.Truncate(caller, 0);
            if (error != Errno.Success)
            {
                file!.Release();
                file = null;
            }
        }

        if (error == Errno.Success)
        {
            Notify(place, InotifyFlags.IN_OPEN);
            if (truncates && !isNew)
                Notify(place, InotifyFlags.IN_MODIFY);
        }

        return error;
    }

    private static Errno OpenChecked(ICaller caller, VfsPath place, OpenFlags flags, out OpenFile? file, out IOpenFile? sameFile)
    {
        Inode inode = place.Inode;
        file = null;
        sameFile = null;
        Errno error = inode.AddOpen();
        if (error != Errno.Success)
            return error;
        bool isWriter = (flags & OpenFlags.O_ACCMODE) != 0 && inode.Type == FileModes.S_IFREG;
        if (isWriter)
            error = inode.AddWriter();
        if (error == Errno.Success)
        {
            error = inode.Open(caller, place, flags, out file);
            if (error == Errno.Success)
            {
                file!.SetCounted(isWriter);
                sameFile = file;
                return error;
            }

            if (isWriter)
                inode.RemoveWriter();
        }

        inode.RemoveOpen();
        return error;
    }

    /// <summary>Opens by type where the inode has no way of its own.</summary>
    internal Errno OpenByType(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        switch (path.Inode.Type)
        {
            case FileModes.S_IFDIR:
                DirectoryFile directory = Pools.Directories.Take();
                directory.Begin(path, flags);
                file = directory;
                return Errno.Success;
            case FileModes.S_IFCHR:
                return Devices.Open(caller, path, flags, out file);
            case FileModes.S_IFIFO:
                return OpenFifo(caller, path, flags, out file);
            default:
                return Errno.ENXIO;
        }
    }

    private static Errno OpenPath(VfsPath place, OpenFlags flags, out IOpenFile? file)
    {
        file = null;
        if ((flags & OpenFlags.O_DIRECTORY) != 0 && !place.Inode.IsDirectory)
            return Errno.ENOTDIR;
        Errno error = place.Inode.AddOpen();
        if (error != Errno.Success)
            return error;
        var opened = new PathFile();

        // Access mode 3: neither readable nor writable; F_GETFL shows O_PATH alone.
        opened.Begin(place, flags & (OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW));
        opened.SetCounted(false);
        file = opened;
        return Errno.Success;
    }

    private Errno Create(ICaller caller, ref PathWalk walk, in PathArgument path, OpenFlags flags, uint mode, out bool isNew)
    {
        Dentry directory = walk.Parent.Dentry;
        isNew = false;
        using (directory.Inode.FileSystem.NamespaceLock.Enter())
        {
            Errno error = FindChild(caller, directory, walk.LastName, out Dentry? child);
            if (error != Errno.Success)
                return error;
            if (child is not null)
            {
                // Somebody was faster. A link that has appeared meanwhile is not followed: the caller may try again.
                if ((flags & OpenFlags.O_EXCL) != 0)
                    return Errno.EEXIST;
                if (child.Inode.IsDirectory)
                    return Errno.EISDIR;
                walk.Current = MountTable.TopOf(new VfsPath(walk.Parent.Mount, child));
                return Errno.Success;
            }

            error = MayCreate(caller, walk.Parent);
            if (error != Errno.Success)
                return error;
            NewNode node = Prepare(caller, directory.Inode, FileModes.S_IFREG | (mode & FileModes.S_IALLUGO), path.Context.Umask);
            error = AddNode(caller, directory, walk.LastName, node, out child);
            if (error != Errno.Success)
                return error;
            isNew = true;
            walk.Current = new VfsPath(walk.Parent.Mount, child!);
            return Errno.Success;
        }
    }

    private Errno OpenUnnamed(ICaller caller, in PathWalk walk, in PathArgument path, OpenFlags flags, uint mode, out IOpenFile? file)
    {
        file = null;
        VfsPath place = walk.Current;
        if (!place.Inode.IsDirectory)
            return Errno.ENOTDIR;
        if (!place.Inode.CanHoldUnnamed)
            return Errno.EOPNOTSUPP;
        Errno error = MayCreate(caller, place);
        if (error != Errno.Success)
            return error;
        NewNode node = Prepare(caller, place.Inode, FileModes.S_IFREG | (mode & FileModes.S_IALLUGO), path.Context.Umask);
        error = place.Inode.CreateChild(caller, default, node, out Inode? inode);
        if (error != Errno.Success)
            return error;

        // Linux shows it as "/directory/#inode (deleted)".
        byte[] name = new ByteWriter().Write('#').Number(inode!.Number).ToArray();
        var entry = new Dentry(place.Dentry, name, HashName(name), inode) { IsRemoved = true };
        inode.MayGetFirstName = (flags & OpenFlags.O_EXCL) == 0;
        return OpenChecked(caller, new VfsPath(place.Mount, entry), flags & ~OpenFlags.O_TMPFILE, out _, out file);
    }
}

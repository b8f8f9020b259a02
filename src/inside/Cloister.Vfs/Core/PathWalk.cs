using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Core;

/// <summary>What the last component of a path is.</summary>
internal enum LastComponent
{
    /// <summary>A name.</summary>
    Name,

    /// <summary>".".</summary>
    Dot,

    /// <summary>"..".</summary>
    DotDot,

    /// <summary>The path is only slashes, or empty, or ended in a link that jumped.</summary>
    None,
}

/// <summary>One resolution of a path (path_resolution(7)), on the stack.</summary>
internal ref struct PathWalk
{
    private readonly VirtualFileSystem _vfs;
    private readonly ICaller _caller;
    private readonly ResolveFlags _resolve;
    private readonly VfsPath _root;
    private readonly bool _follow;
    private readonly bool _parentOnly;
    private int _links;

    /// <summary>Whose permissions count.</summary>
    public Credentials Identity;

    /// <summary>Where the walk is; at the end, the file.</summary>
    public VfsPath Current;

    /// <summary>Directory of the last component.</summary>
    public VfsPath Parent;

    /// <summary>The last component where it is a name.</summary>
    public ReadOnlySpan<byte> LastName;

    /// <summary>What the last component is.</summary>
    public LastComponent Last;

    /// <summary>Whether slashes follow the last component, which then must be a directory.</summary>
    public bool HasTrailingSlash;

    /// <summary>With ENOENT: whether only the last component is missing, so that it could be created.</summary>
    public bool IsLastMissing;

    private PathWalk(VirtualFileSystem vfs, ICaller caller, in PathArgument path, Credentials identity, bool parentOnly, bool follow)
    {
        _vfs = vfs;
        _caller = caller;
        _resolve = path.Resolve;
        Identity = identity;
        _parentOnly = parentOnly;
        _follow = follow;
        _root = ((FileSystemContext)path.Context).Root;
        Last = LastComponent.None;
    }

    /// <summary>Finds the file of a path.</summary>
    public static Errno Find(VirtualFileSystem vfs, ICaller caller, in PathArgument path, out PathWalk walk) =>
        Find(vfs, caller, path, caller.Credentials, out walk);

    /// <summary>Finds the file of a path with another identity than the thread's.</summary>
    public static Errno Find(VirtualFileSystem vfs, ICaller caller, in PathArgument path, Credentials identity, out PathWalk walk)
    {
        walk = new PathWalk(vfs, caller, path, identity, false, (path.Flags & LookupFlags.Follow) != 0);
        return walk.Start(path);
    }

    /// <summary>Finds the directory of a path's last component, which is not looked up.</summary>
    public static Errno FindParent(VirtualFileSystem vfs, ICaller caller, in PathArgument path, out PathWalk walk)
    {
        walk = new PathWalk(vfs, caller, path, caller.Credentials, true, false);
        return walk.Start(path);
    }

    private Errno Start(in PathArgument path)
    {
        if (path.Path.IsEmpty)
        {
            if ((path.Flags & LookupFlags.AllowEmpty) == 0)
                return Errno.ENOENT;
            Current = StartOf(path);
            return Errno.Success;
        }

        if (_resolve == ResolveFlags.None)
        {
            if (path.Path[0] != (byte)'/')
                Current = StartOf(path);
            return Follow(path.Path, _root, true);
        }

        // openat2(2): the start becomes the root, in effect or as a fence.
        if ((_resolve & (ResolveFlags.RESOLVE_BENEATH | ResolveFlags.RESOLVE_IN_ROOT)) != 0)
        {
            Current = StartOf(path);
            return Follow(path.Path, Current, true);
        }

        if (path.Path[0] != (byte)'/')
            Current = StartOf(path);
        return Follow(path.Path, _root, true);
    }

    private static VfsPath StartOf(in PathArgument path) =>
        path.Start is OpenFile file ? file.Path : ((FileSystemContext)path.Context).WorkingDirectory;

    private Errno Follow(ReadOnlySpan<byte> path, VfsPath root, bool isTail)
    {
        if (path[0] == (byte)'/')
        {
            if ((_resolve & ResolveFlags.RESOLVE_BENEATH) != 0)
                return Errno.EXDEV;
            if ((_resolve & ResolveFlags.RESOLVE_NO_XDEV) != 0 && Current.Mount is not null && Current.Mount != root.Mount)
                return Errno.EXDEV;
            Current = root;
            path = path.TrimStart((byte)'/');
            if (path.IsEmpty)
            {
                if (isTail)
                {
                    Last = LastComponent.None;
                    HasTrailingSlash = true;
                }

                return Errno.Success;
            }
        }

        while (true)
        {
            int length = path.IndexOf((byte)'/');
            ReadOnlySpan<byte> name;
            bool isLast;
            if (length < 0)
            {
                name = path;
                isLast = true;
                path = default;
            }
            else
            {
                name = path[..length];
                path = path[(length + 1)..];
                if (!path.IsEmpty && path[0] == (byte)'/')
                    path = path.TrimStart((byte)'/');
                isLast = path.IsEmpty;
                if (isLast && isTail)
                    HasTrailingSlash = true;
            }

            Inode directory = Current.Inode;
            if (!directory.IsDirectory)
                return Errno.ENOTDIR;

            // Whoever may search is the common case; no need to know who asks.
            if ((directory.Mode & FileModes.S_IXUGO) != FileModes.S_IXUGO)
            {
                Errno denied = Permissions.Check(_caller, Identity, directory, AccessMode.X_OK);
                if (denied != Errno.Success)
                    return denied;
            }

            bool isEnd = isLast && isTail;
            if (name[0] == (byte)'.' && name.Length <= 2 && (name.Length == 1 || name[1] == (byte)'.'))
            {
                if (isEnd)
                {
                    Parent = Current;
                    Last = name.Length == 1 ? LastComponent.Dot : LastComponent.DotDot;
                    if (_parentOnly)
                        return Errno.Success;
                }

                if (name.Length == 2)
                {
                    Errno error = StepUp(root);
                    if (error != Errno.Success)
                        return error;
                }

                if (isLast)
                    return Errno.Success;
                continue;
            }

            if (isEnd)
            {
                Parent = Current;
                LastName = name;
                Last = LastComponent.Name;
                if (_parentOnly)
                    return name.Length > FileLimits.NAME_MAX ? Errno.ENAMETOOLONG : Errno.Success;
            }

            Errno stepped = StepDown(name, root, isLast, isEnd);
            if (stepped != Errno.Success || isLast)
                return stepped;
        }
    }

    private Errno StepDown(ReadOnlySpan<byte> name, VfsPath root, bool isLast, bool isEnd)
    {
        Dentry directory = Current.Dentry;
        uint hash = NameHash.Compute(name, _vfs.NameSeed);
        Dentry? child;
        if (directory.Children is { IsComplete: true } children)
        {
            child = children.Find(name, hash);
        }
        else
        {
            if (name.Length > FileLimits.NAME_MAX)
                return Errno.ENAMETOOLONG;
            Errno error = directory.Inode.Lookup(_caller, directory, name, hash, out child);
            if (error != Errno.Success)
                return error;
        }

        if (child is null)
        {
            if (name.Length > FileLimits.NAME_MAX)
                return Errno.ENAMETOOLONG;
            IsLastMissing = isEnd;
            return Errno.ENOENT;
        }

        var next = new VfsPath(Current.Mount, child);
        if (child.FirstMount is not null)
        {
            next = MountTable.TopOf(next);
            if (next.Mount != Current.Mount && (_resolve & ResolveFlags.RESOLVE_NO_XDEV) != 0)
                return Errno.EXDEV;
        }

        if (next.Inode.IsSymbolicLink && (!isEnd || _follow || HasTrailingSlash))
            return FollowLink(next, root, isEnd);
        Current = next;
        if (isEnd && HasTrailingSlash && !next.Inode.IsDirectory)
            return Errno.ENOTDIR;
        return Errno.Success;
    }

    private Errno FollowLink(VfsPath link, VfsPath root, bool isEnd)
    {
        if (++_links > FileLimits.MaximumSymbolicLinks || (_resolve & ResolveFlags.RESOLVE_NO_SYMLINKS) != 0
            || link.Mount.Has(MountFlags.MS_NOSYMFOLLOW))
        {
            return Errno.ELOOP;
        }

        Inode inode = link.Inode;
        if (inode.TryJump(_caller, out Errno error, out VfsPath target))
        {
            if (error != Errno.Success)
                return error;
            if ((_resolve & ResolveFlags.RESOLVE_NO_MAGICLINKS) != 0)
                return Errno.ELOOP;
            if ((_resolve & (ResolveFlags.RESOLVE_BENEATH | ResolveFlags.RESOLVE_IN_ROOT)) != 0)
                return Errno.EXDEV;
            if ((_resolve & ResolveFlags.RESOLVE_NO_XDEV) != 0 && target.Mount != Current.Mount)
                return Errno.EXDEV;
            Current = target;
            if (isEnd)
            {
                Last = LastComponent.None;
                if (HasTrailingSlash && !target.Inode.IsDirectory)
                    return Errno.ENOTDIR;
            }

            return Errno.Success;
        }

        error = inode.GetLinkTarget(_caller, out byte[] text);
        if (error != Errno.Success)
            return error;
        if (text.Length == 0)
            return Errno.ENOENT;
        VirtualFileSystem.TouchLink(_caller, link);
        bool hadTrailingSlash = HasTrailingSlash;
        error = Follow(text, root, isEnd);
        if (isEnd && error == Errno.Success && hadTrailingSlash && !Current.Inode.IsDirectory)
            return Errno.ENOTDIR;
        return error;
    }

    private Errno StepUp(VfsPath root)
    {
        while (true)
        {
            if (Current == root)
                return (_resolve & ResolveFlags.RESOLVE_BENEATH) != 0 ? Errno.EXDEV : Errno.Success;
            if (Current.Dentry != Current.Mount.Root)
                break;
            if (Current.Mount.Parent is not { } parent || Current.Mount.MountPoint is not { } place)
                return Errno.Success;
            if ((_resolve & ResolveFlags.RESOLVE_NO_XDEV) != 0)
                return Errno.EXDEV;
            Current = new VfsPath(parent, place);
        }

        if (Current.Dentry.Parent is { } above)
            Current = MountTable.TopOf(new VfsPath(Current.Mount, above));
        return Errno.Success;
    }
}

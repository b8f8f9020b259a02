using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Core;

/// <summary>All mounts of the tree, in order. There is one mount namespace.</summary>
internal sealed class MountTable
{
    // Innermost: taken with no other lock of the VFS.
    private readonly KernelLock _lock = new(LockLevel.Mounts);
    private readonly List<Mount> _mounts = [];
    private int _nextId = 20;

    /// <summary>For those who poll /proc/PID/mounts.</summary>
    public ChangeNotice Notice { get; } = new();

    /// <summary>The first root.</summary>
    public Mount Root { get; private set; } = null!;

    public VfsPath RootPath => TopOf(new VfsPath(Root, Root.Root));

    public void SetRoot(FileSystem fileSystem, MountFlags flags, byte[] source)
    {
        Root = new Mount(_nextId++, fileSystem, fileSystem.Root, null, null, flags, source);
        using (_lock.Enter())
        {
            _mounts.Clear();
            _mounts.Add(Root);
        }
    }

    /// <summary>A mount that no path leads to, for files without a place in the tree.</summary>
    public static Mount Detached(FileSystem fileSystem) => new(0, fileSystem, fileSystem.Root, null, null, MountFlags.None, []);

    public Mount Attach(VfsPath place, FileSystem fileSystem, Dentry root, MountFlags flags, byte[] source)
    {
        using (_lock.Enter())
        {
            var mount = new Mount(_nextId++, fileSystem, root, place.Mount, place.Dentry, flags, source);
            mount.NextOnEntry = place.Dentry.FirstMount;
            place.Dentry.FirstMount = mount;
            _mounts.Add(mount);
            Notice.Note();
            return mount;
        }
    }

    /// <summary>Takes a mount out of the tree. EBUSY where others lie on it and <paramref name="detach"/> is not set.</summary>
    public Errno Detach(Mount mount, bool detach)
    {
        using (_lock.Enter())
        {
            if (mount.Parent is null || !_mounts.Contains(mount))
                return Errno.EINVAL;
            for (int i = _mounts.Count - 1; i >= 0; i--)
            {
                if (i >= _mounts.Count || _mounts[i].Parent != mount)
                    continue;
                if (!detach)
                    return Errno.EBUSY;
                Errno error = Detach(_mounts[i], true);
                if (error != Errno.Success)
                    return error;
            }

            Unchain(mount);
            _mounts.Remove(mount);
            mount.Parent = null;
            mount.MountPoint = null;
            Notice.Note();
            return Errno.Success;
        }
    }

    public void Move(Mount mount, VfsPath place)
    {
        using (_lock.Enter())
        {
            Unchain(mount);
            mount.Parent = place.Mount;
            mount.MountPoint = place.Dentry;
            mount.NextOnEntry = place.Dentry.FirstMount;
            place.Dentry.FirstMount = mount;
            Notice.Note();
        }
    }

    /// <summary>The mount that hides a place, or the place itself.</summary>
    public static VfsPath TopOf(VfsPath place)
    {
        Mount? mount = place.Dentry.FirstMount;
        while (mount is not null)
        {
            if (mount.Parent == place.Mount)
            {
                place = new VfsPath(mount, mount.Root);
                mount = place.Dentry.FirstMount;
            }
            else
            {
                mount = mount.NextOnEntry;
            }
        }

        return place;
    }

    /// <summary>Whether a file system lies anywhere in the tree.</summary>
    public bool Has(FileSystem fileSystem)
    {
        using (_lock.Enter())
            return _mounts.Exists(mount => mount.FileSystem == fileSystem);
    }

    public Mount[] Snapshot()
    {
        using (_lock.Enter())
            return [.. _mounts];
    }

    private static void Unchain(Mount mount)
    {
        Dentry place = mount.MountPoint!;
        if (place.FirstMount == mount)
        {
            place.FirstMount = mount.NextOnEntry;
            return;
        }

        Mount before = place.FirstMount!;
        while (before.NextOnEntry != mount)
            before = before.NextOnEntry!;
        before.NextOnEntry = mount.NextOnEntry;
    }
}

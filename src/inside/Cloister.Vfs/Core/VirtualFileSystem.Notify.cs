using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;
using Cloister.Vfs.Events;

namespace Cloister.Vfs;

/// <summary>Tells inotify instances what happens to files (inotify(7)).</summary>
public sealed partial class VirtualFileSystem
{
    /// <summary>/proc/sys/fs/inotify/max_queued_events.</summary>
    internal const int MostQueuedEvents = 16384;

    /// <summary>/proc/sys/fs/inotify/max_user_instances.</summary>
    internal const int MostInstances = 128;

    /// <summary>/proc/sys/fs/inotify/max_user_watches.</summary>
    internal const int MostWatches = 65536;

    private readonly Dictionary<uint, (int Instances, int Watches)> _watchersByUser = [];
    private int _watchCount;
    private uint _lastCookie;

    /// <summary>
    /// Guards watches and the lists that they are in. Taken with locks of names and inodes held; the queue of an instance comes after it.
    /// </summary>
    internal KernelLock WatchLock { get; } = new(LockLevel.Watches);

    /// <inheritdoc/>
    public Errno CreateInotify(ICaller caller, bool isNonBlocking, out IOpenFile? file)
    {
        file = null;
        uint user = caller.Credentials.UserId;
        using (WatchLock.Enter())
        {
            (int instances, int watches) = _watchersByUser.GetValueOrDefault(user);
            if (instances >= MostInstances)
                return Errno.EMFILE;
            _watchersByUser[user] = (instances + 1, watches);
        }

        var created = new InotifyFile(user);
        created.Begin(CreateAnonymous("anon_inode:inotify"u8), OpenFlags.O_RDONLY | (isNonBlocking ? OpenFlags.O_NONBLOCK : 0));
        file = created;
        return Errno.Success;
    }

    internal Errno AddWatch(ICaller caller, InotifyFile instance, in PathArgument path, InotifyFlags mask, out int descriptor)
    {
        const InotifyFlags kept = InotifyFlags.IN_ALL_EVENTS | InotifyFlags.IN_ONESHOT | InotifyFlags.IN_EXCL_UNLINK;
        descriptor = -1;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error != Errno.Success)
            return error;
        Inode inode = walk.Current.Inode;
        if ((mask & InotifyFlags.IN_ONLYDIR) != 0 && !inode.IsDirectory)
            return Errno.ENOTDIR;
        error = Permissions.Check(caller, caller.Credentials, inode, AccessMode.R_OK);
        if (error != Errno.Success)
            return error;
        using (WatchLock.Enter())
        {
            for (InodeWatch? watch = inode.Watches; watch is not null; watch = watch.Next)
            {
                if (watch.Instance != instance)
                    continue;
                if ((mask & InotifyFlags.IN_MASK_CREATE) != 0)
                    return Errno.EEXIST;
                watch.Mask = (mask & InotifyFlags.IN_MASK_ADD) != 0 ? watch.Mask | (mask & kept) : mask & kept;
                descriptor = watch.Descriptor;
                return Errno.Success;
            }

            (int instances, int watches) = _watchersByUser.GetValueOrDefault(instance.UserId);
            if (watches >= MostWatches)
                return Errno.ENOSPC;
            _watchersByUser[instance.UserId] = (instances, watches + 1);
            descriptor = instance.NextDescriptor;
            instance.NextDescriptor = descriptor == int.MaxValue ? 1 : descriptor + 1;
            var added = new InodeWatch(instance, descriptor, inode, mask & kept) { Next = inode.Watches };
            instance.Watches.Add(descriptor, added);
            inode.Watches = added;
            AllWatches.Add(added);
            Interlocked.Increment(ref _watchCount);
            return Errno.Success;
        }
    }

    internal Errno RemoveWatch(InotifyFile instance, int descriptor)
    {
        using (WatchLock.Enter())
        {
            if (!instance.Watches.TryGetValue(descriptor, out InodeWatch? watch))
                return Errno.EINVAL;
            Remove(watch);
            return Errno.Success;
        }
    }

    /// <summary>An instance was closed.</summary>
    internal void RemoveInstance(InotifyFile instance)
    {
        using (WatchLock.Enter())
        {
            foreach (InodeWatch watch in new List<InodeWatch>(instance.Watches.Values))
                Remove(watch);
            (int instances, int watches) = _watchersByUser.GetValueOrDefault(instance.UserId);
            if (instances > 1)
                _watchersByUser[instance.UserId] = (instances - 1, watches);
            else
                _watchersByUser.Remove(instance.UserId);
        }
    }

    /// <summary>Something happened to a file, which watches of its directory hear with its name, and its own without.</summary>
    internal void Notify(VfsPath place, InotifyFlags what)
    {
        if (Volatile.Read(ref _watchCount) == 0)
            return;
        DentryName name = place.Dentry.Name;
        InotifyFlags flags = place.Inode.IsDirectory ? what | InotifyFlags.IN_ISDIR : what;
        using (WatchLock.Enter())
        {
            // The root of a mount has a parent elsewhere, which doesn't hear of it.
            if (name.Parent is { } parent && place.Dentry != place.Mount.Root)
                Put(parent.Inode, flags, 0, name.Bytes, place.Dentry.IsRemoved);
            Put(place.Inode, flags, 0, null, false);
        }
    }

    /// <summary>Something happened to an inode, whatever its names.</summary>
    internal void Notify(Inode inode, InotifyFlags what)
    {
        if (Volatile.Read(ref _watchCount) == 0)
            return;
        using (WatchLock.Enter())
            Put(inode, inode.IsDirectory ? what | InotifyFlags.IN_ISDIR : what, 0, null, false);
    }

    /// <summary>A name came or went.</summary>
    internal void NotifyName(Dentry directory, System.ReadOnlySpan<byte> name, Inode child, InotifyFlags what, uint cookie = 0)
    {
        if (Volatile.Read(ref _watchCount) == 0)
            return;
        using (WatchLock.Enter())
            Put(directory.Inode, child.IsDirectory ? what | InotifyFlags.IN_ISDIR : what, cookie, name.ToArray(), false);
    }

    /// <summary>A name moved: both directories hear it with the same number, then what lost its name, then what moved.</summary>
    internal void NotifyMove(Dentry oldDirectory, DentryName oldName, Dentry child, Dentry? replaced)
    {
        if (Volatile.Read(ref _watchCount) == 0)
            return;
        uint cookie;
        using (WatchLock.Enter())
            cookie = ++_lastCookie;
        DentryName newName = child.Name;
        NotifyName(oldDirectory, oldName.Bytes, child.Inode, InotifyFlags.IN_MOVED_FROM, cookie);
        NotifyName(newName.Parent!, newName.Bytes, child.Inode, InotifyFlags.IN_MOVED_TO, cookie);
        if (replaced is not null)
            Notify(replaced.Inode, InotifyFlags.IN_ATTRIB);
        Notify(child.Inode, InotifyFlags.IN_MOVE_SELF);
    }

    /// <summary>An inode is gone, or its file system: its watches go too.</summary>
    internal void NotifyEnd(Inode inode, InotifyFlags what)
    {
        if (inode.Watches is null)
            return;
        using (WatchLock.Enter())
        {
            Put(inode, what, 0, null, false);
            while (inode.Watches is { } watch)
                Remove(watch);
        }
    }

    /// <summary>A file system isn't mounted anywhere any more.</summary>
    internal void NotifyUnmount(FileSystem fileSystem)
    {
        if (Volatile.Read(ref _watchCount) == 0)
            return;
        var inodes = new HashSet<Inode>();
        using (WatchLock.Enter())
        {
            foreach (InodeWatch watch in AllWatches)
            {
                if (watch.Inode.FileSystem == fileSystem)
                    inodes.Add(watch.Inode);
            }
        }

        foreach (Inode inode in inodes)
            NotifyEnd(inode, InotifyFlags.IN_UNMOUNT);
    }

    private HashSet<InodeWatch> AllWatches { get; } = [];

    private void Put(Inode inode, InotifyFlags what, uint cookie, byte[]? name, bool isRemoved)
    {
        InodeWatch? next;
        for (InodeWatch? watch = inode.Watches; watch is not null; watch = next)
        {
            next = watch.Next;
            bool isWanted = (what & (watch.Mask | InotifyFlags.IN_UNMOUNT) & (InotifyFlags.IN_ALL_EVENTS | InotifyFlags.IN_UNMOUNT)) != 0;
            if (!isWanted || (isRemoved && (watch.Mask & InotifyFlags.IN_EXCL_UNLINK) != 0))
                continue;

            // These never say that it is a directory (inotify_handle_inode_event of Linux).
            bool ofItself = (what & (InotifyFlags.IN_MOVE_SELF | InotifyFlags.IN_DELETE_SELF)) != 0;
            watch.Instance.Put(new InotifyEvent(watch.Descriptor, ofItself ? what & ~InotifyFlags.IN_ISDIR : what, cookie, name));
            if ((watch.Mask & InotifyFlags.IN_ONESHOT) != 0)
                Remove(watch);
        }
    }

    private void Remove(InodeWatch watch)
    {
        if (!watch.Instance.Watches.Remove(watch.Descriptor))
            return;
        AllWatches.Remove(watch);
        if (watch.Inode.Watches == watch)
        {
            watch.Inode.Watches = watch.Next;
        }
        else
        {
            InodeWatch before = watch.Inode.Watches!;
            while (before.Next != watch)
                before = before.Next!;
            before.Next = watch.Next;
        }

        Interlocked.Decrement(ref _watchCount);
        (int instances, int watches) = _watchersByUser.GetValueOrDefault(watch.Instance.UserId);
        _watchersByUser[watch.Instance.UserId] = (instances, watches - 1);
        watch.Instance.Put(new InotifyEvent(watch.Descriptor, InotifyFlags.IN_IGNORED, 0, null));
    }
}

using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Storage;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Stores;

/// <summary>A file system on a volume of its own, which nobody else changes while it is mounted.</summary>
/// <remarks>
/// Names that were found stay in the tables of their directories; a name that isn't there is looked up in the store, which
/// keeps its index in memory. Attributes are the store's, except access times: those are told it with the next
/// synchronisation, as with lazytime (mount(8)).
/// </remarks>
internal sealed class StoreFileSystem : FileSystem
{
    /// <summary>"CLFS", the type in statfs(2).</summary>
    private const long StoreMagic = 0x53464C43;

    // So that all names of a file lead to one inode. Guarded by the namespace lock.
    private readonly Dictionary<ulong, StoreInode> _inodes = [];

    private StoreFileSystem(VirtualFileSystem vfs, IFileStore store)
        : base(vfs, "cloisterfs"u8.ToArray(), StoreMagic)
    {
        Store = store;
        IsReadOnly = store.IsReadOnly;
    }

    public IFileStore Store { get; }

    /// <summary>Attaches a store.</summary>
    public static Errno Create(VirtualFileSystem vfs, IFileStore store, out StoreFileSystem? fileSystem)
    {
        fileSystem = null;
        var made = new StoreFileSystem(vfs, store);
        Errno error = store.GetAttributes(IFileStore.RootInode, out StoredAttributes attributes);
        if (error != Errno.Success)
            return error;
        made.Root = new Dentry(made.Adopt(attributes));
        fileSystem = made;
        return Errno.Success;
    }

    public override Errno GetStatus(out FileSystemStatus status)
    {
        StoreStatus store = Store.GetStatus();
        status = new FileSystemStatus
        {
            Type = Magic,
            BlockSize = IBlockDevice.BlockSize,
            Blocks = store.Blocks,
            BlocksFree = store.BlocksAvailable,
            Files = store.Inodes + store.InodesFree,
            FilesFree = store.InodesFree,
            FileSystemId = Device,
            NameLength = IFileStore.NameMax,
        };
        return Errno.Success;
    }

    /// <summary>The inode of a number. Namespace lock held.</summary>
    public StoreInode Adopt(in StoredAttributes attributes)
    {
        if (_inodes.TryGetValue(attributes.Inode, out StoreInode? known))
            return known;
        StoreInode inode = (attributes.Mode & FileModes.S_IFMT) switch
        {
            FileModes.S_IFDIR => new StoreDirectory(this, attributes),
            FileModes.S_IFREG => new StoreRegular(this, attributes),
            FileModes.S_IFLNK => new StoreSymbolicLink(this, attributes),
            _ => new StoreSpecial(this, attributes),
        };
        _inodes.Add(attributes.Inode, inode);
        return inode;
    }

    /// <summary>Forgets an inode that nobody can reach any more.</summary>
    public void Drop(StoreInode inode)
    {
        using (NamespaceLock.Enter())
            _inodes.Remove(inode.Number);
    }

    public override Errno Rename(ICaller caller, Dentry oldDirectory, Dentry child, Dentry newDirectory, ReadOnlySpan<byte> newName, Dentry? replaced, bool exchange)
    {
        long now = caller.RealtimeNow;
        var from = (StoreDirectory)oldDirectory.Inode;
        var to = (StoreDirectory)newDirectory.Inode;
        StoreInode? removed = exchange ? null : (StoreInode?)replaced?.Inode;
        Errno error = removed?.HoldForRemoval() ?? Errno.Success;
        if (error != Errno.Success)
            return error;
        error = Store.Rename(from.Number, child.Name.Bytes, to.Number, newName, exchange ? RenameFlags.RENAME_EXCHANGE : 0, now);
        if (error == Errno.Success || removed is null)
        {
            from.OnEntriesChanged();
            to.OnEntriesChanged();
            ((StoreInode)child.Inode).Refresh();
            (replaced?.Inode as StoreInode)?.Refresh();
            removed?.OnNameRemoved();
        }
        else
        {
            removed.EndHold();
        }

        return error;
    }

    public override Errno Synchronize()
    {
        List<StoreInode> inodes;
        using (NamespaceLock.Enter())
            inodes = new List<StoreInode>(_inodes.Values);
        foreach (StoreInode inode in inodes)
        {
            Errno error = inode.WriteBack();
            if (error != Errno.Success)
                return error;
        }

        return Store.IsReadOnly ? Errno.Success : Store.Synchronize();
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Memory;

/// <summary>A directory in memory; its entries are the table of its dentry.</summary>
internal class MemoryDirectory : MemoryInode
{
    public MemoryDirectory(MemoryFileSystem fileSystem, uint mode, uint userId, uint groupId)
        : base(fileSystem, mode, userId, groupId) => LinkCount = 2;

    // As tmpfs counts: 20 bytes for an entry.
    public override long Size => 40 + (20L * EntryCount);

    /// <summary>Number of entries, for the size.</summary>
    public int EntryCount { get; set; }

    public override bool CanHoldUnnamed => true;

    public override DentryTable? CreateChildren(Dentry entry) => new(entry, true);

    public override Errno CreateChild(ICaller caller, ReadOnlySpan<byte> name, in NewNode node, out Inode? child)
    {
        var fileSystem = (MemoryFileSystem)FileSystem;
        child = null;
        if (!fileSystem.TryAddInode())
            return Errno.ENOSPC;
        long weight = MemoryInode.Weight + name.Length + (node.Target?.Length ?? 0);
        if (!caller.KernelMemory.TryTake(weight))
        {
            fileSystem.OnInodeGone();
            return Errno.ENOSPC;
        }

        MemoryInode made = (node.Mode & FileModes.S_IFMT) switch
        {
            FileModes.S_IFREG => new MemoryRegular(fileSystem, node.Mode, node.UserId, node.GroupId),
            FileModes.S_IFDIR => new MemoryDirectory(fileSystem, node.Mode, node.UserId, node.GroupId),
            FileModes.S_IFLNK => new MemorySymbolicLink(fileSystem, node.UserId, node.GroupId, node.Target!),
            _ => new MemorySpecial(fileSystem, node.Mode, node.UserId, node.GroupId, node.Device),
        };
        long now = caller.RealtimeNow;
        made.SetTimes(now);
        made.SetAccount(caller.KernelMemory, weight);
        child = made;
        if (name.IsEmpty)
        {
            // O_TMPFILE: a file without a name.
            made.LinkCount = 0;
            return Errno.Success;
        }

        if (made.IsDirectory)
            LinkCount++;
        EntryCount++;
        Modified(now);
        return Errno.Success;
    }

    public override Errno LinkChild(ICaller caller, ReadOnlySpan<byte> name, Inode child)
    {
        // A file of O_TMPFILE has been paid for with its first name.
        if (child.LinkCount > 0 && !((MemoryInode)child).TryAddName())
            return Errno.ENOSPC;
        long now = caller.RealtimeNow;
        child.LinkCount++;
        child.ChangeTime = now;
        EntryCount++;
        Modified(now);
        return Errno.Success;
    }

    public override Errno RemoveChild(ICaller caller, Dentry child)
    {
        long now = caller.RealtimeNow;
        EntryCount--;
        Drop(this, child.Inode, now);
        Modified(now);
        return Errno.Success;
    }

    /// <summary>Takes one name from a file.</summary>
    public static void Drop(Inode directory, Inode child, long now)
    {
        child.ChangeTime = now;
        if (child.IsDirectory)
        {
            child.LinkCount = 0;
            child.FileSystem.OnInodeGone();
            directory.LinkCount--;
            (child as MemoryInode)?.GiveBack();
        }
        else if (--child.LinkCount == 0)
        {
            child.EvictIfUnused();
        }
        else
        {
            (child as MemoryInode)?.RemoveName();
        }
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Memory;

/// <summary>Files in enclave memory: tmpfs(5), and the upper half of the overlay.</summary>
internal class MemoryFileSystem : FileSystem
{
    /// <summary>TMPFS_MAGIC.</summary>
    public const long TmpfsMagic = 0x01021994;

    public MemoryFileSystem(VirtualFileSystem vfs, ReadOnlySpan<byte> type, uint rootMode, uint userId = 0, uint groupId = 0, long magic = TmpfsMagic)
        : base(vfs, type.ToArray(), magic)
    {
        var root = new MemoryDirectory(this, FileModes.S_IFDIR | rootMode, userId, groupId);
        root.SetTimes(vfs.Services.Clock.RealtimeNanoseconds);
        Root = new Dentry(root);
    }

    /// <summary>For file systems that make their root themselves.</summary>
    protected MemoryFileSystem(VirtualFileSystem vfs, ReadOnlySpan<byte> type, long magic)
        : base(vfs, type.ToArray(), magic)
    {
    }

    public override Errno GetStatus(out FileSystemStatus status)
    {
        long total = Vfs.Services.Memory.Promisable >> FrameExtent.FrameShift;
        long free = Math.Min(total, Vfs.Services.Memory.Available >> FrameExtent.FrameShift);
        status = new FileSystemStatus
        {
            Type = Magic,
            BlockSize = 4096,
            Blocks = total,
            BlocksFree = free,
            Files = total,
            FilesFree = free,
            FileSystemId = Device,
            NameLength = 255,
        };
        return Errno.Success;
    }

    public override Errno Rename(ICaller caller, Dentry oldDirectory, Dentry child, Dentry newDirectory, ReadOnlySpan<byte> newName, Dentry? replaced, bool exchange)
    {
        long now = caller.RealtimeNow;
        Inode from = oldDirectory.Inode;
        Inode to = newDirectory.Inode;
        if (from != to)
        {
            // A directory's ".." counts as a link to its parent.
            int moved = (child.Inode.IsDirectory ? 1 : 0) - (exchange && replaced!.Inode.IsDirectory ? 1 : 0);
            from.LinkCount = (uint)(from.LinkCount - moved);
            to.LinkCount = (uint)(to.LinkCount + moved);
        }

        if (!exchange)
        {
            ((MemoryDirectory)from).EntryCount--;
            if (replaced is null)
                ((MemoryDirectory)to).EntryCount++;
            else
                MemoryDirectory.Drop(to, replaced.Inode, now);
        }

        from.Modified(now);
        to.Modified(now);
        child.Inode.ChangeTime = now;
        if (exchange)
            replaced!.Inode.ChangeTime = now;
        return Errno.Success;
    }
}

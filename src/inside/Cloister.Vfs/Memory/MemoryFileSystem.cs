using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Nucleus;
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
        Frames = new FrameQuota(vfs.Services.Memory);
        var root = new MemoryDirectory(this, FileModes.S_IFDIR | rootMode, userId, groupId);
        root.SetTimes(vfs.Services.Clock.RealtimeNanoseconds);
        Root = new Dentry(root);
    }

    /// <summary>For file systems that make their root themselves.</summary>
    protected MemoryFileSystem(VirtualFileSystem vfs, ReadOnlySpan<byte> type, long magic)
        : base(vfs, type.ToArray(), magic) => Frames = new FrameQuota(vfs.Services.Memory);

    /// <summary>Memory of the files.</summary>
    public FrameQuota Frames { get; }

    /// <summary>Most files (nr_inodes=).</summary>
    public long MostInodes { get; set; } = long.MaxValue;

    private long _inodes = 1;

    /// <summary>Counts one more file; false for ENOSPC.</summary>
    public bool TryAddInode()
    {
        if (Interlocked.Increment(ref _inodes) <= MostInodes)
            return true;
        Interlocked.Decrement(ref _inodes);
        return false;
    }

    public override void OnInodeGone() => Interlocked.Decrement(ref _inodes);

    /// <summary>Sets the limits of a mount or remount; EINVAL where more is used.</summary>
    public Errno SetLimits(in TmpfsOptions options)
    {
        if (options.Blocks is { } blocks && !Frames.TryLimit(blocks == 0 ? long.MaxValue : blocks))
            return Errno.EINVAL;
        if (options.Inodes is { } inodes)
        {
            if (inodes != 0 && inodes < Volatile.Read(ref _inodes))
                return Errno.EINVAL;
            MostInodes = inodes == 0 ? long.MaxValue : inodes;
        }

        var shown = new ByteWriter();
        if (Frames.Limit != long.MaxValue)
            shown.Write(",size="u8).Number(Frames.Limit * 4).Write('k');
        if (MostInodes != long.MaxValue)
            shown.Write(",nr_inodes="u8).Number(MostInodes);
        Options = shown.ToArray();
        return Errno.Success;
    }

    public override Errno GetStatus(out FileSystemStatus status)
    {
        long total = Frames.Total;
        long files = Math.Min(MostInodes, Vfs.Services.Memory.Total >> FrameExtent.FrameShift);
        status = new FileSystemStatus
        {
            Type = Magic,
            BlockSize = 4096,
            Blocks = total,
            BlocksFree = Frames.Available,
            Files = files,
            FilesFree = Math.Max(0, Math.Min(files - Volatile.Read(ref _inodes), Vfs.Services.Memory.Available >> FrameExtent.FrameShift)),
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

using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Core;

/// <summary>One file system instance: a superblock.</summary>
internal abstract class FileSystem
{
    private long _nextInodeNumber = 1;

    protected FileSystem(VirtualFileSystem vfs, byte[] type, long magic)
    {
        Vfs = vfs;
        Type = type;
        Magic = magic;
        Device = vfs.NextDevice();
    }

    public VirtualFileSystem Vfs { get; }

    /// <summary>Name of the type, as in /proc/filesystems.</summary>
    public byte[] Type { get; }

    /// <summary>f_type of statfs(2).</summary>
    public long Magic { get; }

    /// <summary>st_dev.</summary>
    public ulong Device { get; }

    public Dentry Root { get; protected set; } = null!;

    public bool IsReadOnly { get; set; }

    /// <summary>Whether what is written to its files reaches the host as it is.</summary>
    public virtual bool IsOfHost => false;

    /// <summary>Whether lseek(2) in a directory goes by its size (generic_file_llseek of Linux).</summary>
    public virtual bool DirectoriesEndAtSize => false;

    /// <summary>Options in /proc/mounts behind the flags, starting with a comma; may be empty.</summary>
    public byte[] Options { get; set; } = [];

    /// <summary>
    /// Guards names and directory tables. Lock order: namespace lock, an inode's lock, an open file's position lock
    /// excepted, which comes first.
    /// </summary>
    public KernelLock NamespaceLock { get; } = new(LockLevel.Namespace);

    public ulong NextInodeNumber() => (ulong)Interlocked.Increment(ref _nextInodeNumber) - 1;

    public virtual Errno GetStatus(out FileSystemStatus status)
    {
        status = new FileSystemStatus { Type = Magic, BlockSize = 4096, NameLength = 255, FileSystemId = Device };
        return Errno.Success;
    }

    /// <summary>Moves a name. The VFS has checked everything and updates the tables afterwards; namespace lock held.</summary>
    /// <param name="replaced">What the new name stood for, or null.</param>
    /// <param name="exchange">RENAME_EXCHANGE.</param>
    public virtual Errno Rename(ICaller caller, Dentry oldDirectory, Dentry child, Dentry newDirectory, System.ReadOnlySpan<byte> newName, Dentry? replaced, bool exchange) =>
        Errno.EPERM;

    /// <summary>A file has neither a name nor an open left.</summary>
    public virtual void OnInodeGone()
    {
    }

    /// <summary>Makes everything durable.</summary>
    public virtual Errno Synchronize() => Errno.Success;
}

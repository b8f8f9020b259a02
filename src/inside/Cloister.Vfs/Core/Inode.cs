using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Events;
using Cloister.Vfs.Locks;

namespace Cloister.Vfs.Core;

/// <summary>A file, whatever its names: attributes and what can be done with it.</summary>
/// <remarks>
/// Attributes are read without a lock and changed with <see cref="Lock"/> held. Methods that change a directory are
/// called with the file system's namespace lock held, after all checks.
/// </remarks>
internal abstract class Inode
{
    private const int Evicted = int.MinValue;

    private int _opens;
    private int _writers;
    private FileLocks? _locks;
    private InodeWatch? _watches;

    protected Inode(FileSystem fileSystem, uint mode, uint userId, uint groupId, ulong number)
    {
        FileSystem = fileSystem;
        Mode = mode;
        UserId = userId;
        GroupId = groupId;
        Number = number;
        LinkCount = 1;
    }

    public FileSystem FileSystem { get; }

    public ulong Number { get; }

    /// <summary>Type and permissions.</summary>
    public uint Mode { get; set; }

    public uint UserId { get; set; }

    public uint GroupId { get; set; }

    public uint LinkCount { get; set; }

    /// <summary>Made by O_TMPFILE without O_EXCL: linkat may give it a name though it has none.</summary>
    public bool MayGetFirstName { get; set; }

    public ulong RawDevice { get; init; }

    public long AccessTime { get; set; }

    public long ModificationTime { get; set; }

    public long ChangeTime { get; set; }

    public long BirthTime { get; set; }

    /// <summary>Guards the attributes, and the content of regular files against other writers.</summary>
    public KernelLock Lock { get; } = new(LockLevel.Inode);

    public uint Type => Mode & FileModes.S_IFMT;

    public bool IsDirectory => FileModes.IsDirectory(Mode);

    public bool IsSymbolicLink => FileModes.IsSymbolicLink(Mode);

    /// <summary>Whether a read-only file system protects it: devices, FIFOs and sockets may be written there too.</summary>
    public bool IsOnDisk => Type is FileModes.S_IFREG or FileModes.S_IFDIR or FileModes.S_IFLNK;

    /// <summary>Bytes.</summary>
    public virtual long Size => 0;

    /// <summary>Record and flock locks; made at the first use.</summary>
    public FileLocks Locks => _locks ?? Interlocked.CompareExchange(ref _locks, new FileLocks(FileSystem.Vfs), null) ?? _locks;

    /// <summary>Locks, if there ever were any.</summary>
    public FileLocks? ExistingLocks => Volatile.Read(ref _locks);

    /// <summary>First of the watches of this inode (inotify); changed with the VFS's lock of watches.</summary>
    public InodeWatch? Watches
    {
        get => Volatile.Read(ref _watches);
        set => Volatile.Write(ref _watches, value);
    }

    /// <summary>How many opens there are; negative once the content is gone.</summary>
    public int Opens => Volatile.Read(ref _opens);

    /// <summary>Counts an open. ENOENT where the content of the removed file is gone.</summary>
    public Errno AddOpen()
    {
        if (Interlocked.Increment(ref _opens) > 0)
            return Errno.Success;
        Interlocked.Decrement(ref _opens);
        return Errno.ENOENT;
    }

    /// <summary>Ends an open; the last one of a removed file gives its memory back.</summary>
    public void RemoveOpen()
    {
        if (Interlocked.Decrement(ref _opens) == 0 && LinkCount == 0)
            EvictIfUnused();
    }

    /// <summary>To be called when the last name is gone.</summary>
    public void EvictIfUnused()
    {
        if (Interlocked.CompareExchange(ref _opens, Evicted, 0) != 0)
            return;
        Evict();
        FileSystem.OnInodeGone();
        FileSystem.Vfs.NotifyEnd(this, InotifyFlags.IN_DELETE_SELF);
    }

    /// <summary>Counts a writer. ETXTBSY while the file is executed.</summary>
    public Errno AddWriter()
    {
        while (true)
        {
            int writers = Volatile.Read(ref _writers);
            if (writers < 0)
                return Errno.ETXTBSY;
            if (Interlocked.CompareExchange(ref _writers, writers + 1, writers) == writers)
                return Errno.Success;
        }
    }

    public void RemoveWriter() => Interlocked.Decrement(ref _writers);

    /// <summary>Counts an execution. ETXTBSY while there are writers.</summary>
    public Errno AddExecution()
    {
        while (true)
        {
            int writers = Volatile.Read(ref _writers);
            if (writers > 0)
                return Errno.ETXTBSY;
            if (Interlocked.CompareExchange(ref _writers, writers - 1, writers) == writers)
                return Errno.Success;
        }
    }

    public void RemoveExecution() => Interlocked.Increment(ref _writers);

    /// <summary>The table for cached children of a new directory entry, or null.</summary>
    public virtual DentryTable? CreateChildren(Dentry entry) => null;

    /// <summary>Finds a name where the entry's table doesn't answer. A null child means that there is none.</summary>
    public virtual Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
    {
        child = null;
        return Errno.Success;
    }

    /// <summary>Makes a file of any type.</summary>
    public virtual Errno CreateChild(ICaller caller, ReadOnlySpan<byte> name, in NewNode node, out Inode? child)
    {
        child = null;
        return Errno.EPERM;
    }

    /// <summary>Gives a file one more name.</summary>
    public virtual Errno LinkChild(ICaller caller, ReadOnlySpan<byte> name, Inode child) => Errno.EPERM;

    /// <summary>Removes a name; directories are empty.</summary>
    public virtual Errno RemoveChild(ICaller caller, Dentry child) => Errno.EPERM;

    /// <summary>Whether a directory has no entries.</summary>
    public virtual Errno IsEmptyDirectory(ICaller caller, Dentry directory, out bool isEmpty)
    {
        isEmpty = directory.Children is not { Count: > 0 };
        return Errno.Success;
    }

    /// <summary>Entry at or after a position, for getdents. The default walks the table.</summary>
    /// <returns>False at the end.</returns>
    public virtual bool NextEntry(ICaller caller, Dentry directory, ref long position, Span<byte> nameBuffer, out ListedEntry entry)
    {
        entry = default;
        if (directory.Children is not { } children)
            return false;
        using (FileSystem.NamespaceLock.Enter())
        {
            Dentry? child = children.Next(position);
            if (child is null)
                return false;
            byte[] name = child.Name.Bytes;
            name.CopyTo(nameBuffer);
            entry = new ListedEntry(child.Inode.Number, child.Inode.Mode, name.Length);
            position = child.Sequence + 1;
            return true;
        }
    }

    /// <summary>Brings the table of a directory up to date before it is listed.</summary>
    public virtual Errno PrepareListing(ICaller caller, Dentry directory) => Errno.Success;

    /// <summary>Target of a symbolic link.</summary>
    /// <param name="target">Bytes that stay what they are.</param>
    public virtual Errno GetLinkTarget(ICaller caller, out byte[] target)
    {
        target = [];
        return Errno.EINVAL;
    }

    /// <summary>Where a link of procfs leads without text (/proc/PID/exe, fd/N, cwd, root).</summary>
    /// <returns>False for ordinary links.</returns>
    public virtual bool TryJump(ICaller caller, out Errno error, out VfsPath target)
    {
        error = Errno.Success;
        target = default;
        return false;
    }

    /// <summary>Opens the file; permissions have been checked.</summary>
    public virtual Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file) =>
        FileSystem.Vfs.OpenByType(caller, path, flags, out file);

    /// <summary>Whether a directory takes O_TMPFILE.</summary>
    public virtual bool CanHoldUnnamed => false;

    /// <summary>Sets the length of a regular file; limits and permissions have been checked.</summary>
    public virtual Errno Truncate(ICaller caller, long length) => Errno.EINVAL;

    /// <summary>Changes attributes: the caller sets the fields of <paramref name="change"/> that are valid.</summary>
    public virtual Errno SetAttributes(ICaller caller, in AttributeChange change)
    {
        change.Apply(this);
        return Errno.Success;
    }

    /// <summary>Fills in what stat(2) shows.</summary>
    public virtual Errno GetStatus(ICaller caller, out FileStatus status)
    {
        FillStatus(out status);
        return Errno.Success;
    }

    public virtual Errno GetExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        return Errno.EOPNOTSUPP;
    }

    public virtual Errno SetExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags) => Errno.EOPNOTSUPP;

    public virtual Errno ListExtendedAttributes(ICaller caller, Span<byte> names, out int length)
    {
        length = 0;
        return Errno.Success;
    }

    public virtual Errno RemoveExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name) => Errno.EOPNOTSUPP;

    /// <summary>The last name and the last open are gone.</summary>
    protected virtual void Evict()
    {
    }

    protected void FillStatus(out FileStatus status)
    {
        long size = Size;
        status = new FileStatus
        {
            Device = FileSystem.Device,
            Inode = Number,
            Mode = Mode,
            LinkCount = LinkCount,
            UserId = UserId,
            GroupId = GroupId,
            RawDevice = RawDevice,
            Size = size,
            BlockSize = 4096,
            AccessTime = AccessTime,
            ModificationTime = ModificationTime,
            ChangeTime = ChangeTime,
            BirthTime = BirthTime,
        };
    }

    /// <summary>Notes a change of the content now.</summary>
    public void Modified(long now)
    {
        ModificationTime = now;
        ChangeTime = now;
    }
}

/// <summary>What a new file shall be.</summary>
/// <param name="Mode">Type and permissions, the umask applied.</param>
/// <param name="UserId">Owner.</param>
/// <param name="GroupId">Group.</param>
/// <param name="Device">For device files.</param>
/// <param name="Target">For symbolic links.</param>
internal readonly record struct NewNode(uint Mode, uint UserId, uint GroupId, ulong Device, byte[]? Target);

/// <summary>An entry of a directory listing; its name is in the buffer that was passed.</summary>
internal readonly record struct ListedEntry(ulong Inode, uint Mode, int NameLength);

/// <summary>New attributes; null leaves one as it is.</summary>
internal readonly record struct AttributeChange
{
    public uint? Permissions { get; init; }

    public uint? UserId { get; init; }

    public uint? GroupId { get; init; }

    public long? AccessTime { get; init; }

    public long? ModificationTime { get; init; }

    public long ChangeTime { get; init; }

    public void Apply(Inode inode)
    {
        if (Permissions is { } permissions)
            inode.Mode = inode.Type | permissions;
        if (UserId is { } userId)
            inode.UserId = userId;
        if (GroupId is { } groupId)
            inode.GroupId = groupId;
        if (AccessTime is { } accessTime)
            inode.AccessTime = accessTime;
        if (ModificationTime is { } modificationTime)
            inode.ModificationTime = modificationTime;
        inode.ChangeTime = ChangeTime;
    }
}

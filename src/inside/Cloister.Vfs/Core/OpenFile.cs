using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Events;

namespace Cloister.Vfs.Core;

/// <summary>An open file description. Subclasses say what reading and writing mean.</summary>
internal abstract class OpenFile : IOpenFile
{
    /// <summary>What F_SETFL may change (fcntl(2)).</summary>
    private const OpenFlags Changeable = OpenFlags.O_APPEND | OpenFlags.O_NONBLOCK | OpenFlags.O_NOATIME | OpenFlags.O_DIRECT | OpenFlags.O_ASYNC;

    /// <summary>Flags of open(2) that only matter while it runs.</summary>
    private const OpenFlags Transient = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOCTTY | OpenFlags.O_TRUNC | OpenFlags.O_CLOEXEC;

    private int _references;
    private int _flags;
    private bool _countsAsWriter;
    private bool _countsAsOpen;
    private bool _countsInMount;
    private EventRegistration? _registrations;
    private AsynchronousSignal? _signal;
    private SignalOwner _signalOwner;

    /// <summary>Where the file was opened.</summary>
    public VfsPath Path { get; private set; }

    public Inode Inode { get; private set; } = null!;

    public OpenFlags Flags => (OpenFlags)Volatile.Read(ref _flags);

    public uint Type => Inode.Type;

    public bool CanRead { get; private set; }

    public bool CanWrite { get; private set; }

    /// <summary>Whether splice(2) and sendfile(2) read from it (splice_read of Linux's file_operations).</summary>
    public virtual bool IsSpliceSource => true;

    /// <summary>Whether splice(2) and sendfile(2) write to it (splice_write).</summary>
    public virtual bool IsSpliceTarget => true;

    public bool IsNonBlocking => (Flags & OpenFlags.O_NONBLOCK) != 0;

    public SignalOwner SignalOwner
    {
        get
        {
            using (RegistrationLock.Enter())
                return _signalOwner;
        }

        set
        {
            using (RegistrationLock.Enter())
                _signalOwner = value;
        }
    }

    public int OwnerSignal { get; set; }

    protected VirtualFileSystem Vfs => Inode.FileSystem.Vfs;

    /// <summary>Epoll instances that watch this file.</summary>
    public ref EventRegistration? Registrations => ref _registrations;

    /// <summary>Guards <see cref="Registrations"/>.</summary>
    public KernelLock RegistrationLock => Vfs.RegistrationLock;

    /// <summary>Makes the object an open file with one reference; it may have been another one before.</summary>
    /// <param name="path">Where it was opened.</param>
    /// <param name="flags">Flags of open(2).</param>
    /// <param name="countsAsOpen">Whether the inode's opens were counted for it.</param>
    /// <param name="countsAsWriter">Whether the inode's writers were counted for it.</param>
    public void Begin(VfsPath path, OpenFlags flags, bool countsAsOpen = false, bool countsAsWriter = false)
    {
        Path = path;
        Inode = path.Inode;
        _flags = (int)(flags & ~Transient);
        OpenFlags access = flags & OpenFlags.O_ACCMODE;
        CanRead = access is OpenFlags.O_RDONLY or OpenFlags.O_RDWR;
        CanWrite = access is OpenFlags.O_WRONLY or OpenFlags.O_RDWR;
        _countsAsOpen = countsAsOpen;
        _countsAsWriter = countsAsWriter;
        _countsInMount = false;
        _signalOwner = default;
        OwnerSignal = 0;
        Volatile.Write(ref _references, 1);
        Vfs.CountOpenFile(1);
    }

    /// <summary>Says that the opens and writers of the inode were counted for this file.</summary>
    public void SetCounted(bool asWriter)
    {
        _countsAsOpen = true;
        _countsAsWriter = asWriter;

        // The first root stays for ever.
        _countsInMount = Path.Mount.Parent is not null;
        if (_countsInMount)
            Path.Mount.AddOpen();
    }

    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Counts a reference unless the last one is gone: for holders that didn't have one (epoll, procfs).</summary>
    public bool TryAddReference()
    {
        while (true)
        {
            int references = Volatile.Read(ref _references);
            if (references <= 0)
                return false;
            if (Interlocked.CompareExchange(ref _references, references + 1, references) == references)
                return true;
        }
    }

    public int References => Volatile.Read(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
        {
            OnReleased();
            return;
        }

        if (_countsAsOpen && this is not PathFile)
            Vfs.Notify(Path, CanWrite ? InotifyFlags.IN_CLOSE_WRITE : InotifyFlags.IN_CLOSE_NOWRITE);
        if (_registrations is not null)
            EventRegistration.RemoveAll(this);
        _signal?.Stop();
        _signal = null;
        Inode inode = Inode;
        inode.ExistingLocks?.OnFileClosed(this);
        OnClosed();
        if (_countsAsWriter)
            inode.RemoveWriter();
        if (_countsAsOpen)
            inode.RemoveOpen();
        if (_countsInMount)
            Path.Mount.RemoveOpen();
        Vfs.CountOpenFile(-1);
        Recycle();
    }

    public abstract SyscallResult Read(ICaller caller, IIoBuffer buffer);

    public abstract SyscallResult Write(ICaller caller, IIoBuffer buffer);

    public virtual SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset) => Errno.ESPIPE;

    public virtual SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset) => Errno.ESPIPE;

    public virtual SyscallResult Transfer(ICaller caller, IIoBuffer buffer, long offset, ReadWriteFlags flags, bool write)
    {
        // RWF_NOWAIT is for regular files; others say that they can't (readv(2), EOPNOTSUPP).
        if ((flags & ReadWriteFlags.RWF_NOWAIT) != 0 && !IsNonBlocking)
            return Errno.EOPNOTSUPP;
        if (offset == -1)
            return write ? Write(caller, buffer) : Read(caller, buffer);
        return write ? WriteAt(caller, buffer, offset) : ReadAt(caller, buffer, offset);
    }

    public virtual SyscallResult Seek(ICaller caller, long offset, SeekWhence whence) => Errno.ESPIPE;

    /// <summary>lseek of eventfd and its like: there is no position, and it stays at 0 (noop_llseek of Linux).</summary>
    protected static SyscallResult SeekNowhere => 0;

    public virtual Errno GetStatus(ICaller caller, out FileStatus status)
    {
        Errno error = Inode.GetStatus(caller, out status);
        status.MountId = (ulong)Path.Mount.Id;
        status.IsMountRoot = Path.Dentry == Path.Mount.Root;
        return error;
    }

    public virtual PollEvents Poll(IPollTable? table) =>
        PollEvents.In | PollEvents.Out | PollEvents.ReadNormal | PollEvents.WriteNormal;

    /// <summary>Whether epoll and poll can wait for it: not regular files and directories (epoll_ctl(2), EPERM).</summary>
    public virtual bool IsPollable => false;

    public virtual Errno SetStatusFlags(ICaller caller, OpenFlags flags, int fd = -1)
    {
        if ((flags & ~Flags & OpenFlags.O_NOATIME) != 0 && !Permissions.IsOwner(caller, Inode))
            return Errno.EPERM;
        return SetAsynchronous((flags & OpenFlags.O_ASYNC) != 0, Changeable, flags, fd);
    }

    /// <summary>Changes flags, O_ASYNC among them.</summary>
    private Errno SetAsynchronous(bool isWanted, OpenFlags mask, OpenFlags flags, int fd)
    {
        // Files that are always ready never signal anything; for them the flag is kept without effect, as on Linux.
        if (!IsPollable || isWanted == ((Flags & OpenFlags.O_ASYNC) != 0))
        {
            SetFlags(mask & (IsPollable ? ~OpenFlags.O_ASYNC : mask), flags);
            return Errno.Success;
        }

        if (isWanted && (Vfs.JobControl is null || Vfs.Services.Timers is null))
            return Errno.EINVAL;
        AsynchronousSignal? started = isWanted ? AsynchronousSignal.Start(this, fd, Vfs.Services.Timers!, Vfs.JobControl!) : null;
        AsynchronousSignal? stopped;
        using (RegistrationLock.Enter())
        {
            // Another thread may have been faster: one signal at most, and it goes with the flag.
            stopped = _signal;
            _signal = started;
            SetFlags(mask, flags);
        }

        stopped?.Stop();
        return Errno.Success;
    }

    protected void SetFlags(OpenFlags mask, OpenFlags flags)
    {
        while (true)
        {
            int old = Volatile.Read(ref _flags);
            int changed = (old & ~(int)mask) | (int)(flags & mask);
            if (Interlocked.CompareExchange(ref _flags, changed, old) == old)
                return;
        }
    }

    public virtual SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        switch (request)
        {
            case Ioctls.FIONBIO:
                SetFlags(OpenFlags.O_NONBLOCK, BitConverter.ToInt32(data) != 0 ? OpenFlags.O_NONBLOCK : 0);
                return 0;
            case Ioctls.FIOASYNC when IsPollable:
                bool isWanted = BitConverter.ToInt32(data) != 0;
                return SetAsynchronous(isWanted, OpenFlags.O_ASYNC, isWanted ? OpenFlags.O_ASYNC : 0, -1);
            default:
                return Errno.ENOTTY;
        }
    }

    public virtual SyscallResult ReadDirectory(ICaller caller, DirectoryFormat format, Span<byte> into) => Errno.ENOTDIR;

    public virtual Errno Truncate(ICaller caller, long length) => Errno.EINVAL;

    public virtual Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length) => Errno.ENODEV;

    public virtual Errno Synchronize(ICaller caller, bool dataOnly) => Errno.EINVAL;

    public virtual Errno Advise(ICaller caller, long offset, long length, FileAdvice advice)
    {
        if (Type is FileModes.S_IFIFO)
            return Errno.ESPIPE;
        return length < 0 || advice is < FileAdvice.POSIX_FADV_NORMAL or > FileAdvice.POSIX_FADV_NOREUSE ? Errno.EINVAL : Errno.Success;
    }

    public virtual Errno Lock(ICaller caller, FlockOperation operation) => Inode.Locks.Flock(caller, this, operation);

    public virtual Errno TestRecordLock(ICaller caller, IDescriptorTable? owner, ref Flock record) =>
        Inode.Locks.Test(caller, this, owner, ref record);

    public virtual Errno SetRecordLock(ICaller caller, IDescriptorTable? owner, in Flock record, bool wait) =>
        Inode.Locks.Set(caller, this, owner, record, wait);

    public virtual Errno GetMapping(ICaller caller, MappingAccess access, out FileMapping mapping)
    {
        mapping = default;
        return Errno.ENODEV;
    }

    public virtual bool TryBeginSharedMapping() => true;

    public virtual void EndSharedMapping()
    {
    }

    public virtual long Length => Inode.Size;

    public Errno BeginExecution() => Inode.AddExecution();

    public void EndExecution() => Inode.RemoveExecution();

    public virtual int GetPath(IFileSystemContext? context, Span<byte> into)
    {
        // Files without a place in the tree have a name only.
        if (Path.Dentry.Parent is null && Path.Dentry != Path.Mount.Root)
        {
            byte[] name = Path.Dentry.Name.Bytes;
            if (name.Length > into.Length)
                return 0;
            name.CopyTo(into);
            return name.Length;
        }

        int length = Path.Write(context is FileSystemContext own ? own.Root : Vfs.Mounts.RootPath, into);
        return Math.Max(0, length);
    }

    /// <summary>Position for lock ranges and /proc/PID/fdinfo.</summary>
    public virtual long Position => 0;

    /// <summary>A reference is gone, and there were others. They may be gone too by now, and the object in use for another file.</summary>
    protected virtual void OnReleased()
    {
    }

    /// <summary>The last reference is gone.</summary>
    protected virtual void OnClosed()
    {
    }

    /// <summary>Lines of /proc/PID/fdinfo/N after the common ones.</summary>
    public virtual void DescribeDetails(ByteWriter writer)
    {
    }

    /// <summary>Gives the object back to its pool, where it has one.</summary>
    protected virtual void Recycle()
    {
    }
}

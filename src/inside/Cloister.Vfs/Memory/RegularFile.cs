using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Memory;

/// <summary>An open regular file.</summary>
internal sealed class RegularFile : OpenFile, ISealableFile
{
    private readonly KernelLock _positionLock = new(LockLevel.FilePosition);
    private long _position;

    public override long Position => Volatile.Read(ref _position);

    public FileSeals Seals => Inode is MemoryRegular file ? file.Seals : FileSeals.None;

    private IRegularInode Content => (IRegularInode)Inode;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (!CanRead)
            return Errno.EBADF;
        using (_positionLock.Enter())
        {
            if (!IsInRange(_position, buffer))
                return Errno.EINVAL;
            SyscallResult result = Content.Read(caller, buffer, _position);
            if (result.Value > 0)
            {
                _position += result.Value;
                Touch(caller);
                Vfs.Notify(Path, InotifyFlags.IN_ACCESS);
            }

            return result;
        }
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        if (!CanWrite)
            return Errno.EBADF;
        using (_positionLock.Enter())
        {
            long offset = _position;
            if (!IsInRange(offset, buffer))
                return Errno.EINVAL;
            SyscallResult result = Content.Write(caller, buffer, ref offset, (Flags & OpenFlags.O_APPEND) != 0);
            if (result.Value > 0)
                _position = offset + result.Value;
            return Durable(result);
        }
    }

    public override SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset)
    {
        if (!CanRead)
            return Errno.EBADF;
        if (!IsInRange(offset, buffer))
            return Errno.EINVAL;
        SyscallResult result = Content.Read(caller, buffer, offset);
        if (result.Value > 0)
        {
            Touch(caller);
            Vfs.Notify(Path, InotifyFlags.IN_ACCESS);
        }

        return result;
    }

    public override SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset)
    {
        if (!CanWrite)
            return Errno.EBADF;
        if (!IsInRange(offset, buffer))
            return Errno.EINVAL;
        return Durable(Content.Write(caller, buffer, ref offset, (Flags & OpenFlags.O_APPEND) != 0));
    }

    public override SyscallResult Transfer(ICaller caller, IIoBuffer buffer, long offset, ReadWriteFlags flags, bool write)
    {
        if ((flags & ReadWriteFlags.RWF_NOWAIT) != 0 && write)
            return Errno.EOPNOTSUPP;
        SyscallResult result;
        if (write && (flags & ReadWriteFlags.RWF_APPEND) != 0)
        {
            if (!CanWrite)
                return Errno.EBADF;
            using (_positionLock.Enter())
            {
                long at = 0;
                result = Content.Write(caller, buffer, ref at, true);
                if (offset == -1 && result.Value > 0)
                    _position = at + result.Value;
            }

            result = Durable(result);
        }
        else if (write && (flags & ReadWriteFlags.RWF_NOAPPEND) != 0)
        {
            result = WriteInPlace(caller, buffer, offset);
        }
        else if (offset == -1)
        {
            result = write ? Write(caller, buffer) : Read(caller, buffer);
        }
        else
        {
            result = write ? WriteAt(caller, buffer, offset) : ReadAt(caller, buffer, offset);
        }

        if (write && result.Value > 0 && (flags & (ReadWriteFlags.RWF_DSYNC | ReadWriteFlags.RWF_SYNC)) != 0)
        {
            Errno error = Content.Synchronize((flags & ReadWriteFlags.RWF_SYNC) == 0);
            if (error != Errno.Success)
                return error;
        }

        return result;
    }

    /// <summary>Writes at an offset, or where the position is (-1), also where the file is open for appending.</summary>
    private SyscallResult WriteInPlace(ICaller caller, IIoBuffer buffer, long offset)
    {
        if (!CanWrite)
            return Errno.EBADF;
        using (_positionLock.Enter())
        {
            long at = offset == -1 ? _position : offset;
            if (!IsInRange(at, buffer))
                return Errno.EINVAL;
            SyscallResult result = Content.Write(caller, buffer, ref at, false);
            if (offset == -1 && result.Value > 0)
                _position = at + result.Value;
            return Durable(result);
        }
    }

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence)
    {
        using (_positionLock.Enter())
        {
            long target;
            switch (whence)
            {
                case SeekWhence.SEEK_SET:
                    target = offset;
                    break;
                case SeekWhence.SEEK_CUR:
                    target = unchecked(_position + offset);
                    break;
                case SeekWhence.SEEK_END:
                    target = unchecked(Content.Size + offset);
                    break;
                case SeekWhence.SEEK_DATA:
                case SeekWhence.SEEK_HOLE:
                    SyscallResult found = Content.SeekSparse(offset, whence == SeekWhence.SEEK_DATA);
                    if (found.IsError)
                        return found;
                    target = found.Value;
                    break;
                default:
                    return Errno.EINVAL;
            }

            if (target < 0)
                return Errno.EINVAL;
            Volatile.Write(ref _position, target);
            return target;
        }
    }

    public override Errno Truncate(ICaller caller, long length)
    {
        if (length < 0 || !CanWrite)
            return Errno.EINVAL;
        if (length > caller.FileSizeLimit && length > Content.Size)
        {
            caller.RaiseSignal(FileSignals.SIGXFSZ);
            return Errno.EFBIG;
        }

        return Modified(Content.Truncate(caller, length));
    }

    public override Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length)
    {
        if (!CanWrite)
            return Errno.EBADF;
        const FallocateMode known = FallocateMode.FALLOC_FL_KEEP_SIZE | FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_COLLAPSE_RANGE
            | FallocateMode.FALLOC_FL_ZERO_RANGE | FallocateMode.FALLOC_FL_INSERT_RANGE | FallocateMode.FALLOC_FL_UNSHARE_RANGE;
        if (offset < 0 || length <= 0)
            return Errno.EINVAL;
        if ((mode & ~known) != 0)
            return Errno.EOPNOTSUPP;
        if (offset > long.MaxValue - length)
            return Errno.EFBIG;
        bool extends = (mode & ~FallocateMode.FALLOC_FL_KEEP_SIZE) is FallocateMode.None or FallocateMode.FALLOC_FL_ZERO_RANGE
            && (mode & FallocateMode.FALLOC_FL_KEEP_SIZE) == 0 && offset + length > Content.Size;
        if (extends && offset + length > caller.FileSizeLimit)
        {
            caller.RaiseSignal(FileSignals.SIGXFSZ);
            return Errno.EFBIG;
        }

        return Modified(Content.Allocate(caller, mode, offset, length));
    }

    public override Errno Synchronize(ICaller caller, bool dataOnly) => Content.Synchronize(dataOnly);

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        switch (request)
        {
            case Ioctls.FIONREAD:
                BitConverter.TryWriteBytes(data, (int)Math.Clamp(Content.Size - Position, int.MinValue, int.MaxValue));
                return 0;
            case Ioctls.FIOQSIZE:
                BitConverter.TryWriteBytes(data, Content.Size);
                return 0;
            default:
                return base.Control(caller, request, argument, data);
        }
    }

    public override Errno GetMapping(ICaller caller, MappingAccess access, out FileMapping mapping)
    {
        mapping = default;
        bool isShared = (access & MappingAccess.Shared) != 0;
        if (!CanRead || (isShared && (access & MappingAccess.Write) != 0 && !CanWrite))
            return Errno.EACCES;
        if ((access & MappingAccess.Execute) != 0 && Path.Mount.Has(MountFlags.MS_NOEXEC))
            return Errno.EPERM;
        bool isSealed = (Seals & (FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE)) != 0;
        if (isShared && isSealed && (access & MappingAccess.Write) != 0)
            return Errno.EPERM;
        mapping = new FileMapping(Content.Pages, Inode.FileSystem.Device, Inode.Number, Content.IsReadOnlyContent,
            Path.Mount.Has(MountFlags.MS_NOEXEC), isSealed);
        Touch(caller);
        return Errno.Success;
    }

    public override bool TryBeginSharedMapping() => Content.TryBeginSharedMapping();

    public override void EndSharedMapping() => Content.EndSharedMapping();

    public Errno AddSeals(FileSeals seals)
    {
        if (!CanWrite)
            return Errno.EPERM;
        return Inode is MemoryRegular { FileSystem: MemoryFileSystem } file ? file.AddSeals(seals) : Errno.EINVAL;
    }

    protected override void Recycle()
    {
        _position = 0;
        Vfs.Pools.Regulars.Give(this);
    }

    // relatime (mount(8)): a read matters only if nobody has read since the last change. The clock is read only then.
    private void Touch(ICaller caller)
    {
        Inode inode = Inode;
        long accessed = inode.AccessTime;
        if (accessed > inode.ModificationTime && accessed > inode.ChangeTime && !Path.Mount.Has(MountFlags.MS_STRICTATIME))
            return;
        if ((Flags & OpenFlags.O_NOATIME) == 0 && !Path.Mount.IsReadOnly && !Path.Mount.Has(MountFlags.MS_NOATIME))
            inode.AccessTime = caller.RealtimeNow;
    }

    // rw_verify_area of Linux: a range must not end beyond the largest offset.
    private static bool IsInRange(long offset, IIoBuffer buffer) => offset >= 0 && offset <= long.MaxValue - buffer.Remaining;

    private Errno Modified(Errno error)
    {
        if (error == Errno.Success)
            Vfs.Notify(Path, InotifyFlags.IN_MODIFY);
        return error;
    }

    private SyscallResult Durable(SyscallResult result)
    {
        if (result.Value > 0)
            Vfs.Notify(Path, InotifyFlags.IN_MODIFY);
        if (result.Value <= 0 || (Flags & (OpenFlags.O_DSYNC | OpenFlags.__O_SYNC)) == 0)
            return result;
        Errno error = Content.Synchronize((Flags & OpenFlags.__O_SYNC) == 0);
        return error == Errno.Success ? result : error;
    }
}

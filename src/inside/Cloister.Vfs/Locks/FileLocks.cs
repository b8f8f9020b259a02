using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Locks;

/// <summary>Locks on one inode: flock(2), and the record locks of fcntl(2).</summary>
internal sealed class FileLocks(VirtualFileSystem vfs)
{
    private readonly KernelLock _lock = new(LockLevel.RecordLocks);
    private readonly WaitQueue _changed = new();
    private readonly List<WholeLock> _wholes = [];

    // Which of several conflicting locks F_GETLK tells shows the order: owners as they came, and each owner's locks by their start, as in
    // posix_lock_inode of Linux.
    private readonly List<OwnedRecords> _records = [];

    /// <summary>flock(2). The lock belongs to the open file.</summary>
    public Errno Flock(ICaller caller, OpenFile file, FlockOperation operation)
    {
        // Mandatory locks, which no program uses, are taken and ignored since Linux 5.16.
        const FlockOperation mandatory = (FlockOperation)0x20;
        if ((operation & mandatory) != 0)
            return Errno.Success;
        FlockOperation kind = operation & ~FlockOperation.LOCK_NB;
        if (kind == FlockOperation.LOCK_UN)
        {
            using (_lock.Enter())
                RemoveWhole(file);
            _changed.WakeAll();
            return Errno.Success;
        }

        if (kind is not (FlockOperation.LOCK_SH or FlockOperation.LOCK_EX))
            return Errno.EINVAL;
        bool isExclusive = kind == FlockOperation.LOCK_EX;
        if (TryWhole(file, isExclusive))
            return Errno.Success;
        if ((operation & FlockOperation.LOCK_NB) != 0)
            return Errno.EAGAIN;
        caller.Watch(_changed);
        try
        {
            while (!TryWhole(file, isExclusive))
            {
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }

            return Errno.Success;
        }
        finally
        {
            caller.StopWatching();
        }
    }

    /// <summary>F_GETLK.</summary>
    public Errno Test(ICaller caller, OpenFile file, IDescriptorTable? table, ref Flock record)
    {
        Errno error = ToRange(caller, file, record, out LockRange range);
        if (error != Errno.Success)
            return error;
        if (table is null && record.ProcessId != 0)
            return Errno.EINVAL;
        if (record.Type is not ((short)RecordLockType.F_RDLCK or (short)RecordLockType.F_WRLCK))
            return Errno.EINVAL;
        using (_lock.Enter())
        {
            if (!TryFindConflict((object?)table ?? file, range, record.Type == (short)RecordLockType.F_WRLCK, out _, out OwnedRecord found))
            {
                record.Type = (short)RecordLockType.F_UNLCK;
                return Errno.Success;
            }

            record.Type = (short)(found.IsExclusive ? RecordLockType.F_WRLCK : RecordLockType.F_RDLCK);
            record.Whence = (short)SeekWhence.SEEK_SET;
            record.Start = found.Range.Start;
            record.Length = found.Range.End == long.MaxValue ? 0 : found.Range.End - found.Range.Start + 1;
            record.ProcessId = found.ProcessId;
            return Errno.Success;
        }
    }

    /// <summary>F_SETLK and F_SETLKW.</summary>
    public Errno Set(ICaller caller, OpenFile file, IDescriptorTable? table, in Flock record, bool wait)
    {
        Errno error = ToRange(caller, file, record, out LockRange range);
        if (error != Errno.Success)
            return error;
        if (table is null && record.ProcessId != 0)
            return Errno.EINVAL;
        object owner = (object?)table ?? file;
        if (record.Type != (short)RecordLockType.F_UNLCK && vfs.HasMostRecordLocks)
            return Errno.ENOLCK;
        switch ((RecordLockType)record.Type)
        {
            case RecordLockType.F_UNLCK:
                using (_lock.Enter())
                    Unlock(owner, range);

                _changed.WakeAll();
                return Errno.Success;
            case RecordLockType.F_RDLCK when !file.CanRead:
            case RecordLockType.F_WRLCK when !file.CanWrite:
                return Errno.EBADF;
            case RecordLockType.F_RDLCK or RecordLockType.F_WRLCK:
                break;
            default:
                return Errno.EINVAL;
        }

        var wanted = new RecordLock(owner, range, record.Type == (short)RecordLockType.F_WRLCK, table is null ? -1 : caller.ProcessId);
        if (TryRecord(wanted, out object? blocker))
            return Errno.Success;
        return wait ? WaitForRecord(caller, file, wanted, isPosix: table is not null) : Errno.EAGAIN;
    }

    /// <summary>The last reference to an open file is gone: its flock and open-file-description locks go.</summary>
    public void OnFileClosed(OpenFile file)
    {
        using (_lock.Enter())
        {
            RemoveWhole(file);
            RemoveOwner(file);
        }

        _changed.WakeAll();
    }

    /// <summary>A process closed a descriptor of this file: its record locks go.</summary>
    public void OnDescriptorClosed(IDescriptorTable table)
    {
        using (_lock.Enter())
        {
            if (!RemoveOwner(table))
                return;
        }

        _changed.WakeAll();
    }

    private Errno WaitForRecord(ICaller caller, OpenFile file, RecordLock wanted, bool isPosix)
    {
        LockWaits waits = file.Inode.FileSystem.Vfs.LockWaits;
        caller.Watch(_changed);
        try
        {
            while (!TryRecord(wanted, out object? blocker))
            {
                // Open-file-description locks are not checked for deadlock (fcntl(2)).
                if (isPosix && !waits.TryWait(wanted.Owner, blocker!))
                    return Errno.EDEADLK;
                WaitOutcome outcome = caller.Sleep(Deadline.Never);
                waits.EndWait(wanted.Owner);
                if (outcome == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }

            return Errno.Success;
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private bool TryWhole(OpenFile file, bool isExclusive)
    {
        using (_lock.Enter())
        {
            // Converting a lock is not atomic (flock(2)): the old one goes first.
            bool had = RemoveWhole(file);
            foreach (WholeLock other in _wholes)
            {
                if (isExclusive || other.IsExclusive)
                {
                    if (had)
                        _changed.WakeAll();
                    return false;
                }
            }

            _wholes.Add(new WholeLock(file, isExclusive));
            if (had)
                _changed.WakeAll();
            return true;
        }
    }

    private bool RemoveWhole(OpenFile file)
    {
        for (int i = 0; i < _wholes.Count; i++)
        {
            if (_wholes[i].File == file)
            {
                _wholes.RemoveAt(i);
                return true;
            }
        }

        return false;
    }

    private bool RemoveOwner(object owner)
    {
        if (FindOwner(owner) is not { } own)
            return false;
        vfs.CountRecordLocks(-own.Count);
        return _records.Remove(own);
    }

    private bool TryRecord(in RecordLock wanted, out object? blocker)
    {
        using (_lock.Enter())
        {
            if (TryFindConflict(wanted.Owner, wanted.Range, wanted.IsExclusive, out blocker, out _))
                return false;
            OwnedRecords? own = FindOwner(wanted.Owner);
            if (own is null)
                _records.Add(own = new OwnedRecords(wanted.Owner));
            int before = own.Count;
            own.Set(new OwnedRecord(wanted.Range, wanted.IsExclusive, wanted.ProcessId));
            vfs.CountRecordLocks(own.Count - before);
        }

        // A write lock may have become a read lock.
        _changed.WakeAll();
        return true;
    }

    private void Unlock(object owner, LockRange range)
    {
        if (FindOwner(owner) is not { } own)
            return;
        int before = own.Count;
        own.Cut(range);
        vfs.CountRecordLocks(own.Count - before);
        if (own.Count == 0)
            _records.Remove(own);
    }

    private OwnedRecords? FindOwner(object owner)
    {
        foreach (OwnedRecords records in _records)
        {
            if (records.Owner == owner)
                return records;
        }

        return null;
    }

    private bool TryFindConflict(object owner, LockRange range, bool isExclusive, out object? holder, out OwnedRecord record)
    {
        foreach (OwnedRecords records in _records)
        {
            holder = records.Owner;
            if (holder != owner && records.TryFindConflict(range, isExclusive, out record))
                return true;
        }

        holder = null;
        record = default;
        return false;
    }

    private static Errno ToRange(ICaller caller, OpenFile file, in Flock record, out LockRange range)
    {
        range = default;
        long start;
        switch ((SeekWhence)record.Whence)
        {
            case SeekWhence.SEEK_SET:
                start = 0;
                break;
            case SeekWhence.SEEK_CUR:
                start = file.Position;
                break;
            case SeekWhence.SEEK_END:
                start = file.Inode.Size;
                break;
            default:
                return Errno.EINVAL;
        }

        if (record.Start > 0 && start > long.MaxValue - record.Start)
            return Errno.EOVERFLOW;
        start += record.Start;
        if (start < 0)
            return Errno.EINVAL;
        long end = long.MaxValue;
        if (record.Length > 0)
        {
            if (record.Length - 1 > long.MaxValue - start)
                return Errno.EOVERFLOW;
            end = start + record.Length - 1;
        }
        else if (record.Length < 0)
        {
            if (start + record.Length < 0)
                return Errno.EINVAL;
            end = start - 1;
            start += record.Length;
        }

        range = new LockRange(start, end);
        return Errno.Success;
    }

    private readonly record struct WholeLock(OpenFile File, bool IsExclusive);

    private readonly record struct RecordLock(object Owner, LockRange Range, bool IsExclusive, int ProcessId);
}

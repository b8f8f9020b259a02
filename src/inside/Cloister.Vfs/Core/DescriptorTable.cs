using System;
using System.Numerics;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Core;

/// <summary>Descriptors of a process.</summary>
/// <remarks>
/// The lock guards all changes; it is innermost and no file is closed with it held. Files are looked up without it: a
/// table that one thread works with can't change under that thread, and with several (threads of one process, or
/// processes made with CLONE_FILES) the reference is counted and the slot looked at again.
/// </remarks>
internal sealed class DescriptorTable : IDescriptorTable
{
    private readonly KernelLock _lock = new(LockLevel.Descriptors);
    private OpenFile?[] _files;

    // One bit per descriptor: reserved or open, and FD_CLOEXEC.
    private ulong[] _used;
    private ulong[] _closeOnExec;
    private int _lowestMaybeFree;
    private int _users = 1;

    public DescriptorTable()
        : this(64)
    {
    }

    private DescriptorTable(int capacity)
    {
        _files = new OpenFile?[capacity];
        _used = new ulong[capacity >> 6];
        _closeOnExec = new ulong[capacity >> 6];
    }

    public int Users => Volatile.Read(ref _users);

    public int Capacity => Volatile.Read(ref _files).Length;

    public BorrowedFile Borrow(int fd)
    {
        OpenFile?[] files = Volatile.Read(ref _files);
        if ((uint)fd >= (uint)files.Length)
            return default;
        OpenFile? file = Volatile.Read(ref files[fd]);
        if (Volatile.Read(ref _users) == 1 || file is null)
            return new BorrowedFile(file, false);
        file = TakeCounted(fd);
        return new BorrowedFile(file, file is not null);
    }

    private OpenFile? TakeCounted(int fd)
    {
        while (true)
        {
            OpenFile?[] files = Volatile.Read(ref _files);
            OpenFile? file = Volatile.Read(ref files[fd]);
            if (file is null)
                return null;

            // The object may have been closed and reused for another file between the two steps: look at the slot again.
            if (!file.TryAddReference())
                continue;
            if (Volatile.Read(ref Volatile.Read(ref _files)[fd]) == file)
                return file;
            file.Release();
        }
    }

    public IOpenFile? Take(int fd)
    {
        using (_lock.Enter())
        {
            OpenFile? file = (uint)fd < (uint)_files.Length ? _files[fd] : null;
            file?.AddReference();
            return file;
        }
    }

    public Errno Reserve(int minimum, ulong limit, bool closeOnExec, out int fd)
    {
        using (_lock.Enter())
        {
            fd = FindFree(Math.Max(minimum, 0));
            if ((ulong)fd >= limit)
            {
                fd = -1;
                return Errno.EMFILE;
            }

            EnsureCapacity(fd);
            MarkUsed(fd, closeOnExec);
            return Errno.Success;
        }
    }

    public void Install(int fd, IOpenFile file)
    {
        using (_lock.Enter())
            Volatile.Write(ref _files[fd], (OpenFile)file);
    }

    public void Unreserve(int fd)
    {
        using (_lock.Enter())
            MarkFree(fd);
    }

    public Errno Close(ICaller caller, int fd)
    {
        OpenFile? file;
        using (_lock.Enter())
        {
            if ((uint)fd >= (uint)_files.Length || _files[fd] is not { } open)
                return Errno.EBADF;
            file = open;
            _files[fd] = null;
            MarkFree(fd);
        }

        CloseFile(file);
        return Errno.Success;
    }

    public Errno Duplicate(ICaller caller, int oldFd, int newFd, ulong limit, bool closeOnExec)
    {
        OpenFile? replaced;
        using (_lock.Enter())
        {
            if ((uint)oldFd >= (uint)_files.Length || _files[oldFd] is not { } file || newFd < 0 || (ulong)newFd >= limit)
                return Errno.EBADF;
            EnsureCapacity(newFd);
            replaced = _files[newFd];

            // Reserved but not yet installed: another thread is in open(2) with it (dup2(2), EBUSY).
            if (replaced is null && (_used[newFd >> 6] >> newFd & 1) != 0)
                return Errno.EBUSY;
            file.AddReference();
            Volatile.Write(ref _files[newFd], file);
            MarkUsed(newFd, closeOnExec);
        }

        if (replaced is not null)
            CloseFile(replaced);
        return Errno.Success;
    }

    public void CloseRange(ICaller caller, uint first, uint last, bool onlyMark)
    {
        for (long fd = first; fd <= last; fd++)
        {
            OpenFile? file = null;
            using (_lock.Enter())
            {
                fd = NextUsed((int)Math.Min(fd, int.MaxValue));
                if (fd < 0 || fd > last)
                    return;
                if (onlyMark)
                {
                    _closeOnExec[fd >> 6] |= 1UL << (int)(fd & 63);
                }
                else if (_files[fd] is { } open)
                {
                    file = open;
                    _files[fd] = null;
                    MarkFree((int)fd);
                }
            }

            if (file is not null)
                CloseFile(file);
        }
    }

    public Errno GetCloseOnExec(int fd, out bool closeOnExec)
    {
        using (_lock.Enter())
        {
            closeOnExec = false;
            if ((uint)fd >= (uint)_files.Length || _files[fd] is null)
                return Errno.EBADF;
            closeOnExec = (_closeOnExec[fd >> 6] >> fd & 1) != 0;
            return Errno.Success;
        }
    }

    public Errno SetCloseOnExec(int fd, bool closeOnExec)
    {
        using (_lock.Enter())
        {
            if ((uint)fd >= (uint)_files.Length || _files[fd] is null)
                return Errno.EBADF;
            MarkUsed(fd, closeOnExec);
            return Errno.Success;
        }
    }

    public int NextInUse(int fd)
    {
        using (_lock.Enter())
        {
            do
            {
                fd = NextUsed(fd);
                if (fd < 0 || _files[fd] is not null)
                    return fd;
                fd++;
            }
            while (true);
        }
    }

    public IDescriptorTable Clone()
    {
        using (_lock.Enter())
        {
            int last = -1;
            for (int i = _used.Length - 1; i >= 0 && last < 0; i--)
            {
                if (_used[i] != 0)
                    last = i;
            }

            var copy = new DescriptorTable(Math.Max(64, (last + 1) << 6));
            for (int fd = NextUsed(0); fd >= 0; fd = NextUsed(fd + 1))
            {
                if (_files[fd] is not { } file)
                    continue;
                file.AddReference();
                copy._files[fd] = file;
                copy.MarkUsed(fd, (_closeOnExec[fd >> 6] >> fd & 1) != 0);
            }

            return copy;
        }
    }

    public void CloseMarked(ICaller caller)
    {
        for (int i = 0; i < _closeOnExec.Length; i++)
        {
            for (ulong marked = _closeOnExec[i] & _used[i]; marked != 0; marked &= marked - 1)
                Close(caller, (i << 6) + BitOperations.TrailingZeroCount(marked));
        }
    }

    public void AddUser() => Interlocked.Increment(ref _users);

    public void RemoveUser(ICaller caller)
    {
        if (Interlocked.Decrement(ref _users) == 0)
            CloseRange(caller, 0, uint.MaxValue, false);
    }

    private void CloseFile(OpenFile file)
    {
        // A process loses its record locks on a file when it closes any descriptor of it (fcntl(2)).
        file.Inode.ExistingLocks?.OnDescriptorClosed(this);
        file.Release();
    }

    private int FindFree(int minimum)
    {
        int start = Math.Max(minimum, _lowestMaybeFree);
        int word = start >> 6;
        if (word >= _used.Length)
            return start;
        ulong free = ~_used[word] & (ulong.MaxValue << (start & 63));
        while (free == 0)
        {
            if (++word == _used.Length)
                return word << 6;
            free = ~_used[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(free);
    }

    private void MarkUsed(int fd, bool closeOnExec)
    {
        ulong bit = 1UL << (fd & 63);
        _used[fd >> 6] |= bit;
        if (closeOnExec)
            _closeOnExec[fd >> 6] |= bit;
        else
            _closeOnExec[fd >> 6] &= ~bit;
        if (fd == _lowestMaybeFree)
            _lowestMaybeFree++;
    }

    private void MarkFree(int fd)
    {
        _used[fd >> 6] &= ~(1UL << (fd & 63));
        if (fd < _lowestMaybeFree)
            _lowestMaybeFree = fd;
    }

    private int NextUsed(int fd)
    {
        int word = fd >> 6;
        if (word >= _used.Length)
            return -1;
        ulong used = _used[word] & (ulong.MaxValue << (fd & 63));
        while (used == 0)
        {
            if (++word == _used.Length)
                return -1;
            used = _used[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(used);
    }

    private void EnsureCapacity(int fd)
    {
        if (fd < _files.Length)
            return;
        int capacity = (int)Math.Max(BitOperations.RoundUpToPowerOf2((uint)fd + 1), 64);
        Array.Resize(ref _used, capacity >> 6);
        Array.Resize(ref _closeOnExec, capacity >> 6);
        var files = new OpenFile?[capacity];
        _files.CopyTo(files, 0);
        Volatile.Write(ref _files, files);
    }
}

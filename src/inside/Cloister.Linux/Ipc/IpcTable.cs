using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Ipc;

/// <summary>The objects of one kind by id and key (struct ipc_ids).</summary>
/// <remarks>
/// An id is a place in the table and how often places had to start again from below: as on Linux (ipc_addid), so that a stale
/// one finds nothing.
/// </remarks>
internal sealed class IpcTable<T>(int limit)
    where T : IpcObject
{
    private const int IndexBits = 15;
    private const int IndexMask = (1 << IndexBits) - 1;
    private const int PrivateKey = 0;
    private const int SmallestCircle = 64;

    private readonly List<T?> _places = [];
    private readonly Dictionary<int, T> _byKey = [];
    private int _next;
    private int _lastIndex = -1;
    private ushort _sequence;

    /// <summary>Makes an object that isn't there yet; without the lock.</summary>
    public delegate Errno Maker(out T? made);

    /// <summary>Guards the table and all its objects.</summary>
    public KernelLock Lock { get; } = new(LockLevel.Ipc);

    public int Count { get; private set; }

    /// <summary>Places in use or not, up to the highest one in use.</summary>
    public int Places
    {
        get
        {
            int places = _places.Count;
            while (places > 0 && _places[places - 1] is null)
                places--;
            return places;
        }
    }

    /// <summary>The object at a place; null where there is none.</summary>
    public T? At(int index) => (uint)index < (uint)_places.Count ? _places[index] : null;

    /// <summary>The object with an id; null where there is none.</summary>
    public T? Find(int id) => id >= 0 && At(id & IndexMask) is { } found && found.Id == id ? found : null;

    /// <summary>The object with an id, for a caller that has some rights to it. With the lock.</summary>
    /// <returns>EINVAL, EACCES.</returns>
    public Errno Find(LinuxThread thread, int id, uint wanted, out T? found)
    {
        found = Find(id);
        return found is null ? Errno.EINVAL : found.Allows(thread, wanted) ? Errno.Success : Errno.EACCES;
    }

    /// <summary>The object with an id, for a caller that owns it. With the lock.</summary>
    /// <returns>EINVAL, EPERM.</returns>
    public Errno FindOwned(LinuxThread thread, int id, out T? found)
    {
        found = Find(id);
        return found is null ? Errno.EINVAL : found.IsOwnedBy(thread) ? Errno.Success : Errno.EPERM;
    }

    /// <summary>shmget, semget, msgget (ipcget of Linux).</summary>
    /// <param name="thread">The caller.</param>
    /// <param name="key">IPC_PRIVATE for a new one.</param>
    /// <param name="flags">With the mode, which is that of a new one or is asked of an old one.</param>
    /// <param name="size">EINVAL where an old one is smaller.</param>
    /// <param name="make">Makes a new one.</param>
    public SyscallResult Get(LinuxThread thread, int key, IpcFlags flags, ulong size, Maker make)
    {
        while (true)
        {
            if (key != PrivateKey)
            {
                using (Lock.Enter())
                {
                    if (_byKey.TryGetValue(key, out T? found))
                        return Open(thread, found, flags, size);
                }

                if ((flags & IpcFlags.IPC_CREAT) == 0)
                    return Errno.ENOENT;
            }

            Errno error = make(out T? made);
            if (error != Errno.Success)
                return error;
            using (Lock.Enter())
            {
                bool isTaken = key != PrivateKey && _byKey.ContainsKey(key);
                if (!isTaken && TryAdd(made!, key))
                    return made!.Id;
                error = isTaken ? Errno.Success : Errno.ENOSPC;
            }

            made!.Discard();
            if (error != Errno.Success)
                return error;
        }
    }

    /// <summary>Takes an object out of the table. With the lock held.</summary>
    public void Remove(T removed)
    {
        _places[removed.Id & IndexMask] = null;
        ForgetKey(removed);
        removed.IsRemoved = true;
        Count--;
    }

    /// <summary>Makes an object unreachable by its key. With the lock held.</summary>
    public void ForgetKey(T removed)
    {
        if (removed.Key != PrivateKey)
            _byKey.Remove(removed.Key);
        removed.Key = PrivateKey;
    }

    private static SyscallResult Open(LinuxThread thread, T found, IpcFlags flags, ulong size)
    {
        if ((flags & (IpcFlags.IPC_CREAT | IpcFlags.IPC_EXCL)) == (IpcFlags.IPC_CREAT | IpcFlags.IPC_EXCL))
            return Errno.EEXIST;
        if (size > found.OpenSize)
            return Errno.EINVAL;
        return found.Allows(thread, (uint)flags) ? found.Id : Errno.EACCES;
    }

    private bool TryAdd(T made, int key)
    {
        if (Count >= limit)
            return false;

        // The next free place in a circle that is half as large again as what there is (idr_alloc_cyclic).
        int circle = System.Math.Clamp(Count * 3 / 2, SmallestCircle, limit);
        int index = _next < circle ? _next : 0;
        while (At(index) is not null)
            index = index + 1 < circle ? index + 1 : 0;
        while (_places.Count <= index)
            _places.Add(null);
        _places[index] = made;
        _next = index + 1;
        if (index <= _lastIndex)
            _sequence++;
        _lastIndex = index;
        made.Sequence = _sequence;
        made.Id = (_sequence << IndexBits | index) & int.MaxValue;
        made.Key = key;
        if (key != PrivateKey)
            _byKey[key] = made;
        Count++;
        return true;
    }
}

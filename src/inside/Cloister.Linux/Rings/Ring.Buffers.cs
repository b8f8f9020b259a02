using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

// Registered buffers, and groups of provided ones.
internal sealed partial class Ring
{
    /// <summary>IORING_MAX_REG_BUFFERS.</summary>
    private const uint MostBuffers = 1 << 14;

    private const int GroupWeight = 160;

    /// <summary>Longest registered buffer (io_buffer_validate of Linux).</summary>
    private const ulong LongestBuffer = 1 << 30;

    private readonly Dictionary<ushort, RingBufferGroup> _groups = [];
    private IoVector[]? _buffers;
    private ulong[]? _bufferTags;
    private LockedMemory? _locked;

    /// <summary>Registers buffers. They are read and written where they are mapped then; Linux keeps their pages.</summary>
    public SyscallResult RegisterBuffers(LinuxThread thread, UserAddress vectors, uint count, UserAddress tags)
    {
        if (_buffers is not null)
            return Errno.EBUSY;
        if (count is 0 or > MostBuffers)
            return Errno.EINVAL;
        if (!_account.TryTake(count * 24L))
            return Errno.ENOMEM;
        var buffers = new IoVector[count];
        var bufferTags = new ulong[count];
        var locked = new LockedMemory();
        Errno error = Errno.Success;
        for (uint i = 0; i < count && error == Errno.Success; i++)
            error = ReadBuffer(thread, vectors.Offset(i * 16UL), tags.IsNull ? tags : tags.Offset(i * 8UL), locked, out buffers[i], out bufferTags[i]);
        if (error != Errno.Success)
        {
            locked.Release();
            _account.Give(count * 24L);
            return error;
        }

        using (_lock.Enter())
        {
            _buffers = buffers;
            _bufferTags = bufferTags;
            _locked = locked;
        }

        return 0;
    }

    /// <summary>Makes room for buffers (IORING_RSRC_REGISTER_SPARSE).</summary>
    public SyscallResult RegisterNoBuffers(uint count)
    {
        if (count is 0 or > MostBuffers)
            return Errno.EINVAL;
        if (!_account.TryTake(count * 24L))
            return Errno.ENOMEM;
        using (_lock.Enter())
        {
            if (_buffers is null)
            {
                _buffers = new IoVector[count];
                _bufferTags = new ulong[count];
                _locked = new LockedMemory();
                return 0;
            }
        }

        _account.Give(count * 24L);
        return Errno.EBUSY;
    }

    /// <summary>Drops all registered buffers.</summary>
    public SyscallResult UnregisterBuffers(LinuxThread? thread)
    {
        ulong[] tags;
        using (_lock.Enter())
        {
            if (_buffers is null)
                return Errno.ENXIO;
            _account.Give(_buffers.Length * 24L);
            _buffers = null;
            tags = _bufferTags!;
            _locked?.Release();
            _locked = null;
        }

        foreach (ulong tag in tags)
        {
            if (tag != 0)
                Post(thread, tag, 0, CompletionFlags.None);
        }

        return 0;
    }

    /// <summary>Replaces registered buffers.</summary>
    public SyscallResult UpdateBuffers(LinuxThread thread, uint first, UserAddress vectors, UserAddress tags, uint count)
    {
        if (_buffers is not { } buffers)
            return Errno.ENXIO;
        if (first + (ulong)count > (ulong)buffers.Length)
            return Errno.EINVAL;
        for (uint i = 0; i < count; i++)
        {
            Errno error = ReadBuffer(
                thread, vectors.Offset(i * 16UL), tags.IsNull ? tags : tags.Offset(i * 8UL), _locked!, out IoVector buffer, out ulong tag);
            if (error != Errno.Success)
                return i > 0 ? i : error;
            ulong old;
            using (_lock.Enter())
            {
                buffers[first + i] = buffer;
                old = _bufferTags![first + i];
                _bufferTags[first + i] = tag;
            }

            if (old != 0)
                Post(thread, old, 0, CompletionFlags.None);
        }

        return count;
    }

    /// <summary>Whether a range lies in a registered buffer.</summary>
    public bool IsInBuffer(ushort index, ulong address, ulong length)
    {
        using (_lock.Enter())
        {
            if (_buffers is null || index >= _buffers.Length)
                return false;
            IoVector buffer = _buffers[index];
            return address >= buffer.Address && length <= buffer.Length && address - buffer.Address <= buffer.Length - length && buffer.Length > 0;
        }
    }

    /// <summary>A buffer of a group, for an operation that has something for it.</summary>
    /// <returns>ENOBUFS.</returns>
    public Errno SelectBuffer(LinuxThread thread, ushort group, out BufferChoice choice)
    {
        choice = default;
        RingBufferGroup? found = FindGroup(group, creates: false, _account);
        return found is null ? Errno.ENOBUFS : found.Take(thread, out choice);
    }

    /// <summary>A group of buffers.</summary>
    public RingBufferGroup? FindGroup(ushort number, bool creates, IKernelMemory account)
    {
        using (_lock.Enter())
        {
            if (_groups.TryGetValue(number, out RingBufferGroup? group) || !creates || !_account.TryTake(GroupWeight))
                return group;
            group = new RingBufferGroup(account, 0, 0);
            _groups.Add(number, group);
            return group;
        }
    }

    /// <summary>Registers a ring of buffers in the program's memory.</summary>
    public Errno RegisterBufferRing(LinuxThread thread, in BufferRingRegistration registration)
    {
        if ((registration.Reserved0 | registration.Reserved1 | registration.Reserved2) != 0 || registration.Flags != 0)
            return Errno.EINVAL;
        if (registration.RingAddress == 0)
            return Errno.EFAULT;
        if ((registration.RingAddress & (AddressSpace.PageSize - 1)) != 0 || !System.Numerics.BitOperations.IsPow2(registration.Entries)
            || registration.Entries >= 65536)
            return Errno.EINVAL;
        ulong end = registration.RingAddress + registration.Entries * (ulong)ProvidedBuffer.Size;
        for (ulong page = registration.RingAddress; page < end; page += AddressSpace.PageSize)
        {
            if (!thread.Memory.BringIn(page, isWrite: true))
                return Errno.EFAULT;
        }

        using (_lock.Enter())
        {
            if (_groups.TryGetValue(registration.Group, out RingBufferGroup? existing))
            {
                if (existing.IsRing || !existing.IsEmpty)
                    return Errno.EEXIST;
            }
            else if (!_account.TryTake(GroupWeight))
            {
                return Errno.ENOMEM;
            }

            _groups[registration.Group] = new RingBufferGroup(_account, registration.RingAddress, registration.Entries);
            return Errno.Success;
        }
    }

    /// <summary>Forgets it.</summary>
    public Errno UnregisterBufferRing(ushort number)
    {
        using (_lock.Enter())
        {
            if (!_groups.TryGetValue(number, out RingBufferGroup? group))
                return Errno.ENOENT;
            if (!group.IsRing)
                return Errno.EINVAL;
            _groups.Remove(number);
            _account.Give(GroupWeight);
            return Errno.Success;
        }
    }

    private static Errno ReadBuffer(
        LinuxThread thread, UserAddress at, UserAddress tagAt, LockedMemory locked, out IoVector buffer, out ulong tag)
    {
        tag = 0;
        if (!thread.Memory.TryRead(at, out buffer) || (!tagAt.IsNull && !thread.Memory.TryRead(tagAt, out tag)))
            return Errno.EFAULT;

        // An entry without memory is room for a later one.
        if (buffer.Address == 0)
            return buffer.Length != 0 ? Errno.EFAULT : tag != 0 ? Errno.EINVAL : Errno.Success;
        if (buffer.Length == 0 || buffer.Length > LongestBuffer)
            return Errno.EFAULT;
        if (buffer.Address + buffer.Length < buffer.Address)
            return Errno.EOVERFLOW;
        const ulong pageMask = AddressSpace.PageSize - 1;
        ulong start = buffer.Address & ~pageMask;
        ulong end = (buffer.Address + buffer.Length + pageMask) & ~pageMask;
        if (!locked.TryAdd(thread, end - start))
            return Errno.ENOMEM;
        for (ulong page = start; page < end; page += AddressSpace.PageSize)
        {
            if (!thread.Memory.BringIn(page, isWrite: true))
                return Errno.EFAULT;
        }

        return Errno.Success;
    }
}

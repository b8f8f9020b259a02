using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Rings;

/// <summary>Buffers that the program provides under one number, for operations that take one when they have something to put in.</summary>
/// <param name="account">Who pays for what is kept of them.</param>
/// <param name="ringAddress">Where the program's ring of buffers lies; 0 where they come one by one.</param>
/// <param name="entries">Entries of that ring, a power of two.</param>
internal sealed class RingBufferGroup(IKernelMemory account, ulong ringAddress, uint entries)
{
    /// <summary>What one buffer weighs that was provided by a submission.</summary>
    private const int BufferWeight = 32;

    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Queue<ProvidedBuffer> _buffers = new();
    private ushort _head;

    /// <summary>Whether the buffers are in a ring of the program's.</summary>
    public bool IsRing => ringAddress != 0;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty
    {
        get
        {
            using (_lock.Enter())
                return _buffers.Count == 0;
        }
    }

    /// <summary>Takes the next buffer.</summary>
    /// <returns>ENOBUFS, EFAULT.</returns>
    public Errno Take(LinuxThread thread, out BufferChoice choice)
    {
        choice = default;
        while (true)
        {
            ushort head;
            using (_lock.Enter())
            {
                head = _head;
                if (_buffers.TryDequeue(out ProvidedBuffer kept))
                {
                    choice = new BufferChoice(this, kept.Address, kept.Length, kept.Id);
                    return Errno.Success;
                }
            }

            if (!IsRing)
                return Errno.ENOBUFS;

            // The tail and the entry are read once; the head is the kernel's.
            if (!thread.Memory.TryRead(new UserAddress(ringAddress + ProvidedBuffer.TailOffset), out ushort tail))
                return Errno.EFAULT;
            if (tail == head)
                return Errno.ENOBUFS;
            ulong index = head & (entries - 1);
            if (!thread.Memory.TryRead(new UserAddress(ringAddress + index * ProvidedBuffer.Size), out ProvidedBuffer buffer))
                return Errno.EFAULT;
            using (_lock.Enter())
            {
                // Another operation may have taken it meanwhile.
                if (_head != head)
                    continue;
                _head++;
            }

            choice = new BufferChoice(this, buffer.Address, buffer.Length, buffer.Id);
            return Errno.Success;
        }
    }

    /// <summary>An operation had nothing to put in: the next one gets it.</summary>
    public void Return(in BufferChoice choice)
    {
        using (_lock.Enter())
            _buffers.Enqueue(new ProvidedBuffer { Address = choice.Address, Length = (uint)choice.Length, Id = choice.Id });
    }

    /// <summary>The program has it now.</summary>
    public void OnUsed()
    {
        if (!IsRing)
            account.Give(BufferWeight);
    }

    /// <summary>Adds a buffer.</summary>
    /// <returns>False where there is no memory for it.</returns>
    public bool TryAdd(in ProvidedBuffer buffer)
    {
        if (!account.TryTake(BufferWeight))
            return false;
        using (_lock.Enter())
            _buffers.Enqueue(buffer);
        return true;
    }

    /// <summary>Forgets buffers.</summary>
    /// <returns>How many there were.</returns>
    public int Remove(int count)
    {
        int removed = 0;
        using (_lock.Enter())
        {
            while (removed < count && _buffers.TryDequeue(out _))
                removed++;
        }

        if (!IsRing)
            account.Give(removed * (long)BufferWeight);
        return removed;
    }
}

/// <summary>IORING_OP_PROVIDE_BUFFERS and IORING_OP_REMOVE_BUFFERS.</summary>
internal static class RingBufferGroups
{
    private const int MostBuffers = 65536;

    /// <summary>Provides buffers that lie one behind the other.</summary>
    public static SyscallResult Provide(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        if (entry.OperationFlags != 0 || entry.SecondDescriptor != 0)
            return Errno.EINVAL;
        int count = entry.Descriptor;
        if (count is <= 0 or > MostBuffers)
            return Errno.E2BIG;
        ulong size = (ulong)entry.Length * (ulong)count;
        if (entry.Length == 0 || entry.Address + size < entry.Address)
            return entry.Length == 0 ? Errno.EFAULT : Errno.EOVERFLOW;
        if (entry.Address + size > 1UL << 47)
            return Errno.EFAULT;
        if (entry.Offset > ushort.MaxValue)
            return Errno.E2BIG;
        if (entry.Offset + (ulong)count > MostBuffers)
            return Errno.EINVAL;
        RingBufferGroup? group = request.Ring.FindGroup(entry.Buffer, creates: true, thread.KernelMemory);
        if (group is null)
            return Errno.ENOMEM;
        if (group.IsRing)
            return Errno.EINVAL;
        for (int i = 0; i < count; i++)
        {
            var buffer = new ProvidedBuffer
            {
                Address = entry.Address + (ulong)i * entry.Length,
                Length = entry.Length,
                Id = (ushort)(entry.Offset + (ulong)i),
            };
            if (!group.TryAdd(buffer))
                return i > 0 ? 0 : Errno.ENOMEM;
        }

        return 0;
    }

    /// <summary>Takes buffers back.</summary>
    public static SyscallResult Remove(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        if (entry.OperationFlags != 0 || entry.Address != 0 || entry.Length != 0 || entry.Offset != 0 || entry.SecondDescriptor != 0
            || entry.Descriptor is <= 0 or > MostBuffers)
            return Errno.EINVAL;
        RingBufferGroup? group = request.Ring.FindGroup(entry.Buffer, creates: false, thread.KernelMemory);
        if (group is null)
            return Errno.ENOENT;
        return group.IsRing ? Errno.EINVAL : group.Remove(entry.Descriptor);
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>io_uring_register(2).</summary>
internal static class RingRegisterSyscall
{
    /// <summary>IO_RINGFD_REG_MAX.</summary>
    private const uint MostRings = 16;

    /// <summary>IORING_RSRC_REGISTER_SPARSE.</summary>
    private const uint Sparse = 1;

    [Syscall(427, "io_uring_register")]
    public static SyscallResult Register(LinuxThread thread, Fd fd, RingRegistration operation, UserAddress argument, uint count)
    {
        if (operation > RingRegistration.IORING_REGISTER_FILE_ALLOC_RANGE)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is null)
            return Errno.EBADF;
        if (borrowed.File is not IRingFile { Ring: Ring ring })
            return Errno.EOPNOTSUPP;
        if (ring.Submitter is { } only && only != thread)
            return Errno.EEXIST;
        if (!ring.MayRegister(operation))
            return Errno.EACCES;
        return operation switch
        {
            RingRegistration.IORING_REGISTER_FILES or RingRegistration.IORING_UNREGISTER_FILES or RingRegistration.IORING_REGISTER_FILES_UPDATE
                or RingRegistration.IORING_REGISTER_FILES2 or RingRegistration.IORING_REGISTER_FILES_UPDATE2
                or RingRegistration.IORING_REGISTER_FILE_ALLOC_RANGE => RegisterFiles(thread, ring, operation, argument, count),
            RingRegistration.IORING_REGISTER_BUFFERS or RingRegistration.IORING_UNREGISTER_BUFFERS or RingRegistration.IORING_REGISTER_BUFFERS2
                or RingRegistration.IORING_REGISTER_BUFFERS_UPDATE or RingRegistration.IORING_REGISTER_PBUF_RING
                or RingRegistration.IORING_UNREGISTER_PBUF_RING => RegisterBuffers(thread, ring, operation, argument, count),
            _ => RegisterOther(thread, ring, operation, argument, count),
        };
    }

    private static SyscallResult RegisterFiles(LinuxThread thread, Ring ring, RingRegistration operation, UserAddress argument, uint count)
    {
        switch (operation)
        {
            case RingRegistration.IORING_REGISTER_FILES:
                return argument.IsNull ? Errno.EFAULT : ring.RegisterFiles(thread, argument, count, default);
            case RingRegistration.IORING_UNREGISTER_FILES:
                return !argument.IsNull || count != 0 ? Errno.EINVAL : ring.UnregisterFiles(thread);
            case RingRegistration.IORING_REGISTER_FILES2:
                if (!TryReadRegistration(thread, argument, count, out ResourceRegistration registration, out Errno error))
                    return error;
                bool isSparse = (registration.Flags & Sparse) != 0;
                if (isSparse && registration.Data != 0)
                    return Errno.EINVAL;
                return ring.RegisterFiles(
                    thread, new UserAddress(isSparse ? 0 : registration.Data), registration.Count, new UserAddress(isSparse ? 0 : registration.Tags));
            case RingRegistration.IORING_REGISTER_FILE_ALLOC_RANGE:
                if (argument.IsNull || count != 0)
                    return Errno.EINVAL;
                if (!thread.Memory.TryRead(argument, out ulong range) || !thread.Memory.TryRead(argument.Offset(8), out ulong reserved))
                    return Errno.EFAULT;
                return reserved != 0 ? Errno.EINVAL : ring.SetAllocationRange((uint)range, (uint)(range >> 32));
            default:
                return TryReadUpdate(thread, operation == RingRegistration.IORING_REGISTER_FILES_UPDATE, argument, count, out ResourceUpdate update, out error)
                    ? ring.UpdateFiles(thread, update.Offset, new UserAddress(update.Data), new UserAddress(update.Tags), update.Count)
                    : error;
        }
    }

    private static SyscallResult RegisterBuffers(LinuxThread thread, Ring ring, RingRegistration operation, UserAddress argument, uint count)
    {
        switch (operation)
        {
            case RingRegistration.IORING_REGISTER_BUFFERS:
                return argument.IsNull ? Errno.EFAULT : ring.RegisterBuffers(thread, argument, count, default);
            case RingRegistration.IORING_UNREGISTER_BUFFERS:
                return !argument.IsNull || count != 0 ? Errno.EINVAL : ring.UnregisterBuffers(thread);
            case RingRegistration.IORING_REGISTER_BUFFERS2:
                if (!TryReadRegistration(thread, argument, count, out ResourceRegistration registration, out Errno error))
                    return error;
                if ((registration.Flags & Sparse) != 0)
                    return registration.Data != 0 ? Errno.EINVAL : ring.RegisterNoBuffers(registration.Count);
                return ring.RegisterBuffers(thread, new UserAddress(registration.Data), registration.Count, new UserAddress(registration.Tags));
            case RingRegistration.IORING_REGISTER_BUFFERS_UPDATE:
                return TryReadUpdate(thread, isShort: false, argument, count, out ResourceUpdate update, out error)
                    ? ring.UpdateBuffers(thread, update.Offset, new UserAddress(update.Data), new UserAddress(update.Tags), update.Count)
                    : error;
            default:
                if (argument.IsNull || count != 1)
                    return Errno.EINVAL;
                if (!thread.Memory.TryRead(argument, out BufferRingRegistration ringRegistration))
                    return Errno.EFAULT;
                return operation == RingRegistration.IORING_REGISTER_PBUF_RING
                    ? ring.RegisterBufferRing(thread, ringRegistration)
                    : ring.UnregisterBufferRing(ringRegistration.Group);
        }
    }

    private static SyscallResult RegisterOther(LinuxThread thread, Ring ring, RingRegistration operation, UserAddress argument, uint count)
    {
        switch (operation)
        {
            case RingRegistration.IORING_REGISTER_EVENTFD or RingRegistration.IORING_REGISTER_EVENTFD_ASYNC:
                return count != 1
                    ? Errno.EINVAL
                    : RegisterEventFile(thread, ring, argument, onlyLater: operation == RingRegistration.IORING_REGISTER_EVENTFD_ASYNC);
            case RingRegistration.IORING_UNREGISTER_EVENTFD:
                return !argument.IsNull || count != 0 ? Errno.EINVAL : ring.ClearEventFile();
            case RingRegistration.IORING_REGISTER_PROBE:
                return argument.IsNull || count > 256 ? Errno.EINVAL : Probe(thread, argument, count);
            case RingRegistration.IORING_REGISTER_PERSONALITY:
                return !argument.IsNull || count != 0 ? Errno.EINVAL : ring.AddPersonality(thread.Identity);
            case RingRegistration.IORING_UNREGISTER_PERSONALITY:
                return !argument.IsNull ? Errno.EINVAL : ring.RemovePersonality(count);
            case RingRegistration.IORING_REGISTER_ENABLE_RINGS:
                return !argument.IsNull || count != 0 ? Errno.EINVAL : ring.Enable(thread);
            case RingRegistration.IORING_REGISTER_RESTRICTIONS:
                if (!ring.IsDisabled)
                    return Errno.EBADFD;
                Errno error = RingRestrictions.Read(thread, argument, count, out RingRestrictions restrictions);
                return error != Errno.Success ? error : ring.Restrict(restrictions);
            case RingRegistration.IORING_REGISTER_IOWQ_AFF:
                return argument.IsNull || count == 0 ? Errno.EINVAL : 0;
            case RingRegistration.IORING_UNREGISTER_IOWQ_AFF:
                return !argument.IsNull || count != 0 ? Errno.EINVAL : 0;
            case RingRegistration.IORING_REGISTER_IOWQ_MAX_WORKERS:
                return argument.IsNull || count != 2 ? Errno.EINVAL : SetWorkerLimits(thread, argument);
            case RingRegistration.IORING_REGISTER_RING_FDS:
                return RegisterRings(thread, argument, count);
            case RingRegistration.IORING_UNREGISTER_RING_FDS:
                return UnregisterRings(thread, argument, count);
            default:
                if (argument.IsNull || count != 1)
                    return Errno.EINVAL;
                if (!thread.Memory.TryRead(argument, out SynchronousCancel cancel))
                    return Errno.EFAULT;
                return RingCancel.CancelAndWait(thread, ring, cancel);
        }
    }

    private static SyscallResult RegisterEventFile(LinuxThread thread, Ring ring, UserAddress argument, bool onlyLater)
    {
        if (!thread.Memory.TryRead(argument, out int fd))
            return Errno.EFAULT;
        IOpenFile? file = thread.Process.Descriptors.Take(fd);
        if (file is IEventCounter)
            return ring.SetEventFile(file, onlyLater);
        file?.Release();
        return file is null ? Errno.EBADF : Errno.EINVAL;
    }

    /// <summary>struct io_uring_probe: what there is, by operation.</summary>
    private static SyscallResult Probe(LinuxThread thread, UserAddress argument, uint count)
    {
        const int headerSize = 16;
        const int entrySize = 8;
        const byte supported = 1;
        count = Math.Min(count, (uint)RingOperation.IORING_OP_LAST);
        Span<byte> probe = stackalloc byte[headerSize + (int)RingOperation.IORING_OP_LAST * entrySize];
        probe = probe[..(headerSize + (int)count * entrySize)];
        Errno error = thread.Memory.CopyIn(argument, probe);
        if (error != Errno.Success)
            return error;
        if (probe.ContainsAnyExcept((byte)0))
            return Errno.EINVAL;
        probe[0] = (byte)RingOperation.IORING_OP_LAST - 1;
        probe[1] = (byte)count;
        for (int i = 0; i < count; i++)
        {
            Span<byte> entry = probe.Slice(headerSize + i * entrySize, entrySize);
            entry[0] = (byte)i;
            if (RingOperations.IsSupported((RingOperation)i))
                entry[2] = supported;
        }

        return thread.Memory.CopyOut(argument, probe);
    }

    private static SyscallResult SetWorkerLimits(LinuxThread thread, UserAddress argument)
    {
        if (!thread.Memory.TryRead(argument, out uint bounded) || !thread.Memory.TryRead(argument.Offset(4), out uint unbounded))
            return Errno.EFAULT;
        RingTasks tasks = RingTasks.Of(thread.Process);
        uint old = (uint)tasks.WorkerLimit;

        // There is one kind of workers here, which the larger number limits; 0 asks only.
        uint limit = Math.Max(bounded, unbounded);
        if (limit != 0)
            tasks.WorkerLimit = (int)Math.Min(limit, RingTasks.MostWorkers);
        return thread.Memory.TryWrite(argument, old) && thread.Memory.TryWrite(argument.Offset(4), old) ? 0 : Errno.EFAULT;
    }

    private static SyscallResult RegisterRings(LinuxThread thread, UserAddress argument, uint count)
    {
        if (count is 0 or > MostRings)
            return Errno.EINVAL;
        IOpenFile?[] rings = thread.RegisteredRings ??= new IOpenFile?[MostRings];
        for (uint i = 0; i < count; i++)
        {
            UserAddress at = argument.Offset(i * (ulong)ResourceUpdate.ShortSize);
            if (!thread.Memory.TryRead(at, out uint offset) || !thread.Memory.TryRead(at.Offset(4), out uint reserved)
                || !thread.Memory.TryRead(at.Offset(8), out ulong data))
                return i > 0 ? i : Errno.EFAULT;
            if (reserved != 0 || (offset != uint.MaxValue && offset >= MostRings))
                return i > 0 ? i : Errno.EINVAL;
            int slot = offset != uint.MaxValue ? (int)offset : Array.IndexOf(rings, null);
            if (slot < 0 || rings[slot] is not null)
                return i > 0 ? i : Errno.EBUSY;
            IOpenFile? file = thread.Process.Descriptors.Take((int)data);
            if (file is not IRingFile)
            {
                file?.Release();
                return i > 0 ? i : file is null ? Errno.EBADF : Errno.EOPNOTSUPP;
            }

            rings[slot] = file;
            if (!thread.Memory.TryWrite(at, (uint)slot))
                return i > 0 ? i : Errno.EFAULT;
        }

        return count;
    }

    private static SyscallResult UnregisterRings(LinuxThread thread, UserAddress argument, uint count)
    {
        if (count is 0 or > MostRings)
            return Errno.EINVAL;
        for (uint i = 0; i < count; i++)
        {
            UserAddress at = argument.Offset(i * (ulong)ResourceUpdate.ShortSize);
            if (!thread.Memory.TryRead(at, out uint offset) || !thread.Memory.TryRead(at.Offset(4), out uint reserved)
                || !thread.Memory.TryRead(at.Offset(8), out ulong data))
                return i > 0 ? i : Errno.EFAULT;
            if (reserved != 0 || data != 0 || offset >= MostRings)
                return i > 0 ? i : Errno.EINVAL;
            if (thread.RegisteredRings is not { } rings)
                continue;
            rings[offset]?.Release();
            rings[offset] = null;
        }

        return count;
    }

    private static bool TryReadRegistration(
        LinuxThread thread, UserAddress argument, uint size, out ResourceRegistration registration, out Errno error)
    {
        registration = default;
        error = Errno.EINVAL;
        if (size != ResourceRegistration.Size)
            return false;
        if (!thread.Memory.TryRead(argument, out registration))
            error = Errno.EFAULT;
        else if (registration.Count != 0 && registration.Reserved == 0 && (registration.Flags & ~Sparse) == 0)
            error = Errno.Success;
        return error == Errno.Success;
    }

    private static bool TryReadUpdate(LinuxThread thread, bool isShort, UserAddress argument, uint count, out ResourceUpdate update, out Errno error)
    {
        update = default;
        error = Errno.EINVAL;
        if (!isShort)
        {
            if (count != ResourceUpdate.Size)
                return false;
            error = thread.Memory.TryRead(argument, out update) ? Errno.Success : Errno.EFAULT;
        }
        else
        {
            if (count == 0)
                return false;
            bool isRead = thread.Memory.TryRead(argument, out update.Offset) && thread.Memory.TryRead(argument.Offset(4), out update.Reserved)
                && thread.Memory.TryRead(argument.Offset(8), out update.Data);
            update.Count = count;
            error = isRead ? Errno.Success : Errno.EFAULT;
        }

        if (error == Errno.Success && (update.Reserved != 0 || update.Reserved2 != 0 || update.Count == 0))
            error = Errno.EINVAL;
        return error == Errno.Success;
    }
}

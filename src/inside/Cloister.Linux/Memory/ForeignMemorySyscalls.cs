using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Memory;

/// <summary>Memory of other processes (process_vm_readv(2)).</summary>
internal static class ForeignMemorySyscalls
{
    /// <summary>IOV_MAX.</summary>
    private const ulong MostVectors = 1024;

    [Syscall(310, "process_vm_readv")]
    public static SyscallResult Read(
        LinuxThread thread, int processId, UserAddress local, ulong localCount, UserAddress remote, ulong remoteCount, ulong flags) =>
        Transfer(thread, processId, local, localCount, remote, remoteCount, flags, write: false);

    [Syscall(311, "process_vm_writev")]
    public static SyscallResult Write(
        LinuxThread thread, int processId, UserAddress local, ulong localCount, UserAddress remote, ulong remoteCount, ulong flags) =>
        Transfer(thread, processId, local, localCount, remote, remoteCount, flags, write: true);

    [Syscall(440, "process_madvise", Note = "To other processes MADV_COLD, MADV_PAGEOUT and MADV_WILLNEED.")]
    public static SyscallResult Advise(LinuxThread thread, Fd descriptor, UserAddress vector, ulong count, int advice, uint flags)
    {
        const int willNeed = 3;
        const int cold = 20;
        const int pageOut = 21;
        if (flags != 0)
            return Errno.EINVAL;
        Errno error = ReadVectors(thread, vector, count, out Vector[] ranges);
        if (error != Errno.Success)
            return error;
        error = ProcessHandle.Find(thread, descriptor.Value, out LinuxProcess? process, out _);
        if (error != Errno.Success)
            return error;
        if (process!.Leader is not { } leader)
            return Errno.ESRCH;
        if (!ProcessAccess.MayInspect(thread, leader, ofFiles: true))
            return Errno.EACCES;
        bool isOwn = process == thread.Process;
        if (!isOwn && advice is not (willNeed or cold or pageOut))
            return Errno.EINVAL;
        if (!isOwn && !thread.Identity.Has(Capability.SysNice))
            return Errno.EPERM;
        AddressSpace space = process.AddressSpace;
        if (!space.TryAddUser())
            return Errno.ESRCH;
        try
        {
            long done = 0;
            foreach (Vector range in ranges)
            {
                const ulong pageMask = AddressSpace.PageSize - 1;
                ulong length = (range.Length + pageMask) & ~pageMask;
                error = (range.Address & pageMask) != 0 || length < range.Length || range.Address + length < range.Address
                    ? Errno.EINVAL
                    : MemoryAdvice.Follow(thread, space, range.Address, length, advice);
                if (error != Errno.Success)
                    return done > 0 ? done : error;
                done += (long)range.Length;
            }

            return done;
        }
        finally
        {
            space.RemoveUser();
        }
    }

    private static SyscallResult Transfer(
        LinuxThread thread, int processId, UserAddress local, ulong localCount, UserAddress remote, ulong remoteCount, ulong flags, bool write)
    {
        if (flags != 0)
            return Errno.EINVAL;
        Errno error = thread.Vector(local, localCount, out IIoBuffer buffer);
        if (error != Errno.Success)
            return error;
        if (buffer.Remaining == 0)
            return 0;
        error = ReadVectors(thread, remote, remoteCount, out Vector[] ranges);
        if (error != Errno.Success)
            return error;
        if (thread.Kernel.Processes.FindThread(processId) is not { } target)
            return Errno.ESRCH;
        if (!ProcessAccess.MayInspect(thread, target, ofFiles: false))
            return Errno.EPERM;
        var memory = new ProcessMemory(target.Process.AddressSpace);
        long done = 0;
        foreach (Vector range in ranges)
        {
            var part = new BufferPart(buffer, (long)Math.Min(range.Length, long.MaxValue));
            if (part.Remaining == 0)
                continue;
            long wanted = part.Remaining;
            SyscallResult moved = write ? memory.Write(thread, range.Address, part) : memory.Read(thread, range.Address, part);
            if (moved.IsError)
                return done > 0 ? done : Errno.EFAULT;
            done += moved.Value;
            if (moved.Value < wanted)
                return done > 0 ? done : Errno.EFAULT;
        }

        return done;
    }

    private static Errno ReadVectors(LinuxThread thread, UserAddress address, ulong count, out Vector[] vectors)
    {
        vectors = [];
        if (count > MostVectors)
            return Errno.EINVAL;
        vectors = new Vector[count];
        Errno error = thread.Memory.CopyIn(address, MemoryMarshal.AsBytes(vectors.AsSpan()));
        if (error != Errno.Success)
            return error;
        foreach (Vector vector in vectors)
        {
            if (vector.Length > long.MaxValue)
                return Errno.EINVAL;
        }

        return Errno.Success;
    }

    /// <summary>struct iovec.</summary>
    private readonly record struct Vector(ulong Address, ulong Length);

    /// <summary>The next bytes of a buffer.</summary>
    private sealed class BufferPart(IIoBuffer buffer, long length) : IIoBuffer
    {
        private long _left = Math.Min(length, buffer.Remaining);

        public long Remaining => _left;

        public int Store(ReadOnlySpan<byte> from) => Taken(buffer.Store(from[..Limit(from.Length)]));

        public int Fetch(Span<byte> into) => Taken(buffer.Fetch(into[..Limit(into.Length)]));

        public int StorePresent(ReadOnlySpan<byte> from) => Taken(buffer.StorePresent(from[..Limit(from.Length)]));

        public int FetchPresent(Span<byte> into) => Taken(buffer.FetchPresent(into[..Limit(into.Length)]));

        public bool Prepare(bool forStore) => _left > 0 && buffer.Prepare(forStore);

        private int Limit(int length) => (int)Math.Min(length, _left);

        private int Taken(int count)
        {
            _left -= count;
            return count;
        }

        public long StoreZeros(long count)
        {
            long stored = buffer.StoreZeros(Math.Min(count, _left));
            _left -= stored;
            return stored;
        }
    }
}

using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Files;

/// <summary>poll(2) and select(2).</summary>
public static class PollSyscalls
{
    private const PollEvents ReadSet = PollEvents.In | PollEvents.ReadNormal | PollEvents.ReadBand | PollEvents.HangUp | PollEvents.Error;
    private const PollEvents WriteSet = PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand | PollEvents.Error;
    private const PollEvents ExceptSet = PollEvents.Priority;

    [Syscall(7, "poll")]
    public static SyscallResult Poll(LinuxThread thread, UserAddress descriptors, uint count, int timeout) =>
        Poll(thread, descriptors, count, WaitTime.FromMilliseconds(thread, timeout));

    [Syscall(271, "ppoll")]
    public static SyscallResult PPoll(LinuxThread thread, UserAddress descriptors, uint count, UserAddress timeout, UserAddress mask, ulong maskSize)
    {
        Errno error = WaitTime.FromTimespec(thread, timeout, out long deadline);
        if (error == Errno.Success)
            error = WaitTime.SetMask(thread, mask, maskSize);
        if (error != Errno.Success)
            return error;
        SyscallResult result = WaitTime.EndMask(thread, Poll(thread, descriptors, count, deadline));
        if (!timeout.IsNull)
            thread.Memory.TryWrite(timeout, Timespec.From(WaitTime.Remaining(thread, deadline)));
        return result;
    }

    [Syscall(23, "select")]
    public static SyscallResult Select(LinuxThread thread, int count, UserAddress read, UserAddress write, UserAddress except, UserAddress timeout)
    {
        long deadline = Deadline.Never;
        if (!timeout.IsNull)
        {
            if (!thread.Memory.TryRead(timeout, out Timeval time))
                return Errno.EFAULT;

            // Linux takes microseconds beyond a second here.
            if (time.Seconds < 0 || time.Microseconds < 0)
                return Errno.EINVAL;
            time = new Timeval(time.Seconds + (time.Microseconds / 1_000_000), time.Microseconds % 1_000_000);
            deadline = time.TotalNanoseconds == 0 ? 0 : WaitTime.After(thread, time.TotalNanoseconds);
        }

        SyscallResult result = Select(thread, count, read, write, except, deadline);
        if (!timeout.IsNull)
            thread.Memory.TryWrite(timeout, Timeval.From(WaitTime.Remaining(thread, deadline)));
        return result;
    }

    [Syscall(270, "pselect6")]
    public static SyscallResult PSelect6(
        LinuxThread thread, int count, UserAddress read, UserAddress write, UserAddress except, UserAddress timeout, UserAddress maskAndSize)
    {
        Errno error = WaitTime.FromTimespec(thread, timeout, out long deadline);
        if (error != Errno.Success)
            return error;
        if (!maskAndSize.IsNull)
        {
            if (!thread.Memory.TryRead(maskAndSize, out ulong mask) || !thread.Memory.TryRead(maskAndSize.Offset(sizeof(ulong)), out ulong size))
                return Errno.EFAULT;
            error = WaitTime.SetMask(thread, new UserAddress(mask), size);
            if (error != Errno.Success)
                return error;
        }

        SyscallResult result = WaitTime.EndMask(thread, Select(thread, count, read, write, except, deadline));
        if (!timeout.IsNull)
            thread.Memory.TryWrite(timeout, Timespec.From(WaitTime.Remaining(thread, deadline)));
        return result;
    }

    private static SyscallResult Poll(LinuxThread thread, UserAddress address, uint count, long deadline)
    {
        if (count > thread.Process.Limits[ResourceLimits.OpenFiles].Soft)
            return Errno.EINVAL;
        int bytes = (int)count * PollDescriptor.Size;
        Span<byte> memory = bytes <= thread.PathBuffer.Length ? thread.PathBuffer[..bytes] : new byte[bytes];
        Errno error = thread.Memory.CopyIn(address, memory);
        if (error != Errno.Success)
            return error;
        SyscallResult result = thread.Kernel.Vfs.Poll(thread, thread.Process.Descriptors, MemoryMarshal.Cast<byte, PollDescriptor>(memory), deadline);
        if (result.IsError)
            return result;
        error = thread.Memory.CopyOut(address, memory);
        return error != Errno.Success ? error : result;
    }

    private static SyscallResult Select(LinuxThread thread, int count, UserAddress read, UserAddress write, UserAddress except, long deadline)
    {
        if (count < 0)
            return Errno.EINVAL;

        // Descriptors beyond any that can be open are ignored (select(2), BUGS).
        count = Math.Min(count, thread.Process.Descriptors.Capacity);
        int words = (count + 63) / 64;
        int needed = words * sizeof(ulong) * 3;
        Span<byte> memory = needed <= thread.SecondPathBuffer.Length ? thread.SecondPathBuffer[..needed] : new byte[needed];
        Span<ulong> bits = MemoryMarshal.Cast<byte, ulong>(memory);
        Span<ulong> readBits = bits[..words];
        Span<ulong> writeBits = bits.Slice(words, words);
        Span<ulong> exceptBits = bits.Slice(words * 2, words);
        if (!CopySet(thread, read, readBits, count) || !CopySet(thread, write, writeBits, count) || !CopySet(thread, except, exceptBits, count))
            return Errno.EFAULT;

        int wanted = 0;
        for (int i = 0; i < words; i++)
            wanted += System.Numerics.BitOperations.PopCount(readBits[i] | writeBits[i] | exceptBits[i]);
        int bytes = wanted * PollDescriptor.Size;
        Span<byte> descriptorMemory = bytes <= thread.PathBuffer.Length ? thread.PathBuffer[..bytes] : new byte[bytes];
        Span<PollDescriptor> descriptors = MemoryMarshal.Cast<byte, PollDescriptor>(descriptorMemory);
        int next = 0;
        for (int fd = 0; fd < count; fd++)
        {
            PollEvents events = EventsOf(readBits, writeBits, exceptBits, fd);
            if (events != PollEvents.None)
                descriptors[next++] = new PollDescriptor { Fd = fd, Events = (short)events };
        }

        SyscallResult result = thread.Kernel.Vfs.Poll(thread, thread.Process.Descriptors, descriptors, deadline);
        if (result.IsError)
            return result;
        return Report(thread, descriptors, readBits, writeBits, exceptBits, read, write, except);
    }

    private static PollEvents EventsOf(Span<ulong> read, Span<ulong> write, Span<ulong> except, int fd)
    {
        PollEvents events = PollEvents.None;
        if ((read[fd >> 6] >> fd & 1) != 0)
            events |= ReadSet;
        if ((write[fd >> 6] >> fd & 1) != 0)
            events |= WriteSet;
        if ((except[fd >> 6] >> fd & 1) != 0)
            events |= ExceptSet;
        return events;
    }

    private static SyscallResult Report(
        LinuxThread thread, Span<PollDescriptor> descriptors, Span<ulong> readBits, Span<ulong> writeBits, Span<ulong> exceptBits,
        UserAddress read, UserAddress write, UserAddress except)
    {
        int total = 0;
        foreach (PollDescriptor descriptor in descriptors)
        {
            var events = (PollEvents)(ushort)descriptor.ReturnedEvents;
            if ((events & PollEvents.Invalid) != 0)
                return Errno.EBADF;
            total += Keep(readBits, descriptor.Fd, (events & ReadSet) != 0);
            total += Keep(writeBits, descriptor.Fd, (events & WriteSet) != 0);
            total += Keep(exceptBits, descriptor.Fd, (events & ExceptSet) != 0);
        }

        return PutSet(thread, read, readBits) && PutSet(thread, write, writeBits) && PutSet(thread, except, exceptBits) ? total : Errno.EFAULT;
    }

    private static int Keep(Span<ulong> bits, int fd, bool isReady)
    {
        ulong bit = 1UL << (fd & 63);
        if ((bits[fd >> 6] & bit) == 0)
            return 0;
        if (isReady)
            return 1;
        bits[fd >> 6] &= ~bit;
        return 0;
    }

    private static bool CopySet(LinuxThread thread, UserAddress address, Span<ulong> bits, int count)
    {
        bits.Clear();
        if (address.IsNull)
            return true;
        if (thread.Memory.CopyIn(address, MemoryMarshal.AsBytes(bits)) != Errno.Success)
            return false;
        if ((count & 63) != 0)
            bits[^1] &= (1UL << (count & 63)) - 1;
        return true;
    }

    private static bool PutSet(LinuxThread thread, UserAddress address, Span<ulong> bits) =>
        address.IsNull || thread.Memory.CopyOut(address, MemoryMarshal.AsBytes(bits)) == Errno.Success;
}

using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>epoll(7).</summary>
public static class EpollSyscalls
{
    [Syscall(213, "epoll_create")]
    public static SyscallResult EpollCreate(LinuxThread thread, int size) => size <= 0 ? Errno.EINVAL : EpollCreate1(thread, 0);

    [Syscall(291, "epoll_create1")]
    public static SyscallResult EpollCreate1(LinuxThread thread, OpenFlags flags)
    {
        if ((flags & ~OpenFlags.O_CLOEXEC) != 0)
            return Errno.EINVAL;
        Errno error = thread.Kernel.Vfs.CreateEventPoll(thread, out IOpenFile? file);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, file!, (flags & OpenFlags.O_CLOEXEC) != 0);
    }

    [Syscall(233, "epoll_ctl")]
    public static SyscallResult EpollCtl(LinuxThread thread, Fd epoll, EpollOperation operation, Fd fd, UserAddress item)
    {
        EpollEvent value = default;
        if (operation != EpollOperation.EPOLL_CTL_DEL && !TryRead(thread, item, out value))
            return Errno.EFAULT;
        using BorrowedFile instance = thread.Process.Descriptors.Borrow(epoll.Value);
        using BorrowedFile target = thread.Process.Descriptors.Borrow(fd.Value);
        if (instance.File is null || target.File is null)
            return Errno.EBADF;
        return instance.File is IEventPoll poll ? poll.Change(thread, operation, fd.Value, target.File, value) : Errno.EINVAL;
    }

    [Syscall(232, "epoll_wait")]
    public static SyscallResult EpollWait(LinuxThread thread, Fd epoll, UserAddress events, int count, int timeout) =>
        Wait(thread, epoll, events, count, WaitTime.FromMilliseconds(thread, timeout));

    [Syscall(281, "epoll_pwait")]
    public static SyscallResult EpollPWait(LinuxThread thread, Fd epoll, UserAddress events, int count, int timeout, UserAddress mask, ulong maskSize)
    {
        Errno error = WaitTime.SetMask(thread, mask, maskSize);
        if (error != Errno.Success)
            return error;
        return WaitTime.EndMask(thread, Wait(thread, epoll, events, count, WaitTime.FromMilliseconds(thread, timeout)));
    }

    [Syscall(441, "epoll_pwait2")]
    public static SyscallResult EpollPWait2(LinuxThread thread, Fd epoll, UserAddress events, int count, UserAddress timeout, UserAddress mask, ulong maskSize)
    {
        Errno error = WaitTime.FromTimespec(thread, timeout, out long deadline);
        if (error == Errno.Success)
            error = WaitTime.SetMask(thread, mask, maskSize);
        if (error != Errno.Success)
            return error;
        return WaitTime.EndMask(thread, Wait(thread, epoll, events, count, deadline));
    }

    private static SyscallResult Wait(LinuxThread thread, Fd epoll, UserAddress address, int count, long deadline)
    {
        if (count is <= 0 or > int.MaxValue / EpollEvent.Size)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(epoll.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        if (file is not IEventPoll poll)
            return Errno.EINVAL;

        // As many as scratch memory has room for, also for servers that ask for tens of thousands with each call: the others stay ready, and
        // come first in the next one.
        count = Math.Min(count, thread.PathBuffer.Length / EpollEvent.Size);
        Span<EpollEvent> events = MemoryMarshal.Cast<byte, EpollEvent>(thread.PathBuffer[..(count * EpollEvent.Size)]);
        SyscallResult result = poll.Wait(thread, events, deadline);
        if (result.Value <= 0)
            return result;
        events = events[..(int)result.Value];
        Errno error = thread.Cpu.HasGenericStructures ? WriteGeneric(thread, address, events) : thread.Memory.CopyOut(address, MemoryMarshal.AsBytes(events));
        return error != Errno.Success ? error : result;
    }

    private static bool TryRead(LinuxThread thread, UserAddress address, out EpollEvent item)
    {
        if (!thread.Cpu.HasGenericStructures)
            return thread.Memory.TryRead(address, out item);
        bool isThere = thread.Memory.TryRead(address, out GenericEpollEvent found);
        item = new EpollEvent { Events = found.Events, Data = found.Data };
        return isThere;
    }

    private static Errno WriteGeneric(LinuxThread thread, UserAddress address, ReadOnlySpan<EpollEvent> events)
    {
        for (int i = 0; i < events.Length; i++)
        {
            var item = new GenericEpollEvent { Events = events[i].Events, Data = events[i].Data };
            if (!thread.Memory.TryWrite(address.Offset((ulong)(i * GenericEpollEvent.Size)), item))
                return Errno.EFAULT;
        }

        return Errno.Success;
    }
}

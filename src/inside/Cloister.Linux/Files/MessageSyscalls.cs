using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>sendto(2), sendmsg(2), sendmmsg(2), recvfrom(2), recvmsg(2), recvmmsg(2).</summary>
public static class MessageSyscalls
{
    /// <summary>struct mmsghdr: a struct msghdr and the bytes moved.</summary>
    private const int MultipleHeaderSize = MessageHeader.Size + 8;

    private const int MostMessages = 1024;

    [Syscall(44, "sendto")]
    public static SyscallResult SendTo(LinuxThread thread, Fd fd, UserAddress buffer, ulong count, MessageFlags flags, UserAddress address, int addressLength)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = SocketSyscalls.Find(borrowed.File, out ISocketFile? socket);
        if (error != Errno.Success)
            return error;
        Span<byte> bytes = stackalloc byte[SocketSyscalls.AddressSize];
        scoped SocketMessage message = Create(thread);
        if (!address.IsNull)
        {
            error = SocketSyscalls.ReadAddress(thread, address, addressLength, ref bytes);
            if (error != Errno.Success)
                return error;
            message.Address = bytes;
            message.AddressLength = bytes.Length;
        }

        return socket!.Send(thread, thread.Buffer(buffer, count), flags, ref message);
    }

    [Syscall(46, "sendmsg")]
    public static SyscallResult SendMsg(LinuxThread thread, Fd fd, UserAddress header, MessageFlags flags)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = SocketSyscalls.Find(borrowed.File, out ISocketFile? socket);
        return error != Errno.Success ? error : Send(thread, socket!, header, flags);
    }

    [Syscall(307, "sendmmsg")]
    public static SyscallResult SendMMsg(LinuxThread thread, Fd fd, UserAddress headers, uint count, MessageFlags flags)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = SocketSyscalls.Find(borrowed.File, out ISocketFile? socket);
        if (error != Errno.Success)
            return error;
        count = Math.Min(count, MostMessages);
        for (uint i = 0; i < count; i++)
        {
            UserAddress header = headers.Offset(i * (ulong)MultipleHeaderSize);
            SyscallResult result = Send(thread, socket!, header, flags);
            if (result.IsError)
                return i > 0 ? (long)i : result;
            if (!thread.Memory.TryWrite(header.Offset(MessageHeader.Size), (int)result.Value))
                return i > 0 ? (long)i : Errno.EFAULT;
        }

        return (long)count;
    }

    [Syscall(45, "recvfrom")]
    public static SyscallResult RecvFrom(LinuxThread thread, Fd fd, UserAddress buffer, ulong count, MessageFlags flags, UserAddress address, UserAddress addressLength)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = SocketSyscalls.Find(borrowed.File, out ISocketFile? socket);
        if (error != Errno.Success)
            return error;
        Span<byte> bytes = stackalloc byte[SocketSyscalls.AddressSize];

        // Without a descriptor table: descriptors that come along are closed, as recv does.
        scoped SocketMessage message = default;
        message.Address = bytes;
        SyscallResult result = socket!.Receive(thread, thread.Buffer(buffer, count), flags, ref message);
        if (result.IsError || address.IsNull)
            return result;
        error = SocketSyscalls.PutAddress(thread, bytes, message.AddressLength, address, addressLength);
        return error != Errno.Success ? error : result;
    }

    [Syscall(47, "recvmsg")]
    public static SyscallResult RecvMsg(LinuxThread thread, Fd fd, UserAddress header, MessageFlags flags)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        Errno error = SocketSyscalls.Find(borrowed.File, out ISocketFile? socket);
        return error != Errno.Success ? error : Receive(thread, socket!, header, flags);
    }

    [Syscall(299, "recvmmsg")]
    public static SyscallResult RecvMMsg(LinuxThread thread, Fd fd, UserAddress headers, uint count, MessageFlags flags, UserAddress timeout)
    {
        Errno error = WaitTime.FromTimespec(thread, timeout, out long deadline);
        if (error != Errno.Success)
            return error;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        error = SocketSyscalls.Find(borrowed.File, out ISocketFile? socket);
        if (error != Errno.Success)
            return error;
        count = Math.Min(count, MostMessages);
        for (uint i = 0; i < count; i++)
        {
            UserAddress header = headers.Offset(i * (ulong)MultipleHeaderSize);
            SyscallResult result = Receive(thread, socket!, header, flags & ~MessageFlags.MSG_WAITFORONE);
            if (result.IsError)
                return i > 0 ? (long)i : result;
            if (!thread.Memory.TryWrite(header.Offset(MessageHeader.Size), (int)result.Value))
                return i > 0 ? (long)i : Errno.EFAULT;
            if ((flags & MessageFlags.MSG_WAITFORONE) != 0)
                flags |= MessageFlags.MSG_DONTWAIT;

            // The timeout is looked at after each message only (recvmmsg(2), BUGS).
            if (deadline != Deadline.Never && thread.MonotonicNow >= deadline)
                return (long)i + 1;
        }

        return (long)count;
    }

    private static SyscallResult Send(LinuxThread thread, ISocketFile socket, UserAddress headerAddress, MessageFlags flags)
    {
        if (!thread.Memory.TryRead(headerAddress, out MessageHeader header))
            return Errno.EFAULT;
        Errno error = Vector(thread, header, out IIoBuffer buffer);
        return error != Errno.Success ? error : Send(thread, socket, header, buffer, flags);
    }

    /// <summary>Sends a message whose header and vector were read.</summary>
    internal static SyscallResult Send(LinuxThread thread, ISocketFile socket, in MessageHeader header, IIoBuffer buffer, MessageFlags flags)
    {
        Span<byte> address = stackalloc byte[SocketSyscalls.AddressSize];
        scoped SocketMessage message = Create(thread);
        Errno error = Errno.Success;
        if (header.Name != 0)
        {
            error = SocketSyscalls.ReadAddress(thread, new UserAddress(header.Name), Math.Min(header.NameLength, SocketSyscalls.AddressSize), ref address);
            message.Address = address;
            message.AddressLength = address.Length;
        }

        if (error == Errno.Success && header.Control != 0 && header.ControlLength > 0)
        {
            if (header.ControlLength > (ulong)thread.SecondPathBuffer.Length)
                return Errno.ENOBUFS;
            message.Control = thread.SecondPathBuffer[..(int)header.ControlLength];
            message.ControlLength = message.Control.Length;
            error = thread.Memory.CopyIn(new UserAddress(header.Control), message.Control);
        }

        return error != Errno.Success ? error : socket.Send(thread, buffer, flags, ref message);
    }

    private static SyscallResult Receive(LinuxThread thread, ISocketFile socket, UserAddress headerAddress, MessageFlags flags)
    {
        if (!thread.Memory.TryRead(headerAddress, out MessageHeader header))
            return Errno.EFAULT;
        if (header.NameLength < 0)
            return Errno.EINVAL;
        Errno error = Vector(thread, header, out IIoBuffer buffer);
        return error != Errno.Success ? error : Receive(thread, socket, headerAddress, header, buffer, flags);
    }

    /// <summary>Receives a message whose header and vector were read, and tells the program what came.</summary>
    internal static SyscallResult Receive(
        LinuxThread thread, ISocketFile socket, UserAddress headerAddress, MessageHeader header, IIoBuffer buffer, MessageFlags flags)
    {
        Span<byte> address = stackalloc byte[SocketSyscalls.AddressSize];
        scoped SocketMessage message = Create(thread);
        message.Address = address;
        if (header.Control != 0)
            message.Control = thread.SecondPathBuffer[..(int)Math.Min(header.ControlLength, (ulong)thread.SecondPathBuffer.Length)];
        SyscallResult result = socket.Receive(thread, buffer, flags, ref message);
        if (result.IsError)
            return result;
        Errno error = Errno.Success;
        if (header.Name != 0)
        {
            int fits = Math.Min(message.AddressLength, Math.Min(header.NameLength, address.Length));
            error = thread.Memory.CopyOut(new UserAddress(header.Name), address[..fits]);
        }

        if (error == Errno.Success && message.ControlLength > 0)
            error = thread.Memory.CopyOut(new UserAddress(header.Control), message.Control[..message.ControlLength]);
        if (error != Errno.Success)
            return error;
        header.NameLength = message.AddressLength;
        header.ControlLength = (ulong)message.ControlLength;
        header.Flags = (uint)(message.Flags | (flags & MessageFlags.MSG_CMSG_CLOEXEC));
        return thread.Memory.TryWrite(headerAddress, header) ? result : Errno.EFAULT;
    }

    internal static Errno Vector(LinuxThread thread, in MessageHeader header, out IIoBuffer buffer)
    {
        const ulong mostVectors = 1024;
        buffer = null!;
        if (header.VectorCount > mostVectors)
            return Errno.EMSGSIZE;
        return thread.Vector(new UserAddress(header.Vector), header.VectorCount, out buffer);
    }

    internal static SocketMessage Create(LinuxThread thread) => new()
    {
        Context = thread.Process.FileSystemContext,
        Descriptors = thread.Process.Descriptors,
        DescriptorLimit = thread.Process.Limits[ResourceLimits.OpenFiles].Soft,
    };
}

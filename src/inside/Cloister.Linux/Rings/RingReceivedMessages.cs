using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>Messages of a multishot recvmsg: each lies in its buffer with a header of its own (io_uring_prep_recvmsg_multishot(3)).</summary>
internal static class RingReceivedMessages
{
    /// <summary>struct io_uring_recvmsg_out.</summary>
    private const int HeaderSize = 16;

    /// <summary>Receives one: header, room for the name, room for control messages, then the bytes.</summary>
    public static SyscallResult Receive(LinuxThread thread, RingRequest request, ISocketFile socket, in BufferChoice choice, MessageFlags flags)
    {
        int nameRoom = Math.Min(request.Header.NameLength, SocketSyscalls.AddressSize);
        ulong controlRoom = Math.Min(request.Header.ControlLength, (ulong)thread.SecondPathBuffer.Length);
        ulong before = HeaderSize + (ulong)request.Header.NameLength + request.Header.ControlLength;
        if (before > choice.Length)
            return Errno.EFAULT;
        Span<byte> name = stackalloc byte[SocketSyscalls.AddressSize];
        scoped SocketMessage message = MessageSyscalls.Create(thread);
        message.Address = name;
        if (request.Header.ControlLength > 0)
            message.Control = thread.SecondPathBuffer[..(int)controlRoom];
        IIoBuffer buffer = thread.Buffer(new UserAddress(choice.Address + before), choice.Length - before);
        SyscallResult result = socket.Receive(thread, buffer, flags, ref message);
        if (result.IsError)
            return result;
        Span<uint> header = [(uint)message.AddressLength, (uint)message.ControlLength, (uint)result.Value, (uint)message.Flags];
        var start = new UserAddress(choice.Address);
        Errno error = thread.Memory.CopyOut(start, MemoryMarshal.AsBytes(header));
        if (error == Errno.Success)
            error = thread.Memory.CopyOut(start.Offset(HeaderSize), name[..Math.Min(nameRoom, message.AddressLength)]);
        if (error == Errno.Success && message.ControlLength > 0)
            error = thread.Memory.CopyOut(start.Offset(HeaderSize + (ulong)request.Header.NameLength), message.Control[..message.ControlLength]);
        return error != Errno.Success ? error : (long)before + Math.Min(result.Value, (long)(choice.Length - before));
    }
}

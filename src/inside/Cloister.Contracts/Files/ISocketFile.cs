using System;
using Cloister.Abi;
using Cloister.Abi.Files;

namespace Cloister.Contracts.Files;

/// <summary>A socket, of whatever family.</summary>
public interface ISocketFile
{
    /// <summary>bind(2).</summary>
    Errno Bind(ICaller caller, IFileSystemContext context, ReadOnlySpan<byte> address);

    /// <summary>listen(2).</summary>
    Errno Listen(ICaller caller, int backlog);

    /// <summary>connect(2).</summary>
    Errno Connect(ICaller caller, IFileSystemContext context, ReadOnlySpan<byte> address);

    /// <summary>accept4(2).</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="isNonBlocking">Whether the new socket is.</param>
    /// <param name="accepted">The new socket.</param>
    Errno Accept(ICaller caller, bool isNonBlocking, out IOpenFile? accepted);

    /// <summary>getsockname(2) and getpeername(2).</summary>
    /// <param name="isPeer">The peer's.</param>
    /// <param name="address">Where it goes, cut where it doesn't fit; 128 bytes are enough.</param>
    /// <param name="length">Its whole length.</param>
    Errno GetName(bool isPeer, Span<byte> address, out int length);

    /// <summary>The peer's name as accept4(2) tells it: also of one that has gone in the meantime.</summary>
    Errno GetAcceptedName(Span<byte> address, out int length) => GetName(true, address, out length);

    /// <summary>shutdown(2): 0 for reading, 1 for writing, 2 for both.</summary>
    Errno Shutdown(ICaller caller, int how);

    /// <summary>sendmsg(2).</summary>
    SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message);

    /// <summary>recvmsg(2).</summary>
    SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message);

    /// <summary>getsockopt(2).</summary>
    /// <param name="level">SOL_*.</param>
    /// <param name="name">SO_*.</param>
    /// <param name="value">Where it goes, cut where it doesn't fit.</param>
    /// <param name="length">Bytes stored.</param>
    Errno GetOption(int level, int name, Span<byte> value, out int length);

    /// <summary>setsockopt(2).</summary>
    Errno SetOption(ICaller caller, int level, int name, ReadOnlySpan<byte> value);
}

/// <summary>What a message has besides its bytes. In for sending, out for receiving.</summary>
public ref struct SocketMessage
{
    /// <summary>The address; for receiving, room for it.</summary>
    public Span<byte> Address;

    /// <summary>Bytes of the address.</summary>
    public int AddressLength;

    /// <summary>Control messages; for receiving, room for them.</summary>
    public Span<byte> Control;

    /// <summary>Bytes of control messages.</summary>
    public int ControlLength;

    /// <summary>msg_flags of a received message.</summary>
    public MessageFlags Flags;

    /// <summary>Root and working directory, for addresses that are paths.</summary>
    public IFileSystemContext Context;

    /// <summary>Where passed descriptors come from and go to.</summary>
    public IDescriptorTable Descriptors;

    /// <summary>RLIMIT_NOFILE.</summary>
    public ulong DescriptorLimit;
}

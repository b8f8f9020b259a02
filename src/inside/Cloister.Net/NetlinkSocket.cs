using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>
/// A socket of netlink(7): questions to the kernel about interfaces, addresses, routes (rtnetlink(7)) and sockets (sock_diag(7)). Nothing
/// can be changed that way, and nothing changes by itself: there are no notifications.
/// </summary>
internal sealed class NetlinkSocket : INetworkSocket
{
    private const int NETLINK_ROUTE = 0;
    private const int NETLINK_SOCK_DIAG = 4;
    private const int SOL_NETLINK = 270;
    private const int AddressSize = 12;
    private const int MostPackets = 256;
    private const PollEvents ReadEvents = PollEvents.In | PollEvents.ReadNormal;

    // What options of SOL_NETLINK change isn't there, or is done anyway: NETLINK_ADD_MEMBERSHIP, DROP_MEMBERSHIP, PKTINFO, BROADCAST_ERROR,
    // NO_ENOBUFS, CAP_ACK, EXT_ACK, GET_STRICT_CHK.
    private const int KnownOptions = (1 << 1) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5) | (1 << 10) | (1 << 11) | (1 << 12);

    // What one weighs on the kernel's heap, with its open file and some answers: an estimate.
    private const int Weight = 4096;

    private readonly KernelLock _lock = new(LockLevel.SocketQueue);
    private readonly Queue<byte[]> _packets = new();
    private readonly SocketSettings _settings = new();
    private readonly WaitQueue _changed = new();
    private readonly Network _network;
    private readonly IKernelMemory _account;
    private readonly SocketType _type;
    private readonly int _protocol;
    private int _port;
    private uint _groups;
    private int _isGivenBack;

    private NetlinkSocket(Network network, IKernelMemory account, SocketType type, int protocol)
    {
        _network = network;
        _account = account;
        _type = type;
        _protocol = protocol;
    }

    public ulong Inode { get; set; }

    public INetworkSocketOwner? Owner { get; set; }

    public static Errno Create(Network network, ICaller caller, SocketType type, int protocol, out INetworkSocket? socket)
    {
        socket = null;
        if (type is not (SocketType.SOCK_RAW or SocketType.SOCK_DGRAM))
            return Errno.ESOCKTNOSUPPORT;
        if (protocol is not (NETLINK_ROUTE or NETLINK_SOCK_DIAG))
            return Errno.EPROTONOSUPPORT;
        if (!caller.KernelMemory.TryTake(Weight))
            return Errno.ENOMEM;
        socket = new NetlinkSocket(network, caller.KernelMemory, type, protocol);
        return Errno.Success;
    }

    public Errno Bind(ICaller caller, ReadOnlySpan<byte> address)
    {
        Errno error = Check(address);
        if (error != Errno.Success)
            return error;
        int port = BinaryPrimitives.ReadInt32LittleEndian(address[4..]);
        using (_lock.Enter())
        {
            if (_port != 0 && port != 0 && port != _port)
                return Errno.EINVAL;
            _port = _port != 0 ? _port : port != 0 ? port : PortOf(caller);
            _groups = BinaryPrimitives.ReadUInt32LittleEndian(address[8..]);
        }

        return Errno.Success;
    }

    public Errno Listen(ICaller caller, int backlog) => Errno.EOPNOTSUPP;

    public Errno Connect(ICaller caller, ReadOnlySpan<byte> address, bool isNonBlocking)
    {
        // To the kernel, which is where everything goes anyway.
        Errno error = Check(address);
        if (error == Errno.Success && BinaryPrimitives.ReadInt32LittleEndian(address[4..]) != 0)
            error = Errno.ECONNREFUSED;
        if (error == Errno.Success)
            _port = _port != 0 ? _port : PortOf(caller);
        return error;
    }

    public Errno Accept(ICaller caller, bool isNonBlocking, out INetworkSocket? accepted)
    {
        accepted = null;
        return Errno.EOPNOTSUPP;
    }

    public Errno GetName(bool isPeer, Span<byte> address, out int length)
    {
        length = WriteAddress(isPeer ? 0 : _port, isPeer ? 0 : _groups, address);
        return Errno.Success;
    }

    public Errno Shutdown(ICaller caller, int how) => Errno.EOPNOTSUPP;

    public SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        const int longest = 64 << 10;
        if (message.AddressLength > 0)
        {
            Errno error = Check(message.Address[..message.AddressLength]);
            if (error != Errno.Success)
                return error;
            if (BinaryPrimitives.ReadInt32LittleEndian(message.Address[4..]) != 0)
                return Errno.ECONNREFUSED;
        }

        if (buffer.Remaining > longest)
            return Errno.EMSGSIZE;
        byte[] bytes = new byte[buffer.Remaining];
        if (buffer.Fetch(bytes) != bytes.Length)
            return Errno.EFAULT;
        if (_port == 0)
            _port = PortOf(caller);
        ReadOnlySpan<byte> rest = bytes;
        while (rest.Length >= NetlinkWriter.HeaderSize)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length < NetlinkWriter.HeaderSize || length > rest.Length)
                break;
            Handle(rest[..length]);
            rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        }

        return bytes.Length;
    }

    public SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        if ((flags & MessageFlags.MSG_OOB) != 0)
            return Errno.EOPNOTSUPP;
        bool isPeek = (flags & MessageFlags.MSG_PEEK) != 0;
        byte[]? packet = TryTake(isPeek);
        if (packet is null && (flags & MessageFlags.MSG_DONTWAIT) == 0)
        {
            Errno error = Wait(caller, isPeek, out packet);
            if (error != Errno.Success)
                return error;
        }

        if (packet is null)
            return Errno.EAGAIN;
        int wanted = (int)Math.Min(buffer.Remaining, packet.Length);
        if (buffer.Store(packet.AsSpan(0, wanted)) < wanted)
            return Errno.EFAULT;
        if (!message.Address.IsEmpty)
            message.AddressLength = WriteAddress(0, 0, message.Address);
        if (wanted < packet.Length)
            message.Flags |= MessageFlags.MSG_TRUNC;
        return (flags & MessageFlags.MSG_TRUNC) != 0 ? packet.Length : wanted;
    }

    public Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (level != SocketOptions.SOL_SOCKET)
            return Errno.ENOPROTOOPT;
        if (_settings.TryGet(name, value, out length))
            return Errno.Success;
        int? number = name switch
        {
            SocketOptions.SO_TYPE => (int)_type,
            SocketOptions.SO_DOMAIN => (int)AddressFamily.AF_NETLINK,
            SocketOptions.SO_PROTOCOL => _protocol,
            SocketOptions.SO_ERROR or SocketOptions.SO_ACCEPTCONN => 0,
            _ => null,
        };
        return number is { } found ? SocketOptionValue.Put(value, found, out length) : Errno.ENOPROTOOPT;
    }

    public Errno SetOption(ICaller caller, int level, int name, ReadOnlySpan<byte> value)
    {
        if (level == SOL_NETLINK)
            return name is > 0 and < 31 && (KnownOptions >> name & 1) != 0 ? Errno.Success : Errno.ENOPROTOOPT;
        if (level != SocketOptions.SOL_SOCKET || !_settings.TrySet(caller, name, value, out Errno error))
            return Errno.ENOPROTOOPT;
        return error;
    }

    public PollEvents Poll(IPollTable? table)
    {
        table?.Watch(_changed);
        using (_lock.Enter())
            return PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand | (_packets.Count > 0 ? ReadEvents : 0);
    }

    public SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data) => Errno.ENOTTY;

    public void Close()
    {
        using (_lock.Enter())
            _packets.Clear();
        if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
            _account.Give(Weight);
    }

    // Linux takes the process's number, and another one where a socket has it already; nobody can tell.
    private static int PortOf(ICaller caller) => caller.ProcessId;

    private static Errno Check(ReadOnlySpan<byte> address)
    {
        if (address.Length < AddressSize)
            return Errno.EINVAL;
        return InetAddresses.FamilyOf(address) == AddressFamily.AF_NETLINK ? Errno.Success : Errno.EINVAL;
    }

    private static int WriteAddress(int port, uint groups, Span<byte> into)
    {
        Span<byte> bytes = stackalloc byte[AddressSize];
        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)AddressFamily.AF_NETLINK);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], port);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], groups);
        bytes[..Math.Min(AddressSize, into.Length)].CopyTo(into);
        return AddressSize;
    }

    private void Handle(ReadOnlySpan<byte> message)
    {
        var query = new NetlinkQuery(message, _port);
        foreach (byte[] packet in _protocol == NETLINK_ROUTE ? RouteAnswers.Answer(_network, query, message) : SocketAnswers.Answer(_network, query, message))
        {
            using (_lock.Enter())
            {
                if (_packets.Count < MostPackets)
                    _packets.Enqueue(packet);
            }
        }

        _changed.WakeAll(ReadEvents);
    }

    private byte[]? TryTake(bool isPeek)
    {
        using (_lock.Enter())
        {
            byte[]? packet;
            if (isPeek)
                _packets.TryPeek(out packet);
            else
                _packets.TryDequeue(out packet);
            return packet;
        }
    }

    private Errno Wait(ICaller caller, bool isPeek, out byte[]? packet)
    {
        long deadline = _settings.ReceiveDeadline(caller);
        caller.Watch(_changed);
        try
        {
            while ((packet = TryTake(isPeek)) is null)
            {
                Errno ended = _settings.SleepToReceive(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }

            return Errno.Success;
        }
        finally
        {
            caller.StopWatching();
        }
    }
}

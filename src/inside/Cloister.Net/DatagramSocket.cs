using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>A socket of UDP (udp(7)): names, readiness, and its end.</summary>
/// <remarks>Datagrams of other sockets inside lie in a queue of its own; what comes from outside stays with the host until it is received.</remarks>
internal sealed partial class DatagramSocket : InetSocket
{
    // rmem_default and wmem_default (socket(7)).
    private const int DefaultBuffer = 212_992;

    private volatile bool _isConnected;
    private volatile bool _isReadShut;
    private volatile bool _isWriteShut;

    public DatagramSocket(Network network, IKernelMemory account, uint userId, bool isV6)
        : base(network, account, userId, isV6, NetworkProtocol.Udp, new SocketSettings(DefaultBuffer, DefaultBuffer))
    {
    }

    public override bool IsListening => false;

    // When the last datagram came that a program has received; 0 for none.
    private long _lastReceived;

    // Port 0 is nobody's (inet_getname of Linux).
    protected override bool HasPeer => _isConnected && Remote.Port != 0;

    public override NetworkSocketStatus Describe() => new(
        Protocol, IsV6, Local, Remote, _isConnected ? TcpState.Established : TcpState.Close, 0, QueuedBytes, UserId, Inode, IsV6Only);

    public override Errno Listen(ICaller caller, int backlog) => Errno.EOPNOTSUPP;

    public override Errno Accept(ICaller caller, bool isNonBlocking, out INetworkSocket? accepted)
    {
        accepted = null;
        return Errno.EOPNOTSUPP;
    }

    public override Errno Connect(ICaller caller, ReadOnlySpan<byte> address, bool isNonBlocking)
    {
        if (address.Length < sizeof(ushort))
            return Errno.EINVAL;
        if (InetAddresses.FamilyOf(address) == AddressFamily.AF_UNSPEC)
            return Disconnect();

        // An address of version 4 is fine for a socket of version 6 (__ip6_datagram_connect of Linux).
        bool isV4 = IsV6 && InetAddresses.FamilyOf(address) == AddressFamily.AF_INET;
        if (isV4 && IsV6Only)
            return Errno.EAFNOSUPPORT;
        Errno error = InetAddresses.Parse(address, IsV6 && !isV4, out NetworkEndpoint remote);
        if (error != Errno.Success)
            return error;
        if (remote.Address.IsAny)
            remote = remote with { Address = remote.Address.IsV4 ? NetworkAddress.LoopbackV4 : NetworkAddress.LoopbackV6 };
        using (Setup.Enter())
        {
            NetworkEndpoint local;
            if (Network.IsInside(remote.Address))
            {
                NetworkAddress source = remote.Address.IsV4 ? NetworkAddress.LoopbackV4 : NetworkAddress.LoopbackV6;
                error = IsBound ? Errno.Success : BindInside();
                if (error == Errno.Success && !Local.Address.IsAny)
                    error = InetAddresses.Mismatch(Local.Address, remote.Address);
                local = Local.Address.IsAny ? Local with { Address = source } : Local;
            }
            else
            {
                error = EnsureLink(remote.Address, out HostLink? link);
                local = Local;
                if (error == Errno.Success)
                    error = link!.Host.Connect(link.Handle, remote, out local);
            }

            if (error != Errno.Success)
                return error;
            using (Network.Lock.Enter())
            {
                Remote = remote;
                Local = Local with { Address = local.Address };
                _isConnected = true;
            }
        }

        return Errno.Success;
    }

    public override Errno Shutdown(ICaller caller, int how)
    {
        if (!_isConnected)
            return Errno.ENOTCONN;
        if (how is 0 or 2)
            _isReadShut = true;
        if (how is 1 or 2)
            _isWriteShut = true;
        Changed.WakeAll();
        return Errno.Success;
    }

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(Changed);
        PollEvents events = WriteEvents;
        if (HasDatagram || _isReadShut)
            events |= ReadEvents;
        if (_isReadShut)
            events |= PollEvents.ReadHangUp;
        if (_isReadShut && _isWriteShut)
            events |= PollEvents.HangUp;
        if (PendingError != Errno.Success)
            events |= PollEvents.Error;
        if (Link is { } link)
            events |= link.Poll(table is { HearsReports: true }) & (ReadEvents | PollEvents.Error);
        return events;
    }

    public override void Close()
    {
        using (Setup.Enter())
        {
            Unreserve();
            if (Link is { } link)
            {
                Link = null;
                Network.Links!.Close(link);
            }
        }

        CloseQueue();
        Changed.WakeAll();
        GiveBack();
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        int number = 0;
        switch (request)
        {
            case Ioctls.FIONREAD:
                number = FirstLength;
                if (number == 0 && !HasDatagram && Link is { } link)
                {
                    Errno error = link.Host.Count(link.Handle, HostSocketCount.Readable, out number);
                    if (error != Errno.Success)
                        return error;
                }

                break;
            case Ioctls.TIOCOUTQ:
                break;
            case Ioctls.SIOCGSTAMP or Ioctls.SIOCGSTAMPNS:
                long time = Volatile.Read(ref _lastReceived);
                if (time == 0)
                    return Errno.ENOENT;
                PutTime(data, time, isMicroseconds: request == Ioctls.SIOCGSTAMP);
                return 0;
            default:
                return base.Control(caller, request, argument, data);
        }

        BitConverter.TryWriteBytes(data, number);
        return 0;
    }

    protected override void OnBound() => Ports.Find(Local.Port)!.Listeners.Add(this);

    protected override Errno TakeSocketError()
    {
        Errno error = TakeError();
        if (error != Errno.Success || Link is not { } link)
            return error;
        Span<byte> value = stackalloc byte[sizeof(int)];
        error = link.Host.GetOption(link.Handle, SocketOptions.SOL_SOCKET, SocketOptions.SO_ERROR, value, out int length);
        return error != Errno.Success || length < sizeof(int) || BitConverter.ToInt32(value) is < 0 or > 133 ? Errno.EIO : (Errno)BitConverter.ToInt32(value);
    }

    protected override Errno SetMembership(int level, int name, ReadOnlySpan<byte> value)
    {
        // struct ip_mreq begins with the group, in 224.0.0.0/4.
        const int smallest = 8;
        const int firstOfGroups = 0xE0;
        if (level == InetOptions.IPPROTO_IP && (value.Length < smallest || (value[0] & 0xF0) != firstOfGroups))
            return Errno.EINVAL;
        using (Setup.Enter())
        {
            Errno error = EnsureLink(IsV6 && level == InetOptions.IPPROTO_IPV6 ? NetworkAddress.AnyV6 : NetworkAddress.AnyV4, out HostLink? link);
            return error == Errno.Success ? link!.Host.SetOption(link.Handle, level, name, value) : Errno.ENODEV;
        }
    }

    /// <summary>A port inside only, or where the socket may go out, one of the host's too.</summary>
    private Errno BindInside()
    {
        var wish = new NetworkEndpoint(IsV6 ? NetworkAddress.AnyV6 : NetworkAddress.AnyV4, 0);
        return Reserve(ref wish) == Errno.Success ? Errno.Success : Errno.EAGAIN;
    }

    /// <summary>Makes the host's socket where there is none yet, with the port that this one has. <see cref="InetSocket.Setup"/> is held.</summary>
    private Errno EnsureLink(NetworkAddress remote, out HostLink? link)
    {
        link = Link;
        if (link is not null)
            return Errno.Success;
        if (!Network.ReachesOut || (IsBound && Local.Address.IsLoopback))
            return IsBound && Local.Address.IsLoopback ? Errno.EINVAL : Errno.ENETUNREACH;
        NetworkAddress own = IsBound ? Local.Address : IsV6 ? NetworkAddress.AnyV6 : NetworkAddress.AnyV4;
        Errno error = OpenLink(own, out link);
        if (error != Errno.Success)
            return error == Errno.EAFNOSUPPORT ? Errno.ENETUNREACH : error;

        // The same port where it is free outside; in a private network nobody sees it there.
        var wish = new NetworkEndpoint(remote.IsV4 && own.IsAny && !IsV6 ? NetworkAddress.AnyV4 : own, Network.HasHostAddresses ? Local.Port : (ushort)0);
        NetworkEndpoint real = wish;
        error = link!.Host.Bind(link.Handle, ref real);
        if (error == Errno.EADDRINUSE && !IsPortChosen)
        {
            real = wish with { Port = 0 };
            error = link.Host.Bind(link.Handle, ref real);
        }

        if (error == Errno.Success && !IsBound)
        {
            NetworkEndpoint inside = wish with { Port = real.Port };
            error = Reserve(ref inside);
            if (error != Errno.Success)
            {
                inside = wish with { Port = 0 };
                error = Reserve(ref inside);
            }
        }

        if (error != Errno.Success)
        {
            Network.Links!.Close(link);
            link = null;
            return error;
        }

        Link = link;
        link.Attach();
        return Errno.Success;
    }

    private Errno Disconnect()
    {
        using (Setup.Enter())
        {
            if (Link is { } link && _isConnected && !Network.IsInside(Remote.Address))
                link.Host.Disconnect(link.Handle);
            using (Network.Lock.Enter())
            {
                _isConnected = false;
                Remote = new NetworkEndpoint(IsV6 ? NetworkAddress.AnyV6 : NetworkAddress.AnyV4, 0);

                // What the program hasn't chosen itself goes (__udp_disconnect of Linux).
                if (!IsAddressChosen)
                    Local = Local with { Address = Remote.Address };
                if (!IsPortChosen)
                    UnreserveLocked();
            }
        }

        return Errno.Success;
    }
}

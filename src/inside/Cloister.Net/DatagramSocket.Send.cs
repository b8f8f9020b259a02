using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>Sending.</summary>
internal sealed partial class DatagramSocket
{
    // 65,535 without the headers of IP and UDP.
    private const int LongestV4 = 65_507;
    private const int LongestV6 = 65_527;

    public override SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        if ((flags & MessageFlags.MSG_OOB) != 0)
            return Errno.EOPNOTSUPP;
        Errno error = BindBeforeSending();
        if (error == Errno.Success)
            error = TakeError();
        if (error != Errno.Success)
            return error;
        if (_isWriteShut)
            return Errno.EPIPE;
        var about = new HostDatagram { Interface = -1, TimeToLive = -1, TypeOfService = -1 };
        error = ReadDestination(message, ref about);
        if (error == Errno.Success)
            error = ReadControl(message, ref about);
        if (error != Errno.Success)
            return error;
        NetworkEndpoint remote = about.HasRemote ? about.Remote : Remote;
        if (remote.Port == 0)
            return Errno.EINVAL;
        if (buffer.Remaining > (remote.Address.IsV4 ? LongestV4 : LongestV6))
            return Errno.EMSGSIZE;
        byte[] bytes = new byte[buffer.Remaining];
        if (buffer.Fetch(bytes) != bytes.Length)
            return Errno.EFAULT;
        if (remote.Address.IsAny)
            remote = remote with { Address = remote.Address.IsV4 ? NetworkAddress.LoopbackV4 : NetworkAddress.LoopbackV6 };
        return Network.IsInside(remote.Address)
            ? SendInside(caller, bytes, remote, about)
            : SendOutside(caller, bytes, remote, flags, about);
    }

    // Linux gives a socket its port before it looks at what is sent (inet_sendmsg).
    private Errno BindBeforeSending()
    {
        if (IsBound)
            return Errno.Success;
        using (Setup.Enter())
            return IsBound ? Errno.Success : BindInside();
    }

    private Errno ReadDestination(in SocketMessage message, ref HostDatagram about)
    {
        if (message.AddressLength == 0)
            return _isConnected ? Errno.Success : Errno.EDESTADDRREQ;
        ReadOnlySpan<byte> address = message.Address[..message.AddressLength];

        // An address of version 4 is fine for a socket of version 6, and AF_UNSPEC for one of version 4 (udp_sendmsg of Linux).
        bool isV6 = IsV6 && InetAddresses.FamilyOf(address) != AddressFamily.AF_INET;
        Errno error = InetAddresses.Parse(address, isV6, out NetworkEndpoint remote, takesUnspecified: true);
        if (error != Errno.Success)
            return error;
        if (IsV6Only && remote.Address.IsV4)
            return Errno.ENETUNREACH;
        about.Remote = remote;
        about.HasRemote = true;
        return Errno.Success;
    }

    private Errno ReadControl(in SocketMessage message, ref HostDatagram about)
    {
        if (message.ControlLength == 0)
            return Errno.Success;
        var messages = new ControlMessages(message.Control[..message.ControlLength]);
        while (messages.Read())
        {
            if (messages.IsBroken)
                return Errno.EINVAL;
            ReadOnlySpan<byte> data = messages.Data;
            switch (messages.Level, messages.Type)
            {
                case (InetOptions.IPPROTO_IP, InetOptions.IP_TOS) when data.Length >= 1:
                    about.TypeOfService = data[0];
                    break;
                case (InetOptions.IPPROTO_IP, InetOptions.IP_TTL) when data.Length >= sizeof(int) && MemoryMarshal.Read<int>(data) is >= 1 and <= 255:
                case (InetOptions.IPPROTO_IPV6, InetOptions.IPV6_HOPLIMIT) when IsV6 && data.Length >= sizeof(int) && MemoryMarshal.Read<int>(data) is >= -1 and <= 255:
                    about.TimeToLive = MemoryMarshal.Read<int>(data);
                    break;
                case (InetOptions.IPPROTO_IPV6, InetOptions.IPV6_TCLASS) when IsV6 && data.Length >= sizeof(int) && MemoryMarshal.Read<int>(data) is >= -1 and <= 255:
                    about.TypeOfService = MemoryMarshal.Read<int>(data);
                    break;
                case (InetOptions.IPPROTO_IP, InetOptions.IP_PKTINFO) when data.Length >= 12:
                    about.Interface = MemoryMarshal.Read<int>(data);
                    uint source = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
                    about.Local = NetworkAddress.FromV4(source);
                    about.HasLocal = source != 0;
                    break;
                case (InetOptions.IPPROTO_IPV6, InetOptions.IPV6_PKTINFO) when IsV6 && data.Length >= 20:
                    about.Interface = MemoryMarshal.Read<int>(data[16..]);
                    about.Local = new NetworkAddress(
                        System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(data), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(data[8..]));
                    about.HasLocal = !about.Local.IsAny;
                    break;
                case (SocketOptions.SOL_SOCKET, _):
                    return Errno.EINVAL;
                case (InetOptions.IPPROTO_IP, _) or (InetOptions.IPPROTO_IPV6, _):
                    return Errno.EINVAL;
            }
        }

        return Errno.Success;
    }

    private SyscallResult SendInside(ICaller caller, byte[] bytes, NetworkEndpoint remote, in HostDatagram about)
    {
        NetworkAddress source = remote.Address.IsV4 ? NetworkAddress.LoopbackV4 : NetworkAddress.LoopbackV6;
        DatagramSocket? target;
        NetworkEndpoint sender;
        using (Network.Lock.Enter())
        {
            sender = Local.Address.IsAny ? Local with { Address = source } : Local;
            if (about.HasLocal && about.Local.IsLoopback)
                sender = sender with { Address = about.Local };
            if (InetAddresses.Mismatch(sender.Address, remote.Address) is var mismatch && mismatch != Errno.Success)
                return mismatch;
            target = FindReceiver(sender, remote);
        }

        if (target is null)
        {
            // What ICMP says of a port that nobody has: the next call of a connected socket hears it (udp(7)).
            if (_isConnected || OptionNumber(InetOptions.IPPROTO_IP, InetOptions.IP_RECVERR, 0) != 0)
                PendingError = Errno.ECONNREFUSED;
            Changed.WakeAll();
            return bytes.Length;
        }

        int typeOfService = about.TypeOfService >= 0 ? about.TypeOfService : remote.Address.IsV4
            ? OptionNumber(InetOptions.IPPROTO_IP, InetOptions.IP_TOS, 0)
            : Math.Max(0, OptionNumber(InetOptions.IPPROTO_IPV6, InetOptions.IPV6_TCLASS, 0));
        int timeToLive = about.TimeToLive >= 0 ? about.TimeToLive : OptionNumber(InetOptions.IPPROTO_IP, InetOptions.IP_TTL, 64);
        target.Put(new Datagram(bytes, sender, remote.Address, typeOfService & 0xFF, timeToLive, Network.RealTime, caller.KernelMemory));
        return bytes.Length;
    }

    private SyscallResult SendOutside(ICaller caller, byte[] bytes, NetworkEndpoint remote, MessageFlags flags, HostDatagram about)
    {
        HostLink? link = Link;
        if (link is null)
        {
            using (Setup.Enter())
            {
                Errno opened = EnsureLink(remote.Address, out link);
                if (opened != Errno.Success)
                    return opened;
            }
        }

        // Who is connected inside, and sends elsewhere once, names the place.
        about.Remote = remote;
        about.HasRemote |= _isConnected && Network.IsInside(Remote.Address);
        bool isNonBlocking = (flags & MessageFlags.MSG_DONTWAIT) != 0;
        MessageFlags hostFlags = flags & MessageFlags.MSG_MORE;
        Errno error = TrySendOutside(link!, bytes, hostFlags, about, out int count);
        if (error != Errno.EAGAIN || isNonBlocking)
            return SyscallResult.From(error, count);
        long deadline = Settings.SendDeadline(caller);
        caller.Watch(Changed, exclusive: false, WriteEvents);
        try
        {
            while ((error = TrySendOutside(link!, bytes, hostFlags, about, out count)) == Errno.EAGAIN)
            {
                Errno ended = Settings.SleepToSend(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }

            return SyscallResult.From(error, count);
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private static Errno TrySendOutside(HostLink link, byte[] bytes, MessageFlags flags, in HostDatagram about, out int count)
    {
        uint mark = link.Mark;
        Errno error = link.Host.SendDatagram(link.Handle, bytes, flags, about, out count);
        if (error == Errno.EAGAIN)
            link.Filled(mark);
        return error;
    }

    /// <summary>Who gets a datagram: the socket that says most of its addresses (udp4_lib_lookup2 of Linux). The network's lock is held.</summary>
    private DatagramSocket? FindReceiver(in NetworkEndpoint sender, in NetworkEndpoint to)
    {
        if (Ports.Find(to.Port) is not { } users)
            return null;
        DatagramSocket? best = null;
        int bestScore = -1;
        int equals = 0;
        foreach (InetSocket candidate in users.Listeners)
        {
            var socket = (DatagramSocket)candidate;
            int score = socket.Score(sender, to.Address);
            if (score < 0 || score < bestScore)
                continue;

            // Of those that share a port by SO_REUSEPORT the sender's port decides; of others the last one that was bound.
            equals = score == bestScore ? equals + 1 : 1;
            if (score > bestScore || !socket.Settings.ReusesPort || (sender.Port * 2_654_435_761u >> 16) % (uint)equals == 0)
                best = socket;
            bestScore = score;
        }

        return best;
    }

    private int Score(in NetworkEndpoint sender, NetworkAddress to)
    {
        NetworkAddress own = Local.Address;
        int score;
        if (own == to)
            score = 4;
        else if (!own.IsAny)
            return -1;
        else if (own.IsV4 == to.IsV4)
            score = 2;
        else if (!own.IsV4 && !IsV6Only)
            score = 1;
        else
            return -1;
        if (!_isConnected)
            return score;
        return Remote.Port == sender.Port && Remote.Address == sender.Address ? score + 4 : -1;
    }
}

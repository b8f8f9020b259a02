using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Nucleus.Locking;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>Receiving.</summary>
internal sealed partial class DatagramSocket
{
    private const int LoopbackInterface = 1;

    private readonly KernelLock _queueLock = new(LockLevel.SocketQueue);
    private readonly Queue<Datagram> _datagrams = new();
    private int _queuedBytes;
    private bool _isQueueClosed;

    private int QueuedBytes => Volatile.Read(ref _queuedBytes);

    private bool HasDatagram => Volatile.Read(ref _queuedBytes) > 0;

    private int FirstLength
    {
        get
        {
            using (_queueLock.Enter())
                return _datagrams.TryPeek(out Datagram? first) ? first.Bytes.Length : 0;
        }
    }

    public override SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        if ((flags & MessageFlags.MSG_OOB) != 0)
            return Errno.EOPNOTSUPP;
        if ((flags & MessageFlags.MSG_ERRQUEUE) != 0)
            return ReceiveReport(buffer, ref message);
        bool isNonBlocking = (flags & MessageFlags.MSG_DONTWAIT) != 0;
        SyscallResult result = TryReceive(buffer, flags, ref message);
        if (result.Errno != Errno.EAGAIN || isNonBlocking)
            return result;
        long deadline = Settings.ReceiveDeadline(caller);
        caller.Watch(Changed, exclusive: false, ReadEvents);
        try
        {
            while ((result = TryReceive(buffer, flags, ref message)).Errno == Errno.EAGAIN)
            {
                if (_isReadShut)
                    return 0;
                Errno ended = Settings.SleepToReceive(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }

            return result;
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private SyscallResult TryReceive(IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        Errno error = TakeError();
        if (error != Errno.Success)
            return error;
        bool isPeek = (flags & MessageFlags.MSG_PEEK) != 0;
        Datagram? datagram;
        using (_queueLock.Enter())
        {
            if (isPeek)
                _datagrams.TryPeek(out datagram);
            else if (_datagrams.TryDequeue(out datagram))
                Volatile.Write(ref _queuedBytes, _queuedBytes - datagram.Charge);
        }

        if (datagram is not null)
        {
            if (!isPeek)
                datagram.Account.Give(datagram.Charge);
            return Deliver(datagram, buffer, flags, ref message);
        }

        return Link is { MayRead: true } link ? ReceiveOutside(link, buffer, flags, ref message) : Errno.EAGAIN;
    }

    private SyscallResult Deliver(Datagram datagram, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        byte[] bytes = datagram.Bytes;
        int wanted = (int)Math.Min(buffer.Remaining, bytes.Length);
        if (buffer.Store(bytes.AsSpan(0, wanted)) < wanted)
            return Errno.EFAULT;
        var about = new HostDatagram
        {
            Remote = datagram.From,
            HasRemote = true,
            Local = datagram.To,
            HasLocal = true,
            Interface = LoopbackInterface,
            TimeToLive = datagram.TimeToLive,
            TypeOfService = datagram.TypeOfService,
        };
        return Finish(about, datagram.Time, bytes.Length, wanted, flags, ref message);
    }

    private SyscallResult ReceiveOutside(HostLink link, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        uint mark = link.Mark;
        Errno error = link.Host.ReceiveDatagram(link.Handle, buffer, flags & MessageFlags.MSG_PEEK, out HostDatagram about, out int length, out int count);
        if (error == Errno.EAGAIN)
            link.Drained(mark);
        if (error != Errno.Success)
            return error;
        link.Taken(mark);
        return Finish(about, Network.RealTime, length, count, flags, ref message);
    }

    private SyscallResult Finish(in HostDatagram about, long time, int length, int count, MessageFlags flags, ref SocketMessage message)
    {
        if (count < length)
            message.Flags |= MessageFlags.MSG_TRUNC;
        if (about.HasRemote && !message.Address.IsEmpty)
            message.AddressLength = InetAddresses.Write(about.Remote, IsV6, message.Address);

        // The time is asked for afterwards (SIOCGSTAMP) where it doesn't come with the datagram.
        if (TimestampOption == 0)
            Volatile.Write(ref _lastReceived, time);
        if (!message.Control.IsEmpty)
            PutControl(about, time, ref message);
        return (flags & MessageFlags.MSG_TRUNC) != 0 ? length : count;
    }

    /// <summary>struct timeval or struct timespec.</summary>
    private static void PutTime(Span<byte> data, long time, bool isMicroseconds)
    {
        long fraction = time % 1_000_000_000;
        MemoryMarshal.Write(data, time / 1_000_000_000);
        MemoryMarshal.Write(data[8..], isMicroseconds ? fraction / 1000 : fraction);
    }

    // The address that a datagram was sent to, for proxies.
    private void PutDestination(NetworkEndpoint destination, ref SocketMessage message)
    {
        Span<byte> address = stackalloc byte[InetAddresses.LongestLength];
        if (destination.Address.IsV4 && IsOn(InetOptions.IPPROTO_IP, InetOptions.IP_RECVORIGDSTADDR))
        {
            int length = InetAddresses.Write(destination, false, address);
            ControlMessages.Put(ref message, InetOptions.IPPROTO_IP, InetOptions.IP_RECVORIGDSTADDR, address[..length]);
        }

        if (IsV6 && IsOn(InetOptions.IPPROTO_IPV6, InetOptions.IPV6_RECVORIGDSTADDR))
        {
            int length = InetAddresses.Write(destination, true, address);
            ControlMessages.Put(ref message, InetOptions.IPPROTO_IPV6, InetOptions.IPV6_RECVORIGDSTADDR, address[..length]);
        }
    }

    private void PutControl(in HostDatagram about, long time, ref SocketMessage message)
    {
        Span<byte> data = stackalloc byte[20];
        if (TimestampOption != 0)
        {
            PutTime(data, time, isMicroseconds: TimestampOption == InetOptions.SO_TIMESTAMP);
            ControlMessages.Put(ref message, SocketOptions.SOL_SOCKET, TimestampOption, data[..16]);
        }

        if (IsOn(InetOptions.IPPROTO_IP, InetOptions.IP_PKTINFO) && about.HasLocal && about.Local.IsV4)
        {
            BinaryPrimitives.WriteInt32LittleEndian(data, Math.Max(0, about.Interface));
            BinaryPrimitives.WriteUInt32BigEndian(data[4..], about.Local.V4);
            BinaryPrimitives.WriteUInt32BigEndian(data[8..], about.Local.V4);
            ControlMessages.Put(ref message, InetOptions.IPPROTO_IP, InetOptions.IP_PKTINFO, data[..12]);
        }

        if (about.HasLocal)
            PutDestination(new NetworkEndpoint(about.Local, Local.Port), ref message);
        if (IsOn(InetOptions.IPPROTO_IPV6, InetOptions.IPV6_RECVPKTINFO) && about.HasLocal)
        {
            BinaryPrimitives.WriteUInt64BigEndian(data, about.Local.High);
            BinaryPrimitives.WriteUInt64BigEndian(data[8..], about.Local.Low);
            BinaryPrimitives.WriteInt32LittleEndian(data[16..], Math.Max(0, about.Interface));
            ControlMessages.Put(ref message, InetOptions.IPPROTO_IPV6, InetOptions.IPV6_PKTINFO, data);
        }

        // Of the version that the datagram has (udpv6_recvmsg of Linux).
        bool isV4 = !IsV6 || about.Remote.Address.IsV4;
        if (about.TimeToLive >= 0)
        {
            MemoryMarshal.Write(data, about.TimeToLive);
            if (isV4 && IsOn(InetOptions.IPPROTO_IP, InetOptions.IP_RECVTTL))
                ControlMessages.Put(ref message, InetOptions.IPPROTO_IP, InetOptions.IP_TTL, data[..4]);
            if (!isV4 && IsOn(InetOptions.IPPROTO_IPV6, InetOptions.IPV6_RECVHOPLIMIT))
                ControlMessages.Put(ref message, InetOptions.IPPROTO_IPV6, InetOptions.IPV6_HOPLIMIT, data[..4]);
        }

        if (about.TypeOfService >= 0)
        {
            MemoryMarshal.Write(data, about.TypeOfService);
            if (isV4 && IsOn(InetOptions.IPPROTO_IP, InetOptions.IP_RECVTOS))
                ControlMessages.Put(ref message, InetOptions.IPPROTO_IP, InetOptions.IP_TOS, data[..1]);
            if (!isV4 && IsOn(InetOptions.IPPROTO_IPV6, InetOptions.IPV6_RECVTCLASS))
                ControlMessages.Put(ref message, InetOptions.IPPROTO_IPV6, InetOptions.IPV6_TCLASS, data[..4]);
        }
    }

    private bool IsOn(int level, int name) => OptionNumber(level, name, 0) != 0;

    /// <summary>A report of the error queue (ip(7), IP_RECVERR): the host's, whose network it is.</summary>
    private SyscallResult ReceiveReport(IIoBuffer buffer, ref SocketMessage message)
    {
        if (Link is not { } link)
            return Errno.EAGAIN;
        Errno error = link.Host.ReceiveDatagram(link.Handle, buffer, MessageFlags.MSG_ERRQUEUE, out HostDatagram about, out int length, out int count);
        if (error != Errno.Success)
            return error;
        if (count < length)
            message.Flags |= MessageFlags.MSG_TRUNC;
        message.Flags |= MessageFlags.MSG_ERRQUEUE;
        if (about.HasRemote && !message.Address.IsEmpty)
            message.AddressLength = InetAddresses.Write(about.Remote, IsV6, message.Address);

        // struct sock_extended_err, and the address of who reported, which the host doesn't pass on.
        Span<byte> report = stackalloc byte[16 + InetAddresses.LongestLength];
        report.Clear();
        MemoryMarshal.Write(report, about.Report);
        MemoryMarshal.Write(report[8..], about.ReportInformation);
        if (IsV6)
            ControlMessages.Put(ref message, InetOptions.IPPROTO_IPV6, InetOptions.IPV6_RECVERR, report);
        else
            ControlMessages.Put(ref message, InetOptions.IPPROTO_IP, InetOptions.IP_RECVERR, report[..32]);
        return count;
    }

    /// <summary>A datagram has come; where there is no room it is lost (udp(7)).</summary>
    private void Put(Datagram datagram)
    {
        if (_isReadShut || !datagram.Account.TryTake(datagram.Charge))
            return;
        bool isTaken = false;
        using (_queueLock.Enter())
        {
            // One that is longer than the buffer finds room where nothing lies before it (__udp_enqueue_schedule_skb of Linux).
            if (!_isQueueClosed && _queuedBytes <= Settings.ReceiveBuffer)
            {
                _datagrams.Enqueue(datagram);
                Volatile.Write(ref _queuedBytes, _queuedBytes + datagram.Charge);
                isTaken = true;
            }
        }

        if (isTaken)
            Changed.WakeAll(ReadEvents);
        else
            datagram.Account.Give(datagram.Charge);
    }

    private void CloseQueue()
    {
        using (_queueLock.Enter())
        {
            _isQueueClosed = true;
            while (_datagrams.TryDequeue(out Datagram? datagram))
                datagram.Account.Give(datagram.Charge);
            Volatile.Write(ref _queuedBytes, 0);
        }
    }
}

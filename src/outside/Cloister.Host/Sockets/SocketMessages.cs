using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Sockets;

/// <summary>Datagrams with what comes beside them: sendmsg(2), recvmsg(2) and their control messages (ip(7), ipv6(7), cmsg(3)).</summary>
internal static unsafe class SocketMessages
{
    private const int ControlLength = 512;
    private const int ControlHeader = 16;
    private const int IPPROTO_IP = 0;
    private const int IPPROTO_IPV6 = 41;
    private const int IP_TOS = 1;
    private const int IP_TTL = 2;
    private const int IP_PKTINFO = 8;
    private const int IP_RECVERR = 11;
    private const int IPV6_RECVERR = 25;
    private const int IPV6_PKTINFO = 50;
    private const int IPV6_HOPLIMIT = 52;
    private const int IPV6_TCLASS = 67;

    public static Errno Send(HostSocket socket, ReadOnlySpan<byte> data, in DatagramRecord about, int flags, out int count)
    {
        count = 0;
        byte* address = stackalloc byte[SocketAddress.LongestLength];
        byte* control = stackalloc byte[ControlLength];
        fixed (byte* start = data)
        {
            var vector = new IoVector { Start = start, Length = data.Length };
            var message = new MessageHeader { Vector = &vector, VectorCount = 1, Control = control };
            if ((about.Parts & DatagramRecord.HasRemote) != 0)
            {
                message.Name = address;
                message.NameLength = (uint)SocketAddress.Write(about.Remote, socket.IsV6, new Span<byte>(address, SocketAddress.LongestLength));
                if (message.NameLength == 0)
                    return Errno.EAFNOSUPPORT;
            }

            message.ControlLength = WriteControl(socket.IsV6, about, new Span<byte>(control, ControlLength));
            nint sent = LibcSockets.SendMessage(socket.File, &message, flags | Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL);
            count = (int)Math.Max(0, sent);
            return Failure.From(sent);
        }
    }

    public static Errno Receive(HostSocket socket, Span<byte> into, int flags, out DatagramRecord about, out int count, out int length)
    {
        const int msgTrunc = 0x20;
        about = new DatagramRecord { Interface = -1, TimeToLive = -1, TypeOfService = -1 };
        byte* address = stackalloc byte[SocketAddress.LongestLength];
        byte* control = stackalloc byte[ControlLength];
        fixed (byte* start = into)
        {
            var vector = new IoVector { Start = start, Length = into.Length };
            var message = new MessageHeader
            {
                Vector = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = ControlLength,
                Name = address,
                NameLength = SocketAddress.LongestLength,
            };

            // With MSG_TRUNC the result is the whole length.
            nint received = LibcSockets.ReceiveMessage(socket.File, &message, flags | Constants.MSG_DONTWAIT | msgTrunc);
            length = (int)Math.Max(0, received);
            count = Math.Min(length, into.Length);
            if (received < 0)
                return Failure.Last;
            about.Flags = (uint)message.Flags;
            if (message.NameLength > 0)
            {
                about.Remote = SocketAddress.Read(new ReadOnlySpan<byte>(address, SocketAddress.LongestLength));
                about.Parts |= DatagramRecord.HasRemote;
            }

            ReadControl(new ReadOnlySpan<byte>(control, (int)message.ControlLength), ref about);
            return Errno.Success;
        }
    }

    private static int WriteControl(bool isV6, in DatagramRecord about, Span<byte> into)
    {
        int length = 0;
        bool hasLocal = (about.Parts & DatagramRecord.HasLocal) != 0;
        if (isV6)
        {
            if (hasLocal || about.Interface > 0)
            {
                Span<byte> info = Put(into, ref length, IPPROTO_IPV6, IPV6_PKTINFO, 20);
                BinaryPrimitives.WriteUInt64BigEndian(info, about.Local.High);
                BinaryPrimitives.WriteUInt64BigEndian(info[8..], about.Local.Low);
                BinaryPrimitives.WriteInt32LittleEndian(info[16..], Math.Max(0, about.Interface));
            }

            if (about.TimeToLive >= 0)
                BinaryPrimitives.WriteInt32LittleEndian(Put(into, ref length, IPPROTO_IPV6, IPV6_HOPLIMIT, 4), about.TimeToLive);
            if (about.TypeOfService >= 0)
                BinaryPrimitives.WriteInt32LittleEndian(Put(into, ref length, IPPROTO_IPV6, IPV6_TCLASS, 4), about.TypeOfService);
            return length;
        }

        if (hasLocal || about.Interface > 0)
        {
            Span<byte> info = Put(into, ref length, IPPROTO_IP, IP_PKTINFO, 12);
            BinaryPrimitives.WriteInt32LittleEndian(info, Math.Max(0, about.Interface));
            BinaryPrimitives.WriteUInt32BigEndian(info[4..], (uint)about.Local.Low);
        }

        if (about.TimeToLive > 0)
            BinaryPrimitives.WriteInt32LittleEndian(Put(into, ref length, IPPROTO_IP, IP_TTL, 4), about.TimeToLive);
        if (about.TypeOfService >= 0)
            BinaryPrimitives.WriteInt32LittleEndian(Put(into, ref length, IPPROTO_IP, IP_TOS, 4), about.TypeOfService);
        return length;
    }

    private static Span<byte> Put(Span<byte> into, ref int length, int level, int type, int dataLength)
    {
        Span<byte> place = into[length..];
        int whole = ControlHeader + ((dataLength + 7) & ~7);
        place[..whole].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(place, (ulong)(ControlHeader + dataLength));
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], level);
        BinaryPrimitives.WriteInt32LittleEndian(place[12..], type);
        length += whole;
        return place.Slice(ControlHeader, dataLength);
    }

    private static void ReadControl(ReadOnlySpan<byte> control, ref DatagramRecord about)
    {
        while (control.Length >= ControlHeader)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(control);
            if (length < ControlHeader || length > control.Length)
                return;
            ReadOnlySpan<byte> data = control[ControlHeader..length];
            switch (BinaryPrimitives.ReadInt32LittleEndian(control[8..]), BinaryPrimitives.ReadInt32LittleEndian(control[12..]))
            {
                case (IPPROTO_IP, IP_TOS):
                    about.TypeOfService = data[0];
                    break;
                case (IPPROTO_IPV6, IPV6_TCLASS):
                    about.TypeOfService = BinaryPrimitives.ReadInt32LittleEndian(data);
                    break;
                case (IPPROTO_IP, IP_TTL) or (IPPROTO_IPV6, IPV6_HOPLIMIT):
                    about.TimeToLive = BinaryPrimitives.ReadInt32LittleEndian(data);
                    break;
                case (IPPROTO_IP, IP_PKTINFO):
                    // struct in_pktinfo: the interface, the local address, the address in the header.
                    about.Interface = BinaryPrimitives.ReadInt32LittleEndian(data);
                    SetLocal(ref about, 0, (0xFFFFUL << 32) | BinaryPrimitives.ReadUInt32BigEndian(data[8..]));
                    break;
                case (IPPROTO_IPV6, IPV6_PKTINFO):
                    about.Interface = BinaryPrimitives.ReadInt32LittleEndian(data[16..]);
                    SetLocal(ref about, BinaryPrimitives.ReadUInt64BigEndian(data), BinaryPrimitives.ReadUInt64BigEndian(data[8..]));
                    break;
                case (IPPROTO_IP, IP_RECVERR) or (IPPROTO_IPV6, IPV6_RECVERR):
                    // struct sock_extended_err: errno, origin, type, code, pad, info, data; the offender follows.
                    about.Report = BinaryPrimitives.ReadUInt64LittleEndian(data);
                    about.ReportInformation = BinaryPrimitives.ReadUInt32LittleEndian(data[8..]);
                    break;
            }

            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }
    }

    private static void SetLocal(ref DatagramRecord about, ulong high, ulong low)
    {
        about.Local = new EndpointRecord { High = high, Low = low };
        about.Parts |= DatagramRecord.HasLocal;
    }
}

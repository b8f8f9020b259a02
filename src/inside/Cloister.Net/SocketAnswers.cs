using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Network;

namespace Cloister.Net;

/// <summary>Answers of sock_diag(7): the sockets of TCP and UDP, as ss(8) lists them.</summary>
internal static class SocketAnswers
{
    private const int SOCK_DIAG_BY_FAMILY = 20;

    // struct inet_diag_req_v2: family, protocol, extensions, padding, states, and the addresses of one socket.
    private const int RequestSize = 56;

    public static List<byte[]> Answer(Network network, in NetlinkQuery query, ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> body = message[NetlinkWriter.HeaderSize..];
        if (query.Type != SOCK_DIAG_BY_FAMILY)
            return query.Refuse(Errno.EINVAL, message);
        if (body.Length < 2)
            return query.Refuse(Errno.EINVAL, message);
        var family = (AddressFamily)body[0];

        // ss reads /proc/net where a family has no answers here.
        if (family is not (AddressFamily.AF_INET or AddressFamily.AF_INET6) || body.Length < RequestSize)
            return query.Refuse(Errno.ENOENT, message);
        if (!query.IsDump)
            return query.Refuse(Errno.EOPNOTSUPP, message);
        var protocol = (NetworkProtocol)body[1];
        uint states = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        var sockets = new List<NetworkSocketStatus>();
        network.ListSockets(sockets);
        var writer = new NetlinkWriter();
        foreach (NetworkSocketStatus socket in sockets)
        {
            if (socket.Protocol == protocol && socket.IsV6 == (family == AddressFamily.AF_INET6) && (states >> (int)socket.State & 1) != 0)
                Write(query, writer, socket);
        }

        return query.Finish(writer);
    }

    private static void Write(in NetlinkQuery query, NetlinkWriter writer, in NetworkSocketStatus socket)
    {
        query.Begin(writer, SOCK_DIAG_BY_FAMILY);

        // struct inet_diag_msg: family, state, timer, retransmits, struct inet_diag_sockid, expiry, queues, user, inode.
        Span<byte> place = writer.Take(72);
        place[0] = (byte)(socket.IsV6 ? AddressFamily.AF_INET6 : AddressFamily.AF_INET);
        place[1] = (byte)socket.State;
        BinaryPrimitives.WriteUInt16BigEndian(place[4..], socket.Local.Port);
        BinaryPrimitives.WriteUInt16BigEndian(place[6..], socket.Remote.Port);
        WriteAddress(socket.IsV6, socket.Local.Address, place[8..]);
        WriteAddress(socket.IsV6, socket.Remote.Address, place[24..]);
        BinaryPrimitives.WriteUInt64LittleEndian(place[44..], socket.Inode);
        BinaryPrimitives.WriteInt32LittleEndian(place[56..], socket.ReceiveQueue);
        BinaryPrimitives.WriteInt32LittleEndian(place[60..], socket.SendQueue);
        BinaryPrimitives.WriteUInt32LittleEndian(place[64..], socket.UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(place[68..], (uint)socket.Inode);
        if (socket.IsV6)
        {
            // INET_DIAG_SKV6ONLY.
            writer.Attribute(11, [socket.IsV6Only ? (byte)1 : (byte)0]);
        }

        writer.End();
    }

    private static void WriteAddress(bool isV6, NetworkAddress address, Span<byte> into)
    {
        if (!isV6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(into, address.V4);
            return;
        }

        BinaryPrimitives.WriteUInt64BigEndian(into, address.High);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], address.Low);
    }
}

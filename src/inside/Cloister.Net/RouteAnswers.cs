using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Network;

namespace Cloister.Net;

/// <summary>Answers of rtnetlink(7): interfaces, addresses, routes.</summary>
internal static class RouteAnswers
{
    private const int RTM_NEWLINK = 16;
    private const int RTM_GETLINK = 18;
    private const int RTM_NEWADDR = 20;
    private const int RTM_GETADDR = 22;
    private const int RTM_NEWROUTE = 24;
    private const int RTM_GETROUTE = 26;
    private const int RTM_GETNEIGH = 30;
    private const int RTM_GETRULE = 34;

    public static List<byte[]> Answer(Network network, in NetlinkQuery query, ReadOnlySpan<byte> message)
    {
        var writer = new NetlinkWriter();
        ReadOnlySpan<byte> body = message[NetlinkWriter.HeaderSize..];
        var family = (AddressFamily)(body.IsEmpty ? 0 : body[0]);
        switch (query.Type)
        {
            case RTM_GETLINK:
                return AnswerLinks(network, query, message, writer);
            case RTM_GETADDR when query.IsDump:
                foreach (NetworkInterface link in network.Interfaces)
                {
                    foreach (InterfaceAddress address in link.Addresses)
                    {
                        if (family == 0 || family == FamilyOf(address.Address))
                            WriteAddress(query, writer, link, address);
                    }
                }

                return query.Finish(writer);
            case RTM_GETROUTE when query.IsDump:
                foreach (NetworkInterface link in network.Interfaces)
                    WriteRoutes(query, writer, link, family);
                return query.Finish(writer);
            case RTM_GETNEIGH or RTM_GETRULE when query.IsDump:
                return query.Finish(writer);
            default:
                // New, delete, get, set take turns: what isn't a question is a change, for which nobody has the right.
                bool isChange = (query.Type & 3) != 2;
                return query.Refuse(isChange ? Errno.EPERM : Errno.EOPNOTSUPP, message);
        }
    }

    private static AddressFamily FamilyOf(NetworkAddress address) => address.IsV4 ? AddressFamily.AF_INET : AddressFamily.AF_INET6;

    private static List<byte[]> AnswerLinks(Network network, in NetlinkQuery query, ReadOnlySpan<byte> message, NetlinkWriter writer)
    {
        const int informationSize = 16;
        const int nameAttribute = 3;
        ReadOnlySpan<byte> body = message[NetlinkWriter.HeaderSize..];
        int index = body.Length >= 8 ? BinaryPrimitives.ReadInt32LittleEndian(body[4..]) : 0;
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> attributes = body.Length > informationSize ? body[informationSize..] : default;
        while (attributes.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (length < 4 || length > attributes.Length)
                break;
            if (BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) == nameAttribute)
                name = attributes[4..length].TrimEnd((byte)0);
            attributes = attributes[Math.Min((length + 3) & ~3, attributes.Length)..];
        }

        bool isFound = query.IsDump;
        foreach (NetworkInterface link in network.Interfaces)
        {
            if (!query.IsDump && link.Index != index && !(index == 0 && name.SequenceEqual(link.Name)))
                continue;
            isFound = true;
            WriteLink(query, writer, link);
        }

        return isFound ? query.Finish(writer) : query.Refuse(Errno.ENODEV, message);
    }

    private static void WriteLink(in NetlinkQuery query, NetlinkWriter writer, NetworkInterface link)
    {
        query.Begin(writer, RTM_NEWLINK);

        // struct ifinfomsg.
        Span<byte> information = writer.Take(16);
        BinaryPrimitives.WriteUInt16LittleEndian(information[2..], (ushort)link.HardwareType);
        BinaryPrimitives.WriteInt32LittleEndian(information[4..], link.Index);
        BinaryPrimitives.WriteInt32LittleEndian(information[8..], (int)link.Flags);
        bool isLoopback = (link.Flags & InterfaceFlags.Loopback) != 0;

        // IFLA_IFNAME, IFLA_TXQLEN, IFLA_OPERSTATE (unknown, or up), IFLA_LINKMODE, IFLA_MTU, IFLA_QDISC, IFLA_ADDRESS, IFLA_BROADCAST, IFLA_STATS64.
        writer.Text(3, link.Name);
        writer.Attribute(13, 1000);
        writer.Attribute(16, [isLoopback ? (byte)0 : (byte)6]);
        writer.Attribute(17, [0]);
        writer.Attribute(4, (uint)link.MaximumUnit);
        writer.Text(6, "noqueue"u8);
        writer.Attribute(1, link.HardwareAddress);
        writer.Attribute(2, isLoopback ? link.HardwareAddress : [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        writer.Attribute(23, new byte[24 * 8]);
        writer.End();
    }

    private static void WriteAddress(in NetlinkQuery query, NetlinkWriter writer, NetworkInterface link, InterfaceAddress address)
    {
        const byte permanent = 0x80;
        query.Begin(writer, RTM_NEWADDR);

        // struct ifaddrmsg.
        Span<byte> information = writer.Take(8);
        information[0] = (byte)FamilyOf(address.Address);
        information[1] = (byte)address.PrefixLength;
        information[2] = permanent;
        information[3] = (byte)(address.Address.IsLoopback ? 254 : address.Address.IsLinkLocal ? 253 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(information[4..], link.Index);

        // IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_LABEL, IFA_FLAGS, IFA_CACHEINFO (for ever).
        writer.Address(1, address.Address);
        if (address.Address.IsV4)
        {
            writer.Address(2, address.Address);
            if ((link.Flags & InterfaceFlags.Broadcast) != 0)
                writer.Address(4, NetworkAddress.FromV4(address.Address.V4 | ~address.Mask));
            writer.Text(3, link.Name);
        }

        writer.Attribute(8, permanent);
        writer.Attribute(6, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0]);
        writer.End();
    }

    private static void WriteRoutes(in NetlinkQuery query, NetlinkWriter writer, NetworkInterface link, AddressFamily family)
    {
        foreach (NetworkAddress gateway in link.Gateways)
        {
            if (family == 0 || family == FamilyOf(gateway))
                WriteRoute(query, writer, link, gateway, default, gateway);
        }

        foreach (InterfaceAddress address in link.Addresses)
        {
            // The network of each address; that of loopback is in another table, which isn't asked for.
            if ((link.Flags & InterfaceFlags.Loopback) == 0 && (family == 0 || family == FamilyOf(address.Address)))
                WriteRoute(query, writer, link, address.Address, address, null);
        }
    }

    private static void WriteRoute(
        in NetlinkQuery query, NetlinkWriter writer, NetworkInterface link, NetworkAddress kind, InterfaceAddress network, NetworkAddress? gateway)
    {
        const int mainTable = 254;
        query.Begin(writer, RTM_NEWROUTE);

        // struct rtmsg: by the kernel or at boot, to the link or anywhere, unicast.
        Span<byte> route = writer.Take(12);
        route[0] = (byte)FamilyOf(kind);
        route[1] = (byte)network.PrefixLength;
        route[4] = mainTable;
        route[5] = (byte)(gateway is null ? 2 : 3);
        route[6] = (byte)(gateway is null && kind.IsV4 ? 253 : 0);
        route[7] = 1;

        // RTA_TABLE, RTA_DST, RTA_PREFSRC, RTA_GATEWAY, RTA_OIF.
        writer.Attribute(15, mainTable);
        if (gateway is null)
        {
            writer.Address(1, NetworkOf(network));
            if (kind.IsV4)
                writer.Address(7, network.Address);
        }
        else
        {
            writer.Address(5, gateway.Value);
        }

        writer.Attribute(4, (uint)link.Index);
        writer.End();
    }

    private static NetworkAddress NetworkOf(InterfaceAddress address)
    {
        if (address.Address.IsV4)
            return NetworkAddress.FromV4(address.Address.V4 & address.Mask);
        ulong high = address.PrefixLength >= 64 ? ulong.MaxValue : address.PrefixLength == 0 ? 0 : ulong.MaxValue << (64 - address.PrefixLength);
        ulong low = address.PrefixLength <= 64 ? 0 : ulong.MaxValue << (128 - address.PrefixLength);
        return new NetworkAddress(address.Address.High & high, address.Address.Low & low);
    }
}

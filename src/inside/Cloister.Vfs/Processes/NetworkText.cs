using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Contracts.Network;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>Lines of the files of /proc/net (proc_pid_net(5)).</summary>
internal static class NetworkText
{
    /// <summary>/proc/net/tcp, tcp6, udp and udp6.</summary>
    public static void WriteSockets(ByteWriter writer, INetwork? network, NetworkProtocol protocol, bool isV6)
    {
        if (network is null)
            return;
        var sockets = new List<NetworkSocketStatus>();
        network.ListSockets(sockets);
        bool isTcp = protocol == NetworkProtocol.Tcp;
        int number = 0;
        foreach (NetworkSocketStatus socket in sockets)
        {
            if (socket.Protocol != protocol || socket.IsV6 != isV6)
                continue;
            writer.Padded(number++, isTcp ? 4 : 5).Write(": "u8);
            WriteEndpoint(writer, socket.Local, isV6);
            writer.Write(' ');
            WriteEndpoint(writer, socket.Remote, isV6);
            writer.Write(' ').Hexadecimal((ulong)socket.State, 2, isUpper: true).Write(' ');
            writer.Hexadecimal((ulong)(uint)(socket.State == TcpState.Listen ? 0 : socket.SendQueue), 8, isUpper: true).Write(':');
            writer.Hexadecimal((ulong)(uint)socket.ReceiveQueue, 8, isUpper: true).Write(" 00:00000000 00000000 "u8);
            writer.Padded(socket.UserId, 5).Write("        0 "u8).Number(socket.Inode);
            if (isTcp)
                writer.Write(" 1 0000000000000000 100 0 0 10 0"u8);
            else
                writer.Write(" 2 0000000000000000 0"u8);
            writer.Write('\n');
        }
    }

    /// <summary>/proc/net/dev. What goes over an interface isn't counted.</summary>
    public static void WriteInterfaces(ByteWriter writer, INetwork? network)
    {
        foreach (NetworkInterface link in network?.Interfaces ?? [])
        {
            for (int i = link.Name.Length; i < 6; i++)
                writer.Write(' ');
            writer.Write(link.Name).Write(":       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n"u8);
        }
    }

    /// <summary>/proc/net/if_inet6.</summary>
    public static void WriteAddresses(ByteWriter writer, INetwork? network)
    {
        const int permanent = 0x80;
        foreach (NetworkInterface link in network?.Interfaces ?? [])
        {
            foreach (InterfaceAddress address in link.Addresses)
            {
                if (address.Address.IsV4)
                    continue;
                int scope = address.Address.IsLoopback ? 0x10 : address.Address.IsLinkLocal ? 0x20 : 0;
                writer.Hexadecimal(address.Address.High, 16).Hexadecimal(address.Address.Low, 16).Write(' ').Hexadecimal((ulong)link.Index, 2).Write(' ');
                writer.Hexadecimal((ulong)address.PrefixLength, 2).Write(' ').Hexadecimal((ulong)scope, 2).Write(' ').Hexadecimal(permanent, 2).Write(' ');
                for (int i = link.Name.Length; i < 8; i++)
                    writer.Write(' ');
                writer.Write(link.Name).Write('\n');
            }
        }
    }

    /// <summary>/proc/net/route.</summary>
    public static void WriteRoutes(ByteWriter writer, INetwork? network)
    {
        const int up = 1;
        const int viaGateway = 2;
        foreach (NetworkInterface link in network?.Interfaces ?? [])
        {
            foreach (NetworkAddress gateway in link.Gateways)
            {
                if (gateway.IsV4)
                    WriteRoute(writer, link, 0, gateway.V4, up | viaGateway, 0);
            }

            if ((link.Flags & InterfaceFlags.Loopback) != 0)
                continue;
            foreach (InterfaceAddress address in link.Addresses)
            {
                if (address.Address.IsV4)
                    WriteRoute(writer, link, address.Address.V4 & address.Mask, 0, up, address.Mask);
            }
        }
    }

    private static void WriteRoute(ByteWriter writer, NetworkInterface link, uint destination, uint gateway, int flags, uint mask)
    {
        writer.Write(link.Name).Write('\t').Hexadecimal(Swap(destination), 8, isUpper: true).Write('\t').Hexadecimal(Swap(gateway), 8, isUpper: true);
        writer.Write('\t').Hexadecimal((ulong)flags, 4, isUpper: true).Write("\t0\t0\t0\t"u8).Hexadecimal(Swap(mask), 8, isUpper: true);
        writer.Write("\t0\t0\t0                                                                               \n"u8);
    }

    // Addresses are printed as the words that they are in memory.
    private static void WriteEndpoint(ByteWriter writer, in NetworkEndpoint endpoint, bool isV6)
    {
        if (isV6)
        {
            foreach (ulong half in (ReadOnlySpan<ulong>)[endpoint.Address.High, endpoint.Address.Low])
                writer.Hexadecimal(Swap((uint)(half >> 32)), 8, isUpper: true).Hexadecimal(Swap((uint)half), 8, isUpper: true);
        }
        else
        {
            writer.Hexadecimal(Swap(endpoint.Address.V4), 8, isUpper: true);
        }

        writer.Write(':').Hexadecimal(endpoint.Port, 4, isUpper: true);
    }

    private static uint Swap(uint word) => BinaryPrimitives.ReverseEndianness(word);
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Numerics;
using System.Runtime.InteropServices;
using Cloister.Contracts.Network;
using Cloister.Host.Native;

namespace Cloister.Host.Sockets;

/// <summary>The interfaces of this machine, for an enclave that has its network.</summary>
/// <remarks>
/// By getifaddrs(3), not by <see cref="System.Net.NetworkInformation"/>: that makes 200 system calls, DHCP leases and Samba's
/// configuration among them, each time a program starts.
/// </remarks>
public static unsafe class HostInterfaces
{
    private const int AF_INET = 2;
    private const int AF_INET6 = 10;
    private const int AF_PACKET = 17;
    private const int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private const nuint SIOCGIFMTU = 0x8921;
    private const int UsualUnit = 1500;

    /// <summary>IFF_BROADCAST, IFF_LOOPBACK, IFF_POINTOPOINT and IFF_MULTICAST are as the host says.</summary>
    private const InterfaceFlags ToldFlags = InterfaceFlags.Broadcast | InterfaceFlags.PointToPoint | InterfaceFlags.Multicast;

    // netdevice(7): up, and with a cable.
    private const uint Usable = (uint)(InterfaceFlags.Up | InterfaceFlags.Running);

    /// <summary>Those that are up and have addresses, besides loopback.</summary>
    public static IReadOnlyList<NetworkInterface> Read()
    {
        InterfaceEntry* first;
        if (LibcSockets.GetIfAddrs(&first) != 0)
            return [];
        try
        {
            return Read(first);
        }
        finally
        {
            // SAFETY: the list of the call above, of which nothing is kept.
            LibcSockets.FreeIfAddrs(first);
        }
    }

    private static List<NetworkInterface> Read(InterfaceEntry* first)
    {
        var found = new List<NetworkInterface>();
        for (InterfaceEntry* link = first; link is not null; link = link->Next)
        {
            // SAFETY: getifaddrs(3): addresses are null or as long as their family says; names end with a zero.
            ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(link->Name);
            bool isLoopback = (link->Flags & (uint)InterfaceFlags.Loopback) != 0;
            if (FamilyOf(link) != AF_PACKET || isLoopback || (link->Flags & Usable) != Usable || name.Length >= NetworkInterface.NameSize)
                continue;
            List<InterfaceAddress> addresses = FindAddresses(first, name);
            if (addresses.Count > 0)
                found.Add(Describe(link, name, addresses));
        }

        return found;
    }

    private static List<InterfaceAddress> FindAddresses(InterfaceEntry* first, ReadOnlySpan<byte> name)
    {
        var addresses = new List<InterfaceAddress>();
        for (InterfaceEntry* entry = first; entry is not null; entry = entry->Next)
        {
            int family = FamilyOf(entry);
            if (family is not (AF_INET or AF_INET6) || !name.SequenceEqual(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry->Name)))
                continue;
            // struct sockaddr_in has the address at 4, sockaddr_in6 at 8.
            (int offset, int length) = family == AF_INET ? (4, 4) : (8, 16);
            int prefix = 0;
            for (int i = 0; entry->Mask is not null && i < length; i++)
                prefix += BitOperations.PopCount(entry->Mask[offset + i]);
            addresses.Add(new InterfaceAddress(Convert(new ReadOnlySpan<byte>(entry->Address + offset, length)), prefix));
        }

        return addresses;
    }

    private static NetworkInterface Describe(InterfaceEntry* link, ReadOnlySpan<byte> name, List<InterfaceAddress> addresses)
    {
        // struct sockaddr_ll: index at 4, length of the hardware address at 11, the address itself at 12.
        const int mostHardware = 6;
        byte[] hardware = new byte[mostHardware];
        new ReadOnlySpan<byte>(link->Address + 12, Math.Min(link->Address[11], (byte)mostHardware)).CopyTo(hardware);
        int index = *(int*)(link->Address + 4);
        InterfaceFlags flags = InterfaceFlags.Up | InterfaceFlags.Running | InterfaceFlags.LowerUp | ((InterfaceFlags)link->Flags & ToldFlags);
        return new NetworkInterface(index, name.ToArray(), flags, ReadUnit(name), hardware, addresses, FindGateways(System.Text.Encoding.ASCII.GetString(name)));
    }

    private static int ReadUnit(ReadOnlySpan<byte> name)
    {
        // struct ifreq: the name, then what is asked for.
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        name.CopyTo(request);
        using var socket = new FileDescriptor(LibcSockets.Socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0));
        fixed (byte* bytes = request)
        {
            if (socket.IsInvalid || Libc.IoCtl(socket, SIOCGIFMTU, bytes) != 0)
                return UsualUnit;
        }

        int unit = BinaryPrimitives.ReadInt32LittleEndian(request[16..]);
        return unit > 0 ? unit : UsualUnit;
    }

    /// <summary>The gateways of the default routes (proc_pid_net(5)), one for each version at most.</summary>
    private static List<NetworkAddress> FindGateways(string name)
    {
        var gateways = new List<NetworkAddress>();
        Span<byte> address = stackalloc byte[16];
        foreach (string[] route in ReadTable("/proc/net/route"))
        {
            // Iface, Destination, Gateway, Flags ...: addresses as numbers of the machine's own order.
            if (route.Length < 8 || route[0] != name || route[1] != "00000000" || route[2] == "00000000" || !uint.TryParse(
                route[2], System.Globalization.NumberStyles.HexNumber, null, out uint gateway))
                continue;
            BinaryPrimitives.WriteUInt32LittleEndian(address, gateway);
            gateways.Add(Convert(address[..4]));
            break;
        }

        foreach (string[] route in ReadTable("/proc/net/ipv6_route"))
        {
            // Destination, its prefix, source, its prefix, next hop, ..., device.
            if (route.Length < 10 || route[^1] != name || route[1] != "00" || route[4].Trim('0').Length == 0 || route[4].Length != 32)
                continue;
            System.Convert.FromHexString(route[4], address, out _, out _);
            gateways.Add(Convert(address));
            break;
        }

        return gateways;
    }

    private static string[][] ReadTable(string path)
    {
        try
        {
            return Array.ConvertAll(File.ReadAllLines(path), line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int FamilyOf(InterfaceEntry* entry) => entry->Address is null ? 0 : *(ushort*)entry->Address;

    private static NetworkAddress Convert(ReadOnlySpan<byte> address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (address.Length == 4)
            bytes[10..12].Fill(0xFF); // as IPv6 maps them (RFC 4291, 2.5.5.2)
        address.CopyTo(bytes[(16 - address.Length)..]);
        return new NetworkAddress(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }
}

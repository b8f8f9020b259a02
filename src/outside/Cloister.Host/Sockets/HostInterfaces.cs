using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using Cloister.Contracts.Network;
using NetworkInterface = System.Net.NetworkInformation.NetworkInterface;

namespace Cloister.Host.Sockets;

/// <summary>The interfaces of this machine, for an enclave that has its network.</summary>
public static class HostInterfaces
{
    /// <summary>Those that are up and have addresses, besides loopback.</summary>
    public static IReadOnlyList<Contracts.Network.NetworkInterface> Read()
    {
        var found = new List<Contracts.Network.NetworkInterface>();
        foreach (NetworkInterface link in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (link.NetworkInterfaceType == NetworkInterfaceType.Loopback || link.OperationalStatus != OperationalStatus.Up)
                continue;
            IPInterfaceProperties properties = link.GetIPProperties();
            var addresses = new List<InterfaceAddress>();
            foreach (UnicastIPAddressInformation address in properties.UnicastAddresses)
                addresses.Add(new InterfaceAddress(Convert(address.Address), address.PrefixLength));
            byte[] name = Encoding.ASCII.GetBytes(link.Name);
            if (addresses.Count > 0 && name.Length < Contracts.Network.NetworkInterface.NameSize)
                found.Add(Describe(link, properties, name, addresses));
        }

        return found;
    }

    private static Contracts.Network.NetworkInterface Describe(
        NetworkInterface link, IPInterfaceProperties properties, byte[] name, List<InterfaceAddress> addresses)
    {
        var gateways = new List<NetworkAddress>();
        foreach (GatewayIPAddressInformation way in properties.GatewayAddresses)
        {
            NetworkAddress gateway = Convert(way.Address);
            if (!gateways.Exists(other => other.IsV4 == gateway.IsV4))
                gateways.Add(gateway);
        }

        byte[] hardware = new byte[6];
        byte[] real = link.GetPhysicalAddress().GetAddressBytes();
        real.AsSpan(0, Math.Min(real.Length, hardware.Length)).CopyTo(hardware);
        IPv4InterfaceProperties? details = link.Supports(NetworkInterfaceComponent.IPv4) ? properties.GetIPv4Properties() : null;
        InterfaceFlags flags = InterfaceFlags.Up | InterfaceFlags.Broadcast | InterfaceFlags.Running | InterfaceFlags.LowerUp
            | (link.SupportsMulticast ? InterfaceFlags.Multicast : 0);
        const int usualUnit = 1500;
        return new Contracts.Network.NetworkInterface(
            details?.Index ?? properties.GetIPv6Properties().Index, name, flags, details?.Mtu > 0 ? details.Mtu : usualUnit, hardware, addresses, gateways);
    }

    private static NetworkAddress Convert(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new NetworkAddress(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }
}

using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Network;

namespace Cloister.Vfs.Sockets;

/// <summary>Questions about interfaces by ioctl, which sockets of every family answer (netdevice(7)).</summary>
internal static class InterfaceControls
{
    private const int RequestSize = 40;
    private const int ValueOffset = NetworkInterface.NameSize;
    private const int TransmitQueue = 1000;

    /// <summary>Answers a question; ENOTTY for what is none.</summary>
    public static SyscallResult Answer(INetwork? network, uint request, Span<byte> data)
    {
        if (request == Ioctls.SIOCGIFCONF)
            return List(network, data);
        if (!IsQuestion(request))
            return Errno.ENOTTY;
        if (Find(network, request, data) is not { } link)
            return Errno.ENODEV;
        Span<byte> value = data[ValueOffset..RequestSize];
        switch (request)
        {
            case Ioctls.SIOCGIFNAME:
                data[..NetworkInterface.NameSize].Clear();
                link.Name.CopyTo(data);
                return 0;
            case Ioctls.SIOCGIFINDEX:
                return Put(value, link.Index);
            case Ioctls.SIOCGIFFLAGS:
                BinaryPrimitives.WriteInt16LittleEndian(value, (short)link.Flags);
                return 0;
            case Ioctls.SIOCGIFMTU:
                return Put(value, link.MaximumUnit);
            case Ioctls.SIOCGIFMETRIC:
                return Put(value, 0);
            case Ioctls.SIOCGIFTXQLEN:
                return Put(value, TransmitQueue);
            case Ioctls.SIOCGIFHWADDR:
                value.Clear();
                BinaryPrimitives.WriteUInt16LittleEndian(value, (ushort)link.HardwareType);
                link.HardwareAddress.CopyTo(value[2..]);
                return 0;
            case Ioctls.SIOCGIFMAP:
                value.Clear();
                return 0;
            case Ioctls.SIOCGIFADDR or Ioctls.SIOCGIFDSTADDR or Ioctls.SIOCGIFBRDADDR or Ioctls.SIOCGIFNETMASK:
                return PutAddress(link, request, value);
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    private static bool IsQuestion(uint request) => request is Ioctls.SIOCGIFNAME or Ioctls.SIOCGIFFLAGS or Ioctls.SIOCGIFMETRIC or Ioctls.SIOCGIFMTU
        or Ioctls.SIOCGIFHWADDR or Ioctls.SIOCGIFSLAVE or Ioctls.SIOCGIFINDEX or Ioctls.SIOCGIFTXQLEN or Ioctls.SIOCGIFMAP or Ioctls.SIOCETHTOOL
        or Ioctls.SIOCGIFADDR or Ioctls.SIOCGIFDSTADDR or Ioctls.SIOCGIFBRDADDR or Ioctls.SIOCGIFNETMASK;

    private static NetworkInterface? Find(INetwork? network, uint request, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> name = data[..NetworkInterface.NameSize];
        int end = name.IndexOf((byte)0);
        name = end < 0 ? name : name[..end];
        foreach (NetworkInterface link in network?.Interfaces ?? [])
        {
            bool isIt = request == Ioctls.SIOCGIFNAME
                ? BinaryPrimitives.ReadInt32LittleEndian(data[ValueOffset..]) == link.Index
                : name.SequenceEqual(link.Name);
            if (isIt)
                return link;
        }

        return null;
    }

    private static SyscallResult Put(Span<byte> value, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(value, number);
        return 0;
    }

    private static SyscallResult PutAddress(NetworkInterface link, uint request, Span<byte> value)
    {
        foreach (InterfaceAddress address in link.Addresses)
        {
            if (!address.Address.IsV4)
                continue;
            bool hasBroadcast = (link.Flags & InterfaceFlags.Broadcast) != 0;
            WriteAddress(value, request switch
            {
                Ioctls.SIOCGIFNETMASK => address.Mask,
                Ioctls.SIOCGIFBRDADDR => hasBroadcast ? address.Address.V4 | ~address.Mask : 0,
                _ => address.Address.V4,
            });
            return 0;
        }

        return Errno.EADDRNOTAVAIL;
    }

    /// <summary>The interfaces with an address of version 4: a name and an address for each.</summary>
    /// <returns>Bytes of all of them; those that fit are stored.</returns>
    private static SyscallResult List(INetwork? network, Span<byte> into)
    {
        int length = 0;
        foreach (NetworkInterface link in network?.Interfaces ?? [])
        {
            foreach (InterfaceAddress address in link.Addresses)
            {
                if (!address.Address.IsV4)
                    continue;
                if (into.Length - length >= RequestSize)
                {
                    Span<byte> place = into.Slice(length, RequestSize);
                    place.Clear();
                    link.Name.CopyTo(place);
                    WriteAddress(place[ValueOffset..], address.Address.V4);
                }
                else if (!into.IsEmpty)
                {
                    return length;
                }

                length += RequestSize;
            }
        }

        return length;
    }

    // struct sockaddr_in without a port.
    private static void WriteAddress(Span<byte> value, uint address)
    {
        value.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(value, (ushort)AddressFamily.AF_INET);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], address);
    }
}

using System;
using System.Buffers.Binary;
using Cloister.Contracts.Network;

namespace Cloister.Net;

/// <summary>Messages of netlink(7), one behind the other: header, fixed part, attributes, each at a multiple of 4.</summary>
internal sealed class NetlinkWriter
{
    /// <summary>Bytes of struct nlmsghdr.</summary>
    public const int HeaderSize = 16;

    private byte[] _bytes = new byte[1024];
    private int _length;
    private int _start;

    public int Length => _length;

    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    /// <summary>Begins a message.</summary>
    public void Begin(int type, int flags, uint sequence, int port)
    {
        _start = _length;
        Span<byte> header = Take(HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], sequence);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], port);
    }

    /// <summary>Ends it.</summary>
    public void End() => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_start), _length - _start);

    /// <summary>Room for the fixed part, zeroed.</summary>
    public Span<byte> Take(int count)
    {
        int padded = (count + 3) & ~3;
        if (_bytes.Length - _length < padded)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + padded));
        Span<byte> place = _bytes.AsSpan(_length, padded);
        place.Clear();
        _length += padded;
        return place[..count];
    }

    /// <summary>Adds an attribute (struct rtattr).</summary>
    public void Attribute(int type, ReadOnlySpan<byte> data)
    {
        Span<byte> place = Take(4 + data.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)(4 + data.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(place[2..], (ushort)type);
        data.CopyTo(place[4..]);
    }

    /// <summary>Adds a number.</summary>
    public void Attribute(int type, uint number)
    {
        Span<byte> data = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        Attribute(type, data);
    }

    /// <summary>Adds a text with its NUL.</summary>
    public void Text(int type, ReadOnlySpan<byte> text)
    {
        Span<byte> data = stackalloc byte[64];
        data.Clear();
        text.CopyTo(data);
        Attribute(type, data[..(text.Length + 1)]);
    }

    /// <summary>Adds an address, of 4 or 16 bytes.</summary>
    public void Address(int type, NetworkAddress address)
    {
        Span<byte> data = stackalloc byte[16];
        Attribute(type, data[..Write(address, data)]);
    }

    /// <summary>Writes an address in the order of the wire.</summary>
    /// <returns>Its length.</returns>
    public static int Write(NetworkAddress address, Span<byte> into)
    {
        if (address.IsV4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(into, address.V4);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(into, address.High);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], address.Low);
        return 16;
    }
}

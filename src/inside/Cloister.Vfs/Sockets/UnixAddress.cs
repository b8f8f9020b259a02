using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Abi.Files;

namespace Cloister.Vfs.Sockets;

/// <summary>struct sockaddr_un (unix(7)).</summary>
internal static class UnixAddress
{
    private const int PathAt = 2;

    /// <summary>Takes an address apart.</summary>
    /// <param name="address">As the program gave it.</param>
    /// <param name="name">A path without NUL, or an abstract name with its leading NUL; empty for an address with a family only.</param>
    /// <returns>EINVAL for a wrong family or length.</returns>
    public static Errno Parse(ReadOnlySpan<byte> address, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (address.Length is < PathAt or > SocketOptions.UnixAddressSize
            || BinaryPrimitives.ReadUInt16LittleEndian(address) != (ushort)AddressFamily.AF_UNIX)
        {
            return Errno.EINVAL;
        }

        name = address[PathAt..];
        if (name.IsEmpty || name[0] == 0)
            return Errno.Success;
        int end = name.IndexOf((byte)0);
        if (end >= 0)
            name = name[..end];
        return Errno.Success;
    }

    /// <summary>Writes an address; null is that of a socket without a name.</summary>
    /// <returns>Its whole length; it is cut where it doesn't fit.</returns>
    public static int Write(byte[]? name, Span<byte> into)
    {
        Span<byte> whole = stackalloc byte[SocketOptions.UnixAddressSize + 1];
        whole.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(whole, (ushort)AddressFamily.AF_UNIX);
        int length = PathAt;
        if (name is not null)
        {
            name.CopyTo(whole[PathAt..]);
            length += name.Length;

            // Paths are returned with their NUL.
            if (name.Length > 0 && name[0] != 0)
                length++;
        }

        whole[..Math.Min(length, into.Length)].CopyTo(into);
        return length;
    }
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Sockets;

/// <summary>What an enclave may have of the host's network, apart from what it allows itself.</summary>
public sealed class HostNetwork : IDisposable
{
    private readonly List<HostSocket?> _published = [];

    /// <summary>Whether the enclave may make sockets; else it has only the published ports.</summary>
    public bool AllowsSockets { get; init; }

    /// <summary>Binds the socket of the next published port.</summary>
    /// <param name="isStream">TCP; else UDP.</param>
    /// <param name="address">The host's address.</param>
    /// <param name="port">The host's port.</param>
    /// <exception cref="HostException">It can't be had.</exception>
    public void Publish(bool isStream, IPAddress address, ushort port)
    {
        bool isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        Errno error = HostSocket.Open(isV6, isStream, out HostSocket? socket);
        if (error == Errno.Success && isStream)
        {
            // A port whose last connections are still in TIME_WAIT may be had again, as every server wants it.
            const int reuseAddress = 2;
            error = socket!.SetOption(1, reuseAddress, [1, 0, 0, 0]);
        }

        if (error == Errno.Success)
            error = socket!.Bind(ToRecord(address, port), out _);
        if (error == Errno.Success)
        {
            _published.Add(socket);
            return;
        }

        socket?.Dispose();
        string name = $"{(isStream ? "TCP" : "UDP")} port {port} of {address}";
        throw new HostException(error switch
        {
            Errno.EADDRINUSE => $"The {name} is taken: another program listens there.",
            Errno.EACCES => $"The {name} is privileged: choose one from 1024 on, or run as root.",
            Errno.EADDRNOTAVAIL => $"The {name} can't be published: this machine doesn't have the address.",
            _ => $"The {name} can't be published ({error}).",
        });
    }

    internal HostSocket? TakePublished(int number)
    {
        lock (_published)
        {
            if ((uint)number >= (uint)_published.Count)
                return null;
            HostSocket? socket = _published[number];
            _published[number] = null;
            return socket;
        }
    }

    /// <summary>Closes the published ports that nobody has taken.</summary>
    public void Dispose()
    {
        lock (_published)
        {
            foreach (HostSocket? socket in _published)
                socket?.Dispose();
            _published.Clear();
        }
    }

    private static EndpointRecord ToRecord(IPAddress address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new EndpointRecord
        {
            High = BinaryPrimitives.ReadUInt64BigEndian(bytes),
            Low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            Port = port,
        };
    }
}

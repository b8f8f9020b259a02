using System.Collections.Generic;
using Cloister.Contracts.Network;

namespace Cloister.Net;

/// <summary>Whom programs of an enclave may talk to.</summary>
public enum NetworkMode
{
    /// <summary>Each other.</summary>
    None,

    /// <summary>Each other, who comes in by published ports, and others where going out is allowed.</summary>
    Private,

    /// <summary>Whom a program of the host could talk to.</summary>
    Host,
}

/// <summary>A port of the enclave that can be reached from outside, by a socket that the host has already bound.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Port">The port inside.</param>
public readonly record struct PublishedPort(NetworkProtocol Protocol, ushort Port);

/// <summary>What an enclave's network is like. The enclave keeps to it by itself; the host may do worse.</summary>
public sealed record NetworkConfiguration
{
    /// <summary>The mode.</summary>
    public NetworkMode Mode { get; init; }

    /// <summary>Published ports, in the order of the host's sockets.</summary>
    public IReadOnlyList<PublishedPort> Published { get; init; } = [];

    /// <summary>Whether programs may connect and send to the outside in mode <see cref="NetworkMode.Private"/>.</summary>
    public bool AllowsEgress { get; init; }

    /// <summary>The host's interfaces besides loopback, for mode <see cref="NetworkMode.Host"/>; what the host says of them is all that is known.</summary>
    public IReadOnlyList<NetworkInterface> HostInterfaces { get; init; } = [];

    /// <summary>Whether sockets of the host may be made.</summary>
    public bool ReachesOut => Mode == NetworkMode.Host || (Mode == NetworkMode.Private && AllowsEgress);
}

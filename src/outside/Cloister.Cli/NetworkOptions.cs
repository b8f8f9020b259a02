using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Net;
using System.Text;
using Cloister.Contracts.Network;
using Cloister.Host;
using Cloister.Host.Sockets;
using Cloister.Net;

namespace Cloister.Cli;

/// <summary>The options that say whom the enclave's programs may talk to.</summary>
internal sealed class NetworkOptions
{
    private readonly NetworkMode _usual;

    public NetworkOptions(Command command, NetworkMode usual)
    {
        _usual = usual;
        Mode.Description += $" [default: {NameOf(usual)}]";
        command.Options.Add(Mode);
        command.Options.Add(Publish);
        command.Options.Add(Egress);
        command.Options.Add(NameServers);
    }

    private Option<string?> Mode { get; } = new("--net")
    {
        Description = "The network: host (the host's addresses), private (loopback, published ports, and with --egress the outside), none.",
        HelpName = "MODE",
    };

    private Option<string[]> Publish { get; } = new("--publish", "-p")
    {
        Description = "Publishes a port of a private network on this machine. May be repeated.",
        HelpName = "HOST[:IP]:GUEST[/udp]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private Option<bool> Egress { get; } = new("--egress") { Description = "Lets programs of a private network connect and send to the outside." };

    private Option<string[]> NameServers { get; } = new("--dns")
    {
        Description = "A name server for the enclave's /etc/resolv.conf, in place of the host's. May be repeated.",
        HelpName = "IP",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The enclave's /etc/resolv.conf; null to leave it as it is.</summary>
    public byte[]? ReadResolver(ParseResult result, NetworkConfiguration network, bool isOfThisMachine)
    {
        var text = new StringBuilder();
        foreach (string server in result.GetValue(NameServers) ?? [])
        {
            if (!IPAddress.TryParse(server, out IPAddress? address))
                throw new HostException($"'--dns {server}': that is no address; write one such as 192.0.2.53.");
            text.Append("nameserver ").Append(address).Append('\n');
        }

        if (text.Length > 0)
            return Encoding.ASCII.GetBytes(text.ToString());
        return network.ReachesOut ? HostResolver.Read(isOfThisMachine) : null;
    }

    /// <summary>What the enclave's network is like, and what it gets of the host's.</summary>
    public NetworkConfiguration Create(ParseResult result, out HostNetwork? host)
    {
        NetworkMode mode = result.GetValue(Mode) is { } name ? ParseMode(name) : _usual;
        string[] ports = result.GetValue(Publish) ?? [];
        bool allowsEgress = result.GetValue(Egress);
        if (mode != NetworkMode.Private && ports.Length > 0)
            throw new HostException($"'--publish' is for a private network: with '--net {NameOf(mode)}' there is nothing to publish.");
        if (mode != NetworkMode.Private && allowsEgress)
            throw new HostException($"'--egress' is for a private network: leave it out with '--net {NameOf(mode)}'.");
        var configuration = new NetworkConfiguration
        {
            Mode = mode,
            AllowsEgress = allowsEgress,
            HostInterfaces = mode == NetworkMode.Host ? HostInterfaces.Read() : [],
        };
        host = null;
        if (!configuration.ReachesOut && ports.Length == 0)
            return configuration;
        host = new HostNetwork { AllowsSockets = configuration.ReachesOut };
        var published = new List<PublishedPort>();
        foreach (string text in ports)
        {
            (PublishedPort port, IPAddress address, ushort outside) = ParsePort(text);
            host.Publish(port.Protocol == NetworkProtocol.Tcp, address, outside);
            published.Add(port);
        }

        return configuration with { Published = published };
    }

    /// <summary>Takes HOST[:IP]:GUEST[/udp] apart; the address may come first as well, as other tools write it.</summary>
    internal static (PublishedPort Port, IPAddress Address, ushort Outside) ParsePort(string text)
    {
        string rest = text;
        NetworkProtocol protocol = NetworkProtocol.Tcp;
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            protocol = rest[(slash + 1)..] switch
            {
                "tcp" => NetworkProtocol.Tcp,
                "udp" => NetworkProtocol.Udp,
                _ => throw new HostException($"'--publish {text}': the protocol is tcp or udp."),
            };
            rest = rest[..slash];
        }

        int last = rest.LastIndexOf(':');
        if (last < 0 || !TryPort(rest[(last + 1)..], out ushort inside))
            throw Unreadable(text);
        string outside = rest[..last];
        IPAddress address = IPAddress.Any;
        if (!TryPort(outside, out ushort port))
        {
            int first = outside.IndexOf(':', StringComparison.Ordinal);
            int end = outside.LastIndexOf(':');
            bool isLeading = first > 0 && TryPort(outside[..first], out port);
            if (!isLeading && (end < 0 || !TryPort(outside[(end + 1)..], out port)))
                throw Unreadable(text);
            string name = isLeading ? outside[(first + 1)..] : outside[..end];
            address = IPAddress.TryParse(name.Trim('[', ']'), out IPAddress? found)
                ? found
                : throw new HostException($"'--publish {text}': '{name}' is no address; write one such as 127.0.0.1 or [::1].");
        }

        return (new PublishedPort(protocol, inside), address, port);
    }

    private static bool TryPort(string text, out ushort port) => ushort.TryParse(text, out port) && port > 0;

    private static HostException Unreadable(string text) =>
        new($"'--publish {text}' can't be read: write HOST:GUEST with two port numbers, such as 8080:80, or HOST:IP:GUEST.");

    private static NetworkMode ParseMode(string name) => name switch
    {
        "host" => NetworkMode.Host,
        "private" => NetworkMode.Private,
        "none" => NetworkMode.None,
        _ => throw new HostException($"'--net {name}' is not known: write host, private or none."),
    };

    private static string NameOf(NetworkMode mode) => mode switch
    {
        NetworkMode.Host => "host",
        NetworkMode.Private => "private",
        _ => "none",
    };
}

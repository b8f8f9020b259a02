using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Network;

namespace Cloister.Net;

/// <summary>What the value of an option is.</summary>
internal enum OptionKind
{
    /// <summary>0 or 1.</summary>
    Flag,

    /// <summary>A number in a range.</summary>
    Number,

    /// <summary>A name.</summary>
    Text,

    /// <summary>A structure.</summary>
    Bytes,

    /// <summary>A multicast group, which a socket joins or leaves.</summary>
    Membership,
}

/// <summary>An option of a protocol.</summary>
/// <param name="Level">IPPROTO_*.</param>
/// <param name="Name">Its number.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Default">Its value before it is set.</param>
/// <param name="Least">Smallest number.</param>
/// <param name="Most">Largest number.</param>
/// <param name="Protocol">The protocol that has it; 0 for both.</param>
/// <param name="IsReadOnly">Whether it can't be set.</param>
/// <param name="IsWriteOnly">Whether it can't be asked for.</param>
/// <param name="LeastBesideZero">Smallest number but for 0, which stands for the default.</param>
/// <param name="Floor">What smaller numbers are taken for.</param>
/// <param name="MinusOne">What -1 stands for.</param>
/// <param name="HasNoZero">Whether 0 is refused.</param>
internal readonly record struct OptionRule(
    int Level,
    int Name,
    OptionKind Kind,
    int Default = 0,
    int Least = 0,
    int Most = int.MaxValue,
    NetworkProtocol Protocol = 0,
    bool IsReadOnly = false,
    bool IsWriteOnly = false,
    int LeastBesideZero = 0,
    int Floor = int.MinValue,
    int MinusOne = -1,
    bool HasNoZero = false)
{
    /// <summary>Checks a value: EINVAL for one that is too short or out of range.</summary>
    public Errno Check(ReadOnlySpan<byte> value, out int number)
    {
        number = 0;
        if (Kind == OptionKind.Text)
            return value.IsEmpty ? Errno.EINVAL : InetOptions.IsCongestionControl(value) ? Errno.Success : Errno.ENOENT;
        if (Kind is OptionKind.Bytes or OptionKind.Membership)
            return value.IsEmpty ? Errno.EINVAL : Errno.Success;

        // ip(7): a single byte does, for options of this level; nothing is 0.
        if (value.Length >= sizeof(int))
            number = MemoryMarshal.Read<int>(value);
        else if (Level != InetOptions.IPPROTO_IP)
            return Errno.EINVAL;
        else if (value.Length >= 1)
            number = value[0];
        if (Kind == OptionKind.Flag)
        {
            number = number != 0 ? 1 : 0;
            return Errno.Success;
        }

        if (number < Least || number > Most || (number > 0 && number < LeastBesideZero) || (number == 0 && HasNoZero))
            return Errno.EINVAL;
        number = InetOptions.Adjust(Level, Name, number);
        if (number != 0)
            number = Math.Max(number, Floor);
        if (number == -1)
            number = MinusOne;
        return Errno.Success;
    }
}

/// <summary>The options of IP, TCP and UDP that there are (ip(7), ipv6(7), tcp(7), udp(7)); others give ENOPROTOOPT.</summary>
internal static class InetOptions
{
    public const int SO_BINDTODEVICE = 25;
    public const int SO_TIMESTAMP = 29;
    public const int SO_TIMESTAMPNS = 35;
    public const int SO_MARK = 36;
    public const int SO_BUSY_POLL = 46;
    public const int SO_INCOMING_CPU = 49;

    public const int IPPROTO_IP = 0;
    public const int IPPROTO_TCP = 6;
    public const int IPPROTO_UDP = 17;
    public const int IPPROTO_IPV6 = 41;

    public const int IP_TOS = 1;
    public const int IP_TTL = 2;
    public const int IP_PKTINFO = 8;
    public const int IP_RECVERR = 11;
    public const int IP_RECVTTL = 12;
    public const int IP_RECVTOS = 13;
    public const int IP_RECVORIGDSTADDR = 20;
    public const int IP_MULTICAST_TTL = 33;
    public const int IPV6_V6ONLY = 26;
    public const int IPV6_RECVERR = 25;
    public const int IPV6_RECVPKTINFO = 49;
    public const int IPV6_PKTINFO = 50;
    public const int IPV6_RECVHOPLIMIT = 51;
    public const int IPV6_HOPLIMIT = 52;
    public const int IPV6_RECVTCLASS = 66;
    public const int IPV6_TCLASS = 67;
    public const int IPV6_RECVORIGDSTADDR = 74;

    /// <summary>TCP_CA_NAME_MAX: the names are shown as long as this.</summary>
    public const int LongestCongestionControl = 16;

    public const int TCP_INFO = 11;
    public const int TCP_LINGER2 = 8;

    /// <summary>Seconds of FIN_WAIT2 (tcp_fin_timeout of tcp(7)), and TCP_FIN_TIMEOUT_MAX.</summary>
    public const int DefaultLinger = 60;

    private const int LongestLinger = 120;

    public const int TCP_DEFER_ACCEPT = 9;
    public const int TCP_WINDOW_CLAMP = 10;

    private const NetworkProtocol Tcp = NetworkProtocol.Tcp;
    private const NetworkProtocol Udp = NetworkProtocol.Udp;

    /// <summary>Whether a name is one of /proc/sys/net/ipv4/tcp_available_congestion_control; it may end with NUL.</summary>
    public static bool IsCongestionControl(ReadOnlySpan<byte> name)
    {
        name = name[..Math.Min(name.Length, LongestCongestionControl - 1)];
        int end = name.IndexOf((byte)0);
        if (end >= 0)
            name = name[..end];
        return name.SequenceEqual("cubic"u8) || name.SequenceEqual("reno"u8);
    }

    /// <summary>What is kept of a number that is fine (do_ip_setsockopt and do_tcp_setsockopt of Linux).</summary>
    public static int Adjust(int level, int name, int number) => (level, name) switch
    {
        (IPPROTO_IP, IP_TOS) => (byte)number,
        (IPPROTO_TCP, TCP_LINGER2) when number < 0 => -1,
        (IPPROTO_TCP, TCP_LINGER2) when number == 0 => DefaultLinger,
        (IPPROTO_TCP, TCP_LINGER2) => Math.Min(number, LongestLinger),
        _ => number,
    };

    /// <summary>Finds an option; null where the protocol has none of this number.</summary>
    public static OptionRule? Find(int level, int name, NetworkProtocol protocol, bool isV6)
    {
        // Options of version 6 are those of its sockets; a socket of version 6 has those of version 4 as well.
        if (level == IPPROTO_IPV6 && !isV6)
            return null;
        OptionRule? rule = level switch
        {
            IPPROTO_IP => OfV4(name),
            IPPROTO_IPV6 => OfV6(name),
            IPPROTO_TCP => OfTcp(name),
            IPPROTO_UDP => OfUdp(name),
            _ => null,
        };
        return rule is { } found && (found.Protocol == 0 || found.Protocol == protocol) ? rule : null;
    }

    /// <summary>Whether an option of SOL_SOCKET means something to the host's socket; the others are for waits inside.</summary>
    public static bool IsHostSetting(int name) => name is SocketOptions.SO_REUSEADDR or SocketOptions.SO_KEEPALIVE or SocketOptions.SO_LINGER
        or SocketOptions.SO_SNDBUF or SocketOptions.SO_RCVBUF or SocketOptions.SO_OOBINLINE or SocketOptions.SO_BROADCAST or SocketOptions.SO_DONTROUTE
        or SocketOptions.SO_RCVLOWAT or SocketOptions.SO_NO_CHECK or SocketOptions.SO_PRIORITY;

    private static OptionRule? OfV4(int name) => name switch
    {
        IP_TOS => new OptionRule(IPPROTO_IP, name, OptionKind.Number, Least: int.MinValue),
        IP_TTL => new OptionRule(IPPROTO_IP, name, OptionKind.Number, Default: 64, Least: -1, Most: 255, MinusOne: 64, HasNoZero: true),

        // IP_PKTINFO, IP_RECVERR, IP_RECVTTL, IP_RECVTOS, IP_FREEBIND, IP_TRANSPARENT isn't there, IP_BIND_ADDRESS_NO_PORT.
        IP_PKTINFO or IP_RECVERR or IP_RECVTTL or IP_RECVTOS or IP_RECVORIGDSTADDR or 15 or 24 => new OptionRule(IPPROTO_IP, name, OptionKind.Flag),

        // IP_MTU_DISCOVER, IP_MTU.
        10 => new OptionRule(IPPROTO_IP, name, OptionKind.Number, Default: 1, Most: 5),
        14 => new OptionRule(IPPROTO_IP, name, OptionKind.Number, Default: 65_535, IsReadOnly: true),

        // IP_MULTICAST_IF, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP.
        32 => new OptionRule(IPPROTO_IP, name, OptionKind.Bytes, Protocol: Udp),
        33 => new OptionRule(IPPROTO_IP, name, OptionKind.Number, Default: 1, Least: -1, Most: 255, MinusOne: 1),
        34 => new OptionRule(IPPROTO_IP, name, OptionKind.Flag, Default: 1),
        35 or 36 => new OptionRule(IPPROTO_IP, name, OptionKind.Membership, Protocol: Udp, IsWriteOnly: true),
        _ => null,
    };

    private static OptionRule? OfV6(int name) => name switch
    {
        // IPV6_UNICAST_HOPS, IPV6_MULTICAST_IF, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP.
        16 => new OptionRule(IPPROTO_IPV6, name, OptionKind.Number, Default: 64, Least: -1, Most: 255, MinusOne: 64),
        17 => new OptionRule(IPPROTO_IPV6, name, OptionKind.Number, Protocol: Udp),
        18 => new OptionRule(IPPROTO_IPV6, name, OptionKind.Number, Default: 1, Least: -1, Most: 255, Protocol: Udp, MinusOne: 1),
        19 => new OptionRule(IPPROTO_IPV6, name, OptionKind.Flag, Default: 1, Protocol: Udp),
        20 or 21 => new OptionRule(IPPROTO_IPV6, name, OptionKind.Membership, Protocol: Udp, IsWriteOnly: true),

        // IPV6_MTU_DISCOVER, IPV6_FREEBIND, IPV6_AUTOFLOWLABEL isn't there.
        23 => new OptionRule(IPPROTO_IPV6, name, OptionKind.Number, Default: 1, Most: 5),
        IPV6_RECVERR or IPV6_RECVPKTINFO or IPV6_RECVHOPLIMIT or IPV6_RECVTCLASS or IPV6_RECVORIGDSTADDR or 78 => new OptionRule(IPPROTO_IPV6, name, OptionKind.Flag),
        IPV6_TCLASS => new OptionRule(IPPROTO_IPV6, name, OptionKind.Number, Least: -1, Most: 255, MinusOne: 0),
        _ => null,
    };

    private static OptionRule? OfTcp(int name) => name switch
    {
        // TCP_NODELAY, TCP_CORK, TCP_QUICKACK, TCP_THIN_LINEAR_TIMEOUTS, TCP_FASTOPEN_CONNECT.
        1 or 3 or 16 or 30 => new OptionRule(IPPROTO_TCP, name, OptionKind.Flag, Protocol: Tcp),
        12 => new OptionRule(IPPROTO_TCP, name, OptionKind.Flag, Default: 1, Protocol: Tcp),

        // TCP_MAXSEG, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP.
        2 => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Default: 536, Most: 32_767, Protocol: Tcp, LeastBesideZero: 88),
        4 => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Default: 7200, Least: 1, Most: 32_767, Protocol: Tcp),
        5 => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Default: 75, Least: 1, Most: 32_767, Protocol: Tcp),
        6 => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Default: 9, Least: 1, Most: 127, Protocol: Tcp),
        7 => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Default: 6, Least: 1, Most: 127, Protocol: Tcp),
        TCP_LINGER2 => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Default: DefaultLinger, Least: int.MinValue, Protocol: Tcp),
        TCP_DEFER_ACCEPT => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Least: int.MinValue, Protocol: Tcp, Floor: 0),

        // Half of the smallest SO_RCVBUF.
        TCP_WINDOW_CLAMP => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Protocol: Tcp, Floor: 1152),
        TCP_INFO => new OptionRule(IPPROTO_TCP, name, OptionKind.Bytes, Protocol: Tcp, IsReadOnly: true),
        13 => new OptionRule(IPPROTO_TCP, name, OptionKind.Text, Protocol: Tcp),

        // TCP_USER_TIMEOUT, TCP_FASTOPEN, TCP_NOTSENT_LOWAT.
        18 or 23 or 25 => new OptionRule(IPPROTO_TCP, name, OptionKind.Number, Protocol: Tcp),
        _ => null,
    };

    private static OptionRule? OfUdp(int name) => name switch
    {
        // UDP_CORK; UDP_SEGMENT and UDP_GRO aren't there, as on older kernels.
        1 => new OptionRule(IPPROTO_UDP, name, OptionKind.Flag, Protocol: Udp),
        _ => null,
    };
}

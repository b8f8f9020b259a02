using System.Runtime.InteropServices;

namespace Cloister.Abi.Files;

/// <summary>Address families (include/linux/socket.h).</summary>
public enum AddressFamily
{
    AF_UNSPEC = 0,
    AF_UNIX = 1,
    AF_INET = 2,
    AF_INET6 = 10,
    AF_NETLINK = 16,
    AF_PACKET = 17,
}

/// <summary>Socket types; SOCK_NONBLOCK and SOCK_CLOEXEC are or'ed in.</summary>
[System.Flags]
public enum SocketType
{
    SOCK_STREAM = 1,
    SOCK_DGRAM = 2,
    SOCK_RAW = 3,
    SOCK_SEQPACKET = 5,
    SOCK_NONBLOCK = 0x800,
    SOCK_CLOEXEC = 0x80000,
}

/// <summary>Flags of send(2) and recv(2).</summary>
[System.Flags]
public enum MessageFlags : uint
{
    None = 0,
    MSG_OOB = 0x1,
    MSG_PEEK = 0x2,
    MSG_DONTROUTE = 0x4,
    MSG_CTRUNC = 0x8,
    MSG_TRUNC = 0x20,
    MSG_DONTWAIT = 0x40,
    MSG_EOR = 0x80,
    MSG_WAITALL = 0x100,
    MSG_CONFIRM = 0x800,
    MSG_ERRQUEUE = 0x2000,
    MSG_NOSIGNAL = 0x4000,
    MSG_MORE = 0x8000,
    MSG_WAITFORONE = 0x10000,
    MSG_CMSG_CLOEXEC = 0x40000000,
}

/// <summary>Levels and names of socket options (socket(7)).</summary>
public static class SocketOptions
{
    public const int SOL_SOCKET = 1;
    public const int SO_DEBUG = 1;
    public const int SO_REUSEADDR = 2;
    public const int SO_TYPE = 3;
    public const int SO_ERROR = 4;
    public const int SO_DONTROUTE = 5;
    public const int SO_BROADCAST = 6;
    public const int SO_SNDBUF = 7;
    public const int SO_RCVBUF = 8;
    public const int SO_KEEPALIVE = 9;
    public const int SO_OOBINLINE = 10;
    public const int SO_NO_CHECK = 11;
    public const int SO_PRIORITY = 12;
    public const int SO_LINGER = 13;
    public const int SO_REUSEPORT = 15;
    public const int SO_PASSCRED = 16;
    public const int SO_PEERCRED = 17;
    public const int SO_RCVLOWAT = 18;
    public const int SO_SNDLOWAT = 19;
    public const int SO_RCVTIMEO = 20;
    public const int SO_SNDTIMEO = 21;
    public const int SO_ACCEPTCONN = 30;
    public const int SO_SNDBUFFORCE = 32;
    public const int SO_RCVBUFFORCE = 33;
    public const int SO_PROTOCOL = 38;
    public const int SO_DOMAIN = 39;
    public const int SO_PEEK_OFF = 42;

    /// <summary>Kinds of control message.</summary>
    public const int SCM_RIGHTS = 1;
    public const int SCM_CREDENTIALS = 2;

    /// <summary>Most descriptors in one message (SCM_MAX_FD).</summary>
    public const int SCM_MAX_FD = 253;

    /// <summary>Largest backlog (/proc/sys/net/core/somaxconn).</summary>
    public const int SOMAXCONN = 4096;

    /// <summary>Bytes of struct sockaddr_un.</summary>
    public const int UnixAddressSize = 110;
}

/// <summary>struct ucred.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct PeerCredentials
{
    public int ProcessId;
    public uint UserId;
    public uint GroupId;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 12;
}

/// <summary>struct msghdr of 64-bit CPUs.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageHeader
{
    public ulong Name;
    public int NameLength;
    private int _padding0;
    public ulong Vector;
    public ulong VectorCount;
    public ulong Control;
    public ulong ControlLength;
    public uint Flags;
    private int _padding1;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 56;
}

using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;

namespace Cloister.Vfs.Sockets;

/// <summary>Options and ioctls (socket(7), unix(7)).</summary>
internal sealed partial class UnixSocket
{
    private const long LongestTimeout = long.MaxValue / 4;

    private long _receiveTimeout;
    private long _sendTimeout;
    private bool _passesCredentials;
    private int _sendBuffer = UnixQueue.DefaultCapacity;
    private int _receiveBuffer = UnixQueue.DefaultCapacity;
    private bool _reusesAddress;
    private bool _keepsAlive;
    private bool _broadcasts;
    private int _receiveLowWater = 1;

    public Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (level != SocketOptions.SOL_SOCKET)
            return Errno.EOPNOTSUPP;
        switch (name)
        {
            case SocketOptions.SO_TYPE:
                return Put(value, (int)Kind, out length);
            case SocketOptions.SO_DOMAIN:
                return Put(value, (int)AddressFamily.AF_UNIX, out length);
            case SocketOptions.SO_PROTOCOL or SocketOptions.SO_DEBUG or SocketOptions.SO_DONTROUTE or SocketOptions.SO_OOBINLINE
                or SocketOptions.SO_PRIORITY or SocketOptions.SO_REUSEPORT:
                return Put(value, 0, out length);
            case SocketOptions.SO_ERROR:
                return Put(value, (int)TakeError(), out length);
            case SocketOptions.SO_REUSEADDR:
                return Put(value, _reusesAddress ? 1 : 0, out length);
            case SocketOptions.SO_KEEPALIVE:
                return Put(value, _keepsAlive ? 1 : 0, out length);
            case SocketOptions.SO_BROADCAST:
                return Put(value, _broadcasts ? 1 : 0, out length);
            case SocketOptions.SO_SNDBUF:
                return Put(value, _sendBuffer, out length);
            case SocketOptions.SO_RCVBUF:
                return Put(value, _receiveBuffer, out length);
            case SocketOptions.SO_RCVLOWAT:
                return Put(value, _receiveLowWater, out length);
            case SocketOptions.SO_SNDLOWAT:
                return Put(value, 1, out length);
            case SocketOptions.SO_PASSCRED:
                return Put(value, _passesCredentials ? 1 : 0, out length);
            case SocketOptions.SO_ACCEPTCONN:
                return Put(value, _state == SocketState.Listening ? 1 : 0, out length);
            case SocketOptions.SO_LINGER:
                return PutBytes(value, [0, 0, 0, 0, 0, 0, 0, 0], out length);
            case SocketOptions.SO_PEERCRED:
                PeerCredentials peer = _peerCredentials;
                if (_state is SocketState.Unconnected or SocketState.Listening)
                    peer = new PeerCredentials { ProcessId = 0, UserId = uint.MaxValue, GroupId = uint.MaxValue };
                return PutBytes(value, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref peer, 1)), out length);
            case SocketOptions.SO_RCVTIMEO:
                return PutTime(value, _receiveTimeout, out length);
            case SocketOptions.SO_SNDTIMEO:
                return PutTime(value, _sendTimeout, out length);
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    public Errno SetOption(ICaller caller, int level, int name, ReadOnlySpan<byte> value)
    {
        if (level != SocketOptions.SOL_SOCKET)
            return Errno.EOPNOTSUPP;
        if (name is SocketOptions.SO_RCVTIMEO or SocketOptions.SO_SNDTIMEO)
            return SetTimeout(value, ref name == SocketOptions.SO_RCVTIMEO ? ref _receiveTimeout : ref _sendTimeout);
        if (value.Length < sizeof(int))
            return Errno.EINVAL;
        int number = MemoryMarshal.Read<int>(value);
        switch (name)
        {
            case SocketOptions.SO_PASSCRED:
                _passesCredentials = number != 0;
                return Errno.Success;
            case SocketOptions.SO_REUSEADDR:
                _reusesAddress = number != 0;
                return Errno.Success;
            case SocketOptions.SO_KEEPALIVE:
                _keepsAlive = number != 0;
                return Errno.Success;
            case SocketOptions.SO_BROADCAST:
                _broadcasts = number != 0;
                return Errno.Success;
            case SocketOptions.SO_SNDBUF or SocketOptions.SO_SNDBUFFORCE:
                // Linux doubles the value for its bookkeeping, and shows it so (socket(7)).
                _sendBuffer = Math.Clamp(number, 2304, UnixQueue.DefaultCapacity) * 2;
                return Errno.Success;
            case SocketOptions.SO_RCVBUF or SocketOptions.SO_RCVBUFFORCE:
                _receiveBuffer = Math.Clamp(number, 1152, UnixQueue.DefaultCapacity) * 2;
                _incoming.Capacity = Math.Max(4096, _receiveBuffer / 2);
                return Errno.Success;
            case SocketOptions.SO_RCVLOWAT:
                _receiveLowWater = number < 0 ? int.MaxValue : Math.Max(1, number);
                return Errno.Success;
            case SocketOptions.SO_LINGER or SocketOptions.SO_OOBINLINE or SocketOptions.SO_DONTROUTE or SocketOptions.SO_PRIORITY:
                // These have no effect on local sockets on Linux either.
                return Errno.Success;
            case SocketOptions.SO_TYPE or SocketOptions.SO_ERROR or SocketOptions.SO_DOMAIN or SocketOptions.SO_PROTOCOL
                or SocketOptions.SO_ACCEPTCONN or SocketOptions.SO_PEERCRED or SocketOptions.SO_SNDLOWAT:
                return Errno.ENOPROTOOPT;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        switch (request)
        {
            case Ioctls.FIONREAD:
                if (_state == SocketState.Listening)
                    return Errno.EINVAL;
                MemoryMarshal.Write(data, _incoming.Readable);
                return 0;
            case Ioctls.TIOCOUTQ:
                MemoryMarshal.Write(data, _peer?._incoming.Readable ?? 0);
                return 0;
            default:
                return base.Control(caller, request, argument, data);
        }
    }

    private static Errno Put(Span<byte> value, int number, out int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(bytes, number);
        return PutBytes(value, bytes, out length);
    }

    private static Errno PutBytes(Span<byte> value, ReadOnlySpan<byte> bytes, out int length)
    {
        length = Math.Min(value.Length, bytes.Length);
        bytes[..length].CopyTo(value);
        return Errno.Success;
    }

    // struct timeval: seconds and microseconds.
    private static Errno PutTime(Span<byte> value, long time, out int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        MemoryMarshal.Write(bytes, time / 1_000_000_000);
        MemoryMarshal.Write(bytes[8..], time % 1_000_000_000 / 1000);
        return PutBytes(value, bytes, out length);
    }

    private static Errno SetTimeout(ReadOnlySpan<byte> value, ref long timeout)
    {
        if (value.Length < 16)
            return Errno.EINVAL;
        long seconds = MemoryMarshal.Read<long>(value);
        long microseconds = MemoryMarshal.Read<long>(value[8..]);
        if (microseconds is < 0 or >= 1_000_000)
            return Errno.EDOM;

        // A negative time means not to wait at all.
        timeout = seconds < 0 ? 1 : seconds > LongestTimeout / 1_000_000_000 ? LongestTimeout : (seconds * 1_000_000_000) + (microseconds * 1000);
        return Errno.Success;
    }
}

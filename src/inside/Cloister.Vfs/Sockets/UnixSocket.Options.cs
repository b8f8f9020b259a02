using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Sockets;

/// <summary>Options and ioctls (socket(7), unix(7)).</summary>
internal sealed partial class UnixSocket
{
    private const long LongestTimeout = long.MaxValue / 4;

    // SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF of Linux on 64-bit CPUs; /proc/sys/net/core/wmem_default and wmem_max.
    private const int SmallestSendBuffer = 4608;
    private const int SmallestReceiveBuffer = 2304;
    private const int DefaultBuffer = 212_992;

    private long _receiveTimeout;
    private long _sendTimeout;
    private volatile bool _passesCredentials;
    private int _sendBuffer = DefaultBuffer;
    private int _receiveBuffer = DefaultBuffer;
    private volatile bool _isUrgentInline;
    private bool _reusesAddress;
    private bool _keepsAlive;
    private bool _broadcasts;
    private bool _skipsChecksums;
    private bool _skipsRouting;
    private int _priority;
    private bool _lingers;
    private int _lingerSeconds;
    private int _receiveLowWater = 1;

    public Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (level != SocketOptions.SOL_SOCKET)
            return Errno.EOPNOTSUPP;
        switch (name)
        {
            case SocketOptions.SO_LINGER:
                return PutBytes(value, MemoryMarshal.AsBytes<int>([_lingers ? 1 : 0, _lingerSeconds]), out length);
            case SocketOptions.SO_PEERCRED:
                PeerCredentials peer = State switch
                {
                    // Who has called listen(2): that is what a client sees too.
                    SocketState.Listening => _ownCredentials,
                    SocketState.Connected => _peerCredentials,
                    _ => new PeerCredentials { ProcessId = 0, UserId = uint.MaxValue, GroupId = uint.MaxValue },
                };
                return PutBytes(value, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref peer, 1)), out length);
            case SocketOptions.SO_RCVTIMEO:
                return PutTime(value, _receiveTimeout, out length);
            case SocketOptions.SO_SNDTIMEO:
                return PutTime(value, _sendTimeout, out length);
            default:
                return GetNumber(name) is { } number ? Put(value, number, out length) : Errno.ENOPROTOOPT;
        }
    }

    private int? GetNumber(int name) => name switch
    {
        SocketOptions.SO_TYPE => (int)Kind,
        SocketOptions.SO_DOMAIN => (int)AddressFamily.AF_UNIX,
        SocketOptions.SO_PROTOCOL or SocketOptions.SO_DEBUG or SocketOptions.SO_REUSEPORT => 0,
        SocketOptions.SO_ERROR => (int)TakeError(),
        SocketOptions.SO_REUSEADDR => _reusesAddress ? 1 : 0,
        SocketOptions.SO_KEEPALIVE => _keepsAlive ? 1 : 0,
        SocketOptions.SO_BROADCAST => _broadcasts ? 1 : 0,
        SocketOptions.SO_NO_CHECK => _skipsChecksums ? 1 : 0,
        SocketOptions.SO_DONTROUTE => _skipsRouting ? 1 : 0,
        SocketOptions.SO_OOBINLINE => _isUrgentInline ? 1 : 0,
        SocketOptions.SO_PRIORITY => _priority,
        SocketOptions.SO_SNDBUF => Volatile.Read(ref _sendBuffer),
        SocketOptions.SO_RCVBUF => _receiveBuffer,
        SocketOptions.SO_RCVLOWAT => _receiveLowWater,
        SocketOptions.SO_SNDLOWAT => 1,
        SocketOptions.SO_PASSCRED => _passesCredentials ? 1 : 0,
        SocketOptions.SO_ACCEPTCONN => State == SocketState.Listening ? 1 : 0,
        SocketOptions.SO_PEEK_OFF => Volatile.Read(ref _peekOffset),
        _ => null,
    };

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
            case SocketOptions.SO_NO_CHECK:
                _skipsChecksums = number != 0;
                return Errno.Success;
            case SocketOptions.SO_DONTROUTE:
                _skipsRouting = number != 0;
                return Errno.Success;
            case SocketOptions.SO_OOBINLINE:
                _isUrgentInline = number != 0;
                return Errno.Success;
            case SocketOptions.SO_PRIORITY:
                if (number is < 0 or > 6 && !caller.Credentials.Has(FileCapabilities.CAP_NET_ADMIN))
                    return Errno.EPERM;
                _priority = number;
                return Errno.Success;
            case SocketOptions.SO_SNDBUF or SocketOptions.SO_SNDBUFFORCE:
                // Linux doubles the value for its bookkeeping, and shows it so (socket(7)).
                Volatile.Write(ref _sendBuffer, Math.Max((int)Math.Min((uint)number, DefaultBuffer) * 2, SmallestSendBuffer));
                _changed.WakeAll(WriteEvents);
                return Errno.Success;
            case SocketOptions.SO_RCVBUF or SocketOptions.SO_RCVBUFFORCE:
                // Kept and shown: what is on its way is limited by who sends it (unix(7)).
                _receiveBuffer = Math.Max((int)Math.Min((uint)number, DefaultBuffer) * 2, SmallestReceiveBuffer);
                return Errno.Success;
            case SocketOptions.SO_RCVLOWAT:
                _receiveLowWater = number < 0 ? int.MaxValue : Math.Max(1, number);
                return Errno.Success;
            case SocketOptions.SO_PEEK_OFF:
                Volatile.Write(ref _peekOffset, number);
                return Errno.Success;
            case SocketOptions.SO_LINGER:
                // Without effect on local sockets, on Linux too.
                if (value.Length < 2 * sizeof(int))
                    return Errno.EINVAL;
                _lingers = number != 0;
                if (_lingers)
                    _lingerSeconds = MemoryMarshal.Read<int>(value[sizeof(int)..]);
                return Errno.Success;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        switch (request)
        {
            case Ioctls.FIONREAD:
                if (State == SocketState.Listening)
                    return Errno.EINVAL;
                MemoryMarshal.Write(data, _incoming.CountBytes(ofFirstOnly: IsDatagram));
                return 0;
            case Ioctls.TIOCOUTQ:
                MemoryMarshal.Write(data, Volatile.Read(ref _charged));
                return 0;
            case Ioctls.SIOCATMARK when IsStream:
                MemoryMarshal.Write(data, _incoming.IsAtMark ? 1 : 0);
                return 0;
            case Ioctls.FIOSETOWN or Ioctls.SIOCSPGRP:
                return SetSignalOwner(caller, MemoryMarshal.Read<int>(data));
            case Ioctls.FIOGETOWN or Ioctls.SIOCGPGRP:
                MemoryMarshal.Write(data, SignalOwner.Number);
                return 0;
            case Ioctls.SIOCGIFCONF:
                // struct ifconf: a length, of which nothing is used: there are no network interfaces.
                MemoryMarshal.Write(data, 0);
                return 0;
            case Ioctls.SIOCGIFNAME or Ioctls.SIOCGIFFLAGS or Ioctls.SIOCGIFMETRIC or Ioctls.SIOCGIFMTU or Ioctls.SIOCGIFHWADDR
                or Ioctls.SIOCGIFSLAVE or Ioctls.SIOCGIFINDEX or Ioctls.SIOCGIFTXQLEN or Ioctls.SIOCGIFMAP or Ioctls.SIOCETHTOOL:
                return Errno.ENODEV;
            default:
                return base.Control(caller, request, argument, data);
        }
    }

    private Errno SetSignalOwner(ICaller caller, int number)
    {
        if (number == int.MinValue)
            return Errno.EINVAL;
        SignalOwnerKind kind = number < 0 ? SignalOwnerKind.F_OWNER_PGRP : SignalOwnerKind.F_OWNER_PID;
        var owner = new SignalOwner(kind, Math.Abs(number), caller.Credentials.UserId);
        if (!owner.IsNone && Vfs.JobControl?.Exists(owner) != true)
            return Errno.ESRCH;
        SignalOwner = owner;
        return Errno.Success;
    }

    private Errno TakeError()
    {
        using (_lock.Enter())
        {
            Errno error = _error;
            _error = Errno.Success;
            return error;
        }
    }

    private static long DeadlineOf(ICaller caller, long timeout) => timeout == 0 ? Deadline.Never : Deadline.After(caller.MonotonicNow, timeout);

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

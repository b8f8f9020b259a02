using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Sockets;

namespace Cloister.Vfs.Sockets;

/// <summary>Options and ioctls (socket(7), unix(7)).</summary>
internal sealed partial class UnixSocket
{
    private readonly SocketSettings _settings = new();
    private volatile bool _passesCredentials;

    public Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (level != SocketOptions.SOL_SOCKET)
            return Errno.EOPNOTSUPP;
        if (name == SocketOptions.SO_PEERCRED)
        {
            PeerCredentials peer = State switch
            {
                // Who has called listen(2): that is what a client sees too.
                SocketState.Listening => _ownCredentials,
                SocketState.Connected => _peerCredentials,
                _ => new PeerCredentials { ProcessId = 0, UserId = uint.MaxValue, GroupId = uint.MaxValue },
            };
            return SocketOptionValue.Put(value, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref peer, 1)), out length);
        }

        if (_settings.TryGet(name, value, out length))
            return Errno.Success;
        return GetNumber(name) is { } number ? SocketOptionValue.Put(value, number, out length) : Errno.ENOPROTOOPT;
    }

    private int? GetNumber(int name) => name switch
    {
        SocketOptions.SO_TYPE => (int)Kind,
        SocketOptions.SO_DOMAIN => (int)AddressFamily.AF_UNIX,
        SocketOptions.SO_PROTOCOL => 0,
        SocketOptions.SO_ERROR => (int)TakeError(),
        SocketOptions.SO_PASSCRED => _passesCredentials ? 1 : 0,
        SocketOptions.SO_ACCEPTCONN => State == SocketState.Listening ? 1 : 0,
        _ => null,
    };

    public Errno SetOption(ICaller caller, int level, int name, ReadOnlySpan<byte> value)
    {
        if (level != SocketOptions.SOL_SOCKET)
            return Errno.EOPNOTSUPP;
        if (!_settings.TrySet(caller, name, value, out Errno error))
        {
            if (name != SocketOptions.SO_PASSCRED)
                return Errno.ENOPROTOOPT;
            _passesCredentials = MemoryMarshal.Read<int>(value) != 0;
        }

        // SO_RCVBUF and SO_LINGER are kept and shown: what is on its way is limited by who sends it (unix(7)).
        if (name is SocketOptions.SO_SNDBUF or SocketOptions.SO_SNDBUFFORCE)
            _changed.WakeAll(WriteEvents);
        return error;
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
                return SocketOwners.Set(this, caller, Vfs, MemoryMarshal.Read<int>(data));
            case Ioctls.FIOGETOWN or Ioctls.SIOCGPGRP:
                MemoryMarshal.Write(data, SignalOwner.Number);
                return 0;
            default:
                SyscallResult answer = InterfaceControls.Answer(Vfs.Network, request, data);
                return answer.Errno == Errno.ENOTTY ? base.Control(caller, request, argument, data) : answer;
        }
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
}

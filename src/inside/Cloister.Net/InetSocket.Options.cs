using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Nucleus.Locking;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>Options (socket(7), ip(7), ipv6(7), tcp(7), udp(7)) and ioctls.</summary>
internal abstract partial class InetSocket
{
    private readonly KernelLock _optionLock = new(LockLevel.Leaf);

    // What the program has set, in order: the host's socket gets it when it is made.
    private List<OptionValue>? _set;

    /// <summary>IPV6_V6ONLY.</summary>
    public bool IsV6Only { get; protected set; }

    /// <summary>Options that the socket of a connection has of its listener.</summary>
    protected void InheritOptions(InetSocket listener)
    {
        IsV6Only = listener.IsV6Only;
        using (listener._optionLock.Enter())
            _set = listener._set is null ? null : new List<OptionValue>(listener._set);
    }

    public virtual Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (level == SocketOptions.SOL_SOCKET)
        {
            // No device: an empty name.
            if (name == InetOptions.SO_BINDTODEVICE)
                return Errno.Success;

            // Credentials are those of sockets of one machine (sk_may_scm_recv of Linux).
            if (name == SocketOptions.SO_PASSCRED)
                return Errno.EOPNOTSUPP;
            if (Settings.TryGet(name, value, out length))
                return Errno.Success;
            return GetNumber(name) is { } number ? SocketOptionValue.Put(value, number, out length) : Errno.ENOPROTOOPT;
        }

        if (level == InetOptions.IPPROTO_IPV6 && name == InetOptions.IPV6_V6ONLY && IsV6)
            return SocketOptionValue.Put(value, IsV6Only ? 1 : 0, out length);
        if (InetOptions.Find(level, name, Protocol, IsV6) is { } rule)
            return GetProtocolOption(rule, value, out length);

        // do_ip_getsockopt of Linux has an errno of its own for levels that nobody knows; setting, and version 6, don't.
        return IsV6 || level == InetOptions.IPPROTO_IP || level == (int)Protocol ? Errno.ENOPROTOOPT : Errno.EOPNOTSUPP;
    }

    public virtual Errno SetOption(ICaller caller, int level, int name, ReadOnlySpan<byte> value)
    {
        if (level == SocketOptions.SOL_SOCKET)
            return SetSocketOption(caller, name, value);
        if (level == InetOptions.IPPROTO_IPV6 && name == InetOptions.IPV6_V6ONLY && IsV6)
        {
            if (value.Length < sizeof(int))
                return Errno.EINVAL;
            using (Network.Lock.Enter())
            {
                if (IsBound)
                    return Errno.EINVAL;
                IsV6Only = MemoryMarshal.Read<int>(value) != 0;
            }

            return Forward(level, name, value);
        }

        if (InetOptions.Find(level, name, Protocol, IsV6) is not { } rule || rule.IsReadOnly)
            return Errno.ENOPROTOOPT;
        Errno error = rule.Check(value, out int number);
        if (error == Errno.Success)
            error = CheckState(level, name, number);
        if (error != Errno.Success)
            return error;
        if (rule.Kind == OptionKind.Membership)
            return SetMembership(level, name, value);
        if (rule.Kind == OptionKind.Text)
        {
            // A name has this length, whatever it is.
            Span<byte> text = stackalloc byte[InetOptions.LongestCongestionControl];
            text.Clear();
            value[..Math.Min(value.Length, text.Length - 1)].CopyTo(text);
            return Forward(level, name, text);
        }

        return Forward(level, name, rule.Kind == OptionKind.Bytes ? value : MemoryMarshal.AsBytes<int>([number]));
    }

    public virtual SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data) => Errno.ENOTTY;

    /// <summary>A number that the program has set, or its default.</summary>
    protected int OptionNumber(int level, int name, int absent)
    {
        if (_set is null)
            return absent;
        using (_optionLock.Enter())
        {
            foreach (OptionValue option in _set)
            {
                if (option.Level == level && option.Name == name && option.Value.Length >= sizeof(int))
                    return MemoryMarshal.Read<int>(option.Value);
            }
        }

        return absent;
    }

    /// <summary>Whether an option may be set in the state that the socket is in.</summary>
    protected virtual Errno CheckState(int level, int name, int number) => Errno.Success;

    /// <summary>Whether the socket may have a link to set a membership of; makes one.</summary>
    protected virtual Errno SetMembership(int level, int name, ReadOnlySpan<byte> value) => Errno.ENOPROTOOPT;

    /// <summary>Gives the host's socket what the program has set.</summary>
    protected void ReplayOptions(HostLink link)
    {
        OptionValue[] all;
        using (_optionLock.Enter())
            all = _set is null ? [] : _set.ToArray();
        foreach (OptionValue option in all)
            link.Host.SetOption(link.Handle, option.Level, option.Name, option.Value);
    }

    /// <summary>Keeps an option, and gives it to the host's socket where there is one.</summary>
    protected Errno Forward(int level, int name, ReadOnlySpan<byte> value)
    {
        if (Link is { } link)
        {
            Errno error = link.Host.SetOption(link.Handle, level, name, value);
            if (error != Errno.Success)
                return error;
        }

        var option = new OptionValue(level, name, value.ToArray());
        using (_optionLock.Enter())
        {
            _set ??= [];
            for (int i = 0; i < _set.Count; i++)
            {
                if (_set[i].Level != level || _set[i].Name != name)
                    continue;
                _set[i] = option;
                return Errno.Success;
            }

            _set.Add(option);
            return Errno.Success;
        }
    }

    private Errno GetProtocolOption(in OptionRule rule, Span<byte> value, out int length)
    {
        length = 0;
        if (rule.IsWriteOnly)
            return Errno.ENOPROTOOPT;
        if (Link is { } link)
            return link.Host.GetOption(link.Handle, rule.Level, rule.Name, value, out length);
        if (rule.Level == InetOptions.IPPROTO_TCP && rule.Name == InetOptions.TCP_INFO)
            return GetTcpInformation(value, out length);
        using (_optionLock.Enter())
        {
            foreach (OptionValue option in _set ?? [])
            {
                if (option.Level == rule.Level && option.Name == rule.Name)
                    return PutValue(rule, value, option.Value, out length);
            }
        }

        return rule.Kind switch
        {
            OptionKind.Text => SocketOptionValue.Put(value, "cubic\0\0\0\0\0\0\0\0\0\0\0"u8, out length),
            OptionKind.Bytes => Errno.ENOPROTOOPT,
            _ => PutValue(rule, value, MemoryMarshal.AsBytes<int>([rule.Default]), out length),
        };
    }

    // A number of ip(7) that fits in a byte is one where there is no room for more (do_ip_getsockopt of Linux).
    private static Errno PutValue(in OptionRule rule, Span<byte> into, ReadOnlySpan<byte> value, out int length)
    {
        bool isByte = rule.Level == InetOptions.IPPROTO_IP && rule.Kind is OptionKind.Flag or OptionKind.Number && into.Length is > 0 and < sizeof(int) &&
            value.Length == sizeof(int) && MemoryMarshal.Read<int>(value) is >= 0 and <= byte.MaxValue;
        return SocketOptionValue.Put(into, isByte ? value[..1] : value, out length);
    }

    /// <summary>struct tcp_info of a connection that stays inside.</summary>
    protected virtual Errno GetTcpInformation(Span<byte> value, out int length)
    {
        length = 0;
        return Errno.ENOPROTOOPT;
    }

    private Errno SetSocketOption(ICaller caller, int name, ReadOnlySpan<byte> value)
    {
        switch (name)
        {
            case SocketOptions.SO_REUSEPORT:
                if (value.Length < sizeof(int))
                    return Errno.EINVAL;
                Settings.ReusesPort = MemoryMarshal.Read<int>(value) != 0;
                return Forward(SocketOptions.SOL_SOCKET, name, value);
            case InetOptions.SO_TIMESTAMP or InetOptions.SO_TIMESTAMPNS:
                return SetTimestamps(name, value);
            case InetOptions.SO_BINDTODEVICE or InetOptions.SO_MARK:
                return Errno.EPERM;
            case SocketOptions.SO_PASSCRED:
                return Errno.EOPNOTSUPP;
        }

        if (!Settings.TrySet(caller, name, value, out Errno error))
            return Errno.ENOPROTOOPT;
        if (error != Errno.Success)
            return error;
        OnSettingsChanged(name);
        return InetOptions.IsHostSetting(name) ? Forward(SocketOptions.SOL_SOCKET, name, value) : Errno.Success;
    }

    /// <summary>Whether datagrams come with the time they came; the option that asked for it, or 0.</summary>
    protected int TimestampOption { get; private set; }

    private Errno SetTimestamps(int name, ReadOnlySpan<byte> value)
    {
        if (value.Length < sizeof(int))
            return Errno.EINVAL;
        TimestampOption = MemoryMarshal.Read<int>(value) != 0 ? name : 0;
        return Errno.Success;
    }

    /// <summary>An option of SOL_SOCKET was set.</summary>
    protected virtual void OnSettingsChanged(int name)
    {
    }

    /// <summary>The error of the socket, which is taken (SO_ERROR).</summary>
    protected virtual Errno TakeSocketError() => TakeError();

    private int? GetNumber(int name) => name switch
    {
        SocketOptions.SO_TYPE => (int)(Protocol == Contracts.Network.NetworkProtocol.Tcp ? SocketType.SOCK_STREAM : SocketType.SOCK_DGRAM),
        SocketOptions.SO_DOMAIN => (int)(IsV6 ? AddressFamily.AF_INET6 : AddressFamily.AF_INET),
        SocketOptions.SO_PROTOCOL => (int)Protocol,
        SocketOptions.SO_ERROR => (int)TakeSocketError(),
        SocketOptions.SO_ACCEPTCONN => IsListening ? 1 : 0,
        InetOptions.SO_TIMESTAMP or InetOptions.SO_TIMESTAMPNS => TimestampOption == name ? 1 : 0,
        InetOptions.SO_MARK or InetOptions.SO_BUSY_POLL or InetOptions.SO_INCOMING_CPU => 0,
        _ => null,
    };

    private readonly record struct OptionValue(int Level, int Name, byte[] Value);
}

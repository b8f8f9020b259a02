using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;

namespace Cloister.Nucleus.Sockets;

/// <summary>The options of SOL_SOCKET that are the same for sockets of every family (socket(7)).</summary>
public sealed class SocketSettings
{
    private const long LongestTimeout = long.MaxValue / 4;

    // SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF of Linux on 64-bit CPUs; /proc/sys/net/core/wmem_max and rmem_max.
    private const int SmallestSendBuffer = 4608;
    private const int SmallestReceiveBuffer = 2304;
    private const int LargestBuffer = 212_992;

    private long _receiveTimeout;
    private long _sendTimeout;
    private int _sendBuffer;
    private int _receiveBuffer;
    private int _receiveLowWater = 1;
    private int _peekOffset = -1;
    private volatile bool _isUrgentInline;

    /// <summary>Settings of a new socket.</summary>
    /// <param name="sendBuffer">SO_SNDBUF.</param>
    /// <param name="receiveBuffer">SO_RCVBUF.</param>
    public SocketSettings(int sendBuffer = LargestBuffer, int receiveBuffer = LargestBuffer)
    {
        _sendBuffer = sendBuffer;
        _receiveBuffer = receiveBuffer;
    }

    /// <summary>SO_RCVTIMEO in nanoseconds, 0 for none.</summary>
    public long ReceiveTimeout => Volatile.Read(ref _receiveTimeout);

    /// <summary>SO_SNDTIMEO in nanoseconds, 0 for none.</summary>
    public long SendTimeout => Volatile.Read(ref _sendTimeout);

    /// <summary>SO_SNDBUF as it is shown: twice what was asked for.</summary>
    public int SendBuffer => Volatile.Read(ref _sendBuffer);

    /// <summary>SO_RCVBUF as it is shown.</summary>
    public int ReceiveBuffer => Volatile.Read(ref _receiveBuffer);

    /// <summary>Whether the program has set SO_SNDBUF.</summary>
    public bool HasSendBuffer { get; private set; }

    /// <summary>Whether the program has set SO_RCVBUF.</summary>
    public bool HasReceiveBuffer { get; private set; }

    /// <summary>SO_RCVLOWAT.</summary>
    public int ReceiveLowWater => Volatile.Read(ref _receiveLowWater);

    /// <summary>SO_OOBINLINE.</summary>
    public bool IsUrgentInline => _isUrgentInline;

    /// <summary>SO_REUSEADDR.</summary>
    public bool ReusesAddress { get; private set; }

    /// <summary>SO_REUSEPORT.</summary>
    public bool ReusesPort { get; set; }

    /// <summary>SO_KEEPALIVE.</summary>
    public bool KeepsAlive { get; private set; }

    /// <summary>SO_BROADCAST.</summary>
    public bool Broadcasts { get; private set; }

    /// <summary>Whether SO_LINGER is on.</summary>
    public bool Lingers { get; private set; }

    /// <summary>Seconds of SO_LINGER.</summary>
    public int LingerSeconds { get; private set; }

    private bool SkipsChecksums { get; set; }

    private bool SkipsRouting { get; set; }

    private int Priority { get; set; }

    /// <summary>Where peeking starts (SO_PEEK_OFF); negative where with the next byte.</summary>
    public int PeekOffset
    {
        get => Volatile.Read(ref _peekOffset);
        set => Volatile.Write(ref _peekOffset, value);
    }

    /// <summary>Changes SO_SNDBUF as the kernel itself does, where the program has set nothing.</summary>
    public void TuneSendBuffer(int size) => Volatile.Write(ref _sendBuffer, size);

    /// <summary>What a connection has of its listener.</summary>
    public SocketSettings Clone() => (SocketSettings)MemberwiseClone();

    /// <summary>When a wait for data ends.</summary>
    public long ReceiveDeadline(ICaller caller) => DeadlineOf(caller, ReceiveTimeout);

    /// <summary>When a wait for room ends.</summary>
    public long SendDeadline(ICaller caller) => DeadlineOf(caller, SendTimeout);

    /// <summary>Sleeps in a wait for data until something happens.</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="deadline">Of <see cref="ReceiveDeadline"/>.</param>
    /// <returns>EAGAIN when the time is over; ERESTARTSYS or EINTR for a signal.</returns>
    public Errno SleepToReceive(ICaller caller, long deadline) => Sleep(caller, deadline, ReceiveTimeout);

    /// <summary>Sleeps in a wait for room, or for a connection; as <see cref="SleepToReceive"/>.</summary>
    public Errno SleepToSend(ICaller caller, long deadline) => Sleep(caller, deadline, SendTimeout);

    // Linux doubles the value for its bookkeeping, and shows it so; the limits are those of who may not force it (socket(7)).
    private static int SizeOfBuffer(int wanted, bool isForced, int smallest)
    {
        int most = isForced ? int.MaxValue / 2 : LargestBuffer;
        if (isForced)
            wanted = Math.Max(wanted, 0);
        return Math.Max((int)Math.Min((uint)wanted, (uint)most) * 2, smallest);
    }

    // With a time-out a call that a signal has ended isn't repeated (signal(7)).
    private static Errno Sleep(ICaller caller, long deadline, long timeout) => caller.Sleep(deadline) switch
    {
        WaitOutcome.TimedOut => Errno.EAGAIN,
        WaitOutcome.Interrupted => timeout == 0 ? Errno.ERESTARTSYS : Errno.EINTR,
        _ => Errno.Success,
    };

    /// <summary>getsockopt(2); false for options that aren't here.</summary>
    public bool TryGet(int name, Span<byte> value, out int length)
    {
        switch (name)
        {
            case SocketOptions.SO_LINGER:
                SocketOptionValue.Put(value, MemoryMarshal.AsBytes<int>([Lingers ? 1 : 0, LingerSeconds]), out length);
                return true;
            case SocketOptions.SO_RCVTIMEO:
                PutTime(value, ReceiveTimeout, out length);
                return true;
            case SocketOptions.SO_SNDTIMEO:
                PutTime(value, SendTimeout, out length);
                return true;
        }

        int? number = GetNumber(name);
        length = 0;
        if (number is { } found)
            SocketOptionValue.Put(value, found, out length);
        return number is not null;
    }

    /// <summary>setsockopt(2).</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="name">SO_*.</param>
    /// <param name="value">The value.</param>
    /// <param name="error">The answer.</param>
    /// <returns>False for options that aren't here.</returns>
    public bool TrySet(ICaller caller, int name, ReadOnlySpan<byte> value, out Errno error)
    {
        error = Errno.Success;
        if (name is SocketOptions.SO_RCVTIMEO or SocketOptions.SO_SNDTIMEO)
        {
            error = SetTimeout(value, ref name == SocketOptions.SO_RCVTIMEO ? ref _receiveTimeout : ref _sendTimeout);
            return true;
        }

        if (value.Length < sizeof(int))
        {
            error = Errno.EINVAL;
            return true;
        }

        int number = MemoryMarshal.Read<int>(value);
        switch (name)
        {
            case SocketOptions.SO_REUSEADDR:
                ReusesAddress = number != 0;
                return true;
            case SocketOptions.SO_KEEPALIVE:
                KeepsAlive = number != 0;
                return true;
            case SocketOptions.SO_BROADCAST:
                Broadcasts = number != 0;
                return true;
            case SocketOptions.SO_NO_CHECK:
                SkipsChecksums = number != 0;
                return true;
            case SocketOptions.SO_DONTROUTE:
                SkipsRouting = number != 0;
                return true;
            case SocketOptions.SO_OOBINLINE:
                _isUrgentInline = number != 0;
                return true;
            case SocketOptions.SO_PRIORITY:
                if (number is < 0 or > 6 && !caller.Credentials.Has(FileCapabilities.CAP_NET_ADMIN))
                    error = Errno.EPERM;
                else
                    Priority = number;
                return true;
            case SocketOptions.SO_SNDBUFFORCE or SocketOptions.SO_RCVBUFFORCE when !caller.Credentials.Has(FileCapabilities.CAP_NET_ADMIN):
                error = Errno.EPERM;
                return true;
            case SocketOptions.SO_SNDBUF or SocketOptions.SO_SNDBUFFORCE:
                HasSendBuffer = true;
                Volatile.Write(ref _sendBuffer, SizeOfBuffer(number, name == SocketOptions.SO_SNDBUFFORCE, SmallestSendBuffer));
                return true;
            case SocketOptions.SO_RCVBUF or SocketOptions.SO_RCVBUFFORCE:
                HasReceiveBuffer = true;
                Volatile.Write(ref _receiveBuffer, SizeOfBuffer(number, name == SocketOptions.SO_RCVBUFFORCE, SmallestReceiveBuffer));
                return true;
            case SocketOptions.SO_RCVLOWAT:
                Volatile.Write(ref _receiveLowWater, number < 0 ? int.MaxValue : Math.Max(1, number));
                return true;
            case SocketOptions.SO_PEEK_OFF:
                PeekOffset = number;
                return true;
            case SocketOptions.SO_LINGER:
                if (value.Length < 2 * sizeof(int))
                {
                    error = Errno.EINVAL;
                    return true;
                }

                Lingers = number != 0;
                if (Lingers)
                    LingerSeconds = MemoryMarshal.Read<int>(value[sizeof(int)..]);
                return true;
            default:
                return false;
        }
    }

    private int? GetNumber(int name) => name switch
    {
        SocketOptions.SO_DEBUG => 0,
        SocketOptions.SO_REUSEADDR => ReusesAddress ? 1 : 0,
        SocketOptions.SO_REUSEPORT => ReusesPort ? 1 : 0,
        SocketOptions.SO_KEEPALIVE => KeepsAlive ? 1 : 0,
        SocketOptions.SO_BROADCAST => Broadcasts ? 1 : 0,
        SocketOptions.SO_NO_CHECK => SkipsChecksums ? 1 : 0,
        SocketOptions.SO_DONTROUTE => SkipsRouting ? 1 : 0,
        SocketOptions.SO_OOBINLINE => IsUrgentInline ? 1 : 0,
        SocketOptions.SO_PRIORITY => Priority,
        SocketOptions.SO_SNDBUF => SendBuffer,
        SocketOptions.SO_RCVBUF => ReceiveBuffer,
        SocketOptions.SO_RCVLOWAT => ReceiveLowWater,
        SocketOptions.SO_SNDLOWAT => 1,
        SocketOptions.SO_PEEK_OFF => PeekOffset,
        _ => null,
    };

    private static long DeadlineOf(ICaller caller, long timeout) => timeout == 0 ? Deadline.Never : Deadline.After(caller.MonotonicNow, timeout);

    // struct timeval: seconds and microseconds.
    private static void PutTime(Span<byte> value, long time, out int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        MemoryMarshal.Write(bytes, time / 1_000_000_000);
        MemoryMarshal.Write(bytes[8..], time % 1_000_000_000 / 1000);
        SocketOptionValue.Put(value, bytes, out length);
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

/// <summary>Values of options, cut where they don't fit.</summary>
public static class SocketOptionValue
{
    /// <summary>Stores a number.</summary>
    public static Errno Put(Span<byte> value, int number, out int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(bytes, number);
        return Put(value, bytes, out length);
    }

    /// <summary>Stores a structure.</summary>
    public static Errno Put(Span<byte> value, ReadOnlySpan<byte> bytes, out int length)
    {
        length = Math.Min(value.Length, bytes.Length);
        bytes[..length].CopyTo(value);
        return Errno.Success;
    }
}

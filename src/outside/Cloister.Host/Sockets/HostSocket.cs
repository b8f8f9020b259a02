using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Sockets;

/// <summary>A socket of the host that the enclave has a handle of. It never blocks and raises no SIGPIPE.</summary>
internal sealed unsafe class HostSocket : IDisposable
{
    private const int SOCK_STREAM = 1;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int FIONREAD = 0x541B;
    private const int SIOCOUTQ = 0x5411;
    private const int SIOCATMARK = 0x8905;
    private const int SOL_SOCKET = 1;
    private const int SO_ATTACH_FILTER = 26;
    private const int SO_ATTACH_REUSEPORT_CBPF = 51;
    private const int IPPROTO_TCP = 6;
    private const int TCP_ZEROCOPY_RECEIVE = 35;

    private int _isWatched;

    private HostSocket(int descriptor, bool isV6, bool isStream)
    {
        File = new FileDescriptor(descriptor);
        IsV6 = isV6;
        IsStream = isStream;
    }

    public FileDescriptor File { get; }

    public bool IsV6 { get; }

    public bool IsStream { get; }

    /// <summary>Whether the watcher reports it only when that is asked for.</summary>
    public bool IsWatchedLater { get; set; }

    /// <summary>Whether this is the first wish to watch it.</summary>
    public bool TryBeginWatch() => Interlocked.Exchange(ref _isWatched, 1) == 0;

    public static Errno Open(bool isV6, bool isStream, out HostSocket? socket)
    {
        int type = (isStream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
        int descriptor = LibcSockets.Socket(isV6 ? SocketAddress.FamilyV6 : SocketAddress.FamilyV4, type, 0);
        socket = descriptor < 0 ? null : new HostSocket(descriptor, isV6, isStream);
        return Failure.From(descriptor);
    }

    public Errno Bind(in EndpointRecord wish, out EndpointRecord bound)
    {
        bound = default;
        byte* address = stackalloc byte[SocketAddress.LongestLength];
        int length = SocketAddress.Write(wish, IsV6, new Span<byte>(address, SocketAddress.LongestLength));
        if (length == 0)
            return Errno.EAFNOSUPPORT;
        Errno error = Failure.From(LibcSockets.Bind(File, address, (uint)length));
        return error == Errno.Success ? GetName(isPeer: false, out bound) : error;
    }

    public Errno Connect(in EndpointRecord remote, out EndpointRecord local)
    {
        local = default;
        byte* address = stackalloc byte[SocketAddress.LongestLength];
        int length = SocketAddress.Write(remote, IsV6, new Span<byte>(address, SocketAddress.LongestLength));
        if (length == 0)
            return Errno.EAFNOSUPPORT;
        Errno error = Failure.From(LibcSockets.Connect(File, address, (uint)length));
        if (error is not (Errno.Success or Errno.EINPROGRESS))
            return error;
        Errno named = GetName(isPeer: false, out local);
        return named == Errno.Success ? error : named;
    }

    public Errno Disconnect()
    {
        // AF_UNSPEC (connect(2)).
        byte* address = stackalloc byte[SocketAddress.LongestLength];
        new Span<byte>(address, SocketAddress.LongestLength).Clear();
        return Failure.From(LibcSockets.Connect(File, address, SocketAddress.LongestLength));
    }

    public Errno Listen(int backlog) => Failure.From(LibcSockets.Listen(File, backlog));

    public Errno Accept(out HostSocket? accepted, out EndpointRecord local, out EndpointRecord remote)
    {
        local = default;
        remote = default;
        byte* address = stackalloc byte[SocketAddress.LongestLength];
        uint length = SocketAddress.LongestLength;
        int descriptor = LibcSockets.Accept4(File, address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        accepted = descriptor < 0 ? null : new HostSocket(descriptor, IsV6, IsStream);
        if (accepted is null)
            return Failure.Last;
        remote = SocketAddress.Read(new ReadOnlySpan<byte>(address, SocketAddress.LongestLength));
        return accepted.GetName(isPeer: false, out local);
    }

    public Errno GetName(bool isPeer, out EndpointRecord name)
    {
        name = default;
        byte* address = stackalloc byte[SocketAddress.LongestLength];
        uint length = SocketAddress.LongestLength;
        int result = isPeer ? LibcSockets.GetPeerName(File, address, &length) : LibcSockets.GetSockName(File, address, &length);
        if (result < 0)
            return Failure.Last;
        name = SocketAddress.Read(new ReadOnlySpan<byte>(address, SocketAddress.LongestLength));
        return Errno.Success;
    }

    public Errno Shutdown(int how) => Failure.From(LibcSockets.Shutdown(File, how));

    public Errno Send(ReadOnlySpan<byte> data, int flags, out int count)
    {
        fixed (byte* start = data)
        {
            nint sent = LibcSockets.Send(File, start, data.Length, flags | Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL);
            count = (int)Math.Max(0, sent);
            return Failure.From(sent);
        }
    }

    public Errno Receive(Span<byte> into, int flags, out int count)
    {
        fixed (byte* start = into)
        {
            nint received = LibcSockets.Receive(File, start, into.Length, flags | Constants.MSG_DONTWAIT);
            count = (int)Math.Max(0, received);
            return Failure.From(received);
        }
    }

    public int Poll()
    {
        // POLLIN, POLLPRI, POLLOUT, POLLRDNORM, POLLWRNORM, POLLRDHUP.
        const short all = 0x1 | 0x2 | 0x4 | 0x40 | 0x100 | 0x2000;
        if (!File.TryHold(out HeldDescriptor held))
            return 0;
        using (held)
        {
            var descriptor = new PollDescriptor { Descriptor = held.Number, Events = all };
            return Libc.Poll(&descriptor, 1, 0) < 0 ? 0 : descriptor.Returned;
        }
    }

    public Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (TakesPointer(level, name))
            return Errno.ENOPROTOOPT;
        fixed (byte* start = value)
        {
            uint room = (uint)value.Length;
            int result = LibcSockets.GetSockOpt(File, level, name, start, &room);
            if (result >= 0)
                length = (int)Math.Min(room, (uint)value.Length);
            return Failure.From(result);
        }
    }

    public Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        if (TakesPointer(level, name))
            return Errno.ENOPROTOOPT;
        fixed (byte* start = value)
            return Failure.From(LibcSockets.SetSockOpt(File, level, name, start, (uint)value.Length));
    }

    public Errno Count(uint what, out int count)
    {
        int value = 0;
        int request = what switch
        {
            0 => FIONREAD,
            1 => SIOCOUTQ,
            _ => SIOCATMARK,
        };
        int result = Libc.IoCtl(File, (nuint)request, &value);
        count = value;
        return Failure.From(result);
    }

    public void Dispose() => File.Dispose();

    // The value would be an address in this process, which isn't the enclave's to name.
    private static bool TakesPointer(int level, int name) => level switch
    {
        SOL_SOCKET => name is SO_ATTACH_FILTER or SO_ATTACH_REUSEPORT_CBPF,
        IPPROTO_TCP => name == TCP_ZEROCOPY_RECEIVE,
        _ => false,
    };
}

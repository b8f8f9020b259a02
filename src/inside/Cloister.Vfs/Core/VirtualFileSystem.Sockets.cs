using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;
using Cloister.Vfs.Events;
using Cloister.Vfs.Sockets;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    /// <summary>The network service, which has the other families of sockets; null where there is none (tests).</summary>
    public INetwork? Network { get; set; }

    /// <summary>Guards names, states and peers of all sockets of AF_UNIX.</summary>
    internal KernelLock SocketLock { get; } = new(LockLevel.Socket);

    /// <summary>All sockets, for /proc/net/unix; guarded by the lock.</summary>
    internal HashSet<UnixSocket> Sockets { get; } = [];

    internal AbstractNames AbstractNames { get; } = new();

    /// <summary>Files that travel over sockets.</summary>
    internal FilesInFlight FilesInFlight { get; private set; } = null!;

    /// <summary>Files to be released without recursion.</summary>
    internal ReleaseList Releases { get; } = new();

    /// <inheritdoc/>
    public Errno CreateSocket(ICaller caller, AddressFamily family, SocketType type, int protocol, out IOpenFile? file)
    {
        file = null;
        Errno error = CheckSocket(ref type, out bool isNonBlocking);
        if (error != Errno.Success)
            return error;
        if (family != AddressFamily.AF_UNIX)
            return CreateNetworkSocket(caller, family, type, protocol, isNonBlocking, out file);
        error = CheckUnixSocket(ref type, protocol);
        if (error == Errno.Success)
            file = CreateUnixSocket(caller, type, isNonBlocking);
        return error;
    }

    /// <inheritdoc/>
    public Errno CreateSocketPair(ICaller caller, AddressFamily family, SocketType type, int protocol, out IOpenFile? first, out IOpenFile? second)
    {
        first = null;
        second = null;
        Errno error = CheckSocket(ref type, out bool isNonBlocking);
        if (error == Errno.Success && family is AddressFamily.AF_INET or AddressFamily.AF_INET6)
            return type == 0 ? Errno.ESOCKTNOSUPPORT : Errno.EOPNOTSUPP;
        if (error == Errno.Success)
            error = family == AddressFamily.AF_UNIX ? CheckUnixSocket(ref type, protocol) : Errno.EAFNOSUPPORT;
        if (error != Errno.Success)
            return error;
        UnixSocket one = CreateUnixSocket(caller, type, isNonBlocking);
        UnixSocket other = CreateUnixSocket(caller, type, isNonBlocking);
        UnixSocket.Pair(one, other);
        first = one;
        second = other;
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno CreateTimer(ICaller caller, bool isRealtime, bool isNonBlocking, out IOpenFile? file)
    {
        file = null;
        if (Services.Timers is not { } timers)
            return Errno.ENOSYS;
        var timer = new TimerFile(timers, isRealtime);
        timer.Begin(CreateAnonymous("anon_inode:[timerfd]"u8), OpenFlags.O_RDWR | (isNonBlocking ? OpenFlags.O_NONBLOCK : 0));
        file = timer;
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno CreateSignalFile(ICaller caller, ISignalSource source, ulong mask, bool isNonBlocking, out IOpenFile? file)
    {
        var signals = new SignalFile(source, mask);
        signals.Begin(CreateAnonymous("anon_inode:[signalfd]"u8), OpenFlags.O_RDWR | (isNonBlocking ? OpenFlags.O_NONBLOCK : 0));
        file = signals;
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno CreateProcessFile(ICaller caller, IProcessHandle process, bool isNonBlocking, out IOpenFile? file)
    {
        var descriptor = new ProcessFile(process);
        descriptor.Begin(CreateAnonymous("anon_inode:[pidfd]"u8), OpenFlags.O_RDWR | (isNonBlocking ? OpenFlags.O_NONBLOCK : 0));
        file = descriptor;
        return Errno.Success;
    }

    /// <summary>A place for a socket, with an inode of its own.</summary>
    internal VfsPath CreateSocketPlace()
    {
        var inode = new AnonymousInode(_anonymous, FileModes.S_IFSOCK | FileModes.S_IRWXUGO, 0, 0);
        return _anonymous.CreatePlace(inode, new ByteWriter().Write("socket:["u8).Number(inode.Number).Write(']').Written);
    }

    /// <summary>Lines of /proc/net/unix.</summary>
    internal void DescribeSockets(ByteWriter writer)
    {
        using (SocketLock.Enter())
        {
            foreach (UnixSocket socket in Sockets)
                socket.Describe(writer);
        }
    }

    private UnixSocket CreateUnixSocket(ICaller caller, SocketType type, bool isNonBlocking)
    {
        var socket = new UnixSocket(caller, type, this);
        socket.Begin(CreateSocketPlace(), OpenFlags.O_RDWR | (isNonBlocking ? OpenFlags.O_NONBLOCK : 0));
        return socket;
    }

    private Errno CreateNetworkSocket(
        ICaller caller, AddressFamily family, SocketType type, int protocol, bool isNonBlocking, out IOpenFile? file)
    {
        file = null;
        if (Network is null)
            return Errno.EAFNOSUPPORT;
        Errno error = Network.CreateSocket(caller, family, type, protocol, out INetworkSocket? socket);
        if (error == Errno.Success)
            file = NetworkSocketFile.Open(this, socket!, isNonBlocking);
        return error;
    }

    private static Errno CheckSocket(ref SocketType type, out bool isNonBlocking)
    {
        const SocketType flags = SocketType.SOCK_NONBLOCK | SocketType.SOCK_CLOEXEC;
        isNonBlocking = (type & SocketType.SOCK_NONBLOCK) != 0;
        type &= ~flags;
        return (int)type is < 0 or > 10 ? Errno.EINVAL : Errno.Success;
    }

    private static Errno CheckUnixSocket(ref SocketType type, int protocol)
    {
        // A raw socket of this family is a datagram socket (net/unix of Linux).
        if (type == SocketType.SOCK_RAW)
            type = SocketType.SOCK_DGRAM;
        if (type is not (SocketType.SOCK_STREAM or SocketType.SOCK_DGRAM or SocketType.SOCK_SEQPACKET))
            return Errno.ESOCKTNOSUPPORT;
        return protocol is 0 or (int)AddressFamily.AF_UNIX ? Errno.Success : Errno.EPROTONOSUPPORT;
    }
}

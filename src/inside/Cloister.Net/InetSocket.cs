using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>A socket of AF_INET or AF_INET6: names, and the way to the host.</summary>
/// <remarks>
/// Lock order: <see cref="Setup"/>, with which the host is asked, then the network's lock, which guards names, states and peers.
/// </remarks>
internal abstract partial class InetSocket : INetworkSocket
{
    protected const PollEvents ReadEvents = PollEvents.In | PollEvents.ReadNormal;
    protected const PollEvents WriteEvents = PollEvents.Out | PollEvents.WriteNormal;

    /// <summary>
    /// What a socket weighs on the kernel's heap, with its open file, its port, its end of a connection and its place in a backlog: an estimate.
    /// </summary>
    private const int Weight = 2048;

    private readonly IKernelMemory _account;
    private int _error;
    private int _isGivenBack;
    private volatile HostLink? _link;

    /// <summary>Makes a socket for which <see cref="TryCharge"/> has taken the memory.</summary>
    protected InetSocket(Network network, IKernelMemory account, uint userId, bool isV6, NetworkProtocol protocol, SocketSettings settings)
    {
        Network = network;
        _account = account;
        UserId = userId;
        IsV6 = isV6;
        Protocol = protocol;
        Settings = settings;
        Local = new NetworkEndpoint(isV6 ? NetworkAddress.AnyV6 : NetworkAddress.AnyV4, 0);
        Remote = Local;
    }

    /// <summary>Takes the memory of a socket that is about to be made; <see cref="GiveBack"/> gives it back.</summary>
    public static bool TryCharge(IKernelMemory account) => account.TryTake(Weight);

    /// <inheritdoc/>
    public ulong Inode { get; set; }

    /// <inheritdoc/>
    public INetworkSocketOwner? Owner { get; set; }

    public Network Network { get; }

    /// <summary>Who made it.</summary>
    public uint UserId { get; }

    /// <summary>Whether it is of AF_INET6.</summary>
    public bool IsV6 { get; }

    public NetworkProtocol Protocol { get; }

    public SocketSettings Settings { get; }

    /// <summary>Its own address. Guarded by the network's lock.</summary>
    public NetworkEndpoint Local { get; protected set; }

    /// <summary>Its peer's. Guarded by the network's lock.</summary>
    public NetworkEndpoint Remote { get; protected set; }

    /// <summary>Whether it has a port. Guarded by the network's lock.</summary>
    public bool IsBound { get; protected set; }

    /// <summary>Whether the program has named an address, not only a port.</summary>
    protected bool IsAddressChosen { get; private set; }

    /// <summary>Whether the program has named the port.</summary>
    protected bool IsPortChosen { get; private set; }

    public abstract bool IsListening { get; }

    /// <summary>Woken when anything has changed.</summary>
    public WaitQueue Changed { get; } = new();

    /// <summary>Held while the socket gets a name, a peer or a backlog.</summary>
    protected KernelLock Setup { get; } = new(LockLevel.NetworkSocket);

    /// <summary>The host's socket behind this one; null for none.</summary>
    protected HostLink? Link
    {
        get => _link;
        set => _link = value;
    }

    protected PortTable Ports => Protocol == NetworkProtocol.Tcp ? Network.TcpPorts : Network.UdpPorts;

    /// <summary>An error to be reported by the next call (SO_ERROR).</summary>
    protected Errno PendingError
    {
        get => (Errno)Volatile.Read(ref _error);
        set => Volatile.Write(ref _error, (int)value);
    }

    /// <summary>Its line of /proc/net. The network's lock is held.</summary>
    public abstract NetworkSocketStatus Describe();

    public Errno Bind(ICaller caller, ReadOnlySpan<byte> address)
    {
        // bind(2) on an AF_INET socket takes AF_UNSPEC for a wildcard (inet_bind of Linux).
        Errno error = InetAddresses.Parse(address, IsV6, out NetworkEndpoint wish, takesUnspecified: true);
        if (error != Errno.Success)
            return error;
        if (!IsV6 && InetAddresses.FamilyOf(address) == AddressFamily.AF_UNSPEC && !wish.Address.IsAny)
            return Errno.EAFNOSUPPORT;
        if (wish.Address.IsV4 && IsV6 && IsV6Only)
            return Errno.EINVAL;
        if (!Network.MayBind(caller, wish.Port))
            return Errno.EACCES;
        using (Setup.Enter())
        {
            using (Network.Lock.Enter())
            {
                if (IsBound)
                    return Errno.EINVAL;
            }

            error = BindTo(wish);
            if (error == Errno.Success)
            {
                IsPortChosen = wish.Port != 0;
                IsAddressChosen = !wish.Address.IsAny;
            }

            return error;
        }
    }

    public Errno GetName(bool isPeer, Span<byte> address, out int length)
    {
        length = 0;
        using (Network.Lock.Enter())
        {
            if (isPeer && !HasPeer)
                return Errno.ENOTCONN;
            length = InetAddresses.Write(isPeer ? Remote : Local, IsV6, address);
            return Errno.Success;
        }
    }

    public Errno GetAcceptedName(Span<byte> address, out int length)
    {
        using (Network.Lock.Enter())
            length = InetAddresses.Write(Remote, IsV6, address);
        return Errno.Success;
    }

    public abstract Errno Listen(ICaller caller, int backlog);

    public abstract Errno Connect(ICaller caller, ReadOnlySpan<byte> address, bool isNonBlocking);

    public abstract Errno Accept(ICaller caller, bool isNonBlocking, out INetworkSocket? accepted);

    public abstract Errno Shutdown(ICaller caller, int how);

    public abstract SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message);

    public abstract SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message);

    public abstract PollEvents Poll(IPollTable? table);

    public abstract void Close();

    /// <summary>Whether getpeername(2) has an answer. The network's lock is held.</summary>
    protected abstract bool HasPeer { get; }

    /// <summary>Whether a socket that is bound to an address is one of the host's too, at once.</summary>
    protected bool IsBoundOutside(NetworkAddress address) => Network.HasHostAddresses && !address.IsLoopback;

    /// <summary>Gives the socket an address and a port. <see cref="Setup"/> is held.</summary>
    protected Errno BindTo(NetworkEndpoint wish)
    {
        bool isOutside = IsBoundOutside(wish.Address);
        if (!isOutside && !Network.IsInside(wish.Address) && !wish.Address.IsMulticast)
            return Errno.EADDRNOTAVAIL;

        // A port that the host chooses may be taken inside by a socket of loopback: then it chooses again.
        const int mostTries = 8;
        Errno error = Errno.EADDRINUSE;
        for (int i = 0; i < mostTries; i++)
        {
            NetworkEndpoint real = wish;
            HostLink? link = null;
            if (isOutside && wish.Port == 0)
            {
                error = OpenBound(ref real, out link);
                if (error != Errno.Success)
                    return error;
            }

            error = Reserve(ref real);
            if (error == Errno.Success && isOutside && link is null)
            {
                error = OpenBound(ref real, out link);
                if (error != Errno.Success)
                    Unreserve();
            }

            if (error == Errno.Success)
            {
                Link = link ?? Link;
                if (Protocol == NetworkProtocol.Udp)
                    Link?.Attach();
                return Errno.Success;
            }

            if (link is not null)
                Network.Links!.Close(link);
            if (wish.Port != 0 || !isOutside)
                return error;
        }

        return error;
    }

    /// <summary>Gives the socket some port.</summary>
    protected Errno BindToAny() => BindTo(new NetworkEndpoint(IsV6 ? NetworkAddress.AnyV6 : NetworkAddress.AnyV4, 0));

    /// <summary>Takes a port inside.</summary>
    protected Errno Reserve(ref NetworkEndpoint wish)
    {
        using (Network.Lock.Enter())
        {
            if (wish.Port == 0)
            {
                ushort port = Ports.FindEphemeral(this, wish.Address, Network.Now);
                if (port == 0)
                    return Errno.EADDRINUSE;
                wish = wish with { Port = port };
            }
            else if (!Ports.IsFree(this, wish, Network.Now))
            {
                return Errno.EADDRINUSE;
            }

            Local = wish;
            IsBound = true;
            Ports.Add(this, wish.Port);
            OnBound();
            return Errno.Success;
        }
    }

    /// <summary>Gives the port free.</summary>
    protected void Unreserve()
    {
        using (Network.Lock.Enter())
            UnreserveLocked();
    }

    /// <summary>Gives the port free; the network's lock is held.</summary>
    protected void UnreserveLocked()
    {
        if (!IsBound)
            return;
        Ports.Remove(this, Local.Port);
        IsBound = false;
        IsPortChosen = false;
        IsAddressChosen = false;
        Local = new NetworkEndpoint(IsV6 ? NetworkAddress.AnyV6 : NetworkAddress.AnyV4, 0);
    }

    /// <summary>The socket has got its port. The network's lock is held.</summary>
    protected virtual void OnBound()
    {
    }

    /// <summary>Makes the socket of the host.</summary>
    /// <param name="address">An address that it is to reach or to have.</param>
    /// <param name="link">The link.</param>
    protected Errno OpenLink(NetworkAddress address, out HostLink? link)
    {
        link = null;
        if (Network.Links is not { } links)
            return Errno.ENETUNREACH;

        // A socket of version 6 takes both, unless the host has only version 4: then a wildcard is that of version 4.
        bool wantsV6 = IsV6 && !address.IsV4;
        Errno error = links.Open(wantsV6, Protocol == NetworkProtocol.Tcp, -1, Changed, out link);
        if (error == Errno.EAFNOSUPPORT && address.IsAny && !IsV6Only)
            error = links.Open(false, Protocol == NetworkProtocol.Tcp, -1, Changed, out link);
        if (error != Errno.Success)
            return error;
        ReplayOptions(link!);
        return Errno.Success;
    }

    private Errno OpenBound(ref NetworkEndpoint endpoint, out HostLink? link)
    {
        Errno error = OpenLink(endpoint.Address, out link);
        if (error != Errno.Success)
            return error;
        NetworkEndpoint real = endpoint;
        error = link!.Host.Bind(link.Handle, ref real);
        if (error == Errno.EAFNOSUPPORT)
        {
            real = new NetworkEndpoint(NetworkAddress.AnyV4, endpoint.Port);
            error = link.Host.Bind(link.Handle, ref real);
        }

        if (error != Errno.Success)
        {
            Network.Links!.Close(link);
            link = null;
            return error;
        }

        endpoint = endpoint with { Port = real.Port };
        return Errno.Success;
    }

    /// <summary>Who pays for the sockets that this one makes, too.</summary>
    protected IKernelMemory Account => _account;

    /// <summary>The socket is closed.</summary>
    protected void GiveBack()
    {
        if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
            _account.Give(Weight);
    }

    /// <summary>Takes the pending error.</summary>
    protected Errno TakeError()
    {
        if (PendingError == Errno.Success)
            return Errno.Success;
        return (Errno)Interlocked.Exchange(ref _error, 0);
    }
}

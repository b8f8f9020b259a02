using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Network;
using Cloister.Host;
using Cloister.Host.Sockets;
using Cloister.Nucleus;
using Cloister.Nucleus.HostCalls;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>Sockets of the host: what an honest one does, and that no answer of a lying one does harm.</summary>
public sealed class SocketTests
{
    private const uint Listener = 1;
    private const uint Client = 2;
    private const uint Server = 3;

    private static readonly NetworkEndpoint s_anyPort = new(NetworkAddress.LoopbackV4, 0);

    [Fact]
    public void A_connection_carries_bytes_both_ways_and_ends()
    {
        using HostServer host = CreateServer();
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), host), new ThreadCpus());
        IHostSockets sockets = services.Sockets;
        Connect(sockets);
        var hello = new KernelBuffer("hello"u8.ToArray());
        Assert.Equal(Errno.Success, sockets.Send(Client, hello, MessageFlags.None, null, out int sent));
        Assert.Equal(5, sent);
        var into = new KernelBuffer(new byte[100]);
        Assert.Equal(Errno.Success, Until(() => sockets.Receive(Server, into, MessageFlags.None, out _, out _)));
        Assert.Equal("hello", Encoding.ASCII.GetString(into.Bytes[..into.Position]));
        Assert.Equal(Errno.EAGAIN, sockets.Receive(Server, into, MessageFlags.None, out _, out _));
        Assert.Equal(Errno.Success, sockets.Shutdown(Client, 1));
        Assert.Equal(Errno.Success, Until(() => sockets.Receive(Server, into, MessageFlags.None, out int end, out _) is var error && end == 0 ? error : Errno.EIO));
        Assert.Equal(PollEvents.ReadHangUp, sockets.Poll(Server) & PollEvents.ReadHangUp);
        sockets.Close(Client);
        Assert.Equal(Errno.EBADF, sockets.Shutdown(Client, 1));
        services.Stop();
    }

    [Fact]
    public void Readiness_is_reported_once_for_each_change()
    {
        using HostServer host = CreateServer();
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), host), new ThreadCpus());
        var events = new Events();
        services.Sockets.Subscribe(events);
        Connect(services.Sockets);
        services.Sockets.Send(Client, new KernelBuffer("x"u8.ToArray()), MessageFlags.None, null, out _);
        Assert.True(SpinWait.SpinUntil(() => events.Has(Server, PollEvents.In), 10_000));
        services.Stop();
    }

    [Fact]
    public void Datagrams_name_their_senders_and_are_cut_where_they_do_not_fit()
    {
        using HostServer host = CreateServer();
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), host), new ThreadCpus());
        IHostSockets sockets = services.Sockets;
        Assert.Equal(Errno.Success, sockets.Open(Client, isV6: false, isStream: false, -1));
        Assert.Equal(Errno.Success, sockets.Open(Server, isV6: false, isStream: false, -1));
        NetworkEndpoint server = s_anyPort;
        NetworkEndpoint client = s_anyPort;
        Assert.Equal(Errno.Success, sockets.Bind(Server, ref server));
        Assert.Equal(Errno.Success, sockets.Bind(Client, ref client));
        var to = new HostDatagram { Remote = server, HasRemote = true, Interface = -1, TimeToLive = -1, TypeOfService = -1 };
        Assert.Equal(Errno.Success, sockets.SendDatagram(Client, "datagram"u8, MessageFlags.None, to, out int sent));
        Assert.Equal(8, sent);
        var into = new KernelBuffer(new byte[4]);
        HostDatagram about = default;
        int length = 0;
        Assert.Equal(Errno.Success, Until(() => sockets.ReceiveDatagram(Server, into, MessageFlags.None, out about, out length, out _)));
        Assert.Equal(8, length);
        Assert.Equal(client, about.Remote);
        Assert.Equal("data", Encoding.ASCII.GetString(into.Bytes[..into.Position]));
        services.Stop();
    }

    [Fact]
    public void Without_a_network_there_are_no_sockets()
    {
        using var host = new HostServer([], null);
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), host), new ThreadCpus());
        Assert.Equal(Errno.EACCES, services.Sockets.Open(Client, false, true, -1));
        services.Stop();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Lies_give_errors_and_nothing_else(int seed)
    {
        using HostServer honest = CreateServer();
        var liar = new LyingHost(honest, seed);
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), liar), new ThreadCpus());
        BeLiedTo(services, seed, lies => liar.IsLying = lies);
        Assert.Equal(0, services.DroppedAnswers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Lies_of_a_host_that_is_called_give_errors_and_nothing_else(int seed)
    {
        using HostServer honest = CreateServer();
        var liar = new LyingDirectHost(honest, seed);
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), honest, liar), new ThreadCpus());
        services.Sockets.Subscribe(new Events());
        BeLiedTo(services, seed, lies => liar.IsLying = lies);
    }

    // A million answers in the nightly run, over the seeds.
    private static void BeLiedTo(HostServices services, int seed, Action<bool> setLying)
    {
        int rounds = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1" ? 340_000 : 2000;
        IHostSockets sockets = services.Sockets;
        Connect(sockets);
        Assert.Equal(Errno.Success, sockets.Open(4, false, false, -1));
        NetworkEndpoint own = s_anyPort;
        Assert.Equal(Errno.Success, sockets.Bind(4, ref own));
        setLying(true);
        var random = new Random(seed);
        var outcomes = new Dictionary<Errno, int>();
        byte[] memory = new byte[300];
        for (int round = 0; round < rounds; round++)
        {
            Errno error = Ask(sockets, random.Next(10), own, memory);
            outcomes[error] = outcomes.GetValueOrDefault(error) + 1;
            Assert.True(Enum.IsDefined(error), error.ToString());
        }

        setLying(false);
        services.Stop();
        Assert.True(outcomes[Errno.EIO] > rounds / 20, "EIO: " + outcomes[Errno.EIO]);
        Assert.True(outcomes[Errno.Success] > rounds / 20, "Success: " + outcomes[Errno.Success]);
    }

    private static Errno Ask(IHostSockets sockets, int what, NetworkEndpoint own, byte[] memory)
    {
        memory.AsSpan(200).Fill(0xEE);
        var buffer = new KernelBuffer(memory, 0, 200);
        Errno error;
        int count = 0;
        switch (what)
        {
            case 0:
                error = sockets.GetName(Client, true, out _);
                break;
            case 1:
                error = sockets.Send(Client, buffer, MessageFlags.None, null, out count);
                break;
            case 2 or 3:
                error = sockets.Receive(Server, buffer, MessageFlags.None, out count, out _);
                break;
            case 4:
                var to = new HostDatagram { Remote = own, HasRemote = true, Interface = -1, TimeToLive = -1, TypeOfService = -1 };
                error = sockets.SendDatagram(4, memory.AsSpan(0, 100), MessageFlags.None, to, out count);
                break;
            case 5 or 6:
                error = sockets.ReceiveDatagram(4, buffer, MessageFlags.None, out HostDatagram about, out int length, out count);
                Assert.True(length >= count && about.TimeToLive <= 255);
                break;
            case 7:
                error = sockets.GetOption(Client, SocketOptions.SOL_SOCKET, SocketOptions.SO_RCVBUF, memory.AsSpan(0, 4), out count);
                Assert.InRange(count, 0, 4);
                break;
            case 8:
                error = sockets.Count(Server, HostSocketCount.Readable, out count);
                Assert.True(count >= 0);
                return error;
            default:
                error = sockets.Accept(Listener, 1000, out _, out _);
                if (error == Errno.Success)
                    sockets.Close(1000);
                break;
        }

        Assert.InRange(count, 0, 200);
        Assert.Equal(-1, memory.AsSpan(200).IndexOfAnyExcept((byte)0xEE));
        return error;
    }

    private static HostServer CreateServer() => new([], null, network: new HostNetwork { AllowsSockets = true });

    private static void Connect(IHostSockets sockets)
    {
        Assert.Equal(Errno.Success, sockets.Open(Listener, isV6: false, isStream: true, -1));
        NetworkEndpoint place = s_anyPort;
        Assert.Equal(Errno.Success, sockets.Bind(Listener, ref place));
        Assert.Equal(Errno.Success, sockets.Listen(Listener, 5));
        Assert.Equal(Errno.Success, sockets.Open(Client, isV6: false, isStream: true, -1));
        Assert.Contains(sockets.Connect(Client, place, out NetworkEndpoint local), (Errno[])[Errno.Success, Errno.EINPROGRESS]);
        NetworkEndpoint remote = default;
        Assert.Equal(Errno.Success, Until(() => sockets.Accept(Listener, Server, out _, out remote)));
        Assert.Equal(local, remote);
    }

    // What the host's network does takes a moment.
    private static Errno Until(Func<Errno> call)
    {
        Errno error = Errno.EAGAIN;
        SpinWait.SpinUntil(() => (error = call()) != Errno.EAGAIN, 10_000);
        return error;
    }

    private sealed class Events : IHostSocketEvents
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<uint, PollEvents> _seen = [];

        public bool Has(uint handle, PollEvents events)
        {
            lock (_lock)
                return (_seen.GetValueOrDefault(handle) & events) == events;
        }

        public void OnReady(uint handle, PollEvents events)
        {
            lock (_lock)
                _seen[handle] = _seen.GetValueOrDefault(handle) | events;
        }
    }
}

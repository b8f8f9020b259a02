using System;
using System.Text;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class SocketTests
{
    private readonly Machine _m = new();

    [Fact]
    public void PairsOfStreams()
    {
        (IOpenFile a, IOpenFile b) = Pair(SocketType.SOCK_STREAM);
        Assert.Equal(5, _m.Write(a, "hello"));
        Assert.Equal("hel", _m.Read(b, 3));
        Assert.Equal("lo", _m.Read(b, 10));
        Assert.Equal(Errno.Success, ((ISocketFile)a).Shutdown(_m.Caller, 1));
        Assert.Equal("", _m.Read(b, 10));
        Assert.Equal(Errno.EPIPE, _m.WriteError(a, "x"));
        Assert.Equal(FileSignals.SIGPIPE, _m.Caller.LastSignal);
        Assert.Equal(2, _m.Write(b, "ok"));
        Assert.Equal("ok", _m.Read(a, 10));
        b.Release();
        Assert.Equal("", _m.Read(a, 10));
        Assert.Equal(PollEvents.HangUp | PollEvents.In | PollEvents.ReadHangUp, a.Poll(null) & (PollEvents.HangUp | PollEvents.In | PollEvents.ReadHangUp));
        a.Release();
    }

    [Fact]
    public void UnreadDataResetsThePeer()
    {
        (IOpenFile a, IOpenFile b) = Pair(SocketType.SOCK_STREAM);
        _m.Write(a, "unread");
        b.Release();
        Assert.Equal(Errno.ECONNRESET, _m.ReadError(a));
        Assert.Equal("", _m.Read(a, 1));
        a.Release();
    }

    [Fact]
    public void PacketsKeepTheirBorders()
    {
        foreach (SocketType type in new[] { SocketType.SOCK_DGRAM, SocketType.SOCK_SEQPACKET })
        {
            (IOpenFile a, IOpenFile b) = Pair(type);
            _m.Write(a, "first");
            _m.Write(a, "second");
            Assert.Equal("fi", _m.Read(b, 2));
            Assert.Equal("second", _m.Read(b, 100));
            SocketMessage message = Message();
            Assert.Equal(Errno.EAGAIN, ((ISocketFile)b).Receive(_m.Caller, _m.Buffer.Set(new byte[9], 9), MessageFlags.MSG_DONTWAIT, ref message).Errno);
            a.Release();
            b.Release();
        }
    }

    [Fact]
    public void ConnectionsByPathAndAbstractName()
    {
        foreach (string name in new[] { "/sock", "\0abstract" })
        {
            IOpenFile listener = Socket(SocketType.SOCK_STREAM);
            IOpenFile client = Socket(SocketType.SOCK_STREAM);
            Assert.Equal(name[0] == 0 ? Errno.ECONNREFUSED : Errno.ENOENT, Connect(client, name));
            Assert.Equal(Errno.Success, ((ISocketFile)listener).Bind(_m.Caller, _m.Context, Address(name)));
            Assert.Equal(Errno.EADDRINUSE, ((ISocketFile)Socket(SocketType.SOCK_STREAM)).Bind(_m.Caller, _m.Context, Address(name)));
            Assert.Equal(Errno.ECONNREFUSED, Connect(client, name));
            Assert.Equal(Errno.Success, ((ISocketFile)listener).Listen(_m.Caller, 5));
            Assert.Equal(Errno.Success, Connect(client, name));
            Assert.Equal(Errno.EISCONN, Connect(client, name));
            Assert.Equal(PollEvents.In, listener.Poll(null) & PollEvents.In);
            _m.Write(client, "before accept");
            Assert.Equal(Errno.Success, ((ISocketFile)listener).Accept(_m.Caller, false, out IOpenFile? server));
            Assert.Equal("before accept", _m.Read(server!, 100));
            byte[] address = new byte[128];
            Assert.Equal(Errno.Success, ((ISocketFile)client).GetName(true, address, out int length));
            Assert.Equal(name[0] == 0 ? 2 + name.Length : 3 + name.Length, length);
            byte[] credentials = new byte[12];
            ((ISocketFile)client).GetOption(1, SocketOptions.SO_PEERCRED, credentials, out _);
            Assert.Equal(10, BitConverter.ToInt32(credentials));
            // Abstract names are one set for each type.
            Assert.Equal(name[0] == 0 ? Errno.ECONNREFUSED : Errno.EPROTOTYPE, Connect(Socket(SocketType.SOCK_DGRAM), name));
            server!.Release();
            client.Release();
            listener.Release();
            Assert.Equal(Errno.ECONNREFUSED, Connect(Socket(SocketType.SOCK_STREAM), name));
        }

        Assert.Equal(FileModes.S_IFSOCK, _m.Stat("/sock").Mode & FileModes.S_IFMT);
        Assert.Equal(Errno.ENXIO, _m.TryOpen("/sock"));
    }

    [Fact]
    public void DatagramsCarryTheSendersName()
    {
        IOpenFile server = Socket(SocketType.SOCK_DGRAM);
        IOpenFile client = Socket(SocketType.SOCK_DGRAM);
        ((ISocketFile)server).Bind(_m.Caller, _m.Context, Address("\0server"));
        ((ISocketFile)client).Bind(_m.Caller, _m.Context, Address("\0client"));
        SocketMessage message = Message();
        message.Address = Address("\0server");
        message.AddressLength = message.Address.Length;
        Assert.Equal(2, ((ISocketFile)client).Send(_m.Caller, _m.Buffer.Set("hi"u8.ToArray(), 2), 0, ref message).Value);
        message = Message();
        message.Address = new byte[128];
        Assert.Equal(2, ((ISocketFile)server).Receive(_m.Caller, _m.Buffer.Set(new byte[10], 10), 0, ref message).Value);
        Assert.Equal(Address("\0client"), message.Address[..message.AddressLength].ToArray());
        Assert.Equal(Errno.ENOTCONN, _m.WriteError(server, "x"));
    }

    [Fact]
    public void DescriptorsAndCredentialsTravel()
    {
        (IOpenFile a, IOpenFile b) = Pair(SocketType.SOCK_STREAM);
        _m.Put("/f", "content");
        IOpenFile file = _m.Open("/f");
        _m.Table.Reserve(5, 100, false, out int fd);
        _m.Table.Install(fd, file);
        ((ISocketFile)b).SetOption(_m.Caller, 1, SocketOptions.SO_PASSCRED, BitConverter.GetBytes(1));
        byte[] control = new byte[24];
        BitConverter.TryWriteBytes(control, 20L);
        BitConverter.TryWriteBytes(control.AsSpan(8), 1);
        BitConverter.TryWriteBytes(control.AsSpan(12), SocketOptions.SCM_RIGHTS);
        BitConverter.TryWriteBytes(control.AsSpan(16), fd);
        SocketMessage message = Message();
        message.Control = control;
        message.ControlLength = 24;
        _m.Write(a, "plain");
        Assert.Equal(2, ((ISocketFile)a).Send(_m.Caller, _m.Buffer.Set("fd"u8.ToArray(), 2), 0, ref message).Value);
        _m.Write(a, "after");
        _m.Table.Close(_m.Caller, fd);
        message = Message();
        message.Control = new byte[200];
        byte[] data = new byte[100];
        Assert.Equal(7, ((ISocketFile)b).Receive(_m.Caller, _m.Buffer.Set(data, 100), 0, ref message).Value);
        Assert.Equal(32 + 24, message.ControlLength);
        int received = BitConverter.ToInt32(message.Control[48..]);
        using (BorrowedFile borrowed = _m.Table.Borrow(received))
            Assert.Equal("content", _m.Read(borrowed.File!, 100));
        _m.Table.Close(_m.Caller, received);
        Assert.Equal("after", _m.Read(b, 100));
        control[16] = 99;
        message = Message();
        message.Control = control;
        message.ControlLength = 24;
        Assert.Equal(Errno.EBADF, ((ISocketFile)a).Send(_m.Caller, _m.Buffer.Set("fd"u8.ToArray(), 2), 0, ref message).Errno);
    }

    [Fact]
    public void StreamsBlockWhenFull()
    {
        (IOpenFile a, IOpenFile b) = Pair(SocketType.SOCK_STREAM);
        var other = new FakeCaller(_m.Clock);
        long total = 0;
        var thread = new Thread(() =>
        {
            byte[] data = new byte[10_000];
            long count;
            while ((count = b.Read(other, new FakeBuffer().Set(data, data.Length)).Value) > 0)
                total += count;
        });
        thread.Start();
        for (int i = 0; i < 50; i++)
            Assert.Equal(50_000, _m.Write(a, new string('x', 50_000)));
        a.Release();
        Assert.True(thread.Join(10_000));
        Assert.Equal(2_500_000, total);
        Assert.Equal(Errno.EAFNOSUPPORT, _m.Vfs.CreateSocket(_m.Caller, AddressFamily.AF_INET, SocketType.SOCK_STREAM, 0, out _));
    }

    private static byte[] Address(string name) => [1, 0, .. Encoding.UTF8.GetBytes(name)];

    private Errno Connect(IOpenFile socket, string name) => ((ISocketFile)socket).Connect(_m.Caller, _m.Context, Address(name));

    private SocketMessage Message() => new() { Context = _m.Context, Descriptors = _m.Table, DescriptorLimit = 1024 };

    private IOpenFile Socket(SocketType type)
    {
        Assert.Equal(Errno.Success, _m.Vfs.CreateSocket(_m.Caller, AddressFamily.AF_UNIX, type, 0, out IOpenFile? file));
        return file!;
    }

    private (IOpenFile, IOpenFile) Pair(SocketType type)
    {
        Assert.Equal(Errno.Success, _m.Vfs.CreateSocketPair(_m.Caller, AddressFamily.AF_UNIX, type, 0, out IOpenFile? first, out IOpenFile? second));
        return (first!, second!);
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>The open file of a socket of the network service.</summary>
internal sealed class NetworkSocketFile : OpenFile, ISocketFile, INetworkSocketOwner
{
    private readonly INetworkSocket _socket;

    private NetworkSocketFile(INetworkSocket socket) => _socket = socket;

    public override bool IsPollable => true;

    /// <summary>Makes the open file of a new socket.</summary>
    public static NetworkSocketFile Open(VirtualFileSystem vfs, INetworkSocket socket, bool isNonBlocking)
    {
        var file = new NetworkSocketFile(socket);
        file.Begin(vfs.CreateSocketPlace(), OpenFlags.O_RDWR | (isNonBlocking ? OpenFlags.O_NONBLOCK : 0));
        socket.Inode = file.Inode.Number;
        socket.Owner = file;
        return file;
    }

    public Errno Bind(ICaller caller, IFileSystemContext context, ReadOnlySpan<byte> address) => _socket.Bind(caller, address);

    public Errno Listen(ICaller caller, int backlog) => _socket.Listen(caller, backlog);

    public Errno Connect(ICaller caller, IFileSystemContext context, ReadOnlySpan<byte> address) => _socket.Connect(caller, address, IsNonBlocking);

    public Errno Accept(ICaller caller, bool isNonBlocking, out IOpenFile? accepted)
    {
        Errno error = _socket.Accept(caller, IsNonBlocking, out INetworkSocket? socket);
        accepted = error == Errno.Success ? Open(Vfs, socket!, isNonBlocking) : null;
        return error;
    }

    public Errno GetName(bool isPeer, Span<byte> address, out int length) => _socket.GetName(isPeer, address, out length);

    public Errno GetAcceptedName(Span<byte> address, out int length) => _socket.GetAcceptedName(address, out length);

    public Errno Shutdown(ICaller caller, int how) => how is < 0 or > 2 ? Errno.EINVAL : _socket.Shutdown(caller, how);

    public Errno GetOption(int level, int name, Span<byte> value, out int length) => _socket.GetOption(level, name, value, out length);

    public Errno SetOption(ICaller caller, int level, int name, ReadOnlySpan<byte> value) => _socket.SetOption(caller, level, name, value);

    public SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        SyscallResult result = _socket.Send(caller, buffer, WithMode(flags), ref message);
        if (result.Errno == Errno.EPIPE && (flags & MessageFlags.MSG_NOSIGNAL) == 0)
            caller.RaiseSignal(FileSignals.SIGPIPE);
        return result;
    }

    public SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        message.Flags = MessageFlags.None;
        message.ControlLength = 0;
        message.AddressLength = 0;
        return _socket.Receive(caller, buffer, WithMode(flags), ref message);
    }

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        // Unlike recvmsg, a read of nothing does nothing (sock_read_iter of Linux).
        if (buffer.Remaining == 0)
            return 0;
        SocketMessage message = default;
        return Receive(caller, buffer, MessageFlags.None, ref message);
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        SocketMessage message = default;
        return Send(caller, buffer, MessageFlags.None, ref message);
    }

    public override PollEvents Poll(IPollTable? table) => _socket.Poll(table);

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        switch (request)
        {
            case Ioctls.FIOSETOWN or Ioctls.SIOCSPGRP:
                return SocketOwners.Set(this, caller, Vfs, BitConverter.ToInt32(data));
            case Ioctls.FIOGETOWN or Ioctls.SIOCGPGRP:
                BitConverter.TryWriteBytes(data, SignalOwner.Number);
                return 0;
        }

        SyscallResult result = InterfaceControls.Answer(Vfs.Network, request, data);
        if (result.Errno == Errno.ENOTTY)
            result = _socket.Control(caller, request, argument, data);
        return result.Errno == Errno.ENOTTY ? base.Control(caller, request, argument, data) : result;
    }

    public void SignalUrgentData()
    {
        if (!SignalOwner.IsNone)
            Vfs.JobControl?.Send(SignalOwner, FileSignals.SIGURG);
    }

    protected override void OnClosed() => _socket.Close();

    private MessageFlags WithMode(MessageFlags flags) => IsNonBlocking ? flags | MessageFlags.MSG_DONTWAIT : flags;
}

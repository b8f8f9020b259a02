using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Host.Native;

namespace Cloister.Host.Control;

/// <summary>Listens for the commands of the user whose enclave it is, each connection on a thread of its own.</summary>
internal sealed unsafe class ControlServer
{
    private const int MostConnections = 256;
    private const int Backlog = 64;
    private const int StackSize = 256 << 10;

    private readonly FileDescriptor _socket;
    private readonly Action<ControlConnection> _serve;
    private int _connections;

    /// <summary>Begins to listen in an enclave's folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="serve">Serves a connection, until it has ended.</param>
    public ControlServer(string folder, Action<ControlConnection> serve)
    {
        _serve = serve;
        _socket = new FileDescriptor(LibcSockets.Socket(Constants.AF_UNIX, Constants.SOCK_STREAM | Constants.SOCK_CLOEXEC, 0));
        using FileDescriptor? directory = ControlAddress.OpenFolder(folder);
        if (directory is null || !directory.TryHold(out HeldDescriptor held))
            throw new HostException($"'{folder}' can't be opened ({Failure.Last}).");
        using (held)
        {
            UnixAddress address = ControlAddress.Of(held);
            if (LibcSockets.Bind(_socket, (byte*)&address, (uint)sizeof(UnixAddress)) < 0 || LibcSockets.Listen(_socket, Backlog) < 0)
                throw new HostException($"No socket can be made in '{folder}' ({Failure.Last}): set CLOISTER_STATE to a folder on another file system.");
        }

        new Thread(Accept, StackSize) { IsBackground = true, Name = "cloister: control" }.Start();
    }

    private void Accept()
    {
        while (true)
        {
            int accepted = LibcSockets.Accept4(_socket, null, null, Constants.SOCK_CLOEXEC);
            if (accepted < 0)
            {
                // Out of descriptors, or a client that has gone: not for ever.
                Thread.Sleep(10);
                continue;
            }

            var connection = new ControlConnection(new FileDescriptor(accepted));
            if (!connection.IsOfSameUser || Interlocked.Increment(ref _connections) > MostConnections)
            {
                if (connection.IsOfSameUser)
                    Interlocked.Decrement(ref _connections);
                connection.Dispose();
                continue;
            }

            new Thread(() => Serve(connection), StackSize) { IsBackground = true, Name = "cloister: command" }.Start();
        }
    }

    private void Serve(ControlConnection connection)
    {
        using (connection)
            _serve(connection);
        Interlocked.Decrement(ref _connections);
    }
}

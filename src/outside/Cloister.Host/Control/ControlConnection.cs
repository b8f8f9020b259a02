using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Host.Native;

namespace Cloister.Host.Control;

/// <summary>
/// A connection between a command and the launcher of an enclave: a stream socket of AF_UNIX, on which each message is its length, its
/// kind and its payload, with descriptors beside the first byte.
/// </summary>
internal sealed unsafe class ControlConnection(FileDescriptor socket) : IDisposable
{
    /// <summary>Longest payload: arguments and environment of a program, which the rings limit to less.</summary>
    public const int LongestPayload = 2 << 20;

    private const int HeaderLength = 8;
    private const int ShutDownBoth = 2;

    private readonly Lock _lock = new();

    /// <summary>The connection to a launcher.</summary>
    /// <returns>Null where nobody listens there.</returns>
    public static ControlConnection? TryConnect(string folder)
    {
        using FileDescriptor? directory = ControlAddress.OpenFolder(folder);
        if (directory is null || !directory.TryHold(out HeldDescriptor held))
            return null;
        using (held)
        {
            UnixAddress address = ControlAddress.Of(held);
            var socket = new FileDescriptor(LibcSockets.Socket(Constants.AF_UNIX, Constants.SOCK_STREAM | Constants.SOCK_CLOEXEC, 0));
            int result;
            do
                result = LibcSockets.Connect(socket, (byte*)&address, (uint)sizeof(UnixAddress));
            while (result < 0 && Failure.WasInterrupted);
            if (result == 0)
                return new ControlConnection(socket);
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Whether the other side runs as the same user, or as root.</summary>
    public bool IsOfSameUser
    {
        get
        {
            PeerCredentials peer;
            uint length = (uint)sizeof(PeerCredentials);
            return LibcSockets.GetSockOpt(socket, Constants.SOL_SOCKET, Constants.SO_PEERCRED, (byte*)&peer, &length) == 0
                && (peer.UserId == 0 || peer.UserId == LauncherIdentity.UserId);
        }
    }

    /// <summary>Sends a message without contents, unless the other side hasn't read those before.</summary>
    public void TrySend(ControlKind kind)
    {
        byte[] message = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(sizeof(uint)), (uint)kind);
        lock (_lock)
        {
            fixed (byte* start = message)
                LibcSockets.Send(socket, start, message.Length, Constants.MSG_NOSIGNAL | Constants.MSG_DONTWAIT);
        }
    }

    /// <summary>Sends a message. False where the other side has gone.</summary>
    public bool Send(ControlKind kind, byte[] payload, params ReadOnlySpan<FileDescriptor> descriptors)
    {
        byte[] message = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(sizeof(uint)), (uint)kind);
        payload.CopyTo(message, HeaderLength);
        lock (_lock)
            return SendAll(message, descriptors);
    }

    /// <summary>Waits until there is something to receive, or the connection has ended; false when the time is over.</summary>
    /// <param name="milliseconds">How long; -1 for ever.</param>
    public bool WaitForMessage(int milliseconds)
    {
        if (!socket.TryHold(out HeldDescriptor held))
            return false;
        using (held)
        {
            var poll = new PollDescriptor { Descriptor = held.Number, Events = Constants.POLLIN };
            int ready;
            do
                ready = Libc.Poll(&poll, 1, milliseconds);
            while (ready < 0 && Failure.WasInterrupted);
            return ready > 0;
        }
    }

    /// <summary>Receives the next message; null at the end of the connection, and for what is none.</summary>
    public ControlMessage? Receive()
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        var descriptors = new List<FileDescriptor>();
        if (ReceiveAll(header, descriptors))
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(header);
            var kind = (ControlKind)BinaryPrimitives.ReadUInt32LittleEndian(header[sizeof(uint)..]);
            if (length <= LongestPayload)
            {
                byte[] payload = new byte[length];
                if (ReceiveAll(payload, descriptors))
                    return new ControlMessage(kind, payload, descriptors);
            }
        }

        foreach (FileDescriptor descriptor in descriptors)
            descriptor.Dispose();
        return null;
    }

    /// <summary>Ends the connection: a receiver finds its end.</summary>
    public void Close() => LibcSockets.Shutdown(socket, ShutDownBoth);

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private bool SendAll(ReadOnlySpan<byte> message, ReadOnlySpan<FileDescriptor> descriptors)
    {
        fixed (byte* start = message)
        {
            for (int done = 0; done < message.Length;)
            {
                nint count = SendSome(start + done, message.Length - done, done == 0 ? descriptors : default);
                if (count < 0 && Failure.WasInterrupted)
                    continue;
                if (count <= 0)
                    return false;
                done += (int)count;
            }
        }

        return true;
    }

    private nint SendSome(byte* start, int length, ReadOnlySpan<FileDescriptor> descriptors)
    {
        var vector = new IoVector { Start = start, Length = length };
        var header = new MessageHeader { Vector = &vector, VectorCount = 1 };
        var rights = new RightsMessage { Level = Constants.SOL_SOCKET, Type = Constants.SCM_RIGHTS };
        int held = 0;
        try
        {
            for (; held < descriptors.Length; held++)
            {
                if (!descriptors[held].TryHold(out HeldDescriptor descriptor))
                    return -1;
                rights.Descriptors[held] = descriptor.Detach(out _);
            }

            if (held > 0)
            {
                rights.Length = RightsMessage.HeaderLength + (held * sizeof(int));
                header.Control = (byte*)&rights;
                header.ControlLength = RightsMessage.HeaderLength + (((held * sizeof(int)) + 7) & ~7); // CMSG_SPACE
            }

            return LibcSockets.SendMessage(socket, &header, Constants.MSG_NOSIGNAL);
        }
        finally
        {
            for (int i = 0; i < held; i++)
                descriptors[i].DangerousRelease();
        }
    }

    private bool ReceiveAll(Span<byte> into, List<FileDescriptor> descriptors)
    {
        fixed (byte* start = into)
        {
            for (int done = 0; done < into.Length;)
            {
                nint count = ReceiveSome(start + done, into.Length - done, descriptors);
                if (count < 0 && Failure.Last == Errno.EINTR)
                    continue;
                if (count <= 0)
                    return false;
                done += (int)count;
            }
        }

        return true;
    }

    private nint ReceiveSome(byte* start, int length, List<FileDescriptor> descriptors)
    {
        var vector = new IoVector { Start = start, Length = length };
        RightsMessage rights = default;
        var header = new MessageHeader { Vector = &vector, VectorCount = 1, Control = (byte*)&rights, ControlLength = sizeof(RightsMessage) };
        nint count = LibcSockets.ReceiveMessage(socket, &header, Constants.MSG_CMSG_CLOEXEC);
        if (count < 0 || header.ControlLength < RightsMessage.HeaderLength || rights.Level != Constants.SOL_SOCKET || rights.Type != Constants.SCM_RIGHTS)
            return count;
        // Linux drops those for which there is no room.
        int given = (int)Math.Min((rights.Length - RightsMessage.HeaderLength) / sizeof(int), RightsMessage.MostDescriptors);
        for (int i = 0; i < given; i++)
            descriptors.Add(new FileDescriptor(rights.Descriptors[i]));
        return count;
    }
}

/// <summary>Where the launcher of an enclave listens: a socket in the enclave's folder, named by way of the folder's descriptor, as a path of 108 bytes at most.</summary>
internal static unsafe class ControlAddress
{
    private static ReadOnlySpan<byte> Name => "/control\0"u8;

    public static FileDescriptor? OpenFolder(string folder)
    {
        int descriptor;
        fixed (byte* text = ByteText.Terminated(folder))
            descriptor = Libc.Open(text, Constants.O_PATH | Constants.O_DIRECTORY | Constants.O_CLOEXEC, 0);
        return descriptor < 0 ? null : new FileDescriptor(descriptor);
    }

    public static UnixAddress Of(HeldDescriptor folder)
    {
        var address = new UnixAddress { Family = Constants.AF_UNIX };
        var path = new Span<byte>(address.Path, UnixAddress.PathLength);
        folder.WritePath(path);
        Name.CopyTo(path[path.IndexOf((byte)0)..]);
        return address;
    }
}

using System;
using System.Buffers.Binary;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Nucleus.Sockets;

/// <summary>Control messages (cmsg(3)): u64 length, i32 level, i32 type, the data; each begins at a multiple of 8.</summary>
public ref struct ControlMessages
{
    /// <summary>Bytes of struct cmsghdr.</summary>
    public const int HeaderSize = 16;

    private ReadOnlySpan<byte> _rest;

    /// <summary>Reads what a program sends along.</summary>
    public ControlMessages(ReadOnlySpan<byte> control) => _rest = control;

    /// <summary>SOL_SOCKET, IPPROTO_IP and others.</summary>
    public int Level { get; private set; }

    /// <summary>SCM_RIGHTS and others.</summary>
    public int Type { get; private set; }

    /// <summary>The data.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>Whether the message that was read last is cut: EINVAL.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Goes on to the next message.</summary>
    public bool Read()
    {
        if (_rest.Length < HeaderSize)
            return false;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        Level = BinaryPrimitives.ReadInt32LittleEndian(_rest[8..]);
        Type = BinaryPrimitives.ReadInt32LittleEndian(_rest[12..]);
        IsBroken = length < HeaderSize || length > (ulong)_rest.Length;
        Data = IsBroken ? default : _rest[HeaderSize..(int)length];
        int step = (int)Math.Min((length + 7) & ~7UL, (ulong)_rest.Length);
        _rest = IsBroken ? default : _rest[step..];
        return true;
    }

    /// <summary>Adds a message to those that a program receives; MSG_CTRUNC where it doesn't fit.</summary>
    public static void Put(ref SocketMessage message, int level, int type, scoped ReadOnlySpan<byte> data)
    {
        Span<byte> into = message.Control[message.ControlLength..];
        if (into.Length < HeaderSize)
        {
            message.Flags |= MessageFlags.MSG_CTRUNC;
            return;
        }

        int length = HeaderSize + data.Length;
        if (length > into.Length)
        {
            length = into.Length;
            message.Flags |= MessageFlags.MSG_CTRUNC;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(into, (ulong)length);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], level);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], type);
        data[..(length - HeaderSize)].CopyTo(into[HeaderSize..]);
        int step = Math.Min((length + 7) & ~7, into.Length);
        into[length..step].Clear();
        message.ControlLength += step;
    }
}

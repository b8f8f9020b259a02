using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;

namespace Cloister.Net;

/// <summary>The header of a question by netlink(7), and the answers that every kind has.</summary>
internal readonly struct NetlinkQuery
{
    private const int NLMSG_ERROR = 2;
    private const int NLMSG_DONE = 3;
    private const int NLM_F_MULTI = 2;
    private const int NLM_F_ACK = 4;
    private const int NLM_F_DUMP = 0x300;

    public NetlinkQuery(ReadOnlySpan<byte> message, int port)
    {
        Type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
        Flags = BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        Sequence = BinaryPrimitives.ReadUInt32LittleEndian(message[8..]);
        Port = port;
    }

    public int Type { get; }

    public int Flags { get; }

    public uint Sequence { get; }

    public int Port { get; }

    /// <summary>Whether all there are shall be named.</summary>
    public bool IsDump => (Flags & NLM_F_DUMP) == NLM_F_DUMP;

    /// <summary>Begins one of several answers, or the only one.</summary>
    public void Begin(NetlinkWriter writer, int type) => writer.Begin(type, IsDump ? NLM_F_MULTI : 0, Sequence, Port);

    /// <summary>The packets of an answer: what was written, and how it ends.</summary>
    public List<byte[]> Finish(NetlinkWriter writer)
    {
        var packets = new List<byte[]>();
        if (writer.Length > 0)
            packets.Add(writer.ToArray());
        if (IsDump)
        {
            var end = new NetlinkWriter();
            end.Begin(NLMSG_DONE, NLM_F_MULTI, Sequence, Port);
            end.Take(4);
            end.End();
            packets.Add(end.ToArray());
        }
        else if ((Flags & NLM_F_ACK) != 0)
        {
            packets.Add(Error(Errno.Success, default));
        }

        return packets;
    }

    /// <summary>The answer that says why not: the error and the question.</summary>
    public List<byte[]> Refuse(Errno error, ReadOnlySpan<byte> message) => [Error(error, message)];

    private byte[] Error(Errno error, ReadOnlySpan<byte> message)
    {
        var writer = new NetlinkWriter();
        writer.Begin(NLMSG_ERROR, 0, Sequence, Port);
        BinaryPrimitives.WriteInt32LittleEndian(writer.Take(4), -(int)error);
        if (message.IsEmpty)
        {
            Span<byte> header = writer.Take(NetlinkWriter.HeaderSize);
            BinaryPrimitives.WriteInt32LittleEndian(header, NetlinkWriter.HeaderSize);
            BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)Type);
            BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)Flags);
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Sequence);
        }
        else
        {
            message.CopyTo(writer.Take(message.Length));
        }

        writer.End();
        return writer.ToArray();
    }
}

using System;
using System.Buffers.Binary;

namespace Cloister.Contracts;

/// <summary>Builds a <see cref="HostDirectoryBatch"/> in a buffer: for implementations of <see cref="IHostFiles"/>, real and fake.</summary>
public ref struct HostDirectoryWriter
{
    // An entry: status (88 bytes), cookie (8), name length (4), padding (4), the name, padding to 8.
    internal const int CookieAt = 88;
    internal const int NameLengthAt = 96;

    /// <summary>Bytes of an entry before its name.</summary>
    public const int HeaderLength = 104;

    private readonly Span<byte> _buffer;
    private int _length;
    private int _count;

    /// <summary>Starts an empty batch.</summary>
    public HostDirectoryWriter(Span<byte> buffer)
    {
        _buffer = buffer;
        _length = 0;
        _count = 0;
    }

    /// <summary>Bytes that an entry takes.</summary>
    public static int EntryLength(int nameLength) => (HeaderLength + nameLength + 7) & ~7;

    /// <summary>Adds an entry; false where it doesn't fit any more.</summary>
    /// <param name="name">A checked name.</param>
    /// <param name="status">A checked status.</param>
    /// <param name="cookie">Where a read goes on after this entry.</param>
    public bool TryAdd(ReadOnlySpan<byte> name, in HostFileStatus status, ulong cookie)
    {
        if (!TryReserve(name.Length, out Span<byte> place))
            return false;
        name.CopyTo(place);
        Commit(name.Length, status, cookie);
        return true;
    }

    /// <summary>
    /// The place for the name of the next entry: for names that must be copied before they can be checked.
    /// <see cref="Commit"/> makes it an entry.
    /// </summary>
    public readonly bool TryReserve(int nameLength, out Span<byte> place)
    {
        if (_buffer.Length - _length < EntryLength(nameLength))
        {
            place = default;
            return false;
        }

        place = _buffer.Slice(_length + HeaderLength, nameLength);
        return true;
    }

    /// <summary>Adds the entry whose name is in the reserved place.</summary>
    public void Commit(int nameLength, in HostFileStatus status, ulong cookie)
    {
        Span<byte> entry = _buffer[_length..];
        WriteStatus(entry, status);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[CookieAt..], cookie);
        BinaryPrimitives.WriteInt32LittleEndian(entry[NameLengthAt..], nameLength);
        _length += EntryLength(nameLength);
        _count++;
    }

    /// <summary>The finished batch.</summary>
    public readonly HostDirectoryBatch ToBatch(ulong nextCookie, bool isLast) =>
        new(_buffer[.._length], _count, nextCookie, isLast);

    internal static HostFileStatus ReadStatus(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(from),
        BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(from[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(from[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[40..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[48..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[56..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[64..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[72..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[80..]),
        BinaryPrimitives.ReadUInt32LittleEndian(from[12..]));

    private static void WriteStatus(Span<byte> into, in HostFileStatus status)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, status.Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], status.UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(into[8..], status.GroupId);
        BinaryPrimitives.WriteUInt32LittleEndian(into[12..], status.BlockSize);
        BinaryPrimitives.WriteUInt64LittleEndian(into[16..], status.LinkCount);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], status.Size);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], status.Blocks);
        BinaryPrimitives.WriteUInt64LittleEndian(into[40..], status.Inode);
        BinaryPrimitives.WriteUInt64LittleEndian(into[48..], status.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(into[56..], status.RawDevice);
        BinaryPrimitives.WriteInt64LittleEndian(into[64..], status.AccessTime);
        BinaryPrimitives.WriteInt64LittleEndian(into[72..], status.ModifyTime);
        BinaryPrimitives.WriteInt64LittleEndian(into[80..], status.ChangeTime);
    }
}

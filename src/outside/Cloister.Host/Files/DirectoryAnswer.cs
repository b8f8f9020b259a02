using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Files;

/// <summary>Collects <see cref="DirectoryRecord"/>s in a data slot.</summary>
internal ref struct DirectoryAnswer(Span<byte> into)
{
    private readonly Span<byte> _into = into;

    /// <summary>Bytes used.</summary>
    public int Length { get; private set; }

    /// <summary>Entries added.</summary>
    public uint Items { get; private set; }

    /// <summary>Cookie of the last entry.</summary>
    public long Cookie { get; private set; }

    /// <summary>Whether the directory has no more entries.</summary>
    public bool IsLast { get; set; }

    /// <summary>Adds an entry; false where it doesn't fit.</summary>
    public bool TryAdd(ReadOnlySpan<byte> name, in FileRecord record, long cookie)
    {
        int length = DirectoryRecord.LengthOf(name.Length);
        if (_into.Length - Length < length)
            return false;
        Span<byte> entry = _into.Slice(Length, length);
        MemoryMarshal.Write(entry, record);
        BinaryPrimitives.WriteInt64LittleEndian(entry[DirectoryRecord.Cookie..], cookie);
        BinaryPrimitives.WriteInt64LittleEndian(entry[DirectoryRecord.NameLength..], name.Length);
        name.CopyTo(entry[DirectoryRecord.Name..]);
        Length += length;
        Items++;
        Cookie = cookie;
        return true;
    }
}

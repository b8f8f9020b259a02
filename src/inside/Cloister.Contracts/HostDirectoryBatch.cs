using System;
using System.Buffers.Binary;

namespace Cloister.Contracts;

/// <summary>
/// Entries of a directory of the host with their status, in the caller's buffer. Of checked form. Read it with
/// <c>while (batch.MoveNext(out var entry))</c>.
/// </summary>
public ref struct HostDirectoryBatch
{
    /// <summary>Bytes that an entry with the longest name takes.</summary>
    public const int MaximumEntryLength = HostDirectoryWriter.HeaderLength + 256;

    private ReadOnlySpan<byte> _rest;

    internal HostDirectoryBatch(ReadOnlySpan<byte> entries, int count, ulong nextCookie, bool isLast)
    {
        _rest = entries;
        Count = count;
        NextCookie = nextCookie;
        IsLast = isLast;
    }

    /// <summary>Entries that were in the batch.</summary>
    public readonly int Count { get; }

    /// <summary>Where the next batch starts.</summary>
    public readonly ulong NextCookie { get; }

    /// <summary>Whether the directory ends with this batch.</summary>
    public readonly bool IsLast { get; }

    /// <summary>Takes the next entry.</summary>
    public bool MoveNext(out HostDirectoryEntry entry)
    {
        if (_rest.IsEmpty)
        {
            entry = default;
            return false;
        }

        int nameLength = BinaryPrimitives.ReadInt32LittleEndian(_rest[HostDirectoryWriter.NameLengthAt..]);
        entry = new HostDirectoryEntry(
            _rest.Slice(HostDirectoryWriter.HeaderLength, nameLength),
            HostDirectoryWriter.ReadStatus(_rest),
            BinaryPrimitives.ReadUInt64LittleEndian(_rest[HostDirectoryWriter.CookieAt..]));
        _rest = _rest[HostDirectoryWriter.EntryLength(nameLength)..];
        return true;
    }
}

/// <summary>One entry of a directory.</summary>
public readonly ref struct HostDirectoryEntry
{
    internal HostDirectoryEntry(ReadOnlySpan<byte> name, HostFileStatus status, ulong cookie)
    {
        Name = name;
        Status = status;
        Cookie = cookie;
    }

    /// <summary>Name: 1 to 255 bytes without '/' and NUL; never "." or "..".</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Status of what the name stands for; symbolic links are not followed.</summary>
    public HostFileStatus Status { get; }

    /// <summary>Where a later read goes on after this entry.</summary>
    public ulong Cookie { get; }
}

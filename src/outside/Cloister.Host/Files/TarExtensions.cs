using System;
using System.Buffers.Text;
using System.Collections.Generic;

namespace Cloister.Host.Files;

/// <summary>The records of pax extended headers that count for one member: those of the archive, over them its own.</summary>
internal sealed class TarExtensions
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int FractionDigits = 9;

    private List<(byte[] Name, byte[] Value)> _attributes = [];
    private List<(long Offset, long Length)> _sparse = [];
    private byte[]? _path;
    private byte[]? _sparseName;

    /// <summary>The path; of sparse files it is a made-up one, and the true one has a key of its own.</summary>
    public byte[]? Path => _sparseName ?? _path;

    public byte[]? LinkTarget { get; private set; }

    public long? Size { get; private set; }

    public long? UserId { get; private set; }

    public long? GroupId { get; private set; }

    public long? ModificationTime { get; private set; }

    public IReadOnlyList<(byte[] Name, byte[] Value)> Attributes => _attributes;

    /// <summary>The map of a sparse file in GNU's formats 0.0 and 0.1.</summary>
    public IReadOnlyList<(long Offset, long Length)> Sparse => _sparse;

    /// <summary>Length of a sparse file with its holes.</summary>
    public long? SparseSize { get; private set; }

    /// <summary>Whether the map of a sparse file stands before its data (format 1.0).</summary>
    public bool HasMapInData { get; private set; }

    public TarExtensions Clone()
    {
        var copy = (TarExtensions)MemberwiseClone();
        copy._attributes = [.. _attributes];
        copy._sparse = [.. _sparse];
        return copy;
    }

    /// <summary>Takes the records "LENGTH KEY=VALUE\n" in.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? Add(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            if (!Utf8Parser.TryParse(records, out int length, out int digits) || length <= digits + 1 || length > records.Length
                || records[digits] != (byte)' ' || records[length - 1] != (byte)'\n')
                return "a record without its length";
            ReadOnlySpan<byte> record = records[(digits + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                return "a record without a key";
            if (!TryAdd(record[..equals], record[(equals + 1)..]))
                return $"the key '{ByteText.Decode(record[..equals])}' with an impossible value";
            records = records[length..];
        }

        return null;
    }

    private bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // Of what other programs put there none is needed to have the files right.
        switch (key)
        {
            case var _ when key.SequenceEqual("path"u8):
                _path = value.ToArray();
                return !value.Contains((byte)0);
            case var _ when key.SequenceEqual("GNU.sparse.name"u8):
                _sparseName = value.ToArray();
                return !value.Contains((byte)0);
            case var _ when key.SequenceEqual("linkpath"u8):
                LinkTarget = value.ToArray();
                return !value.Contains((byte)0);
            case var _ when key.SequenceEqual("size"u8):
                Size = Parse(value);
                return Size is not null;
            case var _ when key.SequenceEqual("uid"u8):
                UserId = Parse(value);
                return UserId is not null;
            case var _ when key.SequenceEqual("gid"u8):
                GroupId = Parse(value);
                return GroupId is not null;
            case var _ when key.SequenceEqual("mtime"u8):
                ModificationTime = TryParseTime(value, out long time) ? time : null;
                return ModificationTime is not null;
            case var _ when key.SequenceEqual("GNU.sparse.size"u8) || key.SequenceEqual("GNU.sparse.realsize"u8):
                SparseSize = Parse(value);
                return SparseSize is not null;
            case var _ when key.SequenceEqual("GNU.sparse.major"u8):
                HasMapInData = value.SequenceEqual("1"u8);
                return HasMapInData || value.SequenceEqual("0"u8);
            case var _ when key.SequenceEqual("GNU.sparse.minor"u8):
                return value.SequenceEqual("0"u8) || value.SequenceEqual("1"u8);
            case var _ when key.SequenceEqual("GNU.sparse.offset"u8):
                return TryParse(value, out long offset) && AddPiece(offset, -1);
            case var _ when key.SequenceEqual("GNU.sparse.numbytes"u8):
                return TryParse(value, out long count) && EndPiece(count);
            case var _ when key.SequenceEqual("GNU.sparse.map"u8):
                return TryAddMap(value);
            case var _ when key.StartsWith("SCHILY.xattr."u8):
                byte[] name = key["SCHILY.xattr."u8.Length..].ToArray();
                _attributes.RemoveAll(old => old.Name.AsSpan().SequenceEqual(name));
                _attributes.Add((name, value.ToArray()));
                return true;
            default:
                return true;
        }
    }

    private bool AddPiece(long offset, long length)
    {
        _sparse.Add((offset, length));
        return _sparse.Count <= TarMemberReader.MostPieces;
    }

    private bool EndPiece(long length)
    {
        if (_sparse.Count == 0 || _sparse[^1].Length >= 0)
            return false;
        _sparse[^1] = (_sparse[^1].Offset, length);
        return true;
    }

    private bool TryAddMap(ReadOnlySpan<byte> map)
    {
        _sparse.Clear();
        while (!map.IsEmpty)
        {
            if (!TryTake(ref map, out long offset) || !TryTake(ref map, out long length) || !AddPiece(offset, length))
                return false;
        }

        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> map, out long number)
    {
        int comma = map.IndexOf((byte)',');
        bool isNumber = TryParse(comma < 0 ? map : map[..comma], out number);
        map = comma < 0 ? default : map[(comma + 1)..];
        return isNumber;
    }

    private static long? Parse(ReadOnlySpan<byte> text) => TryParse(text, out long number) ? number : null;

    private static bool TryParse(ReadOnlySpan<byte> text, out long number) =>
        Utf8Parser.TryParse(text, out number, out int used) && used == text.Length && number >= 0;

    // Seconds with a sign and any number of decimals. What is out of the range of the kernel's nanoseconds becomes its end.
    private static bool TryParseTime(ReadOnlySpan<byte> text, out long time)
    {
        time = 0;
        bool isNegative = text.StartsWith("-"u8);
        if (isNegative)
            text = text[1..];
        int point = text.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = point < 0 ? text : text[..point];
        ReadOnlySpan<byte> fraction = point < 0 ? default : text[(point + 1)..];
        if (whole.IsEmpty || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9') || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        Int128 nanoseconds = 0;
        foreach (byte digit in whole.Length > 30 ? whole[..30] : whole)
            nanoseconds = (nanoseconds * 10) + (digit - '0');
        nanoseconds = Int128.Min(nanoseconds, long.MaxValue / NanosecondsPerSecond + 1) * NanosecondsPerSecond;
        long unit = NanosecondsPerSecond;
        for (int i = 0; i < FractionDigits && i < fraction.Length; i++)
            nanoseconds += (fraction[i] - '0') * (unit /= 10);
        time = (long)Int128.Clamp(isNegative ? -nanoseconds : nanoseconds, long.MinValue + 1, long.MaxValue);
        return true;
    }
}

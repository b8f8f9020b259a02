using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace Cloister.Kernel;

/// <summary>Writes numbers of 64 bits, little-endian, and strings of bytes with their length before them.</summary>
internal sealed class ByteWriter
{
    private byte[] _bytes = new byte[4096];
    private int _length;

    public void Number(long value)
    {
        Reserve(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(_length), value);
        _length += sizeof(long);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Reserve(value.Length);
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
    }

    public void Strings(IReadOnlyList<byte[]> values)
    {
        Number(values.Count);
        foreach (byte[] value in values)
            Bytes(value);
    }

    /// <summary>A text, or none, which is another thing than an empty one.</summary>
    public void Text(string? value)
    {
        Number(value is null ? 0 : 1);
        if (value is not null)
            Bytes(Encoding.UTF8.GetBytes(value));
    }

    public byte[] ToArray() => _bytes[.._length];

    private void Reserve(int count)
    {
        if (_length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_length + count, _bytes.Length * 2));
    }
}

/// <summary>Reads what <see cref="ByteWriter"/> has written. It comes from outside: behind the end of the bytes all is 0, and it says so.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;
    private bool _hasFailed;

    /// <summary>Whether all was read, and nothing was missing.</summary>
    public readonly bool IsAtEnd => !_hasFailed && _left.IsEmpty;

    public long Number()
    {
        if (_left.Length < sizeof(long))
        {
            _hasFailed = true;
            _left = default;
            return 0;
        }

        long value = BinaryPrimitives.ReadInt64LittleEndian(_left);
        _left = _left[sizeof(long)..];
        return value;
    }

    /// <summary>A number of items, each of which has at least one byte.</summary>
    public long Count()
    {
        long count = Number();
        if (count >= 0 && count <= _left.Length)
            return count;
        _hasFailed = true;
        return 0;
    }

    public byte[] Bytes()
    {
        int count = (int)Count();
        byte[] value = _left[..count].ToArray();
        _left = _left[count..];
        return value;
    }

    public List<byte[]> Strings()
    {
        var values = new List<byte[]>();
        for (long left = Count(); left > 0; left--)
            values.Add(Bytes());
        return values;
    }

    public string? Text() => Number() == 0 ? null : Encoding.UTF8.GetString(Bytes());
}

using System;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Core;

/// <summary>A growing buffer of bytes, for generated files.</summary>
internal sealed class ByteWriter : IByteSink
{
    private byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    void IByteSink.Append(ReadOnlySpan<byte> bytes) => Write(bytes);

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public byte[] ToArray() => Written.ToArray();

    public void Clear() => Length = 0;

    public ByteWriter Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        Length += text.Length;
        return this;
    }

    public ByteWriter Write(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
        return this;
    }

    public ByteWriter Write(char value) => Write((byte)value);

    public ByteWriter Number(long value)
    {
        if (value >= 0)
            return Number((ulong)value);
        return Write((byte)'-').Number(unchecked((ulong)-value));
    }

    public ByteWriter Number(ulong value)
    {
        Span<byte> digits = stackalloc byte[20];
        int at = digits.Length;
        do
        {
            digits[--at] = (byte)('0' + (value % 10));
            value /= 10;
        }
        while (value != 0);
        return Write(digits[at..]);
    }

    /// <summary>A number in hexadecimal, with zeros in front up to a width.</summary>
    public ByteWriter Hexadecimal(ulong value, int width = 1, bool isUpper = false)
    {
        ReadOnlySpan<byte> symbols = isUpper ? "0123456789ABCDEF"u8 : "0123456789abcdef"u8;
        Span<byte> digits = stackalloc byte[16];
        int at = digits.Length;
        do
        {
            digits[--at] = symbols[(int)(value & 15)];
            value >>= 4;
        }
        while (value != 0 || digits.Length - at < width);
        return Write(digits[at..]);
    }

    public ByteWriter Octal(uint value)
    {
        Span<byte> digits = stackalloc byte[12];
        int at = digits.Length;
        do
        {
            digits[--at] = (byte)('0' + (value & 7));
            value >>= 3;
        }
        while (value != 0);
        return Write(digits[at..]);
    }

    /// <summary>A number, right-aligned.</summary>
    public ByteWriter Padded(long value, int width)
    {
        int digits = value < 0 ? 2 : 1;
        for (long rest = value; rest is >= 10 or <= -10; rest /= 10)
            digits++;
        for (int i = digits; i < width; i++)
            Write((byte)' ');
        return Number(value);
    }

    /// <summary>Bytes with the characters that separate fields as octal escapes (proc(5), mounts).</summary>
    public ByteWriter Escaped(ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            if (value is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\\')
                Write((byte)'\\').Write((byte)('0' + (value >> 6))).Write((byte)('0' + (value >> 3 & 7))).Write((byte)('0' + (value & 7)));
            else
                Write(value);
        }

        return this;
    }

    /// <summary>Room for bytes that are written straight into the buffer; <see cref="Advance"/> follows.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;
}

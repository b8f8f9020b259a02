using System.Runtime.CompilerServices;

namespace System.Buffers.Binary;

public static partial class BinaryPrimitives
{
    public static ushort ReverseEndianness(ushort value) => (ushort)(value << 8 | value >> 8);

    public static short ReverseEndianness(short value) => (short)ReverseEndianness((ushort)value);

    public static uint ReverseEndianness(uint value) => value << 24 | value >> 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00);

    public static int ReverseEndianness(int value) => (int)ReverseEndianness((uint)value);

    public static ulong ReverseEndianness(ulong value) => (ulong)ReverseEndianness((uint)value) << 32 | ReverseEndianness((uint)(value >> 32));

    public static long ReverseEndianness(long value) => (long)ReverseEndianness((ulong)value);

    public static sbyte ReverseEndianness(sbyte value) => value;

    public static byte ReverseEndianness(byte value) => value;

    public static UInt128 ReverseEndianness(UInt128 value) => new(ReverseEndianness((ulong)value), ReverseEndianness((ulong)(value >> 64)));

    public static void ReverseEndianness(ReadOnlySpan<ushort> source, Span<ushort> destination)
    {
        CheckRoom(source.Length, destination.Length);
        for (int i = 0; i < source.Length; i++)
            destination[i] = ReverseEndianness(source[i]);
    }

    public static void ReverseEndianness(ReadOnlySpan<uint> source, Span<uint> destination)
    {
        CheckRoom(source.Length, destination.Length);
        for (int i = 0; i < source.Length; i++)
            destination[i] = ReverseEndianness(source[i]);
    }

    public static void ReverseEndianness(ReadOnlySpan<ulong> source, Span<ulong> destination)
    {
        CheckRoom(source.Length, destination.Length);
        for (int i = 0; i < source.Length; i++)
            destination[i] = ReverseEndianness(source[i]);
    }

    private static void CheckRoom(int needed, int length)
    {
        if (length < needed)
            throw new ArgumentException("Destination is too short.", "destination");
    }

    public static UInt128 ReadUInt128LittleEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 16);
        return new UInt128(ReadUInt64LittleEndian(source.Slice(8)), ReadUInt64LittleEndian(source));
    }

    public static void WriteUInt128LittleEndian(Span<byte> destination, UInt128 value)
    {
        Check(destination.Length, 16);
        WriteUInt64LittleEndian(destination, (ulong)value);
        WriteUInt64LittleEndian(destination.Slice(8), (ulong)(value >> 64));
    }

    public static UInt128 ReadUInt128BigEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 16);
        return new UInt128(ReadUInt64BigEndian(source), ReadUInt64BigEndian(source.Slice(8)));
    }

    public static void WriteUInt128BigEndian(Span<byte> destination, UInt128 value)
    {
        Check(destination.Length, 16);
        WriteUInt64BigEndian(destination, (ulong)(value >> 64));
        WriteUInt64BigEndian(destination.Slice(8), (ulong)value);
    }

    private static void Check(int length, int needed)
    {
        if (length < needed)
            throw new ArgumentOutOfRangeException("source");
    }

    public static short ReadInt16LittleEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 2);
        return Unsafe.ReadUnaligned<short>(ref source.Reference);
    }

    public static void WriteInt16LittleEndian(Span<byte> destination, short value)
    {
        Check(destination.Length, 2);
        Unsafe.WriteUnaligned(ref destination.Reference, value);
    }

    public static short ReadInt16BigEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 2);
        return ReverseEndianness(Unsafe.ReadUnaligned<short>(ref source.Reference));
    }

    public static void WriteInt16BigEndian(Span<byte> destination, short value)
    {
        Check(destination.Length, 2);
        Unsafe.WriteUnaligned(ref destination.Reference, ReverseEndianness(value));
    }

    public static ushort ReadUInt16LittleEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 2);
        return Unsafe.ReadUnaligned<ushort>(ref source.Reference);
    }

    public static void WriteUInt16LittleEndian(Span<byte> destination, ushort value)
    {
        Check(destination.Length, 2);
        Unsafe.WriteUnaligned(ref destination.Reference, value);
    }

    public static ushort ReadUInt16BigEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 2);
        return ReverseEndianness(Unsafe.ReadUnaligned<ushort>(ref source.Reference));
    }

    public static void WriteUInt16BigEndian(Span<byte> destination, ushort value)
    {
        Check(destination.Length, 2);
        Unsafe.WriteUnaligned(ref destination.Reference, ReverseEndianness(value));
    }

    public static int ReadInt32LittleEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 4);
        return Unsafe.ReadUnaligned<int>(ref source.Reference);
    }

    public static void WriteInt32LittleEndian(Span<byte> destination, int value)
    {
        Check(destination.Length, 4);
        Unsafe.WriteUnaligned(ref destination.Reference, value);
    }

    public static int ReadInt32BigEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 4);
        return ReverseEndianness(Unsafe.ReadUnaligned<int>(ref source.Reference));
    }

    public static void WriteInt32BigEndian(Span<byte> destination, int value)
    {
        Check(destination.Length, 4);
        Unsafe.WriteUnaligned(ref destination.Reference, ReverseEndianness(value));
    }

    public static uint ReadUInt32LittleEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 4);
        return Unsafe.ReadUnaligned<uint>(ref source.Reference);
    }

    public static void WriteUInt32LittleEndian(Span<byte> destination, uint value)
    {
        Check(destination.Length, 4);
        Unsafe.WriteUnaligned(ref destination.Reference, value);
    }

    public static uint ReadUInt32BigEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 4);
        return ReverseEndianness(Unsafe.ReadUnaligned<uint>(ref source.Reference));
    }

    public static void WriteUInt32BigEndian(Span<byte> destination, uint value)
    {
        Check(destination.Length, 4);
        Unsafe.WriteUnaligned(ref destination.Reference, ReverseEndianness(value));
    }

    public static long ReadInt64LittleEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 8);
        return Unsafe.ReadUnaligned<long>(ref source.Reference);
    }

    public static void WriteInt64LittleEndian(Span<byte> destination, long value)
    {
        Check(destination.Length, 8);
        Unsafe.WriteUnaligned(ref destination.Reference, value);
    }

    public static long ReadInt64BigEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 8);
        return ReverseEndianness(Unsafe.ReadUnaligned<long>(ref source.Reference));
    }

    public static void WriteInt64BigEndian(Span<byte> destination, long value)
    {
        Check(destination.Length, 8);
        Unsafe.WriteUnaligned(ref destination.Reference, ReverseEndianness(value));
    }

    public static ulong ReadUInt64LittleEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 8);
        return Unsafe.ReadUnaligned<ulong>(ref source.Reference);
    }

    public static void WriteUInt64LittleEndian(Span<byte> destination, ulong value)
    {
        Check(destination.Length, 8);
        Unsafe.WriteUnaligned(ref destination.Reference, value);
    }

    public static ulong ReadUInt64BigEndian(ReadOnlySpan<byte> source)
    {
        Check(source.Length, 8);
        return ReverseEndianness(Unsafe.ReadUnaligned<ulong>(ref source.Reference));
    }

    public static void WriteUInt64BigEndian(Span<byte> destination, ulong value)
    {
        Check(destination.Length, 8);
        Unsafe.WriteUnaligned(ref destination.Reference, ReverseEndianness(value));
    }
}

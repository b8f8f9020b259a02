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
}

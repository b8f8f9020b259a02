namespace System.Buffers.Binary;

public static partial class BinaryPrimitives
{
    public static bool TryReadInt16LittleEndian(ReadOnlySpan<byte> source, out short value)
    {
        value = source.Length < 2 ? (short)0 : ReadInt16LittleEndian(source);
        return source.Length >= 2;
    }

    public static bool TryWriteInt16LittleEndian(Span<byte> destination, short value)
    {
        if (destination.Length < 2)
            return false;
        WriteInt16LittleEndian(destination, value);
        return true;
    }

    public static bool TryReadInt16BigEndian(ReadOnlySpan<byte> source, out short value)
    {
        value = source.Length < 2 ? (short)0 : ReadInt16BigEndian(source);
        return source.Length >= 2;
    }

    public static bool TryWriteInt16BigEndian(Span<byte> destination, short value)
    {
        if (destination.Length < 2)
            return false;
        WriteInt16BigEndian(destination, value);
        return true;
    }

    public static bool TryReadUInt16LittleEndian(ReadOnlySpan<byte> source, out ushort value)
    {
        value = source.Length < 2 ? (ushort)0 : ReadUInt16LittleEndian(source);
        return source.Length >= 2;
    }

    public static bool TryWriteUInt16LittleEndian(Span<byte> destination, ushort value)
    {
        if (destination.Length < 2)
            return false;
        WriteUInt16LittleEndian(destination, value);
        return true;
    }

    public static bool TryReadUInt16BigEndian(ReadOnlySpan<byte> source, out ushort value)
    {
        value = source.Length < 2 ? (ushort)0 : ReadUInt16BigEndian(source);
        return source.Length >= 2;
    }

    public static bool TryWriteUInt16BigEndian(Span<byte> destination, ushort value)
    {
        if (destination.Length < 2)
            return false;
        WriteUInt16BigEndian(destination, value);
        return true;
    }

    public static bool TryReadInt32LittleEndian(ReadOnlySpan<byte> source, out int value)
    {
        value = source.Length < 4 ? (int)0 : ReadInt32LittleEndian(source);
        return source.Length >= 4;
    }

    public static bool TryWriteInt32LittleEndian(Span<byte> destination, int value)
    {
        if (destination.Length < 4)
            return false;
        WriteInt32LittleEndian(destination, value);
        return true;
    }

    public static bool TryReadInt32BigEndian(ReadOnlySpan<byte> source, out int value)
    {
        value = source.Length < 4 ? (int)0 : ReadInt32BigEndian(source);
        return source.Length >= 4;
    }

    public static bool TryWriteInt32BigEndian(Span<byte> destination, int value)
    {
        if (destination.Length < 4)
            return false;
        WriteInt32BigEndian(destination, value);
        return true;
    }

    public static bool TryReadUInt32LittleEndian(ReadOnlySpan<byte> source, out uint value)
    {
        value = source.Length < 4 ? (uint)0 : ReadUInt32LittleEndian(source);
        return source.Length >= 4;
    }

    public static bool TryWriteUInt32LittleEndian(Span<byte> destination, uint value)
    {
        if (destination.Length < 4)
            return false;
        WriteUInt32LittleEndian(destination, value);
        return true;
    }

    public static bool TryReadUInt32BigEndian(ReadOnlySpan<byte> source, out uint value)
    {
        value = source.Length < 4 ? (uint)0 : ReadUInt32BigEndian(source);
        return source.Length >= 4;
    }

    public static bool TryWriteUInt32BigEndian(Span<byte> destination, uint value)
    {
        if (destination.Length < 4)
            return false;
        WriteUInt32BigEndian(destination, value);
        return true;
    }

    public static bool TryReadInt64LittleEndian(ReadOnlySpan<byte> source, out long value)
    {
        value = source.Length < 8 ? (long)0 : ReadInt64LittleEndian(source);
        return source.Length >= 8;
    }

    public static bool TryWriteInt64LittleEndian(Span<byte> destination, long value)
    {
        if (destination.Length < 8)
            return false;
        WriteInt64LittleEndian(destination, value);
        return true;
    }

    public static bool TryReadInt64BigEndian(ReadOnlySpan<byte> source, out long value)
    {
        value = source.Length < 8 ? (long)0 : ReadInt64BigEndian(source);
        return source.Length >= 8;
    }

    public static bool TryWriteInt64BigEndian(Span<byte> destination, long value)
    {
        if (destination.Length < 8)
            return false;
        WriteInt64BigEndian(destination, value);
        return true;
    }

    public static bool TryReadUInt64LittleEndian(ReadOnlySpan<byte> source, out ulong value)
    {
        value = source.Length < 8 ? (ulong)0 : ReadUInt64LittleEndian(source);
        return source.Length >= 8;
    }

    public static bool TryWriteUInt64LittleEndian(Span<byte> destination, ulong value)
    {
        if (destination.Length < 8)
            return false;
        WriteUInt64LittleEndian(destination, value);
        return true;
    }

    public static bool TryReadUInt64BigEndian(ReadOnlySpan<byte> source, out ulong value)
    {
        value = source.Length < 8 ? (ulong)0 : ReadUInt64BigEndian(source);
        return source.Length >= 8;
    }

    public static bool TryWriteUInt64BigEndian(Span<byte> destination, ulong value)
    {
        if (destination.Length < 8)
            return false;
        WriteUInt64BigEndian(destination, value);
        return true;
    }
}

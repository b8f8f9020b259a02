using System;
using System.Buffers.Binary;

namespace Cloister.Sdk.Edge;

/// <summary>Numbers in arguments and results, 8 bytes each. Generated code uses this.</summary>
public static class EdgeNumbers
{
    /// <summary>Bytes of a number.</summary>
    public const int Size = sizeof(long);

    /// <summary>Writes the number with an index.</summary>
    public static void Write(Span<byte> bytes, int index, long value) => BinaryPrimitives.WriteInt64LittleEndian(bytes[(index * Size)..], value);

    /// <summary>Reads the number with an index.</summary>
    public static long Read(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadInt64LittleEndian(bytes[(index * Size)..]);

    /// <summary>Whether the other side's number is an int.</summary>
    public static bool IsInt32(long value) => value == (int)value;

    /// <summary>Whether the other side's number is a uint.</summary>
    public static bool IsUInt32(long value) => value == (uint)value;
}

using System;
using System.Diagnostics.CodeAnalysis;

namespace Cloister.Crypto;

/// <summary>Checks of arguments that say which size is expected.</summary>
internal static class Arguments
{
    public static void RequireLength(int length, int expected, string name)
    {
        if (length != expected)
            ThrowLength(length, expected, name);
    }

    public static void RequireRoom(int length, int least, string name)
    {
        if (length < least)
            ThrowRoom(length, least, name);
    }

    public static void RequireAtMost(int length, int most, string name)
    {
        if (length > most)
            ThrowTooLong(length, most, name);
    }

    /// <summary>Input and output may be the same memory or different memory; an output that overlaps the input elsewhere would
    /// overwrite input that has not been read.</summary>
    public static void RequireSameOrApart(ReadOnlySpan<byte> input, ReadOnlySpan<byte> output, string name)
    {
        if (input.Overlaps(output, out int offset) && offset != 0)
            throw new ArgumentException("Input and output must be the same memory or not overlap at all.", name);
    }

    [DoesNotReturn]
    private static void ThrowLength(int length, int expected, string name) =>
        throw new ArgumentException($"Expected {expected} bytes, but there are {length}.", name);

    [DoesNotReturn]
    private static void ThrowRoom(int length, int least, string name) =>
        throw new ArgumentException($"Expected room for at least {least} bytes, but there are {length}.", name);

    [DoesNotReturn]
    private static void ThrowTooLong(int length, int most, string name) =>
        throw new ArgumentException($"Expected at most {most} bytes of output, but there are {length}.", name);
}

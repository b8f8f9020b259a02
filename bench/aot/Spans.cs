using System;

namespace Cloister.Bench.AotPrograms;

/// <summary>Blocks of memory.</summary>
internal static class Spans
{
    private static readonly byte[] s_source = Fill(new byte[65536]);
    private static readonly byte[] s_target = new byte[65536];
    private static readonly int[] s_numbers = new int[16384];

    private static byte[] Fill(byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i * 7 % 251);
        return bytes;
    }

    public static long Copy()
    {
        ReadOnlySpan<byte> source = s_source;
        Span<byte> target = s_target;
        for (int length = 1; length <= 256; length++)
            source.Slice(length, length).CopyTo(target[(length * 16)..]);
        for (int i = 0; i < 8; i++)
            source[i..].CopyTo(target);
        target[..4096].Clear();
        target[100..200].Fill(7);
        return target[150] + target[5000];
    }

    public static long Search()
    {
        ReadOnlySpan<byte> source = s_source;
        long sum = 0;
        for (int i = 0; i < 16; i++)
        {
            ReadOnlySpan<byte> part = source[(i * 64)..];
            sum += part.IndexOf((byte)253) + part[..4000].IndexOf((byte)(i * 13)) + part[..2000].LastIndexOf((byte)9);
            sum += part[..8000].SequenceEqual(source.Slice(i * 64, 8000)) ? 1 : 0;
            sum += part[..3000].IndexOf([(byte)1, (byte)2]);
        }

        return sum;
    }

    public static long Sum()
    {
        Span<int> numbers = s_numbers;
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = i;
        long sum = 0;
        foreach (int number in numbers)
            sum += number;
        foreach (byte b in s_source.AsSpan())
            sum ^= b;
        for (int i = 4; i < numbers.Length; i += 4)
            sum += numbers.Slice(i - 4, 4)[3];
        return sum;
    }
}

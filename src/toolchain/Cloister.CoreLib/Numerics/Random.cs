using System.Numerics;

namespace System;

/// <summary>Pseudo-random numbers, not for secrets: the subtractive generator (D. Knuth, The Art of Computer Programming, volume 2, 3.2.2), as .NET
/// has it for seeds, so that a seed gives the same numbers.</summary>
public class Random
{
    private const int Length = 56;

    // Entry 0 isn't used.
    private readonly int[] _numbers = new int[Length];
    private int _next;
    private int _other = 21;

    /// <summary>Takes its seed from the time, so that a board without a clock may repeat its numbers.</summary>
    public Random() : this((int)Cloister.Runtime.Platform.Time ^ (int)(Cloister.Runtime.Platform.Time >> 32))
    {
    }

    public Random(int Seed)
    {
        int last = 161803398 - (Seed == int.MinValue ? int.MaxValue : Math.Abs(Seed));
        _numbers[Length - 1] = last;
        int current = 1;
        for (int i = 1; i < Length - 1; i++)
        {
            int place = 21 * i % (Length - 1);
            _numbers[place] = current;
            current = last - current;
            if (current < 0)
                current += int.MaxValue;
            last = _numbers[place];
        }

        for (int round = 0; round < 4; round++)
            for (int i = 1; i < Length; i++)
            {
                _numbers[i] = unchecked(_numbers[i] - _numbers[1 + (i + 30) % (Length - 1)]);
                if (_numbers[i] < 0)
                    _numbers[i] += int.MaxValue;
            }
    }

    /// <summary>One for all threads, whose seed is the time.</summary>
    public static Random Shared { get; } = new();

    private int Draw()
    {
        _next = _next == Length - 1 ? 1 : _next + 1;
        _other = _other == Length - 1 ? 1 : _other + 1;
        int drawn = unchecked(_numbers[_next] - _numbers[_other]);
        if (drawn == int.MaxValue)
            drawn--;
        if (drawn < 0)
            drawn += int.MaxValue;
        _numbers[_next] = drawn;
        return drawn;
    }

    /// <summary>From 0 to below 1.</summary>
    protected virtual double Sample() => Draw() * (1.0 / int.MaxValue);

    public virtual int Next() => Draw();

    public virtual int Next(int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return (int)(Sample() * maxValue);
    }

    public virtual int Next(int minValue, int maxValue)
    {
        if (minValue > maxValue)
            throw OrderError();
        long range = (long)maxValue - minValue;
        return range <= int.MaxValue ? (int)(Sample() * range) + minValue : (int)((long)(SampleOfLarge() * range) + minValue);
    }

    private static ArgumentOutOfRangeException OrderError() => new("minValue", "'minValue' cannot be greater than maxValue.");

    // A sample has 31 bits, too few for ranges above that; the sign is one more.
    private double SampleOfLarge()
    {
        int drawn = Draw();
        bool isNegative = Draw() % 2 == 0;
        double value = isNegative ? -drawn : drawn;
        return (value + (int.MaxValue - 1)) / (2u * int.MaxValue - 1);
    }

    // 22, 22 and 20 bits.
    private ulong Draw64() => (uint)Next(1 << 22) | (ulong)(uint)Next(1 << 22) << 22 | (ulong)(uint)Next(1 << 20) << 44;

    public virtual long NextInt64()
    {
        while (true)
            if (Draw64() >> 1 is var drawn && drawn != long.MaxValue)
                return (long)drawn;
    }

    public virtual long NextInt64(long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return NextInt64(0, maxValue);
    }

    public virtual long NextInt64(long minValue, long maxValue)
    {
        if (minValue > maxValue)
            throw OrderError();
        ulong range = unchecked((ulong)(maxValue - minValue));
        if (range <= 1)
            return minValue;
        int bits = 64 - BitOperations.LeadingZeroCount(range - 1);
        while (true)
            if (Draw64() >> (64 - bits) is var drawn && drawn < range)
                return unchecked((long)drawn + minValue);
    }

    public virtual double NextDouble() => Sample();

    public virtual float NextSingle()
    {
        while (true)
            if ((float)Sample() is var drawn && drawn < 1)
                return drawn;
    }

    public virtual void NextBytes(byte[] buffer) => NextBytes((buffer ?? throw new ArgumentNullException(nameof(buffer))).AsSpan());

    public virtual void NextBytes(Span<byte> buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
            buffer[i] = (byte)Draw();
    }

    public void Shuffle<T>(T[] values) => Shuffle((values ?? throw new ArgumentNullException(nameof(values))).AsSpan());

    public void Shuffle<T>(Span<T> values)
    {
        for (int i = 0; i < values.Length - 1; i++)
        {
            int other = Next(i, values.Length);
            if (other != i)
                (values[i], values[other]) = (values[other], values[i]);
        }
    }
}

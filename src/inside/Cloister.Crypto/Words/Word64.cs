using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>The word of production code: 64 bits in a register.</summary>
internal readonly struct Word64(ulong value) : IWord64<Word64>
{
    public readonly ulong Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Constant(ulong value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator ^(Word64 left, Word64 right) => new(left.Value ^ right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator &(Word64 left, Word64 right) => new(left.Value & right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator |(Word64 left, Word64 right) => new(left.Value | right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator ~(Word64 value) => new(~value.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator +(Word64 left, Word64 right) => new(left.Value + right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator -(Word64 left, Word64 right) => new(left.Value - right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator *(Word64 left, Word64 right) => new(left.Value * right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator <<(Word64 value, int count) => new(value.Value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 operator >>>(Word64 value, int count) => new(value.Value >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 RotateLeft(Word64 value, int count) => new(BitOperations.RotateLeft(value.Value, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Multiply(Word64 left, Word64 right, out Word64 low)
    {
        ulong high = Math.BigMul(left.Value, right.Value, out ulong product);
        low = new(product);
        return new(high);
    }

    // Carries are comparisons, of which the JIT makes setcc: a test looks at the code for branches.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 MultiplyAdd(Word64 left, Word64 right, Word64 first, Word64 second, out Word64 low)
    {
        ulong high = Math.BigMul(left.Value, right.Value, out ulong product);
        ulong sum = product + first.Value;
        high += sum < product ? 1UL : 0UL;
        ulong total = sum + second.Value;
        high += total < sum ? 1UL : 0UL;
        low = new(total);
        return new(high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Add(Word64 left, Word64 right, Word64 carry, out Word64 carryOut)
    {
        ulong sum = left.Value + right.Value;
        ulong first = sum < left.Value ? 1UL : 0UL;
        ulong total = sum + carry.Value;
        carryOut = new(first + (total < sum ? 1UL : 0UL));
        return new(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Subtract(Word64 left, Word64 right, Word64 borrow, out Word64 borrowOut)
    {
        ulong difference = left.Value - right.Value;
        ulong first = left.Value < right.Value ? 1UL : 0UL;
        ulong total = difference - borrow.Value;
        borrowOut = new(first + (difference < borrow.Value ? 1UL : 0UL));
        return new(total);
    }
}

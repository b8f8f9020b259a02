using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

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
        low = new(left.Value * right.Value);
        return new(MultiplyHigh(left.Value, right.Value));
    }

    // Two multiplications rather than one that gives both halves: for that one the JIT passes the low half through memory, which takes longer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyHigh(ulong left, ulong right) =>
        Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(left, right) : Math.BigMul(left, right, out _);

    // Carries are comparisons, of which the JIT makes setcc: a test looks at the code for branches.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 MultiplyAdd(Word64 left, Word64 right, Word64 first, Word64 second, out Word64 low)
    {
        ulong product = left.Value * right.Value;
        ulong high = MultiplyHigh(left.Value, right.Value);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Choose(Word64 mask, Word64 ones, Word64 zeros) => new(zeros.Value ^ (mask.Value & (ones.Value ^ zeros.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Majority(Word64 a, Word64 b, Word64 c) => new((a.Value & b.Value) ^ (c.Value & (a.Value ^ b.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Xor(Word64 a, Word64 b, Word64 c) => new(a.Value ^ b.Value ^ c.Value);
}

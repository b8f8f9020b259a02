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

    // Carries as bit operations on the operands' top bits rather than as comparisons: the JIT is free to make a branch of
    // `sum < left ? 1 : 0`, and has no reason to make one of these.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Add(Word64 left, Word64 right, Word64 carry, out Word64 carryOut)
    {
        ulong sum = left.Value + right.Value + carry.Value;
        carryOut = new(((left.Value & right.Value) | ((left.Value | right.Value) & ~sum)) >>> 63);
        return new(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word64 Subtract(Word64 left, Word64 right, Word64 borrow, out Word64 borrowOut)
    {
        ulong difference = left.Value - right.Value - borrow.Value;
        borrowOut = new(((~left.Value & right.Value) | ((~left.Value | right.Value) & difference)) >>> 63);
        return new(difference);
    }
}

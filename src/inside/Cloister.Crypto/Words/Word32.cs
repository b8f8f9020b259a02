using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>The word of production code of 32 bits.</summary>
internal readonly struct Word32(uint value) : IWord<Word32>
{
    public readonly uint Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 Constant(ulong value) => new((uint)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 operator ^(Word32 left, Word32 right) => new(left.Value ^ right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 operator &(Word32 left, Word32 right) => new(left.Value & right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 operator |(Word32 left, Word32 right) => new(left.Value | right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 operator +(Word32 left, Word32 right) => new(left.Value + right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 operator -(Word32 left, Word32 right) => new(left.Value - right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 operator ~(Word32 value) => new(~value.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 operator <<(Word32 value, int count) => new(value.Value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 operator >>>(Word32 value, int count) => new(value.Value >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 RotateLeft(Word32 value, int count) => new(BitOperations.RotateLeft(value.Value, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 Choose(Word32 mask, Word32 ones, Word32 zeros) => new(zeros.Value ^ (mask.Value & (ones.Value ^ zeros.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 Majority(Word32 a, Word32 b, Word32 c) => new((a.Value & b.Value) ^ (c.Value & (a.Value ^ b.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word32 Xor(Word32 a, Word32 b, Word32 c) => new(a.Value ^ b.Value ^ c.Value);
}

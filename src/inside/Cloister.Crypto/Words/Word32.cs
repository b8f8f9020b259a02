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
}

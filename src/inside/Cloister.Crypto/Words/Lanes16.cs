using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cloister.Crypto;

/// <summary>Sixteen words of 32 bits side by side.</summary>
internal readonly struct Lanes16(Vector512<uint> value) : IWord<Lanes16>
{
    public readonly Vector512<uint> Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Constant(ulong value) => new(Vector512.Create((uint)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator ^(Lanes16 left, Lanes16 right) => new(left.Value ^ right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator &(Lanes16 left, Lanes16 right) => new(left.Value & right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator |(Lanes16 left, Lanes16 right) => new(left.Value | right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 left, Lanes16 right) => new(left.Value + right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 left, Lanes16 right) => new(left.Value - right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator ~(Lanes16 value) => new(~value.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator <<(Lanes16 value, int count) => new(value.Value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator >>>(Lanes16 value, int count) => new(value.Value >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 RotateLeft(Lanes16 value, int count) => new((value.Value << count) | (value.Value >>> (32 - count)));
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cloister.Crypto;

/// <summary>Four words of 32 bits side by side; the JIT makes vprold of the rotation where there is AVX-512.</summary>
internal readonly struct Lanes4(Vector128<uint> value) : IWord<Lanes4>
{
    public readonly Vector128<uint> Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Constant(ulong value) => new(Vector128.Create((uint)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator ^(Lanes4 left, Lanes4 right) => new(left.Value ^ right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator &(Lanes4 left, Lanes4 right) => new(left.Value & right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator |(Lanes4 left, Lanes4 right) => new(left.Value | right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator +(Lanes4 left, Lanes4 right) => new(left.Value + right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 left, Lanes4 right) => new(left.Value - right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator ~(Lanes4 value) => new(~value.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator <<(Lanes4 value, int count) => new(value.Value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator >>>(Lanes4 value, int count) => new(value.Value >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 RotateLeft(Lanes4 value, int count) => new((value.Value << count) | (value.Value >>> (32 - count)));
}

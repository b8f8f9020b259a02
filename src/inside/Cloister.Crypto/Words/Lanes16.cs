using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

#pragma warning disable CA1857 // The count is a constant where this is inlined, which it always is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 RotateLeft(Lanes16 value, int count) => new(Avx512F.IsSupported
        ? Avx512F.RotateLeft(value.Value, (byte)count)
        : (value.Value << count) | (value.Value >>> (32 - count)));
#pragma warning restore CA1857

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Choose(Lanes16 mask, Lanes16 ones, Lanes16 zeros) => new(Avx512F.IsSupported
        ? Avx512F.TernaryLogic(mask.Value, ones.Value, zeros.Value, 0xCA)
        : zeros.Value ^ (mask.Value & (ones.Value ^ zeros.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Majority(Lanes16 a, Lanes16 b, Lanes16 c) => new(Avx512F.IsSupported
        ? Avx512F.TernaryLogic(a.Value, b.Value, c.Value, 0xE8)
        : (a.Value & b.Value) ^ (c.Value & (a.Value ^ b.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Xor(Lanes16 a, Lanes16 b, Lanes16 c) => new(Avx512F.IsSupported
        ? Avx512F.TernaryLogic(a.Value, b.Value, c.Value, 0x96)
        : a.Value ^ b.Value ^ c.Value);
}

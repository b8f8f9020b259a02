using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cloister.Crypto;

/// <summary>Eight words of 32 bits side by side.</summary>
internal readonly struct Lanes8(Vector256<uint> value) : IWord<Lanes8>
{
    public readonly Vector256<uint> Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Constant(ulong value) => new(Vector256.Create((uint)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator ^(Lanes8 left, Lanes8 right) => new(left.Value ^ right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator &(Lanes8 left, Lanes8 right) => new(left.Value & right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator |(Lanes8 left, Lanes8 right) => new(left.Value | right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator +(Lanes8 left, Lanes8 right) => new(left.Value + right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 left, Lanes8 right) => new(left.Value - right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator ~(Lanes8 value) => new(~value.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator <<(Lanes8 value, int count) => new(value.Value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator >>>(Lanes8 value, int count) => new(value.Value >>> count);

#pragma warning disable CA1857 // The count is a constant where this is inlined, which it always is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 RotateLeft(Lanes8 value, int count) => new(Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateLeft(value.Value, (byte)count)
        : (value.Value << count) | (value.Value >>> (32 - count)));
#pragma warning restore CA1857

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Choose(Lanes8 mask, Lanes8 ones, Lanes8 zeros) => new(Avx512F.VL.IsSupported
        ? Avx512F.VL.TernaryLogic(mask.Value, ones.Value, zeros.Value, 0xCA)
        : zeros.Value ^ (mask.Value & (ones.Value ^ zeros.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Majority(Lanes8 a, Lanes8 b, Lanes8 c) => new(Avx512F.VL.IsSupported
        ? Avx512F.VL.TernaryLogic(a.Value, b.Value, c.Value, 0xE8)
        : (a.Value & b.Value) ^ (c.Value & (a.Value ^ b.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Xor(Lanes8 a, Lanes8 b, Lanes8 c) => new(Avx512F.VL.IsSupported
        ? Avx512F.VL.TernaryLogic(a.Value, b.Value, c.Value, 0x96)
        : a.Value ^ b.Value ^ c.Value);
}

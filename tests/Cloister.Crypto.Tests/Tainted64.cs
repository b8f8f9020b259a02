using System;
using System.Numerics;

namespace Cloister.Crypto.Tests;

/// <summary>
/// A word that knows whether it depends on a secret. It has what <see cref="IWord64{TWord}"/> asks for and nothing else: no comparison, no conversion, no division.
/// Code that compiles over it cannot branch on it or index with it; what it computes must come out secret, and right.
/// </summary>
internal readonly struct Tainted64 : IWord64<Tainted64>
{
    private readonly ulong _value;

    public Tainted64(ulong value, bool isSecret)
    {
        _value = value;
        IsSecret = isSecret;
    }

    public bool IsSecret { get; }

    /// <summary>The value, for the test to look at once all is computed.</summary>
    public ulong Reveal() => _value;

    public static Tainted64 Constant(ulong value) => new((ulong)value, false);

    public static Tainted64 operator ^(Tainted64 left, Tainted64 right) => new(left._value ^ right._value, left.IsSecret | right.IsSecret);

    public static Tainted64 operator &(Tainted64 left, Tainted64 right) => new(left._value & right._value, left.IsSecret | right.IsSecret);

    public static Tainted64 operator |(Tainted64 left, Tainted64 right) => new(left._value | right._value, left.IsSecret | right.IsSecret);

    public static Tainted64 operator +(Tainted64 left, Tainted64 right) => new(left._value + right._value, left.IsSecret | right.IsSecret);

    public static Tainted64 operator -(Tainted64 left, Tainted64 right) => new(left._value - right._value, left.IsSecret | right.IsSecret);

    public static Tainted64 operator *(Tainted64 left, Tainted64 right) => new(left._value * right._value, left.IsSecret | right.IsSecret);

    public static Tainted64 operator ~(Tainted64 value) => new(~value._value, value.IsSecret);

    public static Tainted64 operator <<(Tainted64 value, int count) => new(value._value << count, value.IsSecret);

    public static Tainted64 operator >>>(Tainted64 value, int count) => new(value._value >>> count, value.IsSecret);

    public static Tainted64 RotateLeft(Tainted64 value, int count) => new(BitOperations.RotateLeft(value._value, count), value.IsSecret);

    public static Tainted64 Multiply(Tainted64 left, Tainted64 right, out Tainted64 low) =>
        MultiplyAdd(left, right, Constant(0), Constant(0), out low);

    public static Tainted64 MultiplyAdd(Tainted64 left, Tainted64 right, Tainted64 first, Tainted64 second, out Tainted64 low)
    {
        UInt128 result = (UInt128)left._value * right._value + first._value + second._value;
        bool isSecret = left.IsSecret | right.IsSecret | first.IsSecret | second.IsSecret;
        low = new((ulong)result, isSecret);
        return new((ulong)(result >>> 64), isSecret);
    }

    public static Tainted64 Add(Tainted64 left, Tainted64 right, Tainted64 carry, out Tainted64 carryOut)
    {
        // A carry is 0 or 1, or the code above is wrong.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(carry._value, 1UL);
        UInt128 result = (UInt128)left._value + right._value + carry._value;
        bool isSecret = left.IsSecret | right.IsSecret | carry.IsSecret;
        carryOut = new((ulong)(result >>> 64), isSecret);
        return new((ulong)result, isSecret);
    }

    public static Tainted64 Subtract(Tainted64 left, Tainted64 right, Tainted64 borrow, out Tainted64 borrowOut)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(borrow._value, 1UL);
        UInt128 result = (UInt128)left._value - right._value - borrow._value;
        bool isSecret = left.IsSecret | right.IsSecret | borrow.IsSecret;
        borrowOut = new((ulong)(result >>> 64) & 1, isSecret);
        return new((ulong)result, isSecret);
    }

    public static Tainted64 Choose(Tainted64 mask, Tainted64 ones, Tainted64 zeros) => (mask & ones) | (~mask & zeros);

    public static Tainted64 Majority(Tainted64 a, Tainted64 b, Tainted64 c) => (a & b) | (a & c) | (b & c);

    public static Tainted64 Xor(Tainted64 a, Tainted64 b, Tainted64 c) => a ^ b ^ c;
}

using System.Numerics;

namespace Cloister.Crypto.Tests;

/// <summary>
/// A word that knows whether it depends on a secret. It has what <see cref="IWord{TWord}"/> asks for and nothing else: no comparison, no conversion, no division.
/// Code that compiles over it cannot branch on it or index with it; what it computes must come out secret, and right.
/// </summary>
internal readonly struct Tainted32 : IWord<Tainted32>
{
    private readonly uint _value;

    public Tainted32(uint value, bool isSecret)
    {
        _value = value;
        IsSecret = isSecret;
    }

    public bool IsSecret { get; }

    /// <summary>The value, for the test to look at once all is computed.</summary>
    public uint Reveal() => _value;

    public static Tainted32 Constant(ulong value) => new((uint)value, false);

    public static Tainted32 operator ^(Tainted32 left, Tainted32 right) => new(left._value ^ right._value, left.IsSecret | right.IsSecret);

    public static Tainted32 operator &(Tainted32 left, Tainted32 right) => new(left._value & right._value, left.IsSecret | right.IsSecret);

    public static Tainted32 operator |(Tainted32 left, Tainted32 right) => new(left._value | right._value, left.IsSecret | right.IsSecret);

    public static Tainted32 operator +(Tainted32 left, Tainted32 right) => new(left._value + right._value, left.IsSecret | right.IsSecret);

    public static Tainted32 operator -(Tainted32 left, Tainted32 right) => new(left._value - right._value, left.IsSecret | right.IsSecret);

    public static Tainted32 operator ~(Tainted32 value) => new(~value._value, value.IsSecret);

    public static Tainted32 operator <<(Tainted32 value, int count) => new(value._value << count, value.IsSecret);

    public static Tainted32 operator >>>(Tainted32 value, int count) => new(value._value >>> count, value.IsSecret);

    public static Tainted32 RotateLeft(Tainted32 value, int count) => new(BitOperations.RotateLeft(value._value, count), value.IsSecret);

    public static Tainted32 Choose(Tainted32 mask, Tainted32 ones, Tainted32 zeros) => (mask & ones) | (~mask & zeros);

    public static Tainted32 Majority(Tainted32 a, Tainted32 b, Tainted32 c) => (a & b) | (a & c) | (b & c);

    public static Tainted32 Xor(Tainted32 a, Tainted32 b, Tainted32 c) => a ^ b ^ c;
}

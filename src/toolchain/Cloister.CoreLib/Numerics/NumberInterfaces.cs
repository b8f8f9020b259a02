using Cloister.Runtime;

namespace System
{
    public interface IParsable<TSelf> where TSelf : IParsable<TSelf>?
    {
        static abstract TSelf Parse(string s, IFormatProvider? provider);

        static abstract bool TryParse(string? s, IFormatProvider? provider, [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TSelf result);
    }

    public interface ISpanParsable<TSelf> : IParsable<TSelf> where TSelf : ISpanParsable<TSelf>?
    {
        static abstract TSelf Parse(ReadOnlySpan<char> s, IFormatProvider? provider);

        static abstract bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider,
            [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TSelf result);
    }
}

namespace System.Numerics
{
    public interface INumberBase<TSelf> : IAdditionOperators<TSelf, TSelf, TSelf>, IAdditiveIdentity<TSelf, TSelf>, IDecrementOperators<TSelf>,
        IDivisionOperators<TSelf, TSelf, TSelf>, IEquatable<TSelf>, IEqualityOperators<TSelf, TSelf, bool>, IIncrementOperators<TSelf>,
        IMultiplicativeIdentity<TSelf, TSelf>, IMultiplyOperators<TSelf, TSelf, TSelf>, ISpanFormattable, ISpanParsable<TSelf>,
        ISubtractionOperators<TSelf, TSelf, TSelf>, IUnaryPlusOperators<TSelf, TSelf>, IUnaryNegationOperators<TSelf, TSelf>
        where TSelf : INumberBase<TSelf>?
    {
        static abstract TSelf One { get; }

        static abstract TSelf Zero { get; }

        static abstract int Radix { get; }

        static abstract TSelf Abs(TSelf value);

        /// <exception cref="OverflowException">The value doesn't fit.</exception>
        static virtual TSelf CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Conversions.Checked<TOther, TSelf>(value);

        static virtual TSelf CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Conversions.Saturating<TOther,
            TSelf>(value);

        static virtual TSelf CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Conversions.Truncating<TOther,
            TSelf>(value);

        static abstract bool IsCanonical(TSelf value);

        static abstract bool IsComplexNumber(TSelf value);

        static abstract bool IsEvenInteger(TSelf value);

        static abstract bool IsFinite(TSelf value);

        static abstract bool IsImaginaryNumber(TSelf value);

        static abstract bool IsInfinity(TSelf value);

        static abstract bool IsInteger(TSelf value);

        static abstract bool IsNaN(TSelf value);

        static abstract bool IsNegative(TSelf value);

        static abstract bool IsNegativeInfinity(TSelf value);

        static abstract bool IsNormal(TSelf value);

        static abstract bool IsOddInteger(TSelf value);

        static abstract bool IsPositive(TSelf value);

        static abstract bool IsPositiveInfinity(TSelf value);

        static abstract bool IsRealNumber(TSelf value);

        static abstract bool IsSubnormal(TSelf value);

        static abstract bool IsZero(TSelf value);

        static abstract TSelf MaxMagnitude(TSelf x, TSelf y);

        static abstract TSelf MaxMagnitudeNumber(TSelf x, TSelf y);

        static abstract TSelf MinMagnitude(TSelf x, TSelf y);

        static abstract TSelf MinMagnitudeNumber(TSelf x, TSelf y);

        static virtual TSelf MultiplyAddEstimate(TSelf left, TSelf right, TSelf addend) => (left * right) + addend;
    }

    public interface INumber<TSelf> : IComparable, IComparable<TSelf>, IComparisonOperators<TSelf, TSelf, bool>, IModulusOperators<TSelf, TSelf,
        TSelf>, INumberBase<TSelf>
        where TSelf : INumber<TSelf>?
    {
        static virtual TSelf Clamp(TSelf value, TSelf min, TSelf max) => min > max
            ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".")
            : TSelf.Min(TSelf.Max(value, min), max);

        static virtual TSelf CopySign(TSelf value, TSelf sign) => TSelf.IsNegative(value) == TSelf.IsNegative(sign) ? value : checked(-value);

        static virtual TSelf Max(TSelf x, TSelf y) => x != y ? TSelf.IsNaN(x) ? x : y < x ? x : y : TSelf.IsNegative(y) ? x : y;

        static virtual TSelf MaxNumber(TSelf x, TSelf y) => x != y ? TSelf.IsNaN(y) ? x : y < x ? x : y : TSelf.IsNegative(y) ? x : y;

        static virtual TSelf Min(TSelf x, TSelf y) => x != y ? TSelf.IsNaN(x) ? x : x < y ? x : y : TSelf.IsNegative(x) ? x : y;

        static virtual TSelf MinNumber(TSelf x, TSelf y) => x != y ? TSelf.IsNaN(y) ? x : x < y ? x : y : TSelf.IsNegative(x) ? x : y;

        static virtual int Sign(TSelf value) => TSelf.IsZero(value) ? 0 : TSelf.IsNegative(value) ? -1 : 1;
    }

    public interface IBinaryNumber<TSelf> : IBitwiseOperators<TSelf, TSelf, TSelf>, INumber<TSelf> where TSelf : IBinaryNumber<TSelf>?
    {
        static virtual TSelf AllBitsSet => ~TSelf.Zero;

        static abstract bool IsPow2(TSelf value);

        static abstract TSelf Log2(TSelf value);
    }

    public interface IBinaryInteger<TSelf> : IBinaryNumber<TSelf>, IShiftOperators<TSelf, int, TSelf> where TSelf : IBinaryInteger<TSelf>?
    {
        static virtual (TSelf Quotient, TSelf Remainder) DivRem(TSelf left, TSelf right)
        {
            TSelf quotient = left / right;
            return (quotient, left - (quotient * right));
        }

        static abstract TSelf LeadingZeroCount(TSelf value);

        static abstract TSelf PopCount(TSelf value);

        static abstract TSelf RotateLeft(TSelf value, int rotateAmount);

        static abstract TSelf RotateRight(TSelf value, int rotateAmount);

        static abstract TSelf TrailingZeroCount(TSelf value);

        int GetByteCount();

        int GetShortestBitLength();
    }

    public interface ISignedNumber<TSelf> : INumberBase<TSelf> where TSelf : ISignedNumber<TSelf>?
    {
        static abstract TSelf NegativeOne { get; }
    }

    public interface IUnsignedNumber<TSelf> : INumberBase<TSelf> where TSelf : IUnsignedNumber<TSelf>?;

    public interface IFloatingPoint<TSelf> : INumber<TSelf>, ISignedNumber<TSelf> where TSelf : IFloatingPoint<TSelf>?
    {
        static abstract TSelf Ceiling(TSelf x);

        static abstract TSelf Floor(TSelf x);

        static abstract TSelf Round(TSelf x);

        static abstract TSelf Truncate(TSelf x);
    }

    public interface IRootFunctions<TSelf> : INumberBase<TSelf> where TSelf : IRootFunctions<TSelf>?
    {
        static abstract TSelf Sqrt(TSelf x);
    }

    public interface IFloatingPointIeee754<TSelf> : IFloatingPoint<TSelf>, IRootFunctions<TSelf> where TSelf : IFloatingPointIeee754<TSelf>?
    {
        static abstract TSelf Epsilon { get; }

        static abstract TSelf NaN { get; }

        static abstract TSelf NegativeInfinity { get; }

        static abstract TSelf NegativeZero { get; }

        static abstract TSelf PositiveInfinity { get; }
    }

    public interface IBinaryFloatingPointIeee754<TSelf> : IBinaryNumber<TSelf>, IFloatingPointIeee754<TSelf> where TSelf
        : IBinaryFloatingPointIeee754<TSelf>?;
}

namespace Cloister.Runtime
{
    using System;

    /// <summary>The compiler implements these for its own number types.</summary>
    internal static class Conversions
    {
        public static TTo Checked<TFrom, TTo>(TFrom value) =>
            throw new NotSupportedException("A conversion between numbers that the compiler doesn't know.");

        public static TTo Saturating<TFrom, TTo>(TFrom value) =>
            throw new NotSupportedException("A conversion between numbers that the compiler doesn't know.");

        public static TTo Truncating<TFrom, TTo>(TFrom value) =>
            throw new NotSupportedException("A conversion between numbers that the compiler doesn't know.");
    }
}

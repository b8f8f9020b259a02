using System.Globalization;
using System.Text;

namespace System.Globalization
{
    /// <summary>What a text of a number may have beside its digits.</summary>
    [Flags]
    public enum NumberStyles
    {
        None = 0,
        AllowLeadingWhite = 1,
        AllowTrailingWhite = 2,
        AllowLeadingSign = 4,
        AllowTrailingSign = 8,
        AllowParentheses = 16,
        AllowDecimalPoint = 32,
        AllowThousands = 64,
        AllowExponent = 128,
        AllowCurrencySymbol = 256,
        AllowHexSpecifier = 512,
        AllowBinarySpecifier = 1024,
        Integer = AllowLeadingWhite | AllowTrailingWhite | AllowLeadingSign,
        HexNumber = AllowLeadingWhite | AllowTrailingWhite | AllowHexSpecifier,
        BinaryNumber = AllowLeadingWhite | AllowTrailingWhite | AllowBinarySpecifier,
        Number = Integer | AllowTrailingSign | AllowDecimalPoint | AllowThousands,
        Float = Integer | AllowDecimalPoint | AllowExponent,
        Currency = Number | AllowParentheses | AllowCurrencySymbol,
        Any = Currency | AllowExponent,
    }
}

namespace System
{
    internal static partial class Number
    {
        private static void Check(NumberStyles style, bool isFloat)
        {
            const NumberStyles Radix = NumberStyles.AllowHexSpecifier | NumberStyles.AllowBinarySpecifier;
            if ((style & ~(NumberStyles.Any | Radix)) != 0)
                throw new ArgumentException("An undefined NumberStyles value is being used.", nameof(style));
            if ((style & Radix) == 0)
                return;
            if (isFloat)
                throw new ArgumentException("The number styles AllowHexSpecifier and AllowBinarySpecifier are not supported on floating point "
                    + "data types.", nameof(style));
            if ((style & ~(NumberStyles.HexNumber | NumberStyles.BinaryNumber)) != 0 || (style & Radix) == Radix)
                throw new ArgumentException("With the AllowHexSpecifier or AllowBinarySpecifier bit set in the enum bit field, "
                    + "the only other valid bits that can be combined into the enum value must be AllowLeadingWhite and AllowTrailingWhite.",
                    nameof(style));
        }

        /// <summary>Reads an integer of so many bits.</summary>
        /// <param name="isTooLarge">Whether the text is a number that isn't one of the type.</param>
        public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, int bits, bool isSigned, out long value, out bool isTooLarge)
        {
            Check(style, false);
            value = 0;
            ulong all = ulong.MaxValue >> (64 - bits);
            if ((style & (NumberStyles.AllowHexSpecifier | NumberStyles.AllowBinarySpecifier)) != 0)
            {
                bool isRadix = TryRadix(s, style, all, out ulong raw, out isTooLarge);
                value = isSigned ? (long)(raw << (64 - bits)) >> (64 - bits) : (long)raw;
                return isRadix;
            }

            isTooLarge = false;
            if (!TryNormalize(s, style, out bool isNegative, out string digits, out int exponent))
                return false;
            digits = digits.TrimStart('0');
            for (; exponent < 0 && digits.Length > 0 && digits[digits.Length - 1] == '0'; exponent++)
                digits = digits.Substring(0, digits.Length - 1);
            if (digits.Length == 0)
                return true;
            isTooLarge = true;
            if (exponent < 0 || exponent + digits.Length > 20 || !TryDigits(digits + new string('0', exponent), out ulong magnitude))
                return false;
            if (isSigned ? magnitude > (all >> 1) + (isNegative ? 1u : 0u) : magnitude > all || isNegative)
                return false;
            isTooLarge = false;
            value = isNegative ? -(long)magnitude : (long)magnitude;
            return true;
        }

        private static bool TryRadix(ReadOnlySpan<char> s, NumberStyles style, ulong all, out ulong value, out bool isTooLarge)
        {
            value = 0;
            isTooLarge = false;
            s = White(s, style);
            int shift = (style & NumberStyles.AllowHexSpecifier) != 0 ? 4 : 1;
            foreach (char c in s)
            {
                int digit = char.IsAsciiHexDigit(c) ? HexDigit(c) : 16;
                if (digit >> shift != 0)
                {
                    value = 0;
                    isTooLarge = false;
                    return false;
                }

                isTooLarge |= value > all >> shift;
                value = value << shift | (uint)digit;
            }

            if (isTooLarge)
                value = 0;
            return s.Length > 0 && !isTooLarge;
        }

        private static ReadOnlySpan<char> White(ReadOnlySpan<char> s, NumberStyles style)
        {
            s = s.TrimEnd('\0');
            ReadOnlySpan<char> trimmed = Trimmed(s);
            int lead = s.Length - s.TrimStart(" \t\n\v\f\r").Length;
            int start = (style & NumberStyles.AllowLeadingWhite) != 0 ? lead : 0;
            int end = (style & NumberStyles.AllowTrailingWhite) != 0 ? Math.Max(start, lead + trimmed.Length) : s.Length;
            return s.Slice(start, end - start);
        }

        /// <summary>Reads a floating-point number.</summary>
        /// <param name="mantissaBits">53 for double, 24 for float, 11 for Half.</param>
        public static bool TryParseFloat(ReadOnlySpan<char> s, NumberStyles style, int mantissaBits, out double value)
        {
            Check(style, true);
            if (!TryNormalize(s, style, out bool isNegative, out string digits, out int exponent))
                // Names of numbers are read whatever the style, but they have no digits.
                return TryParseFloat(s, mantissaBits, out value) && !double.IsFinite(value) && s.IndexOfAnyInRange('0', '9') < 0
                    || (value = 0) != 0;
            _ = TryDecimal(digits + "e" + exponent, mantissaBits, out value);
            if (isNegative)
                value = -value;
            return true;
        }

        // The number is digits * 10^exponent.
        private static bool TryNormalize(ReadOnlySpan<char> s, NumberStyles style, out bool isNegative, out string digits, out int exponent)
        {
            isNegative = false;
            digits = "";
            exponent = 0;
            s = White(s, style);
            bool hasSign = false, isOpen = false, hasPoint = false;
            int at = 0;
            if (at < s.Length && s[at] is '-' or '+' && (style & NumberStyles.AllowLeadingSign) != 0)
            {
                hasSign = true;
                isNegative = s[at++] == '-';
            }
            else if (at < s.Length && s[at] == '(' && (style & NumberStyles.AllowParentheses) != 0)
            {
                isOpen = isNegative = hasSign = true;
                at++;
            }

            var text = new StringBuilder();
            for (; at < s.Length; at++)
            {
                char c = s[at];
                if (char.IsAsciiDigit(c))
                {
                    text.Append(c);
                    exponent -= hasPoint ? 1 : 0;
                }
                else if (c == '.' && !hasPoint && (style & NumberStyles.AllowDecimalPoint) != 0)
                    hasPoint = true;
                else if (c != ',' || hasPoint || text.Length == 0 || (style & NumberStyles.AllowThousands) == 0)
                    break;
            }

            digits = text.ToString();
            if (digits.Length == 0)
                return false;
            if (at < s.Length && s[at] is 'e' or 'E' && (style & NumberStyles.AllowExponent) != 0)
                at = Power(s, at, ref exponent);
            if (!hasSign && at < s.Length && s[at] is '-' or '+' && (style & NumberStyles.AllowTrailingSign) != 0)
                isNegative = s[at++] == '-';
            if (isOpen && (at >= s.Length || s[at++] != ')'))
                return false;
            return at == s.Length;
        }

        // Reads e and a number behind it; what isn't one stays where it is.
        private static int Power(ReadOnlySpan<char> s, int start, ref int exponent)
        {
            int at = start + 1;
            bool isMinus = at < s.Length && s[at] == '-';
            if (at < s.Length && s[at] is '-' or '+')
                at++;
            int first = at, power = 0;
            for (; at < s.Length && char.IsAsciiDigit(s[at]); at++)
                power = Math.Min(power * 10 + (s[at] - '0'), 100_000);
            if (at == first)
                return start;
            exponent += isMinus ? -power : power;
            return at;
        }
    }
}

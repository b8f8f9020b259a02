namespace System;

/// <summary>The decimal digits of a number, 0.Digits * 10^Scale; they begin and end with another digit than zero, and zero has none.</summary>
internal struct NumberDigits
{
    public string Digits;
    public int Scale;
    public bool IsNegative;
    private readonly bool _isFloat;

    /// <param name="point">The number of digits before the point.</param>
    public NumberDigits(string digits, int point, bool isNegative, bool isFloat)
    {
        string significant = digits.TrimStart('0');
        Scale = point - (digits.Length - significant.Length);
        Digits = significant.TrimEnd('0');
        IsNegative = isNegative;
        _isFloat = isFloat;
        Normalize();
    }

    public readonly bool IsZero => Digits.Length == 0;

    public readonly string Sign => IsNegative ? "-" : "";

    /// <summary>The digits before the point, at least one.</summary>
    public readonly string Whole => Scale <= 0 ? "0" : Digits.Length <= Scale ? Digits.PadRight(Scale, '0') : Digits.Substring(0, Scale);

    /// <summary>The digits behind the point, without zeros at the end.</summary>
    public readonly string Fraction => Scale < 0 ? new string('0', -Scale) + Digits : Digits.Length > Scale ? Digits.Substring(Scale) : "";

    // Only floating-point numbers have a negative zero.
    private void Normalize()
    {
        if (!IsZero)
            return;
        Scale = 0;
        IsNegative &= _isFloat;
    }

    /// <summary>Rounds to so many digits, halves away from zero.</summary>
    public void Round(int count)
    {
        if (count < Digits.Length)
        {
            bool isUp = count >= 0 && Digits[count] >= '5';
            string kept = count <= 0 ? "" : Digits.Substring(0, count);
            if (!isUp)
                Digits = kept.TrimEnd('0');
            else
            {
                kept = kept.TrimEnd('9');
                if (kept.Length == 0)
                    Scale++;
                Digits = kept.Length == 0 ? "1" : kept.Substring(0, kept.Length - 1) + (char)(kept[kept.Length - 1] + 1);
            }
        }

        Normalize();
    }
}

using System.Collections;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System;

public enum StringComparison { CurrentCulture, CurrentCultureIgnoreCase, InvariantCulture, InvariantCultureIgnoreCase, Ordinal, OrdinalIgnoreCase }

[Flags]
public enum StringSplitOptions { None = 0, RemoveEmptyEntries = 1, TrimEntries = 2 }

// SAFETY: the characters lie behind _first, _length of them, and a zero, as the compiler and Support.NewString make them; objects don't move.
// What is copied has the length that was allocated for it, what is read in words lies within the characters.
public sealed unsafe partial class String : IComparable<string>, IEquatable<string>, IEnumerable<char>, IComparable, ICloneable
{
    // The compiler lays literals out like this.
    private readonly int _length;
    private char _first;

    public static readonly string Empty = "";

    // The compiler calls these for the constructors, which it can't give an object of unknown size.
    public extern String(char c, int count);

    public extern String(char[]? value);

    public extern String(char[] value, int startIndex, int length);

    public extern String(ReadOnlySpan<char> value);

    private static string Ctor(char c, int count)
    {
        if (count < 0)
            throw new ArgumentOutOfRangeException(nameof(count));
        string made = FastAllocate(count);
        made.Writable.Fill(c);
        return made;
    }

    private static string Ctor(char[]? value) => Ctor((ReadOnlySpan<char>)value);

    private static string Ctor(char[] value, int startIndex, int length)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Ctor(new ReadOnlySpan<char>(value, startIndex, length));
    }

    private static string Ctor(ReadOnlySpan<char> value)
    {
        string made = FastAllocate(value.Length);
        Words.CopyCharacters(made.Place, (byte*)Unsafe.AsPointer(ref value.Reference), (ulong)value.Length * 2);
        return made;
    }

    internal static string FastAllocate(int length) => length == 0 ? "" : Support.NewString(length);

    internal Span<char> Writable => new(ref _first, _length);

    public int Length => _length;

    [IndexerName("Chars")]
    public char this[int index] => (uint)index < (uint)_length ? Unsafe.Add(ref _first, index) : throw new IndexOutOfRangeException();

    public ref readonly char GetPinnableReference() => ref _first;

    public static implicit operator ReadOnlySpan<char>(string? value) => value.AsSpan();

    public static bool operator ==(string? a, string? b) => Equals(a, b);

    public static bool operator !=(string? a, string? b) => !Equals(a, b);

    public static bool Equals(string? a, string? b) => (object?)a == b || (a is not null && b is not null && a.Equals(b));

    public static bool Equals(string? a, string? b, StringComparison comparisonType) => Known(comparisonType) && (object?)a == b
        || (a is not null && b is not null && a.Equals(b, comparisonType));

    public bool Equals(string? value) => value is not null && _length == value._length && Words.AreEqual(Place, value.Place, (ulong)_length * 2);

    public bool Equals(string? value, StringComparison comparisonType) =>
        Folds(comparisonType) ? value is not null && ToUpperInvariant().Equals(value.ToUpperInvariant()) : Equals(value);

    public override bool Equals(object? obj) => obj is string other && Equals(other);

    public override int GetHashCode() => HashOf(Place, _length);

    private static int HashOf(byte* place, int length)
    {
        // Four characters at a time, by multiplications with 2^64 / the golden ratio; the last four overlap those before.
        const ulong Factor = 0x9e3779b97f4a7c15;
        ulong hash = (ulong)length * Factor;
        if (length < 4)
        {
            for (int i = 0; i < length; i++)
                hash = hash << 16 ^ ((ushort*)place)[i];
            hash *= Factor;
            return (int)(hash ^ hash >> 32);
        }

        ulong last = (ulong)length * 2 - 8;
        for (ulong i = 0; i < last; i += 8)
        {
            hash = (hash ^ Unsafe.ReadUnaligned<ulong>(place + i)) * Factor;
            hash ^= hash >> 32;
        }

        hash = (hash ^ Unsafe.ReadUnaligned<ulong>(place + last)) * Factor;
        return (int)(hash ^ hash >> 32);
    }

    // SAFETY: a span's characters lie one behind the other, as a string's do.
    public static int GetHashCode(ReadOnlySpan<char> value) => HashOf((byte*)Unsafe.AsPointer(ref value.Reference), value.Length);

    public static int GetHashCode(ReadOnlySpan<char> value, StringComparison comparisonType) => Folds(comparisonType)
        ? value.ToString().GetHashCode(comparisonType) : GetHashCode(value);

    public int GetHashCode(StringComparison comparisonType) => Folds(comparisonType) ? ToUpperInvariant().GetHashCode() : GetHashCode();

    public Text.StringRuneEnumerator EnumerateRunes() => new(this);

    public int CompareTo(string? strB) => Compare(this, strB);

    public int CompareTo(object? value) => value is null ? 1 : value is string other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type String.");

    public static int CompareOrdinal(string? strA, string? strB) => strA is null ? strB is null ? 0 : -1 : strB is null ? 1
        : strA.AsSpan().SequenceCompareTo(strB);

    public static int Compare(string? strA, string? strB) => CompareOrdinal(strA, strB);

    public static int Compare(string? strA, string? strB, StringComparison comparisonType) =>
        Folds(comparisonType) ? CompareOrdinal(strA?.ToUpperInvariant(), strB?.ToUpperInvariant()) : CompareOrdinal(strA, strB);

    public static int Compare(string? strA, string? strB, bool ignoreCase) => Compare(strA, strB, Comparison(ignoreCase));

    public static int Compare(string? strA, string? strB, bool ignoreCase, Globalization.CultureInfo? culture) => Compare(strA, strB, ignoreCase);

    public static int Compare(string? strA, string? strB, Globalization.CultureInfo? culture, Globalization.CompareOptions options) =>
        Compare(strA, strB, Comparison((options & (Globalization.CompareOptions.IgnoreCase | Globalization.CompareOptions.OrdinalIgnoreCase)) != 0));

    public static int Compare(string? strA, int indexA, string? strB, int indexB, int length) =>
        Compare(strA, indexA, strB, indexB, length, false);

    public static int Compare(string? strA, int indexA, string? strB, int indexB, int length, bool ignoreCase)
    {
        // Comparisons of cultures see no characters in null, but those that were asked for.
        int lengthA = Math.Min(length, strA is null ? length : strA._length - indexA);
        int lengthB = Math.Min(length, strB is null ? length : strB._length - indexB);
        ArgumentOutOfRangeException.ThrowIfNegative(lengthA, "length1");
        ArgumentOutOfRangeException.ThrowIfNegative(lengthB, "length2");
        ArgumentOutOfRangeException.ThrowIfNegative(indexA, "offset1");
        ArgumentOutOfRangeException.ThrowIfNegative(indexB, "offset2");
        bool isOutsideA = indexA > (strA?._length ?? 0) - lengthA;
        if (isOutsideA || indexB > (strB?._length ?? 0) - lengthB)
            throw new ArgumentOutOfRangeException(isOutsideA ? "string1" : "string2", "Offset and length must refer to a position in the string.");
        return Compare(strA, indexA, strB, indexB, length, Comparison(ignoreCase));
    }

    public static int Compare(string? strA, int indexA, string? strB, int indexB, int length, bool ignoreCase, Globalization.CultureInfo? culture) =>
        Compare(strA, indexA, strB, indexB, length, ignoreCase);

    public static int CompareOrdinal(string? strA, int indexA, string? strB, int indexB, int length) =>
        Compare(strA, indexA, strB, indexB, length, StringComparison.Ordinal);

    /// <summary>Compares at most length characters of each, from its index.</summary>
    public static int Compare(string? strA, int indexA, string? strB, int indexB, int length, StringComparison comparisonType)
    {
        Known(comparisonType);
        if (strA is null || strB is null)
            return (object?)strA == strB ? 0 : strA is null ? -1 : 1;
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (indexA < 0 || indexB < 0)
            throw new ArgumentOutOfRangeException(indexA < 0 ? nameof(indexA) : nameof(indexB),
                "Index was out of range. Must be non-negative and less than or equal to the size of the collection.");
        if (indexA > strA._length || indexB > strB._length)
            throw new ArgumentOutOfRangeException(indexA > strA._length ? nameof(indexA) : nameof(indexB),
                "Index was out of range. Must be non-negative and less than or equal to the size of the collection.");
        return Compare(strA.Substring(indexA, Math.Min(length, strA._length - indexA)),
            strB.Substring(indexB, Math.Min(length, strB._length - indexB)), comparisonType);
    }

    // Without culture data all comparisons are ordinal, as in .NET with InvariantGlobalization.
    private static bool Folds(StringComparison comparison) => Known(comparison)
        && comparison is StringComparison.OrdinalIgnoreCase or StringComparison.InvariantCultureIgnoreCase or StringComparison.CurrentCultureIgnoreCase;

    /// <summary>True; refuses a number that is no comparison.</summary>
    internal static bool Known(StringComparison comparison) => (uint)comparison <= (uint)StringComparison.OrdinalIgnoreCase ? true
        : throw new ArgumentException("The string comparison type passed in is currently not supported.", "comparisonType");

    public static bool IsNullOrEmpty([Diagnostics.CodeAnalysis.NotNullWhen(false)] string? value) => value is null || value._length == 0;

    public static bool IsNullOrWhiteSpace([Diagnostics.CodeAnalysis.NotNullWhen(false)] string? value) => value is null || value.Trim().Length == 0;

    private byte* Place => (byte*)Unsafe.AsPointer(ref _first);

    public override string ToString() => this;

    public string ToString(IFormatProvider? provider) => this;

    public object Clone() => this;

    public CharEnumerator GetEnumerator() => new(this);

    IEnumerator<char> IEnumerable<char>.GetEnumerator() => new CharEnumerator(this);

    IEnumerator IEnumerable.GetEnumerator() => new CharEnumerator(this);
}

public sealed class CharEnumerator(string text) : IEnumerator<char>
{
    private int _index = -1;

    public char Current => (uint)_index < (uint)text.Length ? text[_index] : throw Bounds.NotAtAnItem();

    object IEnumerator.Current => Current;

    public bool MoveNext()
    {
        _index = Math.Min(_index + 1, text.Length);
        return _index < text.Length;
    }

    public void Reset() => _index = -1;

    public void Dispose()
    {
    }
}

using Cloister.Runtime;

namespace System;

// SAFETY: lengths are compared before characters, so that only characters of both strings are read.
public sealed unsafe partial class String
{
    public int IndexOf(char value) => this.AsSpan().IndexOf(value);

    public int IndexOf(char value, int startIndex) => IndexOf(value, startIndex, _length - startIndex);

    public int IndexOf(char value, int startIndex, int count) => Behind(startIndex, Forward(startIndex, count).IndexOf(value));

    public int IndexOf(char value, StringComparison comparisonType) => IndexOf(value.ToString(), comparisonType);

    public int IndexOf(string value) => this.AsSpan().IndexOf(value ?? throw new ArgumentNullException(nameof(value)));

    public int IndexOf(string value, int startIndex) => IndexOf(value, startIndex, _length - startIndex, StringComparison.Ordinal);

    public int IndexOf(string value, int startIndex, int count) => IndexOf(value, startIndex, count, StringComparison.Ordinal);

    public int IndexOf(string value, StringComparison comparisonType) => IndexOf(value, 0, _length, comparisonType);

    public int IndexOf(string value, int startIndex, StringComparison comparisonType) =>
        IndexOf(value, startIndex, _length - startIndex, comparisonType);

    public int IndexOf(string value, int startIndex, int count, StringComparison comparisonType)
    {
        ArgumentNullException.ThrowIfNull(value);
        Known(comparisonType);
        ReadOnlySpan<char> part = Forward(startIndex, count);
        return Behind(startIndex, Folds(comparisonType) ? part.ToString().ToUpperInvariant().AsSpan().IndexOf(value.ToUpperInvariant())
            : part.IndexOf(value));
    }

    public int IndexOfAny(char[] anyOf) => IndexOfAny(anyOf, 0, _length);

    public int IndexOfAny(char[] anyOf, int startIndex) => IndexOfAny(anyOf, startIndex, _length - startIndex);

    public int IndexOfAny(char[] anyOf, int startIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(anyOf);
        return Behind(startIndex, Forward(startIndex, count).IndexOfAny(anyOf));
    }

    private ReadOnlySpan<char> Forward(int startIndex, int count)
    {
        if ((uint)startIndex > (uint)_length)
            throw new ArgumentOutOfRangeException(nameof(startIndex),
                "Index was out of range. Must be non-negative and less than or equal to the size of the collection.");
        if ((uint)count > (uint)(_length - startIndex))
            throw new ArgumentOutOfRangeException(nameof(count), CountMessage);
        return this.AsSpan(startIndex, count);
    }

    private const string CountMessage = "Count must be positive and count must refer to a location within the string/array/collection.";

    private static int Behind(int start, int found) => found < 0 ? -1 : start + found;

    public int LastIndexOf(char value) => this.AsSpan().LastIndexOf(value);

    public int LastIndexOf(char value, int startIndex) => LastIndexOf(value, startIndex, startIndex + 1);

    public int LastIndexOf(char value, int startIndex, int count) => _length == 0 ? -1
        : Behind(startIndex - count + 1, Backward(startIndex, count).LastIndexOf(value));

    public int LastIndexOf(string value) => LastIndexOf(value, StringComparison.Ordinal);

    public int LastIndexOf(string value, int startIndex) => LastIndexOf(value, startIndex, startIndex + 1, StringComparison.Ordinal);

    public int LastIndexOf(string value, int startIndex, int count) => LastIndexOf(value, startIndex, count, StringComparison.Ordinal);

    public int LastIndexOf(string value, StringComparison comparisonType)
    {
        ArgumentNullException.ThrowIfNull(value);
        return LastIndexIn(this, value, comparisonType);
    }

    public int LastIndexOf(string value, int startIndex, StringComparison comparisonType) =>
        LastIndexOf(value, startIndex, startIndex + 1, comparisonType);

    /// <summary>Searches the count characters that end with the one at startIndex.</summary>
    public int LastIndexOf(string value, int startIndex, int count, StringComparison comparisonType)
    {
        ArgumentNullException.ThrowIfNull(value);
        Known(comparisonType);
        if (_length == 0 && startIndex is -1 or 0)
            return value._length == 0 ? 0 : -1;
        // The place behind the last character is allowed, and stands for the last.
        if (startIndex == _length)
        {
            startIndex--;
            if (count > 0)
                count--;
        }

        return Behind(startIndex - count + 1, LastIndexIn(Backward(startIndex, count), value, comparisonType));
    }

    private static int LastIndexIn(ReadOnlySpan<char> part, string value, StringComparison comparisonType) => Folds(comparisonType)
        ? part.ToString().ToUpperInvariant().AsSpan().LastIndexOf(value.ToUpperInvariant().AsSpan()) : part.LastIndexOf(value.AsSpan());

    public int LastIndexOfAny(char[] anyOf) => LastIndexOfAny(anyOf, _length - 1, _length);

    public int LastIndexOfAny(char[] anyOf, int startIndex) => LastIndexOfAny(anyOf, startIndex, startIndex + 1);

    public int LastIndexOfAny(char[] anyOf, int startIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(anyOf);
        return _length == 0 ? -1 : Behind(startIndex - count + 1, Backward(startIndex, count).LastIndexOfAny(anyOf));
    }

    private ReadOnlySpan<char> Backward(int startIndex, int count)
    {
        if ((uint)startIndex >= (uint)_length)
            throw new ArgumentOutOfRangeException(nameof(startIndex),
                "Index was out of range. Must be non-negative and less than the size of the collection.");
        if (count < 0 || startIndex - count + 1 < 0)
            throw new ArgumentOutOfRangeException(nameof(count), CountMessage);
        return this.AsSpan(startIndex - count + 1, count);
    }

    public bool Contains(char value) => IndexOf(value) >= 0;

    public bool Contains(string value) => IndexOf(value) >= 0;

    public bool Contains(string value, StringComparison comparisonType) => IndexOf(value, comparisonType) >= 0;

    public bool Contains(char value, StringComparison comparisonType) => IndexOf(value, comparisonType) >= 0;

    public bool StartsWith(char value) => _length > 0 && _first == value;

    public bool StartsWith(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _length >= value._length && Words.AreEqual(Place, value.Place, (ulong)value._length * 2);
    }

    public bool StartsWith(string value, StringComparison comparisonType) => value is not null && Folds(comparisonType)
        ? _length >= value._length && Substring(0, value._length).Equals(value, comparisonType) : StartsWith(value!);

    public bool StartsWith(string value, bool ignoreCase, Globalization.CultureInfo? culture) => StartsWith(value, Comparison(ignoreCase));

    public bool EndsWith(char value) => _length > 0 && this[_length - 1] == value;

    public bool EndsWith(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        int start = _length - value._length;
        return start >= 0 && Words.AreEqual(Place + (ulong)start * 2, value.Place, (ulong)value._length * 2);
    }

    public bool EndsWith(string value, StringComparison comparisonType) => value is not null && Folds(comparisonType)
        ? _length >= value._length && Substring(_length - value._length).Equals(value, comparisonType) : EndsWith(value!);

    public bool EndsWith(string value, bool ignoreCase, Globalization.CultureInfo? culture) => EndsWith(value, Comparison(ignoreCase));

    private static StringComparison Comparison(bool ignoreCase) => ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
}

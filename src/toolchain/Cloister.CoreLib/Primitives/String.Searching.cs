using Cloister.Runtime;

namespace System;

// SAFETY: lengths are compared before characters, so that only characters of both strings are read.
public sealed unsafe partial class String
{
    public int IndexOf(char value) => this.AsSpan().IndexOf(value);

    public int IndexOf(char value, int startIndex) => this.AsSpan(startIndex).IndexOf(value) is var found && found < 0 ? -1 : found + startIndex;

    public int IndexOf(string value) => this.AsSpan().IndexOf(value.AsSpan());

    public int IndexOf(string value, StringComparison comparisonType) =>
        Folds(comparisonType) ? ToUpperInvariant().AsSpan().IndexOf(value.ToUpperInvariant().AsSpan()) : IndexOf(value);

    public int IndexOf(string value, int startIndex) => this.AsSpan(startIndex).IndexOf(value.AsSpan()) is var found && found < 0 ? -1 : found
        + startIndex;

    public int IndexOf(char value, int startIndex, int count) => this.AsSpan(startIndex, count).IndexOf(value) is var found && found < 0 ? -1
        : found + startIndex;

    public int IndexOf(char value, StringComparison comparisonType) => IndexOf(value.ToString(), comparisonType);

    public int IndexOf(string value, int startIndex, StringComparison comparisonType) =>
        Substring(startIndex).IndexOf(value, comparisonType) is var found && found < 0 ? -1 : found + startIndex;

    public int IndexOfAny(char[] anyOf) => this.AsSpan().IndexOfAny(anyOf);

    public int IndexOfAny(char[] anyOf, int startIndex) => this.AsSpan(startIndex).IndexOfAny(anyOf) is var found && found < 0 ? -1 : found
        + startIndex;

    public int LastIndexOf(char value) => this.AsSpan().LastIndexOf(value);

    public int LastIndexOf(string value)
    {
        for (int i = _length - value._length; i >= 0; i--)
            if (this.AsSpan(i, value._length).SequenceEqual(value))
                return i;
        return -1;
    }

    public int LastIndexOf(char value, int startIndex) => _length == 0 ? -1 : this.AsSpan(0, startIndex + 1).LastIndexOf(value);

    public int LastIndexOf(string value, StringComparison comparisonType) =>
        Folds(comparisonType) ? ToUpperInvariant().LastIndexOf(value.ToUpperInvariant()) : LastIndexOf(value);

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

    public bool StartsWith(string value, StringComparison comparisonType) => Folds(comparisonType)
        ? _length >= value._length && Substring(0, value._length).Equals(value, comparisonType) : StartsWith(value);

    public bool EndsWith(char value) => _length > 0 && this[_length - 1] == value;

    public bool EndsWith(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        int start = _length - value._length;
        return start >= 0 && Words.AreEqual(Place + (ulong)start * 2, value.Place, (ulong)value._length * 2);
    }

    public bool EndsWith(string value, StringComparison comparisonType) => Folds(comparisonType)
        ? _length >= value._length && Substring(_length - value._length).Equals(value, comparisonType) : EndsWith(value);

    public int LastIndexOfAny(char[] anyOf) => ((ReadOnlySpan<char>)this).LastIndexOfAny(anyOf);
}

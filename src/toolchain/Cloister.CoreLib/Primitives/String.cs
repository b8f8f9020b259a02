using System.Collections;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System;

public enum StringComparison { CurrentCulture, CurrentCultureIgnoreCase, InvariantCulture, InvariantCultureIgnoreCase, Ordinal, OrdinalIgnoreCase }

[Flags]
public enum StringSplitOptions { None = 0, RemoveEmptyEntries = 1, TrimEntries = 2 }

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

    private static string Ctor(char[] value, int startIndex, int length) => Ctor(new ReadOnlySpan<char>(value, startIndex, length));

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

    public static bool Equals(string? a, string? b, StringComparison comparisonType) => (object?)a == b
        || (a is not null && b is not null && a.Equals(b, comparisonType));

    public bool Equals(string? value) => value is not null && _length == value._length && Words.AreEqual(Place, value.Place, (ulong)_length * 2);

    public bool Equals(string? value, StringComparison comparisonType) =>
        Folds(comparisonType) ? value is not null && ToUpperInvariant().Equals(value.ToUpperInvariant()) : Equals(value);

    public override bool Equals(object? obj) => obj is string other && Equals(other);

    public override int GetHashCode()
    {
        // Four characters at a time, by multiplications with 2^64 / the golden ratio; the last four overlap those before.
        const ulong Factor = 0x9e3779b97f4a7c15;
        ulong hash = (ulong)_length * Factor;
        byte* place = Place;
        if (_length < 4)
        {
            for (int i = 0; i < _length; i++)
                hash = hash << 16 ^ ((ushort*)place)[i];
            hash *= Factor;
            return (int)(hash ^ hash >> 32);
        }

        ulong last = (ulong)_length * 2 - 8;
        for (ulong i = 0; i < last; i += 8)
        {
            hash = (hash ^ Unsafe.ReadUnaligned<ulong>(place + i)) * Factor;
            hash ^= hash >> 32;
        }

        hash = (hash ^ Unsafe.ReadUnaligned<ulong>(place + last)) * Factor;
        return (int)(hash ^ hash >> 32);
    }

    public int GetHashCode(StringComparison comparisonType) => Folds(comparisonType) ? ToUpperInvariant().GetHashCode() : GetHashCode();

    public Text.StringRuneEnumerator EnumerateRunes() => new(this);

    public int CompareTo(string? strB) => Compare(this, strB);

    public int CompareTo(object? value) => value is null ? 1 : value is string other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type String.");

    public static int CompareOrdinal(string? strA, string? strB) => strA is null ? strB is null ? 0 : -1 : strB is null ? 1
        : strA.AsSpan().SequenceCompareTo(strB);

    public static int Compare(string? strA, string? strB) => Math.Sign(CompareOrdinal(strA, strB));

    public static int Compare(string? strA, string? strB, StringComparison comparisonType) =>
        Folds(comparisonType) ? CompareOrdinal(strA?.ToUpperInvariant(), strB?.ToUpperInvariant()) : CompareOrdinal(strA, strB);

    // Without culture data all comparisons are ordinal, as in .NET with InvariantGlobalization.
    private static bool Folds(StringComparison comparison) =>
        comparison is StringComparison.OrdinalIgnoreCase or StringComparison.InvariantCultureIgnoreCase or StringComparison.CurrentCultureIgnoreCase;

    public static bool IsNullOrEmpty([Diagnostics.CodeAnalysis.NotNullWhen(false)] string? value) => value is null || value._length == 0;

    public static bool IsNullOrWhiteSpace([Diagnostics.CodeAnalysis.NotNullWhen(false)] string? value) => value is null || value.Trim().Length == 0;

    public static string Concat(string? a, string? b)
    {
        if (IsNullOrEmpty(a))
            return b ?? "";
        if (IsNullOrEmpty(b))
            return a;
        string made = FastAllocate(checked(a._length + b._length));
        b.Put(a.Put(made.Place));
        return made;
    }

    public static string Concat(string? a, string? b, string? c)
    {
        if (IsNullOrEmpty(a))
            return Concat(b, c);
        if (IsNullOrEmpty(b))
            return Concat(a, c);
        if (IsNullOrEmpty(c))
            return Concat(a, b);
        string made = FastAllocate(checked(a._length + b._length + c._length));
        c.Put(b.Put(a.Put(made.Place)));
        return made;
    }

    public static string Concat(string? a, string? b, string? c, string? d)
    {
        if (IsNullOrEmpty(a))
            return Concat(b, c, d);
        if (IsNullOrEmpty(b))
            return Concat(a, c, d);
        if (IsNullOrEmpty(c))
            return Concat(a, b, d);
        if (IsNullOrEmpty(d))
            return Concat(a, b, c);
        string made = FastAllocate(checked(a._length + b._length + c._length + d._length));
        d.Put(c.Put(b.Put(a.Put(made.Place))));
        return made;
    }

    private byte* Place => (byte*)Unsafe.AsPointer(ref _first);

    // Copies the characters to where there is room for them; gives the place behind them.
    private byte* Put(byte* place)
    {
        ulong bytes = (ulong)_length * 2;
        Words.CopyCharacters(place, Place, bytes);
        return place + bytes;
    }

    public static string Concat(params string?[] values) => Concat((ReadOnlySpan<string?>)values);

    public static string Concat(params ReadOnlySpan<string?> values)
    {
        int length = 0;
        foreach (string? value in values)
            length = checked(length + (value?.Length ?? 0));
        string made = FastAllocate(length);
        Span<char> rest = made.Writable;
        foreach (string? value in values)
        {
            value.AsSpan().CopyTo(rest);
            rest = rest.Slice(value?.Length ?? 0);
        }

        return made;
    }

    public static string Concat(object? a) => a?.ToString() ?? "";

    public static string Concat(object? a, object? b) => Concat(a?.ToString(), b?.ToString());

    public static string Concat(object? a, object? b, object? c) => Concat(a?.ToString(), b?.ToString(), c?.ToString());

    public static string Concat(params object?[] values)
    {
        string made = "";
        foreach (object? value in values)
            made += value?.ToString();
        return made;
    }

    public static string Concat(params ReadOnlySpan<object?> values) => Concat(values.ToArray());

    public static string Concat(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => Concat(a.ToString(), b.ToString());

    public static string Concat(ReadOnlySpan<char> a, ReadOnlySpan<char> b, ReadOnlySpan<char> c) => Concat(a.ToString(), b.ToString(), c.ToString());

    public static string Concat<T>(IEnumerable<T> values) => Join("", values);

    public static string Join(string? separator, params string?[] value) => Join(separator, (ReadOnlySpan<string?>)value);

    public static string Join(string? separator, params ReadOnlySpan<string?> value)
    {
        var text = new Text.StringBuilder();
        for (int i = 0; i < value.Length; i++)
            text.Append(i > 0 ? separator : null).Append(value[i]);
        return text.ToString();
    }

    public static string Join(char separator, params string?[] value) => Join(separator.ToString(), value);

    public static string Join(string? separator, params object?[] values) => Join<object?>(separator, values);

    public static string Join(string? separator, params ReadOnlySpan<object?> values) => Join<object?>(separator, values.ToArray());

    public static string Join(char separator, params ReadOnlySpan<string?> value) => Join(separator.ToString(), value);

    public static string Join(char separator, params ReadOnlySpan<object?> values) => Join<object?>(separator.ToString(), values.ToArray());

    public static string Join<T>(char separator, IEnumerable<T> values) => Join(separator.ToString(), values);

    public static string Join(string? separator, IEnumerable<string?> values) => Join<string?>(separator, values);

    public static string Join<T>(string? separator, IEnumerable<T> values)
    {
        var text = new Text.StringBuilder();
        bool isFirst = true;
        foreach (T value in values)
        {
            if (!isFirst)
                text.Append(separator);
            isFirst = false;
            text.Append(value?.ToString());
        }

        return text.ToString();
    }

    public static string Format(string format, params object?[] args) => new Text.StringBuilder().AppendFormat(format, args).ToString();

    public static string Format(string format, params ReadOnlySpan<object?> args) => Format(format, args.ToArray());

    public static string Format(string format, object? arg0) => Format(format, new object?[] { arg0 });

    public static string Format(string format, object? arg0, object? arg1) => Format(format, new object?[] { arg0, arg1 });

    public static string Format(string format, object? arg0, object? arg1, object? arg2) => Format(format, new object?[] { arg0, arg1, arg2 });

    public static string Format(IFormatProvider? provider, string format, params object?[] args) => Format(format, args);

    public static string Format(IFormatProvider? provider, string format, object? arg0) => Format(format, arg0);

    public static string Format(IFormatProvider? provider, string format, object? arg0, object? arg1) => Format(format, arg0, arg1);

    public string Substring(int startIndex) => Substring(startIndex, _length - startIndex);

    public string Substring(int startIndex, int length)
    {
        if (startIndex < 0 || startIndex > _length)
            throw new ArgumentOutOfRangeException(nameof(startIndex), startIndex < 0 ? "StartIndex cannot be less than zero."
                : "startIndex cannot be larger than length of string.");
        if (length < 0 || startIndex > _length - length)
            throw new ArgumentOutOfRangeException(nameof(length), length < 0 ? "Length cannot be less than zero."
                : "Index and length must refer to a location within the string.");
        return length == _length ? this : Ctor(this.AsSpan().Slice(startIndex, length));
    }

    public int IndexOf(char value) => this.AsSpan().IndexOf(value);

    public int IndexOf(char value, int startIndex) => this.AsSpan(startIndex).IndexOf(value) is var found && found < 0 ? -1 : found + startIndex;

    public int IndexOf(string value) => this.AsSpan().IndexOf(value.AsSpan());

    public int IndexOf(string value, StringComparison comparisonType) =>
        Folds(comparisonType) ? ToUpperInvariant().AsSpan().IndexOf(value.ToUpperInvariant().AsSpan()) : IndexOf(value);

    public int IndexOf(string value, int startIndex) => this.AsSpan(startIndex).IndexOf(value.AsSpan()) is var found && found < 0 ? -1 : found
        + startIndex;

    public int IndexOfAny(char[] anyOf) => this.AsSpan().IndexOfAny(anyOf);

    public int LastIndexOf(char value) => this.AsSpan().LastIndexOf(value);

    public int LastIndexOf(string value)
    {
        for (int i = _length - value._length; i >= 0; i--)
            if (this.AsSpan(i, value._length).SequenceEqual(value))
                return i;
        return -1;
    }

    public bool Contains(char value) => IndexOf(value) >= 0;

    public bool Contains(string value) => IndexOf(value) >= 0;

    public bool Contains(string value, StringComparison comparisonType) => IndexOf(value, comparisonType) >= 0;

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

    public string ToUpperInvariant() => Map(char.ToUpperInvariant);

    public string ToLowerInvariant() => Map(char.ToLowerInvariant);

    public string ToUpper() => ToUpperInvariant();

    public string ToLower() => ToLowerInvariant();

    private string Map(Func<char, char> map)
    {
        string made = FastAllocate(_length);
        for (int i = 0; i < _length; i++)
            made.Writable[i] = map(this[i]);
        return made;
    }

    public string Trim() => this.AsSpan().Trim().ToString();

    public string Trim(char trimChar) => TrimStart(trimChar).TrimEnd(trimChar);

    public string TrimStart() => this.AsSpan().TrimStart().ToString();

    public string TrimEnd() => this.AsSpan().TrimEnd().ToString();

    public string TrimStart(char trimChar)
    {
        int start = 0;
        while (start < _length && this[start] == trimChar)
            start++;
        return Substring(start);
    }

    public string TrimEnd(char trimChar)
    {
        int end = _length;
        while (end > 0 && this[end - 1] == trimChar)
            end--;
        return Substring(0, end);
    }

    public string PadLeft(int totalWidth) => PadLeft(totalWidth, ' ');

    public string PadLeft(int totalWidth, char paddingChar) => totalWidth < 0
        ? throw new ArgumentOutOfRangeException(nameof(totalWidth), "Non-negative number required.") : totalWidth <= _length ? this
            : new string(paddingChar, totalWidth - _length) + this;

    public string PadRight(int totalWidth) => PadRight(totalWidth, ' ');

    public string PadRight(int totalWidth, char paddingChar) => totalWidth < 0
        ? throw new ArgumentOutOfRangeException(nameof(totalWidth), "Non-negative number required.") : totalWidth <= _length ? this : this
            + new string(paddingChar, totalWidth - _length);

    public string Replace(char oldChar, char newChar) => Map(c => c == oldChar ? newChar : c);

    public string Replace(string oldValue, string? newValue)
    {
        if (IsNullOrEmpty(oldValue))
            throw new ArgumentException("The value cannot be an empty string.", nameof(oldValue));
        var text = new Text.StringBuilder();
        int start = 0;
        for (int found; (found = IndexOf(oldValue, start)) >= 0; start = found + oldValue._length)
            text.Append(this.AsSpan(start, found - start)).Append(newValue);
        return start == 0 ? this : text.Append(this.AsSpan(start)).ToString();
    }

    public string Insert(int startIndex, string value) => Concat(Substring(0, startIndex), value, Substring(startIndex));

    public string Remove(int startIndex) => Substring(0, startIndex);

    public string Remove(int startIndex, int count) => Substring(0, startIndex) + Substring(startIndex + count);

    public string[] Split(char separator, StringSplitOptions options = StringSplitOptions.None) => Split([separator], options);

    public string[] Split(params char[]? separator) => Split(separator, StringSplitOptions.None);

    public string[] Split(params ReadOnlySpan<char> separator) => Split(separator.ToArray(), StringSplitOptions.None);

    public string[] Split(char[]? separator, StringSplitOptions options)
    {
        var parts = new List<string>();
        int start = 0;
        for (int i = 0; i <= _length; i++)
        {
            if (i < _length && !(separator is null || separator.Length == 0 ? char.IsWhiteSpace(this[i]) : separator.AsSpan().IndexOf(this[i]) >= 0))
                continue;
            AddPart(parts, Substring(start, i - start), options);
            start = i + 1;
        }

        return parts.ToArray();
    }

    public string[] Split(string? separator, StringSplitOptions options = StringSplitOptions.None)
    {
        if (IsNullOrEmpty(separator))
            return [this];
        var parts = new List<string>();
        int start = 0;
        for (int found; (found = IndexOf(separator, start)) >= 0; start = found + separator._length)
            AddPart(parts, Substring(start, found - start), options);
        AddPart(parts, Substring(start), options);
        return parts.ToArray();
    }

    private static void AddPart(List<string> parts, string part, StringSplitOptions options)
    {
        if ((options & StringSplitOptions.TrimEntries) != 0)
            part = part.Trim();
        if (part.Length > 0 || (options & StringSplitOptions.RemoveEmptyEntries) == 0)
            parts.Add(part);
    }

    public char[] ToCharArray() => this.AsSpan().ToArray();

    public void CopyTo(Span<char> destination) => this.AsSpan().CopyTo(destination);

    public override string ToString() => this;

    public object Clone() => this;

    public static string Create<TState>(int length, TState state, Buffers.SpanAction<char, TState> action)
    {
        string made = FastAllocate(length);
        action(made.Writable, state);
        return made;
    }

    public static string Create(IFormatProvider? provider, ref DefaultInterpolatedStringHandler handler) => handler.ToStringAndClear();

    public CharEnumerator GetEnumerator() => new(this);

    IEnumerator<char> IEnumerable<char>.GetEnumerator() => new CharEnumerator(this);

    IEnumerator IEnumerable.GetEnumerator() => new CharEnumerator(this);
}

public sealed class CharEnumerator(string text) : IEnumerator<char>
{
    private int _index = -1;

    public char Current => text[_index];

    object IEnumerator.Current => Current;

    public bool MoveNext() => ++_index < text.Length;

    public void Reset() => _index = -1;

    public void Dispose()
    {
    }
}

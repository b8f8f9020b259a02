using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System;

// SAFETY: a new string has room for all that is put into it, which is the sum of the lengths, computed with checks.
public sealed unsafe partial class String
{
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

    public static string Concat(params string?[] values) =>
        Concat((ReadOnlySpan<string?>)(values ?? throw new ArgumentNullException(nameof(values))));

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
        ArgumentNullException.ThrowIfNull(values);
        string made = "";
        foreach (object? value in values)
            made += value?.ToString();
        return made;
    }

    public static string Concat(params ReadOnlySpan<object?> values) => Concat(values.ToArray());

    public static string Concat(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => Concat(a.ToString(), b.ToString());

    public static string Concat(ReadOnlySpan<char> a, ReadOnlySpan<char> b, ReadOnlySpan<char> c) => Concat(a.ToString(), b.ToString(), c.ToString());

    public static string Concat(ReadOnlySpan<char> a, ReadOnlySpan<char> b, ReadOnlySpan<char> c, ReadOnlySpan<char> d) =>
        Concat(a.ToString(), b.ToString(), c.ToString(), d.ToString());

    public static string Concat(IEnumerable<string?> values) => Join("", values);

    public static string Concat<T>(IEnumerable<T> values) => Join("", values);

    // Copies the characters to where there is room for them; gives the place behind them.
    private byte* Put(byte* place)
    {
        ulong bytes = (ulong)_length * 2;
        Words.CopyCharacters(place, Place, bytes);
        return place + bytes;
    }

    public static string Join(string? separator, params string?[] value) =>
        Join(separator, (ReadOnlySpan<string?>)(value ?? throw new ArgumentNullException(nameof(value))));

    public static string Join(string? separator, params ReadOnlySpan<string?> value)
    {
        var text = new Text.StringBuilder();
        for (int i = 0; i < value.Length; i++)
            text.Append(i > 0 ? separator : null).Append(value[i]);
        return text.ToString();
    }

    public static string Join(char separator, params string?[] value) => Join(separator.ToString(), value);

    public static string Join(string? separator, string?[] value, int startIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startIndex, value.Length - count);
        return Join(separator, new ReadOnlySpan<string?>(value, startIndex, count));
    }

    public static string Join(char separator, string?[] value, int startIndex, int count) => Join(separator.ToString(), value, startIndex, count);

    public static string Join(char separator, params object?[] values) => Join<object?>(separator.ToString(), values);

    public static string Join(string? separator, params object?[] values) => Join<object?>(separator, values);

    public static string Join(string? separator, params ReadOnlySpan<object?> values) => Join<object?>(separator, values.ToArray());

    public static string Join(char separator, params ReadOnlySpan<string?> value) => Join(separator.ToString(), value);

    public static string Join(char separator, params ReadOnlySpan<object?> values) => Join<object?>(separator.ToString(), values.ToArray());

    public static string Join<T>(char separator, IEnumerable<T> values) => Join(separator.ToString(), values);

    public static string Join(string? separator, IEnumerable<string?> values) => Join<string?>(separator, values);

    public static string Join<T>(string? separator, IEnumerable<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
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

    public static string Format(string format, object? arg0) => Format(null, format, [arg0]);

    public static string Format(string format, object? arg0, object? arg1) => Format(null, format, [arg0, arg1]);

    public static string Format(string format, object? arg0, object? arg1, object? arg2) => Format(null, format, [arg0, arg1, arg2]);

    public static string Format(string format, params object?[] args) => Format(null, format, args);

    public static string Format(string format, params ReadOnlySpan<object?> args) => Format(null, format, args);

    public static string Format(IFormatProvider? provider, string format, object? arg0) => Format(provider, format, [arg0]);

    public static string Format(IFormatProvider? provider, string format, object? arg0, object? arg1) => Format(provider, format, [arg0, arg1]);

    public static string Format(IFormatProvider? provider, string format, object? arg0, object? arg1, object? arg2) =>
        Format(provider, format, [arg0, arg1, arg2]);

    public static string Format(IFormatProvider? provider, string format, params object?[] args) =>
        new Text.StringBuilder().AppendFormat(provider, format, args).ToString();

    public static string Format(IFormatProvider? provider, string format, params ReadOnlySpan<object?> args) =>
        new Text.StringBuilder().AppendFormat(provider, format, args).ToString();

    public string ToUpperInvariant() => Map(char.ToUpperInvariant);

    public string ToLowerInvariant() => Map(char.ToLowerInvariant);

    public string ToUpper() => ToUpperInvariant();

    public string ToUpper(Globalization.CultureInfo? culture) => ToUpperInvariant();

    public string ToLower() => ToLowerInvariant();

    public string ToLower(Globalization.CultureInfo? culture) => ToLowerInvariant();

    private string Map(Func<char, char> map)
    {
        string made = FastAllocate(_length);
        for (int i = 0; i < _length; i++)
            made.Writable[i] = map(this[i]);
        return made;
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
        ArgumentException.ThrowIfNullOrEmpty(oldValue);
        var text = new Text.StringBuilder();
        int start = 0;
        for (int found; (found = IndexOf(oldValue, start)) >= 0; start = found + oldValue._length)
            text.Append(this.AsSpan(start, found - start)).Append(newValue);
        return start == 0 ? this : text.Append(this.AsSpan(start)).ToString();
    }

    public string Replace(string oldValue, string? newValue, bool ignoreCase, Globalization.CultureInfo? culture) =>
        Replace(oldValue, newValue, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    public string Replace(string oldValue, string? newValue, StringComparison comparisonType)
    {
        Known(comparisonType);
        ArgumentException.ThrowIfNullOrEmpty(oldValue);
        var text = new Text.StringBuilder();
        int start = 0;
        for (int found; (found = IndexOf(oldValue, start, comparisonType)) >= 0; start = found + oldValue._length)
            text.Append(this.AsSpan(start, found - start)).Append(newValue);
        return start == 0 ? this : text.Append(this.AsSpan(start)).ToString();
    }

    public string Insert(int startIndex, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Concat(Substring(0, startIndex), value, Substring(startIndex));
    }

    public string Remove(int startIndex) => Substring(0, startIndex);

    public string Remove(int startIndex, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _length - startIndex);
        return Substring(0, startIndex) + Substring(startIndex + count);
    }

    public static string Create<TState>(int length, TState state, Buffers.SpanAction<char, TState> action)
    {
        string made = FastAllocate(length);
        action(made.Writable, state);
        return made;
    }

    /// <param name="initialBuffer">Isn't used: the handler has room in itself.</param>
    public static string Create(IFormatProvider? provider, Span<char> initialBuffer,
        [InterpolatedStringHandlerArgument(nameof(provider), nameof(initialBuffer))] ref DefaultInterpolatedStringHandler handler) =>
        handler.ToStringAndClear();

    public static string Create(IFormatProvider? provider, ref DefaultInterpolatedStringHandler handler) => handler.ToStringAndClear();

    public string ReplaceLineEndings() => ReplaceLineEndings("\n");

    /// <summary>Replaces each end of a line (Unicode Standard, 5.8, rule R4), CR LF as one.</summary>
    public string ReplaceLineEndings(string replacementText)
    {
        ArgumentNullException.ThrowIfNull(replacementText);
        var text = new Text.StringBuilder(_length);
        for (int i = 0; i < _length; i++)
        {
            char c = this[i];
            if (c == '\r' && i + 1 < _length && this[i + 1] == '\n')
                i++;
            if (c is '\r' or '\n' or '\f' or '\u0085' or '\u2028' or '\u2029')
                text.Append(replacementText);
            else
                text.Append(c);
        }

        return text.ToString();
    }
}

using System.Collections.Generic;

namespace System;

public sealed partial class String
{
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

    public string Trim() => this.AsSpan().Trim().ToString();

    public string Trim(char trimChar) => TrimStart(trimChar).TrimEnd(trimChar);

    public string Trim(params char[]? trimChars) => TrimStart(trimChars).TrimEnd(trimChars);

    public string Trim(params ReadOnlySpan<char> trimChars) => Trim(trimChars.ToArray());

    public string TrimStart() => this.AsSpan().TrimStart().ToString();

    public string TrimStart(char trimChar)
    {
        int start = 0;
        while (start < _length && this[start] == trimChar)
            start++;
        return Substring(start);
    }

    public string TrimStart(params char[]? trimChars) => trimChars is null or [] ? TrimStart()
        : ((ReadOnlySpan<char>)this).TrimStart(trimChars).ToString();

    public string TrimStart(params ReadOnlySpan<char> trimChars) => TrimStart(trimChars.ToArray());

    public string TrimEnd() => this.AsSpan().TrimEnd().ToString();

    public string TrimEnd(char trimChar)
    {
        int end = _length;
        while (end > 0 && this[end - 1] == trimChar)
            end--;
        return Substring(0, end);
    }

    public string TrimEnd(params char[]? trimChars) => trimChars is null or [] ? TrimEnd() : ((ReadOnlySpan<char>)this).TrimEnd(trimChars).ToString();

    public string TrimEnd(params ReadOnlySpan<char> trimChars) => TrimEnd(trimChars.ToArray());

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

    public string[] Split(char separator, int count, StringSplitOptions options = StringSplitOptions.None) =>
        SplitInto([separator.ToString()], count, options);

    public string[] Split(string? separator, int count, StringSplitOptions options = StringSplitOptions.None) =>
        SplitInto([separator ?? ""], count, options);

    public string[] Split(string[]? separator, StringSplitOptions options) => SplitInto(separator ?? [], int.MaxValue, options);

    public string[] Split(char[]? separator, int count) => SplitInto(Array.ConvertAll(separator ?? [], c => c.ToString()), count,
        StringSplitOptions.None);

    private static void AddPart(List<string> parts, string part, StringSplitOptions options)
    {
        if ((options & StringSplitOptions.TrimEntries) != 0)
            part = part.Trim();
        if (part.Length > 0 || (options & StringSplitOptions.RemoveEmptyEntries) == 0)
            parts.Add(part);
    }

    public char[] ToCharArray() => this.AsSpan().ToArray();

    public char[] ToCharArray(int startIndex, int length) => this.AsSpan(startIndex, length).ToArray();

    public void CopyTo(Span<char> destination) => this.AsSpan().CopyTo(destination);

    public void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count) =>
        this.AsSpan(sourceIndex, count).CopyTo(destination.AsSpan(destinationIndex));

    // The last part takes what is left when there are enough.
    private string[] SplitInto(string[] separators, int count, StringSplitOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var parts = new List<string>();
        int start = 0;
        for (int i = 0; i < _length && parts.Count < count - 1;)
        {
            string? separator = SeparatorAt(separators, i);
            if (separator is null)
            {
                i++;
                continue;
            }

            AddPart(parts, Substring(start, i - start), options);
            start = i += separator._length;
        }

        if (count > 0)
            AddPart(parts, Substring(start), options);
        return parts.ToArray();
    }

    private string? SeparatorAt(string[] separators, int index)
    {
        if (separators.Length == 0)
            return char.IsWhiteSpace(this[index]) ? " " : null;
        foreach (string separator in separators)
            if (separator._length > 0 && this.AsSpan(index).StartsWith(separator.AsSpan()))
                return separator;
        return null;
    }

    public bool TryCopyTo(Span<char> destination) => this.AsSpan().TryCopyTo(destination);
}

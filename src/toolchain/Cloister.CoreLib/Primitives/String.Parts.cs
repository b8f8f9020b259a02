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

    public string[] Split(params char[]? separator) => Split(separator, int.MaxValue, StringSplitOptions.None);

    public string[] Split(params ReadOnlySpan<char> separator) => Split(separator.ToArray(), int.MaxValue, StringSplitOptions.None);

    public string[] Split(char separator, StringSplitOptions options = StringSplitOptions.None) => Split([separator], int.MaxValue, options);

    public string[] Split(char separator, int count, StringSplitOptions options = StringSplitOptions.None) => Split([separator], count, options);

    public string[] Split(char[]? separator, int count) => Split(separator, count, StringSplitOptions.None);

    public string[] Split(char[]? separator, StringSplitOptions options) => Split(separator, int.MaxValue, options);

    public string[] Split(char[]? separator, int count, StringSplitOptions options) => SplitInto(separator, null, count, options);

    public string[] Split(string? separator, StringSplitOptions options = StringSplitOptions.None) => Split(separator, int.MaxValue, options);

    // Without a separator there is one part; an array without separators stands for white space.
    public string[] Split(string? separator, int count, StringSplitOptions options = StringSplitOptions.None) =>
        SplitInto(null, [separator ?? ""], count, options);

    public string[] Split(string[]? separator, StringSplitOptions options) => Split(separator, int.MaxValue, options);

    public string[] Split(string[]? separator, int count, StringSplitOptions options) => SplitInto(null, separator, count, options);

    // The last part takes what is left when there are enough.
    private string[] SplitInto(char[]? characters, string[]? texts, int count, StringSplitOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (options is < 0 or > (StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            throw new ArgumentException("Value of flags is invalid.", nameof(options));
        if (count == 0)
            return [];
        var parts = new List<string>();
        int start = 0, at = 0;
        while (parts.Count < count - 1 && at < _length)
        {
            int length = SeparatorAt(characters, texts, at);
            if (length == 0)
            {
                at++;
                continue;
            }

            AddPart(parts, Substring(start, at - start), options);
            start = at += length;
        }

        // Where empty parts aren't wanted, the last begins behind the separators that follow.
        while (count > 1 && (options & StringSplitOptions.RemoveEmptyEntries) != 0 && at < _length)
        {
            int length = SeparatorAt(characters, texts, at);
            if (length == 0 && !((options & StringSplitOptions.TrimEntries) != 0 && char.IsWhiteSpace(this[at])))
                break;
            at += Math.Max(length, 1);
            start = length > 0 ? at : start;
        }

        AddPart(parts, Substring(start), options);
        return parts.ToArray();
    }

    // The length of the separator that begins there, or 0.
    private int SeparatorAt(char[]? characters, string[]? texts, int index)
    {
        if (characters is { Length: > 0 })
            return characters.AsSpan().Contains(this[index]) ? 1 : 0;
        if (texts is null or [])
            return char.IsWhiteSpace(this[index]) ? 1 : 0;
        foreach (string text in texts)
            if (!IsNullOrEmpty(text) && this.AsSpan(index).StartsWith(text.AsSpan()))
                return text._length;
        return 0;
    }

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

    public void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(destination);
        this.AsSpan(sourceIndex, count).CopyTo(destination.AsSpan(destinationIndex));
    }

    public bool TryCopyTo(Span<char> destination) => this.AsSpan().TryCopyTo(destination);
}

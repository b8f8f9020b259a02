using System.Collections.Generic;

namespace System;

public sealed unsafe partial class String
{
    public int IndexOf(char value, int startIndex, int count) => this.AsSpan(startIndex, count).IndexOf(value) is var found && found < 0 ? -1
        : found + startIndex;

    public int IndexOf(char value, StringComparison comparisonType) => IndexOf(value.ToString(), comparisonType);

    public int IndexOf(string value, int startIndex, StringComparison comparisonType) =>
        Substring(startIndex).IndexOf(value, comparisonType) is var found && found < 0 ? -1 : found + startIndex;

    public int IndexOfAny(char[] anyOf, int startIndex) => this.AsSpan(startIndex).IndexOfAny(anyOf) is var found && found < 0 ? -1 : found
        + startIndex;

    public int LastIndexOf(char value, int startIndex) => _length == 0 ? -1 : this.AsSpan(0, startIndex + 1).LastIndexOf(value);

    public int LastIndexOf(string value, StringComparison comparisonType) =>
        Folds(comparisonType) ? ToUpperInvariant().LastIndexOf(value.ToUpperInvariant()) : LastIndexOf(value);

    public int LastIndexOfAny(char[] anyOf) => ((ReadOnlySpan<char>)this).LastIndexOfAny(anyOf);

    public bool Contains(char value, StringComparison comparisonType) => IndexOf(value, comparisonType) >= 0;

    public string Trim(params char[]? trimChars) => TrimStart(trimChars).TrimEnd(trimChars);

    public string Trim(params ReadOnlySpan<char> trimChars) => Trim(trimChars.ToArray());

    public string TrimStart(params char[]? trimChars) => trimChars is null or [] ? TrimStart()
        : ((ReadOnlySpan<char>)this).TrimStart(trimChars).ToString();

    public string TrimStart(params ReadOnlySpan<char> trimChars) => TrimStart(trimChars.ToArray());

    public string TrimEnd(params char[]? trimChars) => trimChars is null or [] ? TrimEnd() : ((ReadOnlySpan<char>)this).TrimEnd(trimChars).ToString();

    public string TrimEnd(params ReadOnlySpan<char> trimChars) => TrimEnd(trimChars.ToArray());

    public string Replace(string oldValue, string? newValue, StringComparison comparisonType)
    {
        ArgumentException.ThrowIfNullOrEmpty(oldValue);
        var text = new Text.StringBuilder();
        int start = 0;
        for (int found; (found = IndexOf(oldValue, start, comparisonType)) >= 0; start = found + oldValue._length)
            text.Append(this.AsSpan(start, found - start)).Append(newValue);
        return start == 0 ? this : text.Append(this.AsSpan(start)).ToString();
    }

    public string ReplaceLineEndings(string replacementText) => Replace("\r\n", "\n").Replace('\r', '\n').Replace("\n", replacementText);

    public string[] Split(char separator, int count, StringSplitOptions options = StringSplitOptions.None) =>
        SplitInto([separator.ToString()], count, options);

    public string[] Split(string? separator, int count, StringSplitOptions options = StringSplitOptions.None) =>
        SplitInto([separator ?? ""], count, options);

    public string[] Split(string[]? separator, StringSplitOptions options) => SplitInto(separator ?? [], int.MaxValue, options);

    public string[] Split(char[]? separator, int count) => SplitInto(Array.ConvertAll(separator ?? [], c => c.ToString()), count,
        StringSplitOptions.None);

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

    public void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count) =>
        this.AsSpan(sourceIndex, count).CopyTo(destination.AsSpan(destinationIndex));

    public char[] ToCharArray(int startIndex, int length) => this.AsSpan(startIndex, length).ToArray();

    public bool IsNormalized() => true;

    public static string Intern(string str) => str;
}

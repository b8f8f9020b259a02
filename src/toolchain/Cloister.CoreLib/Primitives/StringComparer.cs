using System.Collections;
using System.Collections.Generic;

namespace System;

/// <summary>Without culture data every comparer is ordinal.</summary>
public abstract class StringComparer : IComparer, IEqualityComparer, IComparer<string?>, IEqualityComparer<string?>
{
    public static StringComparer Ordinal { get; } = new Comparison(StringComparison.Ordinal);

    public static StringComparer OrdinalIgnoreCase { get; } = new Comparison(StringComparison.OrdinalIgnoreCase);

    public static StringComparer InvariantCulture => Ordinal;

    public static StringComparer InvariantCultureIgnoreCase => OrdinalIgnoreCase;

    public static StringComparer FromComparison(StringComparison comparisonType) => new Comparison(comparisonType);

    public abstract int Compare(string? x, string? y);

    public abstract bool Equals(string? x, string? y);

    public abstract int GetHashCode(string obj);

    public int Compare(object? x, object? y) => Compare((string?)x, (string?)y);

    public new bool Equals(object? x, object? y) => x == y || (x is string one && y is string other && Equals(one, other));

    public int GetHashCode(object obj) => obj is string text ? GetHashCode(text) : obj.GetHashCode();

    private sealed class Comparison(StringComparison kind) : StringComparer
    {
        public override int Compare(string? x, string? y) => string.Compare(x, y, kind);

        public override bool Equals(string? x, string? y) => string.Equals(x, y, kind);

        public override int GetHashCode(string obj) => (obj ?? throw new ArgumentNullException(nameof(obj))).GetHashCode(kind);
    }
}

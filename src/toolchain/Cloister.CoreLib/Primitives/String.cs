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

    private byte* Place => (byte*)Unsafe.AsPointer(ref _first);

    public override string ToString() => this;

    public object Clone() => this;

    public CharEnumerator GetEnumerator() => new(this);

    IEnumerator<char> IEnumerable<char>.GetEnumerator() => new CharEnumerator(this);

    IEnumerator IEnumerable.GetEnumerator() => new CharEnumerator(this);

    public bool IsNormalized() => true;

    public static string Intern(string str) => str;
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

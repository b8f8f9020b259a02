using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System;

public class Object
{
    // The compiler relies on the first word of every object: its type descriptor, which C# doesn't see.

    public virtual bool Equals(object? obj) => this == obj;

    public static bool Equals(object? objA, object? objB) => objA == objB || (objA is not null && objB is not null && objA.Equals(objB));

    public static bool ReferenceEquals(object? objA, object? objB) => objA == objB;

    public virtual int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public extern Type GetType();

    public virtual string? ToString() => GetType().ToString();

    protected object MemberwiseClone() => Support.Clone(this);
}

// SAFETY: an instance is seen here only in its box, whose value begins at 8; the descriptor lists fields within it, with their types. The other
// object is of the same type.
public abstract unsafe class ValueType
{
    public override bool Equals(object? obj)
    {
        if (obj is null || GetType() != obj.GetType())
            return false;
        TypeDescriptor* type = Support.TypeOf(this);
        if (type->Fields == null)
            return true;
        byte* one = Support.AddressOf(this) + 8;
        byte* other = Support.AddressOf(obj) + 8;
        for (long i = 0; i < type->Fields->Count; i++)
        {
            FieldEntry* field = type->Fields->Entries + i;
            if (!Equals(Support.Load(field->Type, one + field->Offset), Support.Load(field->Type, other + field->Offset)))
                return false;
        }

        return true;
    }

    public override int GetHashCode()
    {
        TypeDescriptor* type = Support.TypeOf(this);
        int hash = 17;
        for (long i = 0; type->Fields != null && i < type->Fields->Count; i++)
        {
            FieldEntry* field = type->Fields->Entries + i;
            hash = hash * 31 + (Support.Load(field->Type, Support.AddressOf(this) + 8 + field->Offset)?.GetHashCode() ?? 0);
        }

        return hash;
    }

    public override string? ToString() => GetType().ToString();
}

public struct Void;

public readonly struct Boolean : IComparable<bool>, IEquatable<bool>, IComparable
{
    private readonly bool _value;

    public static readonly string TrueString = "True";
    public static readonly string FalseString = "False";

    public bool Equals(bool obj) => _value == obj;

    public override bool Equals(object? obj) => obj is bool other && _value == other;

    public override int GetHashCode() => _value ? 1 : 0;

    public int CompareTo(bool value) => _value == value ? 0 : _value ? 1 : -1;

    public int CompareTo(object? obj) => obj is null ? 1 : obj is bool other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type Boolean.");

    public override string ToString() => _value ? "True" : "False";

    public static bool TryParse(string? value, out bool result)
    {
        string text = (value ?? "").Trim().ToLowerInvariant();
        result = text == "true";
        return result || text == "false";
    }

    public static bool Parse(string value) =>
        TryParse(value ?? throw new ArgumentNullException(nameof(value)), out bool result) ? result : throw new FormatException("String '" + value + "' was not recognized as a valid Boolean.");
}

// SAFETY: the pointer is a number of the size of an address, and not followed.
public readonly unsafe partial struct IntPtr : IEquatable<nint>, IComparable<nint>, IComparable
{
    private readonly void* _value;

    public static readonly nint Zero;

    public static int Size => 8;

    public static nint MaxValue => unchecked((nint)long.MaxValue);

    public static nint MinValue => unchecked((nint)long.MinValue);

    public bool Equals(nint other) => (long)_value == other;

    public override bool Equals(object? obj) => obj is nint other && (long)_value == other;

    public override int GetHashCode() => ((long)_value).GetHashCode();

    public int CompareTo(nint other) => ((long)_value).CompareTo((long)other);

    public int CompareTo(object? value) => value is null ? 1 : value is nint other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type IntPtr.");

    public override string ToString() => ((long)_value).ToString();

    public string ToString(string? format) => ((long)_value).ToString(format);

    public string ToString(string? format, IFormatProvider? provider) => ((long)_value).ToString(format);
}

// SAFETY: the pointer is a number of the size of an address, and not followed.
public readonly unsafe partial struct UIntPtr : IEquatable<nuint>, IComparable<nuint>, IComparable
{
    private readonly void* _value;

    public static readonly nuint Zero;

    public static int Size => 8;

    public static nuint MaxValue => unchecked((nuint)ulong.MaxValue);

    public bool Equals(nuint other) => (ulong)_value == other;

    public override bool Equals(object? obj) => obj is nuint other && (ulong)_value == other;

    public override int GetHashCode() => ((ulong)_value).GetHashCode();

    public static nuint MinValue => 0;

    public int CompareTo(nuint other) => ((ulong)_value).CompareTo((ulong)other);

    public int CompareTo(object? value) => value is null ? 1 : value is nuint other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type UIntPtr.");

    public override string ToString() => ((ulong)_value).ToString();

    public string ToString(string? format) => ((ulong)_value).ToString(format);

    public string ToString(string? format, IFormatProvider? provider) => ((ulong)_value).ToString(format);
}

public struct Nullable<T> where T : struct
{
    // The compiler knows these two names: a boxed T? is a boxed T or null.
    private readonly bool hasValue;
    private T value;

    public Nullable(T value)
    {
        this.value = value;
        hasValue = true;
    }

    public readonly bool HasValue => hasValue;

    public readonly T Value => hasValue ? value : throw new InvalidOperationException("Nullable object must have a value.");

    public readonly T GetValueOrDefault() => value;

    public readonly T GetValueOrDefault(T defaultValue) => hasValue ? value : defaultValue;

    public override bool Equals(object? other) => hasValue ? other is not null && value.Equals(other) : other is null;

    public override int GetHashCode() => hasValue ? value.GetHashCode() : 0;

    public override string? ToString() => hasValue ? value.ToString() : "";

    public static implicit operator T?(T value) => new Nullable<T>(value);

    public static explicit operator T(T? value) => value!.Value;
}

public static class Nullable
{
    public static Type? GetUnderlyingType(Type nullableType) => null;
}

public abstract class Attribute;

[Flags]
public enum AttributeTargets
{
    Assembly = 1, Module = 2, Class = 4, Struct = 8, Enum = 16, Constructor = 32, Method = 64, Property = 128, Field = 256, Event = 512,
        Interface = 1024,
    Parameter = 2048, Delegate = 4096, ReturnValue = 8192, GenericParameter = 16384, All = 32767,
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class AttributeUsageAttribute(AttributeTargets validOn) : Attribute
{
    public AttributeTargets ValidOn { get; } = validOn;

    public bool AllowMultiple { get; set; }

    public bool Inherited { get; set; }
}

public sealed class ObsoleteAttribute : Attribute
{
    public ObsoleteAttribute()
    {
    }

    public ObsoleteAttribute(string? message)
    {
    }

    public ObsoleteAttribute(string? message, bool error)
    {
    }

    public string? DiagnosticId { get; set; }

    public string? UrlFormat { get; set; }
}

public interface IDisposable
{
    void Dispose();
}

public interface ICloneable
{
    object Clone();
}

public interface IComparable
{
    int CompareTo(object? obj);
}

public interface IComparable<in T> where T : allows ref struct
{
    int CompareTo(T? other);
}

public interface IEquatable<T> where T : allows ref struct
{
    bool Equals(T? other);
}

public interface IFormatProvider
{
    object? GetFormat(Type? formatType);
}

public interface IFormattable
{
    string ToString(string? format, IFormatProvider? formatProvider);
}

public interface ISpanFormattable : IFormattable
{
    bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider);
}

public interface IProgress<in T>
{
    void Report(T value);
}

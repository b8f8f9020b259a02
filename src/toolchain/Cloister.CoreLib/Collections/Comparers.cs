namespace System.Collections.Generic;

public abstract class EqualityComparer<T> : IEqualityComparer<T>
{
    private static EqualityComparer<T>? s_default;

    public static EqualityComparer<T> Default => s_default ??= Create();

    /// <summary>The compiler puts the right class for T here.</summary>
    private static EqualityComparer<T> Create() => throw new NotSupportedException();

    public abstract bool Equals(T? x, T? y);

    public abstract int GetHashCode(T obj);
}

internal sealed class GenericEqualityComparer<T> : EqualityComparer<T> where T : IEquatable<T>
{
    public override bool Equals(T? x, T? y) => x is null ? y is null : y is not null && x.Equals(y);

    public override int GetHashCode(T obj) => obj is null ? 0 : obj.GetHashCode();
}

internal sealed class ObjectEqualityComparer<T> : EqualityComparer<T>
{
    public override bool Equals(T? x, T? y) => x is null ? y is null : y is not null && x.Equals(y);

    public override int GetHashCode(T obj) => obj is null ? 0 : obj.GetHashCode();
}

// SAFETY: the compiler makes it for enums alone; each case reads just sizeof(T) bytes of the parameter.
internal sealed unsafe class EnumEqualityComparer<T> : EqualityComparer<T>
{
    public override bool Equals(T? x, T? y) => Bits(x) == Bits(y);

    public override int GetHashCode(T obj) => Bits(obj).GetHashCode();

    private static long Bits(T? value) => sizeof(T) switch { 1 => *(byte*)&value, 2 => *(short*)&value, 4 => *(int*)&value, _ => *(long*)&value };
}

internal sealed class NullableEqualityComparer<T> : EqualityComparer<T?> where T : struct
{
    public override bool Equals(T? x, T? y) => x.HasValue ? y.HasValue && EqualityComparer<T>.Default.Equals(x.GetValueOrDefault(),
        y.GetValueOrDefault()) : !y.HasValue;

    public override int GetHashCode(T? obj) => obj.HasValue ? EqualityComparer<T>.Default.GetHashCode(obj.GetValueOrDefault()) : 0;
}

public abstract class Comparer<T> : IComparer<T>
{
    private static Comparer<T>? s_default;

    public static Comparer<T> Default => s_default ??= Create();

    /// <summary>The compiler puts the right class for T here.</summary>
    private static Comparer<T> Create() => throw new NotSupportedException();

    public static Comparer<T> Create(Comparison<T> comparison) => new ComparisonComparer<T>(comparison);

    public abstract int Compare(T? x, T? y);
}

internal sealed class ComparisonComparer<T>(Comparison<T> comparison) : Comparer<T>
{
    public override int Compare(T? x, T? y) => comparison(x!, y!);
}

internal sealed class GenericComparer<T> : Comparer<T> where T : IComparable<T>
{
    public override int Compare(T? x, T? y) => x is null ? y is null ? 0 : -1 : y is null ? 1 : x.CompareTo(y);
}

internal sealed class ObjectComparer<T> : Comparer<T>
{
    public override int Compare(T? x, T? y) => x is null ? y is null ? 0 : -1 : y is null ? 1 : x is IComparable comparable ? comparable.CompareTo(y)
        : throw new InvalidOperationException("Failed to compare two elements in the array.",
            new ArgumentException("At least one object must implement IComparable."));
}

internal sealed class EnumComparer<T> : Comparer<T>
{
    public override int Compare(T? x, T? y) => ((IComparable)x!).CompareTo(y);
}

internal sealed class NullableComparer<T> : Comparer<T?> where T : struct
{
    public override int Compare(T? x, T? y) => x.HasValue ? y.HasValue ? Comparer<T>.Default.Compare(x.GetValueOrDefault(), y.GetValueOrDefault())
        : 1 : y.HasValue ? -1 : 0;
}

public sealed class ReferenceEqualityComparer : IEqualityComparer<object?>
{
    public static ReferenceEqualityComparer Instance { get; } = new();

    public new bool Equals(object? x, object? y) => ReferenceEquals(x, y);

    public int GetHashCode(object? obj) => Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
}

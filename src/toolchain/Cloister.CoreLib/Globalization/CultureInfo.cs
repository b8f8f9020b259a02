namespace System.Globalization;

[Flags]
public enum CompareOptions
{
    None = 0,
    IgnoreCase = 1,
    IgnoreNonSpace = 2,
    IgnoreSymbols = 4,
    IgnoreKanaType = 8,
    IgnoreWidth = 16,
    NumericOrdering = 32,
    OrdinalIgnoreCase = 0x10000000,
    StringSort = 0x20000000,
    Ordinal = 0x40000000,
}

/// <summary>There is one culture, the invariant one; formatting takes it and asks nothing of it.</summary>
public class CultureInfo : IFormatProvider
{
    private CultureInfo()
    {
    }

    public static CultureInfo InvariantCulture { get; } = new();

    public static CultureInfo CurrentCulture => InvariantCulture;

    public virtual string Name => "";

    public virtual object? GetFormat(Type? formatType) => null;

    public override string ToString() => Name;
}

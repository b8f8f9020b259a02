using System;

namespace Cloister.Generators.Edge;

/// <summary>What a parameter or a result of an edge call is.</summary>
internal enum EdgeKind
{
    Nothing,
    Int32,
    UInt32,
    Int64,
    UInt64,

    /// <summary>The rest of the argument.</summary>
    Argument,

    /// <summary>The bytes of the result.</summary>
    Result,
    Unsupported,
}

/// <summary>A parameter, with the type as it is written.</summary>
internal sealed record EdgeParameter(string Name, string Type, EdgeKind Kind);

/// <summary>A method of an edge interface.</summary>
internal sealed record EdgeMethod(string Name, int Number, EdgeKind Result, string ResultType, EquatableArray<EdgeParameter> Parameters, string Problem);

/// <summary>An edge interface.</summary>
internal sealed record EdgeInterface(string Namespace, string Name, string Accessibility, EquatableArray<EdgeMethod> Methods, SourcePlace Place)
{
    /// <summary>The name without the I of interfaces.</summary>
    public string BaseName => Name.Length > 1 && Name[0] == 'I' && char.IsUpper(Name[1]) ? Name.Substring(1) : Name;
}

/// <summary>Numbers have C# keywords, sizes and names in C.</summary>
internal static class EdgeKinds
{
    public static bool IsNumber(this EdgeKind kind) => kind is EdgeKind.Int32 or EdgeKind.UInt32 or EdgeKind.Int64 or EdgeKind.UInt64;

    public static string Keyword(this EdgeKind kind) => kind switch
    {
        EdgeKind.Int32 => "int",
        EdgeKind.UInt32 => "uint",
        EdgeKind.Int64 => "long",
        EdgeKind.UInt64 => "ulong",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>What says that a number of 64 bits from the other side is none of this type; empty where all are.</summary>
    public static string RangeCheck(this EdgeKind kind, string value) => kind switch
    {
        EdgeKind.Int32 => $"!EdgeNumbers.IsInt32({value})",
        EdgeKind.UInt32 => $"!EdgeNumbers.IsUInt32({value})",
        _ => "",
    };
}

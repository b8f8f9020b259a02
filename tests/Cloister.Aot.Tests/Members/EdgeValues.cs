using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Cloister.Aot.Tests.Members;

/// <summary>What members are called with: for each type the values at which argument checks and results change.</summary>
internal static class EdgeValues
{
    private static readonly string[] s_integers = ["0", "1", "2", "3", "4", "-1", "int.MinValue", "int.MaxValue"];

    // Where a large number asks for as much memory.
    private static readonly string[] s_sizes = ["0", "1", "3", "64", "-1", "int.MinValue"];

    private static readonly HashSet<string> s_nameOfSize =
        ["capacity", "totalWidth", "newSize", "repeatCount", "size", "length@new", "count@new", "initialCapacity", "Capacity", "Length", "maxCapacity"];

    private static readonly Dictionary<string, string[]> s_values = new()
    {
        ["bool"] = ["false", "true"],
        ["byte"] = ["0", "1", "127", "128", "255"],
        ["sbyte"] = ["0", "1", "-1", "127", "-128"],
        ["short"] = ["0", "1", "-1", "short.MaxValue", "short.MinValue", "300"],
        ["ushort"] = ["0", "1", "ushort.MaxValue", "300"],
        ["int"] = s_integers,
        ["uint"] = ["0", "1", "7", "31", "0x80000000", "uint.MaxValue"],
        ["long"] = ["0", "1", "-1", "63", "1L << 40", "long.MaxValue", "long.MinValue"],
        ["ulong"] = ["0", "1", "63", "1UL << 40", "1UL << 63", "ulong.MaxValue"],
        ["nint"] = ["0", "1", "-1"],
        ["nuint"] = ["0", "1"],
        ["char"] = ["'a'", "'B'", "'7'", "' '", "'\\0'", "'\\u00e9'", "'\\ud83d'", "'\\ude00'"],
        ["double"] = ["0", "-0.0", "1", "-1.5", "2.5", "1e300", "double.NaN", "double.PositiveInfinity", "double.Epsilon", "123456.789"],
        ["float"] = ["0", "-0f", "1", "-1.5f", "1e30f", "float.NaN", "float.NegativeInfinity", "float.Epsilon"],
        ["string"] = ["null", "\"\"", "\"abc\"", "\"b\"", "\" a,bB \"", "\"\\u00e9\\ud83d\\ude00\"", "\"-12\""],
        ["string@format"] = ["null", "\"\"", "\"D3\"", "\"x\"", "\"X8\"", "\"N1\"", "\"F2\"", "\"G\"", "\"E3\"", "\"B\"", "\"#,0.0\"", "\"q9\""],
        ["string@s"] = ["null", "\"\"", "\" 12 \"", "\"-7\"", "\"+1\"", "\"1,000\"", "\"0x1\"", "\"ff\"", "\"1e3\"", "\"\\u221e\"", "\"NaN\"", "\"99999999999999999999\"",
            "\"12:34:56\"", "\"True\"", "\"1.5\""],
        ["object"] = ["null", "1", "\"abc\"", "'a'", "2.5"],
        ["int[]"] = ["null", "new int[0]", "new int[] { 1, 2, 3 }", "new int[] { 5, 1, 4, 1, 3, 2 }"],
        ["string[]"] = ["null", "new string[0]", "new string[] { \"b\", null, \"a\" }", "new string[] { \"abc\" }"],
        ["char[]"] = ["null", "new char[0]", "new char[] { 'a', 'B', ' ', 'a' }"],
        ["byte[]"] = ["null", "new byte[0]", "new byte[] { 1, 0xc3, 0xa9, 0xff, 65, 0, 7, 8, 9 }"],
        ["object[]"] = ["null", "new object[0]", "new object[] { 1, null, \"a\" }"],
        ["System.Array"] = ["null", "new int[3]", "new int[] { 3, 1, 2 }", "new object[] { 1, 2, \"a\" }", "new long[] { 1, 2 }", "new string[] { \"b\", \"a\" }",
            "new byte[] { 1, 200 }", "new int[2, 2]"],
        ["System.StringComparison"] = ["System.StringComparison.Ordinal", "System.StringComparison.OrdinalIgnoreCase", "(System.StringComparison)9"],
        ["System.StringSplitOptions"] = ["System.StringSplitOptions.None", "System.StringSplitOptions.RemoveEmptyEntries",
            "System.StringSplitOptions.TrimEntries", "(System.StringSplitOptions)8"],
        ["System.IFormatProvider"] = ["null", "System.Globalization.CultureInfo.InvariantCulture"],
        ["System.Globalization.NumberStyles"] = ["System.Globalization.NumberStyles.Integer", "System.Globalization.NumberStyles.HexNumber",
            "System.Globalization.NumberStyles.None", "System.Globalization.NumberStyles.Float", "(System.Globalization.NumberStyles)0x10000"],
        ["System.MidpointRounding"] = ["System.MidpointRounding.ToEven", "System.MidpointRounding.AwayFromZero", "(System.MidpointRounding)9"],
        ["System.TimeSpan"] = ["default", "System.TimeSpan.FromTicks(-1)", "System.TimeSpan.MaxValue", "System.TimeSpan.MinValue", "new System.TimeSpan(1, 2, 3, 4, 5)"],
        ["System.Guid"] = ["default", "new System.Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"],
        ["System.Index"] = ["0", "1", "^0", "^1", "7"],
        ["System.Range"] = ["..", "1..", "..^1", "2..1", "0..9"],
        ["System.Text.Rune"] = ["default", "new System.Text.Rune('a')", "new System.Text.Rune(0x1f600)"],
        ["System.Half"] = ["default", "(System.Half)1.5f", "System.Half.NaN", "System.Half.MaxValue"],
        ["System.UInt128"] = ["0", "1", "System.UInt128.MaxValue", "new System.UInt128(1, 2)"],
        ["System.Int128"] = ["0", "-1", "System.Int128.MaxValue", "System.Int128.MinValue"],
        ["System.Text.StringBuilder"] = ["null", "new System.Text.StringBuilder()", "new System.Text.StringBuilder(\"xyz\")"],
        ["System.Type"] = ["null", "typeof(int)", "typeof(string)"],
    };

    /// <summary>Expressions for the parameter's values, or null where its type has none.</summary>
    public static IReadOnlyList<string>? Of(IParameterSymbol parameter, bool isConstructor) => Of(parameter.Type, parameter.Name, isConstructor);

    public static IReadOnlyList<string>? Of(ITypeSymbol type, string name, bool isConstructor)
    {
        string text = Text(type);
        if (text == "int" && (s_nameOfSize.Contains(name) || isConstructor && s_nameOfSize.Contains(name + "@new")))
            return s_sizes;
        if (text == "string" && s_values.TryGetValue("string@" + name, out string[]? named))
            return named;
        if (s_values.TryGetValue(text, out string[]? values))
            return values;
        if (type is INamedTypeSymbol { IsGenericType: true } generic)
            return OfGeneric(generic);
        return null;
    }

    public static string Text(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(s_format);

    private static readonly SymbolDisplayFormat s_format = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    private static IReadOnlyList<string>? OfGeneric(INamedTypeSymbol type)
    {
        string[] arguments = [.. type.TypeArguments.Select(Text)];
        string first = arguments[0];
        string? array = s_values.TryGetValue(first + "[]", out string[]? arrays) ? arrays[2] : null;
        string whole = Text(type);
        switch (type.ConstructedFrom.ToDisplayString())
        {
            case "System.Collections.Generic.IEnumerable<T>" or "System.Collections.Generic.ICollection<T>" or "System.Collections.Generic.IList<T>" when array is not null:
                return ["null", $"new {first}[0]", array, $"new System.Collections.Generic.List<{first}>({array})"];
            case "System.Collections.Generic.IComparer<T>":
                return ["null", $"System.Collections.Generic.Comparer<{first}>.Default"];
            case "System.Collections.Generic.IEqualityComparer<T>":
                return ["null", $"System.Collections.Generic.EqualityComparer<{first}>.Default"];
            case "System.Span<T>" or "System.ReadOnlySpan<T>" or "System.Memory<T>" or "System.ReadOnlyMemory<T>" or "System.ArraySegment<T>" when array is not null:
                return ["default", $"new {whole}({array})", $"new {whole}({array}, 1, 1)"];
            case "System.Collections.Generic.KeyValuePair<TKey, TValue>":
                return [$"new {whole}({s_values[first][1]}, {s_values[arguments[1]][2]})"];
            case "System.Collections.Generic.List<T>" when array is not null:
                return ["null", $"new {whole}({array})"];
            case "System.Predicate<T>":
                return ["null", $"{first}OneOf"];
            case "System.Action<T>":
                return ["null", "_ => { }"];
            case "System.Comparison<T>":
                return ["null", $"System.Collections.Generic.Comparer<{first}>.Default.Compare"];
            case "System.Converter<TInput, TOutput>" when arguments[1] == "string":
                return ["null", "x => \"<\" + x + \">\""];
            case "System.Nullable<T>" when s_values.TryGetValue(first, out string[]? inner):
                return ["null", .. inner.Take(2)];
            default:
                return null;
        }
    }
}

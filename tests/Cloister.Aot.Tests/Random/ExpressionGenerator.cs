using System.Collections.Generic;
using System.Linq;

namespace Cloister.Aot.Tests.Random;

/// <summary>Writes expressions of a wanted type over the variables in scope. Leaves are never constants, so that C# computes nothing itself.</summary>
internal sealed class ExpressionGenerator(System.Random random)
{
    public static readonly string[] Numbers = ["sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong", "nint", "nuint", "char", "float",
        "double"];
    public static readonly string[] Exceptions = ["InvalidOperationException", "ArithmeticException", "FormatException", "NotSupportedException",
        "OverflowException"];
    private static readonly string[] s_integers = ["sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong", "nint", "nuint", "char"];
    private static readonly string[] s_comparisons = ["<", ">", "<=", ">=", "==", "!="];

    public static bool IsFloat(string type) => type is "float" or "double";

    public static bool IsNumber(string type) => Numbers.Contains(type);

    public string NumberType() => Numbers[random.Next(Numbers.Length)];

    /// <summary>A number's type, or another that has values.</summary>
    public string ValueType() => random.Next(10) switch
    {
        0 => "string",
        1 => "bool",
        2 => "int[]",
        3 => "S",
        4 => "int?",
        _ => NumberType(),
    };

    private string Pick(params string[] choices) => choices[random.Next(choices.Length)];

    /// <summary>A value that the C# compiler doesn't know.</summary>
    public string Literal(string type) => type switch
    {
        "bool" => $"T.Id({Pick("true", "false")})",
        "string" => $"T.Id({Pick("\"\"", "\"a\"", "\"bc\"", "\"text\"")})",
        "int[]" => $"new int[] {{ {string.Join(", ", Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(-5, 100)))} }}",
        "S" => $"default(S)",
        "int?" => Pick("T.Id<int?>(null)", "T.Id<int?>(7)", "T.Id<int?>(-1)"),
        "float" => $"T.Id({Pick("0f", "1.5f", "-2.25f", "1e20f", "3.1e-30f", "16777217f", "-0f", "float.NaN", "float.PositiveInfinity", "0.1f")})",
        "double" => $"T.Id({Pick("0.0", "1.5", "-2.25", "1e200", "3.1e-300", "9007199254740993.0", "-0.0", "double.NaN", "double.NegativeInfinity", "0.1", "4294967296.5", "1e10")})",
        "char" => $"T.Id({Pick("'a'", "'\\0'", "'\\uffff'", "'Z'")})",
        _ => $"T.Id<{type}>({(random.Next(3) == 0 ? Pick(type + ".MinValue", type + ".MaxValue") : random.Next(0, 100).ToString(System.Globalization.CultureInfo.InvariantCulture))})",
    };

    /// <summary>An expression of a type.</summary>
    public string Write(string type, int depth, List<ProgramGenerator.Variable> variables, List<ProgramGenerator.Method> methods)
    {
        if (depth <= 0 || random.Next(6) == 0)
            return Leaf(type, variables);
        string Sub(string wanted) => Write(wanted, depth - 1, variables, methods);
        if (random.Next(12) == 0 && methods.Where(method => method.Return == type).ToArray() is { Length: > 0 } callable)
        {
            ProgramGenerator.Method method = callable[random.Next(callable.Length)];
            return $"{method.Name}({string.Join(", ", method.Parameters.Select(Sub))})";
        }

        if (random.Next(9) == 0)
            return $"({Sub("bool")} ? {Sub(type)} : {Sub(type)})";
        return type switch
        {
            "bool" => Boolean(Sub),
            "string" => Text(Sub),
            "int[]" => random.Next(2) == 0 ? $"T.Copy({Sub(type)})" : $"new int[] {{ {Sub("int")}, {Sub("int")}, {Sub("int")} }}",
            "S" => random.Next(2) == 0 ? $"T.Id({Leaf(type, variables)})" : Leaf(type, variables),
            "int?" => Pick($"({Sub("int?")} + {Sub("int?")})", $"(int?)({Sub("int")})", $"((int?)({Sub("int?")} ?? {Sub("int")}))",
                $"(-({Sub("int?")}))"),
            _ => IsFloat(type) ? Float(type, Sub) : Integer(type, Sub),
        };
    }

    private string Leaf(string type, List<ProgramGenerator.Variable> variables)
    {
        ProgramGenerator.Variable[] found = [.. variables.Where(variable => variable.Type == type)];
        return found.Length > 0 && random.Next(4) != 0 ? found[random.Next(found.Length)].Name : Literal(type);
    }

    private string Boolean(System.Func<string, string> sub)
    {
        switch (random.Next(7))
        {
            case 0: return $"({sub("bool")} && {sub("bool")})";
            case 1: return $"({sub("bool")} || {sub("bool")})";
            case 2: return $"!({sub("bool")})";
            case 3: return $"({sub("bool")} {Pick("^", "&", "|", "==")} {sub("bool")})";
            case 4: return $"({sub("int?")} {Pick(s_comparisons)} {sub("int?")})";
            case 5: return $"({sub("string")} {Pick("==", "!=")} {sub("string")})";
            default:
                string type = NumberType();
                return $"({sub(type)} {Pick(s_comparisons)} {sub(type)})";
        }
    }

    private string Text(System.Func<string, string> sub) => random.Next(5) switch
    {
        0 => $"T.Cut({sub("string")} + {sub("string")})",
        1 => $"({sub(Pick(s_integers))}).ToString()",
        2 => $"T.Cut($\"<{{{sub(Pick(s_integers))}}}|{{{sub("bool")},6}}>\")",
        3 => $"T.Cut({sub("string")}).Replace('a', {sub("char")})",
        _ => $"({sub("double")}).ToString()",
    };

    private string Float(string type, System.Func<string, string> sub) => random.Next(7) switch
    {
        0 => $"({type})({sub(NumberType())})",
        1 => type == "double" ? $"Math.{Pick("Sqrt", "Abs", "Floor", "Ceiling", "Truncate", "Round")}({sub(type)})"
            : $"Math.{Pick("Min", "Max")}({sub(type)}, {sub(type)})",
        2 => $"(-({sub(type)}))",
        _ => $"({sub(type)} {Pick("+", "-", "*", "/", "%")} {sub(type)})",
    };

    private string Integer(string type, System.Func<string, string> sub)
    {
        string context = random.Next(3) == 0 ? "checked" : "unchecked";
        switch (random.Next(11))
        {
            case 0: return $"{context}(({type})({sub(NumberType())}))";
            case 1: return $"{context}(({type})({sub(type)} {Pick("<<", ">>", ">>>")} {(random.Next(4) == 0 ? sub("int") : random.Next(0, 70).ToString(System.Globalization.CultureInfo.InvariantCulture))}))";
            case 2: return $"unchecked(({type})(~({sub(type)})))";
            case 3: return type is "ulong" or "nuint" ? $"unchecked(0 - {sub(type)})" : $"{context}(({type})(-({sub(type)})))";
            case 4: return $"{context}(({type})({sub(type)} {Pick("/", "%")} {sub(type)}))";
            case 5 when type == "int": return Pick($"T.At({sub("int[]")}, {sub("int")})", $"({sub("string")}).Length",
                $"({sub("int?")} ?? {sub("int")})", $"({sub(type)}).CompareTo({sub(type)})");
            case 6 when type == "long": return $"({sub("S")}).Mix()";
            case 7: return $"{context}(({type})({sub(Pick("int", "long"))} {Pick("+", "-", "*")} {sub(Pick("int", "long", "uint"))}))";
            default: return $"{context}(({type})({sub(type)} {Pick("+", "-", "*", "&", "|", "^")} {sub(type)}))";
        }
    }
}

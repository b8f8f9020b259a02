using System.Collections.Generic;
using System.Linq;

namespace Cloister.Generators.Edge;

/// <summary>Writes the proxy, the dispatcher and the header of an edge interface.</summary>
internal static class EdgeWriter
{
    public static string Write(EdgeInterface edge)
    {
        var source = new SourceWriter(edge.Namespace, "using System;", "using Cloister.Sdk.Edge;");
        source.Line($"/// <summary>Calls the host, and checks what it gives.</summary>");
        source.Open($"{edge.Accessibility} sealed class {edge.BaseName}Proxy(IEdgeTransport transport) : {edge.Name}");
        foreach (EdgeMethod method in edge.Methods)
            WriteCaller(source, method);
        source.Close();
        source.Line("");
        source.Line($"/// <summary>Answers calls by an object, and checks what they ask.</summary>");
        source.Open($"{edge.Accessibility} sealed class {edge.BaseName}Dispatcher({edge.Name} target) : IEdgeTransport");
        source.Line("/// <inheritdoc/>");
        source.Open("public int Call(int number, ReadOnlySpan<byte> argument, Span<byte> result)");
        source.Open("switch (number)");
        foreach (EdgeMethod method in edge.Methods)
            WriteCase(source, method);
        source.Line("default: return -1;");
        source.Close();
        source.Close();
        source.Close();
        source.Line("");
        source.Line($"/// <summary>The same for hosts in C.</summary>");
        source.Open($"{edge.Accessibility} static class {edge.BaseName}Header");
        source.Line("/// <summary>A header.</summary>");
        source.Line($"public const string Text = {SourceWriter.Quote(EdgeHeader.Write(edge))};");
        source.Close();
        return source.ToString();
    }

    private static EdgeParameter[] Numbers(EdgeMethod method) => [.. method.Parameters.Where(one => one.Kind.IsNumber())];

    private static string? NameOf(EdgeMethod method, EdgeKind kind) => method.Parameters.FirstOrDefault(one => one.Kind == kind)?.Name;

    private static void WriteCaller(SourceWriter source, EdgeMethod method)
    {
        string parameters = string.Join(", ", method.Parameters.Select(one => one.Type + " @" + one.Name));
        source.Line("/// <inheritdoc/>");
        source.Open($"public {method.ResultType} {method.Name}({parameters})");
        EdgeParameter[] numbers = Numbers(method);
        string? bytes = NameOf(method, EdgeKind.Argument), room = NameOf(method, EdgeKind.Result);
        string argument = "default";
        if (numbers.Length == 0 && bytes is not null)
            argument = "@" + bytes;
        else if (numbers.Length > 0)
        {
            argument = "argument_";
            source.Line(bytes is null ? $"Span<byte> argument_ = stackalloc byte[{numbers.Length} * EdgeNumbers.Size];"
                : $"Span<byte> argument_ = new byte[{numbers.Length} * EdgeNumbers.Size + @{bytes}.Length];");
            for (int i = 0; i < numbers.Length; i++)
                source.Line($"EdgeNumbers.Write(argument_, {i}, unchecked((long)@{numbers[i].Name}));");
            if (bytes is not null)
                source.Line($"@{bytes}.CopyTo(argument_[({numbers.Length} * EdgeNumbers.Size)..]);");
        }

        string call = $"transport.Call({method.Number}, {argument}, ", fail = $"throw new EdgeException({SourceWriter.Quote(method.Name)});";
        if (room is not null)
        {
            source.Line($"int count_ = {call}@{room});");
            source.Line($"return count_ >= 0 && count_ <= @{room}.Length ? count_ : {fail}");
        }
        else if (method.Result == EdgeKind.Nothing)
        {
            source.Line($"if ({call}default) < 0)");
            source.Line("    " + fail);
        }
        else
        {
            source.Line("Span<byte> result_ = stackalloc byte[EdgeNumbers.Size];");
            source.Line($"if ({call}result_) != EdgeNumbers.Size)");
            source.Line("    " + fail);
            source.Line("long value_ = EdgeNumbers.Read(result_, 0);");
            if (method.Result.RangeCheck("value_") is { Length: > 0 } check)
            {
                source.Line($"if ({check})");
                source.Line("    " + fail);
            }

            source.Line($"return unchecked(({method.Result.Keyword()})value_);");
        }

        source.Close();
    }

    private static void WriteCase(SourceWriter source, EdgeMethod method)
    {
        EdgeParameter[] numbers = Numbers(method);
        bool hasBytes = NameOf(method, EdgeKind.Argument) is not null, givesBytes = NameOf(method, EdgeKind.Result) is not null;
        var wrong = new List<string> { $"argument.Length {(hasBytes ? "<" : "!=")} {numbers.Length} * EdgeNumbers.Size" };
        if (method.Result.IsNumber() && !givesBytes)
            wrong.Add("result.Length < EdgeNumbers.Size");
        source.Open($"case {method.Number}:");
        source.Line($"if ({string.Join(" || ", wrong)})");
        source.Line("    return -1;");
        var arguments = new List<string>();
        for (int i = 0; i < numbers.Length; i++)
        {
            source.Line($"long number{i} = EdgeNumbers.Read(argument, {i});");
            if (numbers[i].Kind.RangeCheck("number" + i) is { Length: > 0 } check)
            {
                source.Line($"if ({check})");
                source.Line("    return -1;");
            }

            arguments.Add($"unchecked(({numbers[i].Kind.Keyword()})number{i})");
        }

        if (hasBytes)
            arguments.Add($"argument[({numbers.Length} * EdgeNumbers.Size)..]");
        if (givesBytes)
            arguments.Add("result");
        string call = $"target.{method.Name}({string.Join(", ", arguments)})";
        if (givesBytes)
        {
            source.Line($"int count = {call};");
            source.Line("return count >= 0 && count <= result.Length ? count : -1;");
        }
        else
        {
            source.Line(method.Result == EdgeKind.Nothing ? call + ";" : $"EdgeNumbers.Write(result, 0, unchecked((long){call}));");
            source.Line(method.Result == EdgeKind.Nothing ? "return 0;" : "return EdgeNumbers.Size;");
        }

        source.Close();
    }
}

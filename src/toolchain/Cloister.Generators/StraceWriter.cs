using System;
using System.Collections.Generic;

namespace Cloister.Generators;

/// <summary>Writes the strace formatter: the name and the typed arguments of a call, from its registers.</summary>
internal static class StraceWriter
{
    public static string Write(SortedDictionary<int, HandlerModel> handlers, SortedDictionary<int, UnimplementedModel> missing)
    {
        var source = new SourceWriter();
        var enums = new Dictionary<string, (EnumModel Model, string Writer)>(StringComparer.Ordinal);
        source.Open("internal static partial class SyscallTable");
        source.Line("/// <summary>Writes the call as strace does: name and arguments, up to the closing parenthesis.</summary>");
        source.Line("/// <param name=\"memory\">Reads the caller's strings.</param>");
        source.Line("/// <param name=\"number\">Number of the call.</param>");
        source.Line("/// <param name=\"a\">Its six argument registers.</param>");
        source.Line("/// <param name=\"into\">Where the text is appended.</param>");
        source.Open("public static void FormatEntry(IStraceReader memory, int number, in SyscallArguments a, global::System.Text.StringBuilder into)");
        source.Open("switch (number)");
        foreach (HandlerModel handler in handlers.Values)
        {
            source.Line($"case {handler.Number}:");
            source.Line($"    into.Append({SourceWriter.Quote(handler.Name + "(")});");
            for (int i = 0; i < handler.Arguments.Count; i++)
            {
                if (i != 0)
                    source.Line("    into.Append(\", \");");
                source.Line($"    {WriteArgument(handler.Arguments[i], i, enums)};");
            }

            source.Line("    break;");
        }

        foreach (UnimplementedModel row in missing.Values)
        {
            source.Line($"case {row.Number}:");
            source.Line($"    StraceText.WriteUnknownCall(into, {SourceWriter.Quote(row.Name)}, a);");
            source.Line("    return;");
        }

        source.Line("default:");
        source.Line("    StraceText.WriteUnknownCall(into, number, a);");
        source.Line("    return;");
        source.Close();
        if (handlers.Count != 0)
            source.Line("into.Append(')');");
        source.Close();
        source.Line("");

        source.Line("/// <summary>Writes the result as strace does: <c> = 3</c> or <c> = -1 ENOENT (No such file or directory)</c>.</summary>");
        source.Line("/// <param name=\"memory\">Reads the caller's memory.</param>");
        source.Line("/// <param name=\"number\">Number of the call.</param>");
        source.Line("/// <param name=\"a\">Its six argument registers.</param>");
        source.Line("/// <param name=\"result\">The result register.</param>");
        source.Line("/// <param name=\"into\">Where the text is appended.</param>");
        source.Line("public static void FormatExit(");
        source.Line("    IStraceReader memory, int number, in SyscallArguments a, long result, global::System.Text.StringBuilder into) =>");
        source.Line("    StraceText.WriteResult(into, number, result);");

        foreach ((EnumModel model, string writer) in enums.Values)
        {
            source.Line("");
            if (model.IsFlags)
                WriteFlags(source, model, writer);
            else
                WriteNames(source, model, writer);
        }

        source.Close();
        return source.ToString();
    }

    private static string WriteArgument(ArgumentModel argument, int index, Dictionary<string, (EnumModel Model, string Writer)> enums)
    {
        string value = argument.Underlying == "ulong" ? $"a.A{index}" : $"unchecked(({argument.Underlying})a.A{index})";
        switch (argument.Kind)
        {
            case ArgumentKind.Descriptor:
                return $"StraceText.WriteDescriptor(into, {value})";
            case ArgumentKind.Mode:
                return $"StraceText.WriteMode(into, {value})";
            case ArgumentKind.Address:
                return $"StraceText.WriteAddress(into, {value})";
            case ArgumentKind.String:
                return $"StraceText.WriteString(into, memory, {value})";
            case ArgumentKind.Signal:
                return $"StraceText.WriteSignal(into, {value})";
            case ArgumentKind.Enum:
                if (!enums.TryGetValue(argument.Enum!.FullName, out (EnumModel Model, string Writer) known))
                {
                    known = (argument.Enum, $"Write{argument.Enum.Name}{enums.Count}");
                    enums.Add(argument.Enum.FullName, known);
                }

                return $"{known.Writer}(into, {Widen(argument.Underlying, index)})";
            default:
                return $"into.Append({value})";
        }
    }

    // Members of enums are compared as unsigned numbers of the enum's width.
    private static string Widen(string underlying, int index) => underlying switch
    {
        "sbyte" or "byte" => $"(byte)a.A{index}",
        "short" or "ushort" => $"(ushort)a.A{index}",
        "int" or "uint" => $"(uint)a.A{index}",
        _ => $"a.A{index}",
    };

    private static void WriteNames(SourceWriter source, EnumModel model, string writer)
    {
        var seen = new HashSet<ulong>();
        source.Open($"private static void {writer}(global::System.Text.StringBuilder into, ulong value)");
        source.Open("string? name = value switch");
        foreach (EnumMember member in model.Members)
        {
            if (seen.Add(member.Value))
                source.Line($"{member.Value} => {SourceWriter.Quote(member.Name)},");
        }

        source.Line("_ => null,");
        source.Close();
        source.Line(";");
        source.Line("if (name is null)");
        source.Line("    StraceText.WriteUnknownValue(into, value);");
        source.Line("else");
        source.Line("    into.Append(name);");
        source.Close();
    }

    private static void WriteFlags(SourceWriter source, EnumModel model, string writer)
    {
        // O_ACCMODE is a field of two bits among single ones: its members are told apart by equality, and O_RDONLY, whose
        // value is 0, is printed although other bits are set.
        ulong field = 0;
        foreach (EnumMember member in model.Members)
        {
            if (member.Name.EndsWith("ACCMODE", StringComparison.Ordinal))
                field = member.Value;
        }

        string? zero = null;
        var fieldMembers = new List<EnumMember>();
        var members = new List<EnumMember>();
        var seen = new HashSet<ulong>();
        foreach (EnumMember member in model.Members)
        {
            if (member.Name.EndsWith("ACCMODE", StringComparison.Ordinal) || !seen.Add(member.Value))
                continue;
            if (field != 0 && (member.Value & ~field) == 0)
                fieldMembers.Add(member);
            else if (member.Value == 0)
                zero = member.Name;
            else
                members.Add(member);
        }

        // A name for several bits (O_SYNC, MAP_SHARED_VALIDATE) goes before those for its parts. A stable sort, so that
        // the others stay in the order of their declaration.
        for (int i = 1; i < members.Count; i++)
        {
            for (int j = i; j > 0 && CountBits(members[j].Value) > CountBits(members[j - 1].Value); j--)
                (members[j], members[j - 1]) = (members[j - 1], members[j]);
        }

        source.Open($"private static void {writer}(global::System.Text.StringBuilder into, ulong value)");
        source.Line("int start = into.Length;");
        if (fieldMembers.Count != 0)
        {
            source.Open($"switch (value & {field})");
            foreach (EnumMember member in fieldMembers)
            {
                source.Line($"case {member.Value}:");
                source.Line($"    into.Append({SourceWriter.Quote(member.Name)});");
                source.Line($"    value &= ~{field}UL;");
                source.Line("    break;");
            }

            source.Close();
        }

        foreach (EnumMember member in members)
            source.Line($"StraceText.WriteFlag(into, start, ref value, {member.Value}, {SourceWriter.Quote(member.Name)});");
        source.Line($"StraceText.WriteRest(into, start, value, {(zero is null ? "\"0\"" : SourceWriter.Quote(zero))});");
        source.Close();
    }

    private static int CountBits(ulong value)
    {
        int count = 0;
        for (; value != 0; value &= value - 1)
            count++;
        return count;
    }
}

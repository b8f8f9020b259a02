using System.Collections.Generic;
using System.Text;

namespace Cloister.Generators;

/// <summary>Writes <c>SyscallTable.Dispatch</c>: from a number and six registers to a typed call.</summary>
internal static class DispatchWriter
{
    public static string Write(
        SortedDictionary<int, HandlerModel> handlers, SortedDictionary<int, UnimplementedModel> missing, string threadType)
    {
        var source = new SourceWriter();
        source.Line("/// <summary>All system calls by number.</summary>");
        source.Open("internal static partial class SyscallTable");

        source.Line("/// <summary>Runs a system call.</summary>");
        source.Line("/// <param name=\"thread\">The caller.</param>");
        source.Line("/// <param name=\"number\">Number of the call.</param>");
        source.Line("/// <param name=\"a\">Its six argument registers.</param>");
        source.Open($"public static global::Cloister.Abi.SyscallResult Dispatch({threadType} thread, int number, in SyscallArguments a)");
        source.Open("switch (number)");
        foreach (HandlerModel handler in handlers.Values)
        {
            source.Line($"case {handler.Number}:");
            source.Line($"    return {handler.Method}(thread{ConvertArguments(handler)});");
        }

        source.Line("default:");
        source.Line("    return DispatchUnimplemented(thread, number);");
        source.Close();
        source.Close();
        source.Line("");

        // In a method of its own: the common one stays small.
        source.Open($"private static global::Cloister.Abi.SyscallResult DispatchUnimplemented({threadType} thread, int number)");
        source.Open("switch (number)");
        foreach (UnimplementedModel row in missing.Values)
        {
            source.Line($"case {row.Number}:");
            if (row.Result == SyscallReader.NoSuchCall)
            {
                source.Line($"    return thread.OnUnimplementedSyscall({row.Number}, {SourceWriter.Quote(row.Name)});");
            }
            else
            {
                source.Line($"    thread.OnUnimplementedSyscall({row.Number}, {SourceWriter.Quote(row.Name)});");
                source.Line($"    return (global::Cloister.Abi.Errno){row.Result};");
            }
        }

        source.Line("default:");
        source.Line("    return thread.OnUnimplementedSyscall(number, null);");
        source.Close();
        source.Close();
        source.Close();
        return source.ToString();
    }

    private static string ConvertArguments(HandlerModel handler)
    {
        var text = new StringBuilder();
        for (int i = 0; i < handler.Arguments.Count; i++)
        {
            ArgumentModel argument = handler.Arguments[i];
            // Registers hold more bits than many arguments have; Linux ignores the rest too.
            string value = argument.Underlying == "ulong" ? $"a.A{i}" : $"unchecked(({argument.Underlying})a.A{i})";
            text.Append(", ").Append(argument.Kind switch
            {
                ArgumentKind.Integer => value,
                ArgumentKind.Enum => $"({argument.FullTypeName}){value}",
                _ => $"new {argument.FullTypeName}({value})",
            });
        }

        return text.ToString();
    }
}

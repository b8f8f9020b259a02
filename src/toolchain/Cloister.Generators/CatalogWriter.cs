using System.Collections.Generic;
using System.Text;

namespace Cloister.Generators;

/// <summary>Writes <c>SyscallCatalog</c>: what <c>cloister syscalls</c> and docs/syscalls.md show.</summary>
internal static class CatalogWriter
{
    // SyscallSupport.None: declared with a method, and not implemented.
    private const int NoSupport = 2;

    public static string Write(SortedDictionary<int, HandlerModel> handlers, SortedDictionary<int, UnimplementedModel> missing, SortedDictionary<int, int> generic)
    {
        var rows = new SortedDictionary<int, string>();
        var names = new SortedDictionary<int, string>();
        foreach (HandlerModel handler in handlers.Values)
        {
            names[handler.Number] = handler.Name;
            string result = handler.Support == NoSupport ? "ENOSYS" : "Success";
            rows[handler.Number] = $"new({handler.Number}, {SourceWriter.Quote(handler.Name)}, {SourceWriter.Quote(WriteSignature(handler))}, "
                + $"(SyscallSupport){handler.Support}, {SourceWriter.Quote(handler.Note)}, global::Cloister.Abi.Errno.{result}, {SourceWriter.Quote(handler.Lacks)}, false, {NumberOf(generic, handler.Number)}),";
        }

        foreach (UnimplementedModel row in missing.Values)
        {
            names[row.Number] = row.Name;
            rows[row.Number] = $"new({row.Number}, {SourceWriter.Quote(row.Name)}, {SourceWriter.Quote(row.Name + "(...)")}, "
                + $"SyscallSupport.None, {SourceWriter.Quote(row.Note)}, (global::Cloister.Abi.Errno){row.Result}, \"\", {(row.IsOptional ? "true" : "false")}, {NumberOf(generic, row.Number)}),";
        }

        var source = new SourceWriter();
        source.Line("/// <summary>Every system call of the CPU, implemented or not, by number.</summary>");
        source.Open("public static class SyscallCatalog");
        source.Line("private static readonly SyscallDescription[] s_all =");
        source.Line("[");
        foreach (string row in rows.Values)
            source.Line("    " + row);
        source.Line("];");
        source.Line("");
        source.Line("/// <summary>All calls, ordered by number.</summary>");
        source.Line("public static global::System.ReadOnlySpan<SyscallDescription> All => s_all;");
        source.Line("");
        source.Line("/// <summary>The name of a call, or null for a number without one.</summary>");
        source.Open("public static string? NameOf(int number) => number switch");
        foreach (KeyValuePair<int, string> row in names)
            source.Line($"{row.Key} => {SourceWriter.Quote(row.Value)},");
        source.Line("_ => null,");
        source.Close();
        source.Line(";");
        source.Close();
        return source.ToString();
    }

    private static int NumberOf(SortedDictionary<int, int> generic, int number) => generic.TryGetValue(number, out int found) ? found : -1;

    private static string WriteSignature(HandlerModel handler)
    {
        var text = new StringBuilder(handler.Name).Append('(');
        for (int i = 0; i < handler.Arguments.Count; i++)
        {
            if (i != 0)
                text.Append(", ");
            text.Append(handler.Arguments[i].TypeText).Append(' ').Append(handler.Arguments[i].Name);
        }

        return text.Append(')').ToString();
    }
}

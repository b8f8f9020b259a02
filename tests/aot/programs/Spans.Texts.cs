using System;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Spans of characters as texts.</summary>
internal static class SpanTexts
{
    public static void All() => Program.Run("spans/texts", () =>
    {
        ReadOnlySpan<char> text = "xxHello Worldxx", part = "hello";
        WriteLine(text.IndexOf(part, StringComparison.OrdinalIgnoreCase) + " " + text.Contains(part, StringComparison.Ordinal) + " "
            + text.LastIndexOf("X", StringComparison.OrdinalIgnoreCase) + " " + text.StartsWith("XX", StringComparison.OrdinalIgnoreCase) + " "
            + text.EndsWith("XX", StringComparison.Ordinal) + " " + part.CompareTo("HELLO", StringComparison.OrdinalIgnoreCase));
        Span<char> room = stackalloc char[15];
        WriteLine(text.ToUpperInvariant(room) + room.ToString() + text.ToLowerInvariant(room) + room.ToString()
            + text.ToUpperInvariant(room.Slice(1)));
        WriteLine(text.Trim('x').ToString() + "|" + text.TrimStart('x').ToString() + "|" + text.TrimEnd('x').ToString());
        int[] keys = [3, 1, 2];
        string[] names = ["three", "one", "two"];
        keys.AsSpan().Sort(names.AsSpan());
        WriteLine(string.Join(",", keys) + string.Join(",", names) + keys.AsSpan(^2).Length + "abc".AsSpan(^1).ToString()
            + keys.AsMemory(1..).Length);
        keys.AsSpan().Sort(names.AsSpan(), (a, b) => b - a);
        WriteLine(string.Join(",", names) + " " + text.Count("xx") + " " + text.IndexOfAnyExcept('x', 'H') + " " + text.LastIndexOfAny('o', 'W') + " "
            + room.ContainsAny("zd"));
        try
        {
            keys.AsSpan().Sort(names.AsSpan(1));
        }
        catch (ArgumentException exception)
        {
            WriteLine(exception.Message);
        }
    });
}

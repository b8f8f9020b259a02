using System.Collections.Generic;

namespace Cloister.Generators;

/// <summary>Writes <c>GenericNumbers</c>: between the numbers of asm-generic and the kernel's, which are those of x86-64.</summary>
internal static class NumbersWriter
{
    public static string Write(SortedDictionary<int, int> numbers)
    {
        var source = new SourceWriter();
        source.Line("/// <summary>Numbers of calls on processors that have those of asm-generic.</summary>");
        source.Open("internal static class GenericNumbers");
        source.Line("/// <summary>The kernel's number of a program's; -1 where there is none.</summary>");
        Switch(source, "ToKernel", Invert(numbers));
        source.Line("");
        source.Line("/// <summary>The program's number of the kernel's; -1 where there is none.</summary>");
        Switch(source, "ToProgram", numbers);
        source.Close();
        return source.ToString();
    }

    private static void Switch(SourceWriter source, string name, SortedDictionary<int, int> numbers)
    {
        source.Open($"public static int {name}(int number) => number switch");
        foreach (KeyValuePair<int, int> row in numbers)
            source.Line($"{row.Key} => {row.Value},");
        source.Line("_ => -1,");
        source.Close();
        source.Line(";");
    }

    private static SortedDictionary<int, int> Invert(SortedDictionary<int, int> numbers)
    {
        var inverse = new SortedDictionary<int, int>();
        foreach (KeyValuePair<int, int> row in numbers)
            inverse[row.Value] = row.Key;
        return inverse;
    }
}

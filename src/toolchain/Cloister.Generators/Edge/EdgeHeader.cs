using System.Linq;
using System.Text;

namespace Cloister.Generators.Edge;

/// <summary>Writes the C header of an edge interface: numbers, and structures of the numbers that arguments begin with.</summary>
internal static class EdgeHeader
{
    public static string Write(EdgeInterface edge)
    {
        string prefix = Snake(edge.BaseName), upper = prefix.ToUpperInvariant();
        var text = new StringBuilder();
        text.Append($"/* Made from {edge.Name}; numbers are little-endian. */\n#ifndef {upper}_H\n#define {upper}_H\n\n#include <stdint.h>\n\nenum {{\n");
        foreach (EdgeMethod method in edge.Methods)
            text.Append($"    {upper}_{Snake(method.Name).ToUpperInvariant()} = {method.Number},\n");
        text.Append("};\n");
        foreach (EdgeMethod method in edge.Methods)
            Append(text, prefix, method);
        return text.Append("\n#endif\n").ToString();
    }

    private static void Append(StringBuilder text, string prefix, EdgeMethod method)
    {
        EdgeParameter[] numbers = [.. method.Parameters.Where(one => one.Kind.IsNumber())];
        EdgeParameter? bytes = method.Parameters.FirstOrDefault(one => one.Kind == EdgeKind.Argument);
        EdgeParameter? room = method.Parameters.FirstOrDefault(one => one.Kind == EdgeKind.Result);
        string argument = numbers.Length == 0 ? bytes is null ? "nothing" : $"the bytes '{bytes.Name}'"
            : $"struct {prefix}_{Snake(method.Name)}" + (bytes is null ? "" : $", then the bytes '{bytes.Name}'");
        string result = room is not null ? $"the bytes '{room.Name}'" : method.Result == EdgeKind.Nothing ? "nothing" : TypeInC(method.Result);
        text.Append($"\n/* {method.Name}: takes {argument}; gives {result}. */\n");
        if (numbers.Length > 0)
            text.Append($"struct {prefix}_{Snake(method.Name)} {{ {string.Concat(numbers.Select(one => $"{TypeInC(one.Kind)} {Snake(one.Name)}; "))}}};\n");
    }

    // All numbers have 64 bits on the way.
    private static string TypeInC(EdgeKind kind) => kind is EdgeKind.UInt32 or EdgeKind.UInt64 ? "uint64_t" : "int64_t";

    private static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}

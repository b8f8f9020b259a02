using System.Collections.Generic;
using System.Linq;

namespace Cloister.Aot.Tests.Members;

/// <summary>The types whose members are called. A group makes one program.</summary>
internal static class Subjects
{
    private const string Generic = "System.Collections.Generic.";

    public static readonly Dictionary<string, IReadOnlyList<Subject>> Groups = new()
    {
        ["lists"] =
        [
            Collection("List`1", "int", "new {0}()", "Spare<int>(1, 2)", "Spare<int>(5, 1, 4, 1, 3, 2)"),
            Collection("List`1", "string", "new {0}()", "Spare<string>(\"b\", null, \"a\")"),
            Collection("Queue`1", "int", "new {0}()", "Wrapped<int>(1, 2, 3)"),
            Collection("Queue`1", "string", "new {0}()", "Wrapped<string>(\"b\", null)"),
            Collection("Stack`1", "int", "new {0}()", "new {0}(new int[] {{ 1, 2, 3 }})"),
            Collection("LinkedList`1", "int", "new {0}()", "new {0}(new int[] {{ 1, 2, 3 }})"),
            new("System.Collections.ObjectModel.ReadOnlyCollection`1", ["int"], ["new(new int[] { 1, 2, 3 })"]),
        ],
        ["sets"] =
        [
            Collection("HashSet`1", "int", "new {0}()", "new {0}(new int[] {{ 1, 2, 3 }})"),
            Collection("HashSet`1", "string", "new {0}()", "new {0}(new string[] {{ \"b\", null, \"a\" }})"),
            Collection("SortedSet`1", "int", "new {0}()", "new {0}(new int[] {{ 5, 1, 3 }})"),
            Dictionary("Dictionary`2", "int", "string", "new {0}()", "new {0} {{ [1] = \"a\", [2] = null, [4] = \"c\" }}"),
            Dictionary("Dictionary`2", "string", "int", "new {0}()", "new {0} {{ [\"abc\"] = 1, [\"b\"] = 2 }}"),
            Dictionary("SortedDictionary`2", "int", "string", "new {0}()", "new {0} {{ [4] = \"a\", [2] = null, [1] = \"c\" }}"),
            Dictionary("PriorityQueue`2", "string", "int", "new {0}()"),
        ],
        ["texts"] =
        [
            new("System.String", [], ["\"\"", "\"abc\"", "\" aXbB a\"", "\"\\u00e9\\ud83d\\ude00z\""]),
            new("System.Text.StringBuilder", [], ["new()", "new(\"abc\")", "new(\" aXbB a\", 40)"]),
            new("System.Char", [], ["'a'", "'\\ud83d'"]),
            new("System.Text.Rune", [], ["new('a')", "new(0x1f600)"]),
        ],
        ["arrays"] =
        [
            new("System.Array", [], ["new int[] { 5, 1, 4 }", "new string[] { \"b\", null }", "new int[0]"]),
            new("System.MemoryExtensions", [], []),
            new("System.ArraySegment`1", ["int"], ["default", "new(new int[] { 1, 2, 3, 4 }, 1, 2)"]),
            new("System.Span`1", ["int"], ["default", "new(new int[] { 1, 2, 3, 4 }, 1, 2)"]),
            new("System.ReadOnlySpan`1", ["char"], ["default", "\"abc\""]),
            new("System.Memory`1", ["int"], ["default", "new(new int[] { 1, 2, 3, 4 }, 1, 2)"]),
            new("System.ReadOnlyMemory`1", ["char"], ["default", "new(new char[] { 'a', 'b' }, 1, 1)"]),
            new("System.Buffers.Binary.BinaryPrimitives", [], []),
            new("System.Index", [], ["0", "^1", "3"]),
            new("System.Range", [], ["..", "1..^1"]),
        ],
        ["numbers"] =
        [
            .. new[] { "Byte", "SByte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64" }.Select(name => new Subject("System." + name, [], ["1", "100"])),
            new("System.Boolean", [], ["true", "false"]),
            new("System.Guid", [], ["default", "new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"]),
            new("System.TimeSpan", [], ["default", "new(1, 2, 3, 4, 5)", "System.TimeSpan.MinValue", "System.TimeSpan.MaxValue"]),
            new("System.Numerics.BitOperations", [], []),
            new("System.Convert", [], []),
        ],
        ["floats"] =
        [
            new("System.Double", [], ["0", "-1.5", "double.NaN", "1e300"]),
            new("System.Single", [], ["0", "-1.5f", "float.NaN"]),
            new("System.Half", [], ["default", "(System.Half)1.5f"]),
            new("System.UInt128", [], ["1", "System.UInt128.MaxValue"]),
            new("System.Math", [], []),
        ],
    };

    private static Subject Collection(string name, string item, params string[] instances) =>
        new(Generic + name, [item], [.. instances.Select(i => string.Format(i, $"{Generic}{name[..^2]}<{item}>"))]);

    private static Subject Dictionary(string name, string key, string value, params string[] instances) =>
        new(Generic + name, [key, value], [.. instances.Select(i => string.Format(i, $"{Generic}{name[..^2]}<{key}, {value}>"))]);
}

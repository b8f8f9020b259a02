using System;
using System.Text.Json;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>
/// Runs the test groups of a Wycheproof file. Policy for "acceptable" vectors: we may accept or reject, but if we accept, the output must be
/// the vector's.
/// </summary>
internal static class Wycheproof
{
    /// <summary>
    /// Runs all tests of a file. The check gets group and test, and returns whether we accepted the vector; it asserts outputs itself.
    /// </summary>
    public static void Run(string file, Func<JsonElement, JsonElement, bool> accepts)
    {
        JsonElement root = VectorFiles.Wycheproof(file);
        int count = 0;
        foreach (JsonElement group in root.GetProperty("testGroups").EnumerateArray())
        {
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                string result = test.GetProperty("result").GetString()!;
                bool accepted = accepts(group, test);
                count++;
                if (result != "acceptable")
                    Assert.True(accepted == (result == "valid"), $"{file}: test {test.GetProperty("tcId")} ({test.GetProperty("comment")}) is {result}.");
            }
        }

        Assert.Equal(root.GetProperty("numberOfTests").GetInt32(), count);
    }

    /// <summary>Bytes of a hexadecimal property.</summary>
    public static byte[] Bytes(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}

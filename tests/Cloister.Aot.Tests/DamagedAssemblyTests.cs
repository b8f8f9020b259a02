using System;
using System.IO;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>Whatever is in an assembly, the compiler ends with a program or with a sentence that says what is wrong.</summary>
public sealed class DamagedAssemblyTests
{
    private static readonly bool s_isLong = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    private const string Source = """
        using System;
        using System.Collections.Generic;
        var table = new Dictionary<string, int> { ["one"] = 1 };
        try { Console.WriteLine(table["two"]); }
        catch (KeyNotFoundException e) when (e.Message.Length > 3) { Console.WriteLine(Sum<long>([1, 2, 3], (a, b) => a + b)); }
        finally { foreach (int i in Count(3)) Console.WriteLine(i switch { 0 => "zero", 1 => "one", _ => $"{i:x}" }); }
        static T Sum<T>(T[] items, Func<T, T, T> add) { T sum = default; foreach (T item in items) sum = add(sum, item); return sum; }
        static IEnumerable<int> Count(int n) { for (int i = 0; i < n; i++) yield return i; }
        """;

    [Fact]
    public void DamagedBytesGiveAProgramOrASentence()
    {
        using var toolbox = new Toolbox();
        byte[] whole = File.ReadAllBytes(toolbox.CSharp(Source));
        string path = Path.Combine(toolbox.Folder, "Damaged.dll");
        var random = new System.Random(7);
        int refused = 0, rounds = s_isLong ? 20_000 : 300;
        for (int round = 0; round < rounds; round++)
        {
            byte[] bytes = [.. whole];
            for (int i = random.Next(1, 4); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (round % 10 == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            File.WriteAllBytes(path, bytes);
            try
            {
                Driver.ToC(Toolbox.CoreLibrary, [path]);
            }
            catch (CompileException exception)
            {
                Assert.NotEqual("", exception.Message);
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"Round {round}: {exception}");
            }
        }

        // Most bytes are of no use to the program; some are.
        Assert.InRange(refused, rounds / 10, rounds);
    }

    [Theory]
    [InlineData(null, "can't be read")]
    [InlineData("", "is no .NET assembly")]
    [InlineData("MZ and then nothing", "is no .NET assembly")]
    public void AFileThatIsNoAssemblyIsNamed(string? content, string reason)
    {
        using var toolbox = new Toolbox();
        string path = Path.Combine(toolbox.Folder, "Strange.dll");
        if (content is not null)
            File.WriteAllText(path, content);
        CompileException exception = Assert.Throws<CompileException>(() => Driver.ToC(Toolbox.CoreLibrary, [path]));
        Assert.Contains($"{path} {reason}", exception.Message, StringComparison.Ordinal);
    }
}

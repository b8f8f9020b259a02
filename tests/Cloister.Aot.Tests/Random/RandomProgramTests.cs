using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Xunit;

namespace Cloister.Aot.Tests.Random;

/// <summary>Random programs print the same on CoreCLR and compiled. Many programs make one assembly, because the core library compiles with each.</summary>
public sealed class RandomProgramTests
{
    private const int ProgramsInBatch = 100;

    private static readonly bool s_isLong = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    // The C compiler takes most of the time, so that only every fifth batch asks it to optimize. What it may do with C that has no meaning is
    // seen there; the importer's own mistakes are seen in all.
    private const int OptimizedBatch = 5;
    private static readonly Processor s_quick = new("quick", ["-O0"], Processor.Generic.Features);

    // What every program uses. Fuel keeps loops and recursion finite; it runs out at the same place everywhere.
    private const string Support = """
        using System;
        using System.Globalization;

        internal sealed class Exhausted : Exception;

        internal static class T
        {
            private static int s_fuel;
            private static int s_lines;

            public static void Start()
            {
                s_fuel = 2000;
                s_lines = 0;
            }

            public static void Burn()
            {
                if (--s_fuel < 0)
                    throw new Exhausted();
            }

            public static V Id<V>(V value) => value;

            public static int In(int index, int length) => length == 0 ? 0 : (int)((uint)index % (uint)length);

            public static int At(int[] array, int index) => array[In(index, array.Length)];

            public static int[] Copy(int[] array) => (int[])array.Clone();

            public static string Cut(string text) => text.Length > 40 ? text.Substring(text.Length - 40) : text;

            public static bool Odd(Exception exception) => exception.Message.Length % 2 != 0;

            public static bool Say(int number)
            {
                Print(number);
                return true;
            }

            public static void Print<V>(V value)
            {
                if (++s_lines > 200)
                    throw new Exhausted();
                Console.WriteLine(value switch
                {
                    null => "null",
                    double d => double.IsNaN(d) ? "NaN" : BitConverter.DoubleToInt64Bits(d).ToString("x"),
                    float f => float.IsNaN(f) ? "NaN" : BitConverter.SingleToInt32Bits(f).ToString("x"),
                    char c => ((int)c).ToString(),
                    int[] array => string.Join(",", array),
                    _ => value.ToString(),
                });
            }

            public static void Part(Action part)
            {
                try
                {
                    part();
                }
                catch (Exception exception)
                {
                    Start();
                    Console.WriteLine("part ended by " + exception.GetType().Name);
                }
            }

            public static void Run(int seed, Action program)
            {
                Console.WriteLine("== " + seed);
                Start();
                try
                {
                    program();
                }
                catch (Exception exception)
                {
                    Console.WriteLine("ended by " + exception.GetType().Name);
                }
            }
        }

        """;

    [Fact]
    public void RandomProgramsPrintTheSame()
    {
        int count = s_isLong ? 10_000 : 200;
        int first = int.Parse(Environment.GetEnvironmentVariable("CLOISTER_RANDOM_SEED") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        if (Environment.GetEnvironmentVariable("CLOISTER_RANDOM_COUNT") is { } wanted)
            count = int.Parse(wanted, System.Globalization.CultureInfo.InvariantCulture);
        for (int seed = first; seed < first + count; seed += ProgramsInBatch)
        {
            CompareBatch([.. Enumerable.Range(seed, Math.Min(ProgramsInBatch, first + count - seed))],
                (seed - first) / ProgramsInBatch % OptimizedBatch == OptimizedBatch - 1 ? Processor.Generic : s_quick);
            TestContext.Current.SendDiagnosticMessage("Seeds from {0} on agree.", seed);
        }
    }

    private static void CompareBatch(int[] seeds, Processor processor)
    {
        string folder = Directory.CreateTempSubdirectory("cloister-random").FullName;
        try
        {
            string assembly = Path.Combine(folder, "batch.dll");
            Compile(assembly, seeds);
            File.WriteAllText(Path.Combine(folder, "batch.runtimeconfig.json"),
                $$"""{ "runtimeOptions": { "tfm": "net10.0", "framework": { "name": "Microsoft.NETCore.App", "version": "{{Environment.Version}}" } } }""");
            string actual = Compiled.RunFiles(processor, assembly);
            string expected = Compiled.Output("dotnet", assembly);
            // CoreCLR's optimizer isn't always right: .NET 10 drops the check of (s ^ checked(uint.MaxValue + s)). Without it, it has the last word.
            if (expected != actual)
                expected = Compiled.OutputWith("DOTNET_JITMinOpts", "1", "dotnet", assembly);
            foreach ((string one, string other, int seed) in Programs(expected).Zip(Programs(actual), seeds.Prepend(seeds[0])))
                if (one != other)
                    Assert.Fail(Difference(seed, one, other));
            Assert.Equal(expected, actual);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Programs(string output) => output.Split("== ");

    private static void Compile(string path, int[] seeds)
    {
        var text = new StringBuilder(Support);
        text.Append("internal static class Program\n{\n    public static void Main()\n    {\n");
        foreach (int seed in seeds)
            text.Append($"        T.Run({seed}, P{seed}.Run);\n");
        text.Append("    }\n}\n\n");
        foreach (int seed in seeds)
            text.Append(new ProgramGenerator(seed).Write()).Append('\n');
        IEnumerable<string> trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':')
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal));
        CSharpCompilation compilation = CSharpCompilation.Create("batch", [CSharpSyntaxTree.ParseText(text.ToString())],
            trusted.Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true));
        EmitResult result = compilation.Emit(path);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(problem => problem.Severity == DiagnosticSeverity.Error).Take(10)
            .Select(problem => problem + "\n  "
                + problem.Location.SourceTree!.GetText().Lines[problem.Location.GetLineSpan().StartLinePosition.Line])));
    }

    private static string Difference(int seed, string expected, string actual)
    {
        string[] one = expected.Split('\n'), other = actual.Split('\n');
        int line = Enumerable.Range(0, Math.Max(one.Length, other.Length)).First(i => i >= one.Length || i >= other.Length || one[i] != other[i]);
        return $"""
            Seed {seed}, line {line}: CoreCLR prints '{(line < one.Length ? one[line] : "nothing")}', the compiled program '{(line < other.Length ? other[line] : "nothing")}'.
            {new ProgramGenerator(seed).Write()}
            """;
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Xunit;

namespace Cloister.Aot.Tests.Members;

/// <summary>Argument checks, results and effects of the core library's public members are those of .NET, for edge values of each parameter.</summary>
public sealed class MemberTests
{
    private static readonly Processor s_quick = new("quick", ["-O0"], Processor.Generic.Features);

    public static TheoryData<string> Groups => [.. Subjects.Groups.Keys];

    [Theory]
    [MemberData(nameof(Groups))]
    public void MembersDoWhatTheyDoOnCoreClr(string group)
    {
        using var toolbox = new Toolbox();
        string assembly = Compile(toolbox, Subjects.Groups[group], out MemberProgram program);
        Dictionary<string, string> expected = Sections(Compiled.Output("dotnet", Toolbox.WithConfiguration(assembly)));
        Dictionary<string, string> actual = Sections(Compiled.RunFiles(s_quick, assembly));
        string[] different = [.. expected.Where(section => !AreEqual(section.Value, actual.GetValueOrDefault(section.Key) ?? ""))
            .Select(section => Difference(section.Key, section.Value, actual.GetValueOrDefault(section.Key) ?? ""))];
        Assert.True(different.Length == 0, $"{different.Length} of {expected.Count} members differ:\n{string.Join('\n', different)}");
        Assert.True(expected.Count > 10, $"Only {expected.Count} members of {group} were called; without values: {string.Join("; ", program.Skipped)}");
        Assert.EndsWith("status 0", expected.Values.Last(), StringComparison.Ordinal);
    }

    // Members that C# can't call in this way (constraints, types that can't be shown) are left out after a first try.
    private static string Compile(Toolbox toolbox, IReadOnlyList<Subject> subjects, out MemberProgram program)
    {
        MetadataReference[] framework = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':')
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)).Select(file => MetadataReference.CreateFromFile(file))];
        var without = new HashSet<string>();
        for (int round = 0; round < 4; round++)
        {
            program = new MemberProgram(framework, Toolbox.CoreLibrary);
            SyntaxTree tree = CSharpSyntaxTree.ParseText(program.Write(subjects, without));
            CSharpCompilation compilation = CSharpCompilation.Create("Members", [tree], framework,
                new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release));
            string path = Path.Combine(toolbox.Folder, "Members.dll");
            EmitResult result;
            using (FileStream file = File.Create(path))
                result = compilation.Emit(file);
            if (result.Success)
                return path;
            bool isNew = false;
            foreach (Diagnostic diagnostic in result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error))
            {
                int line = diagnostic.Location.GetLineSpan().StartLinePosition.Line;
                (string name, _, _, _) = program.Members.FirstOrDefault(m => m.FirstLine <= line && line <= m.LastLine);
                Assert.True(name is not null, diagnostic.ToString());
                isNew |= without.Add(name);
            }

            Assert.True(isNew);
        }

        throw new InvalidOperationException("The program doesn't compile.");
    }

    private static Dictionary<string, string> Sections(string output)
    {
        var sections = new Dictionary<string, string>();
        foreach (string section in output.Split("== ").Skip(1))
            sections[section[..section.IndexOf('\n')]] = section;
        return sections;
    }

    // The core library has no table of letters beyond ASCII: it refuses to fold them, and says so (docs/aot.md).
    private static bool AreEqual(string expected, string actual)
    {
        string[] wanted = expected.Split('\n');
        string[] got = actual.Split('\n');
        return wanted.Length == got.Length && wanted.Zip(got).All(pair => pair.First == pair.Second || IsRefused(pair.Second));
    }

    private static bool IsRefused(string line) => line.Contains(": ! NotSupportedException", StringComparison.Ordinal);

    private static string Difference(string name, string expected, string actual)
    {
        string[] wanted = expected.Split('\n');
        string[] got = actual.Split('\n');
        IEnumerable<string> lines = wanted.Zip(got).Where(pair => pair.First != pair.Second && !IsRefused(pair.Second)).Take(3)
            .Select(pair => $"    .NET {pair.First}\n    ours {pair.Second}");
        return $"{name}\n{string.Join('\n', lines)}" + (wanted.Length == got.Length ? "" : $"\n    {wanted.Length} lines, {got.Length} here");
    }
}

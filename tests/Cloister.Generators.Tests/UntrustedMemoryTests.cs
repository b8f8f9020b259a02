using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace Cloister.Generators.Tests;

/// <summary>What inside code can't do with what the host has written: snippets that must not compile, each beside one that does.</summary>
public sealed class UntrustedMemoryTests
{
    private const string Frame = """
        using System;
        using System.Runtime.InteropServices;
        using Cloister.Contracts;
        using Cloister.Hal;
        using Cloister.Hal.HostProtocol;
        using Cloister.Nucleus.HostCalls;

        internal sealed class Client(IHostPort port)
        {
            private static readonly byte[] s_table = new byte[64];
            private static bool Check(in FileRecord record, out long size) { size = record.Size; return size >= 0; }
            public int Use(SharedWindow data, in CompletionEntry answer, Span<byte> into, IIoBuffer buffer)
            {
                BODY
            }
        }
        """;

    [Theory]
    [InlineData("return answer.Data.TryGet(into.Length, out int count) ? count : -1;")]
    [InlineData("data.CopyTo(into); data.From(64).CopyTo(into); return into[0];")]
    [InlineData("return data.Read<FileRecord>().TryCheck(Check, out long size) ? (int)size : -1;")]
    [InlineData("if (!answer.Data.TryGet(data.Length, out int count)) return -1; return data.First(count).StoreTo(buffer);")]
    [InlineData("for (int i = 0; i < 3; i++) { data.CopyTo(into); data = data.From(8); } return 0;")]
    [InlineData("return answer.Error.Is(0) ? (int)answer.Flags.Masked(7) : -1;")]
    [InlineData("return answer.Items.TryGet(s_table.Length - 1, out int at) ? s_table[at] : -1;")]
    public async Task Checked_uses_compile(string body) => Assert.Empty(await Problems(body));

    // A number of the host's as an index, a length, a bound of a loop, a number to reckon with, a condition.
    [Theory]
    [InlineData("return s_table[answer.Items];", "CS0029")]
    [InlineData("return s_table[(int)answer.Items];", "CS0030")]
    [InlineData("return into[..answer.Data].Length;", "CS0029")]
    [InlineData("return data.First(answer.Data).Length;", "CS1503")]
    [InlineData("for (uint i = 0; i < answer.Items; i++) { } return 0;", "CS0019")]
    [InlineData("return (int)(answer.Value + 1);", "CS0019")]
    [InlineData("return answer.Error == 0 ? 0 : 1;", "CS0019")]
    [InlineData("return answer.Error;", "CS0029")]
    [InlineData("return stackalloc byte[answer.Data].Length;", "CS0029")]
    [InlineData("return answer.Data.Value > 3 ? 1 : 0;", "CS1061")]
    // A structure of the host's without its check.
    [InlineData("FileRecord record = data.Read<FileRecord>(); return 0;", "CS0029")]
    [InlineData("return (int)data.Read<FileRecord>().Size;", "CS1061")]
    [InlineData("return s_table[data.Read<uint>()];", "CS0029")]
    // The memory itself.
    [InlineData("return data[0];", "CS0021")]
    [InlineData("foreach (byte b in data) { } return 0;", "CS1579")]
    [InlineData("Span<byte> bytes = data; return 0;", "CS0029")]
    [InlineData("return MemoryMarshal.Read<int>(data);", "CS1503")]
    // The same bytes twice: the check is of the first, the use of the second.
    [InlineData("return data.Read<uint>().TryGet(64, out int _) && data.Read<uint>().TryGet(64, out int n) ? n : -1;", "CLU001")]
    [InlineData("if (!data.Read<FileRecord>().TryCheck(Check, out long _)) return -1; data.CopyTo(into); return 0;", "CLU001")]
    [InlineData("data.From(8).CopyTo(into); return data.From( 8 ).Read<uint>().TryGet(9, out int n) ? n : 0;", "CLU001")]
    [InlineData("data.StoreTo(buffer); return data.ToArray().Length;", "CLU001")]
    // Past the window.
    [InlineData("return port.SharedMemory[0];", "CLU002")]
    [InlineData("return data.ForHost[0];", "CLU002")]
    public async Task Unchecked_uses_do_not_compile(string body, string expected) => Assert.Contains(expected, await Problems(body));

    private static readonly MetadataReference[] s_references = [.. References()];

    private static async Task<string[]> Problems(string body)
    {
        string source = Frame.Replace("BODY", body, StringComparison.Ordinal);
        using Stream stream = typeof(UntrustedMemoryTests).Assembly.GetManifestResourceStream("SharedWindow")!;
        using var reader = new StreamReader(stream);
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var compilation = CSharpCompilation.Create(
            "Snippet",
            [CSharpSyntaxTree.ParseText(source, options), CSharpSyntaxTree.ParseText(await reader.ReadToEndAsync(), options)],
            s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        ImmutableArray<Diagnostic> own = await compilation.WithAnalyzers([new SharedMemoryAnalyzer()]).GetAllDiagnosticsAsync();
        return [.. own.Where(problem => problem.Severity == DiagnosticSeverity.Error).Select(problem => problem.Id)];
    }

    private static IEnumerable<MetadataReference> References()
    {
        string platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        IEnumerable<string> own = [typeof(Untrusted<>).Assembly.Location, typeof(IIoBuffer).Assembly.Location, typeof(Cloister.Abi.Errno).Assembly.Location];
        return platform.Split(Path.PathSeparator).Concat(own).Distinct().Select(path => MetadataReference.CreateFromFile(path));
    }
}

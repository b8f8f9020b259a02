using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Cloister.Abi;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Cloister.Generators.Tests;

/// <summary>Compiles a snippet together with the generator's output and the hand-written half of the library.</summary>
internal sealed class Harness
{
    /// <summary>A thread as the generated code needs it, and a public door to the internal table.</summary>
    private const string Scaffold = """
        namespace Cloister.Linux
        {
            public sealed class LinuxThread
            {
                public string Log = "";
                public Cloister.Abi.SyscallResult OnUnimplementedSyscall(int number, string? name)
                {
                    Log += number + ":" + (name ?? "null") + ";";
                    return Cloister.Abi.Errno.ENOSYS;
                }
            }

            public sealed class Memory : Cloister.Linux.Syscalls.IStraceReader
            {
                public int ReadString(ulong address, System.Span<byte> into)
                {
                    if (address != 0x1000)
                        return -1;
                    return System.Text.Encoding.UTF8.GetBytes("/etc/a\"b\n\u0001" + "1", into);
                }
            }

            public static class Door
            {
                public static long Call(LinuxThread thread, int number, ulong[] a) =>
                    Cloister.Linux.Syscalls.SyscallTable.Dispatch(thread, number, new(a[0], a[1], a[2], a[3], a[4], a[5])).Value;

                public static string Trace(int number, ulong[] a, long result)
                {
                    var text = new System.Text.StringBuilder();
                    Cloister.Linux.Syscalls.SyscallArguments registers = new(a[0], a[1], a[2], a[3], a[4], a[5]);
                    Cloister.Linux.Syscalls.SyscallTable.FormatEntry(new Memory(), number, registers, text);
                    Cloister.Linux.Syscalls.SyscallTable.FormatExit(new Memory(), number, registers, result, text);
                    return text.ToString();
                }

                public static string Catalog()
                {
                    var text = new System.Text.StringBuilder();
                    foreach (Cloister.Linux.Syscalls.SyscallDescription row in Cloister.Linux.Syscalls.SyscallCatalog.All)
                        text.Append(row.Number).Append('|').Append(row.Signature).Append('|').Append(row.Support).Append('|')
                            .Append(row.Note).Append('|').Append(row.Result).Append('\n');
                    return text.ToString();
                }
            }
        }
        """;

    private static readonly MetadataReference[] s_references = [.. FindReferences()];

    private readonly Assembly _assembly;
    private readonly object _thread;

    private Harness(Assembly assembly)
    {
        _assembly = assembly;
        _thread = Activator.CreateInstance(assembly.GetType("Cloister.Linux.LinuxThread")!)!;
    }

    /// <summary>What OnUnimplementedSyscall was told.</summary>
    public string Log => (string)_thread.GetType().GetField("Log")!.GetValue(_thread)!;

    /// <summary>Compiles handlers and loads the result; fails on any diagnostic.</summary>
    public static Harness Load(string handlers)
    {
        (Compilation compilation, IReadOnlyList<Diagnostic> problems) = Compile(handlers);
        Assert.Empty(problems);
        using var image = new MemoryStream();
        Assert.True(compilation.Emit(image).Success);
        return new Harness(Assembly.Load(image.ToArray()));
    }

    /// <summary>The diagnostics of the generator for some handlers.</summary>
    public static string[] FindProblems(string handlers) =>
        [.. Compile(handlers).Problems.Where(p => p.Id.StartsWith("CLS", StringComparison.Ordinal)).Select(p => p.Id)];

    public long Call(int number, params ulong[] arguments) =>
        (long)Door("Call").Invoke(null, [_thread, number, Registers(arguments)])!;

    public string Trace(int number, long result, params ulong[] arguments) =>
        (string)Door("Trace").Invoke(null, [number, Registers(arguments), result])!;

    public string[] Catalog() => ((string)Door("Catalog").Invoke(null, null)!).TrimEnd('\n').Split('\n');

    private static ulong[] Registers(ulong[] arguments) => [.. arguments, .. new ulong[6 - arguments.Length]];

    private MethodInfo Door(string name) => _assembly.GetType("Cloister.Linux.Door")!.GetMethod(name)!;

    private static IEnumerable<MetadataReference> FindReferences() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll" or "System.Memory.dll")
        .Append(typeof(Errno).Assembly.Location)
        .Select(path => MetadataReference.CreateFromFile(path));

    private static (Compilation Compilation, IReadOnlyList<Diagnostic> Problems) Compile(string handlers)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = new List<SyntaxTree>
        {
            CSharpSyntaxTree.ParseText(Scaffold, options),
            CSharpSyntaxTree.ParseText("using System; using Cloister.Abi; using Cloister.Linux; using Cloister.Linux.Syscalls;\n" + handlers, options, "Snippet.cs"),
        };
        Assembly self = typeof(Harness).Assembly;
        foreach (string resource in self.GetManifestResourceNames())
        {
            if (!resource.EndsWith(".cs", StringComparison.Ordinal))
                continue;
            using var reader = new StreamReader(self.GetManifestResourceStream(resource)!);
            trees.Add(CSharpSyntaxTree.ParseText(reader.ReadToEnd(), options, resource));
        }

        var input = CSharpCompilation.Create(
            "Snippet", trees, s_references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new SyscallGenerator().AsSourceGenerator()], parseOptions: options);
        driver.RunGeneratorsAndUpdateCompilation(input, out Compilation output, out var generatorProblems);
        var problems = new List<Diagnostic>(generatorProblems);
        problems.AddRange(output.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning));
        return (output, problems);
    }
}

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Cloister.Generators;

/// <summary>
/// Generates everything about a system call from its one declaration: dispatch by number, the catalogue, and the
/// strace formatter.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class SyscallGenerator : IIncrementalGenerator
{
    private const string AttributeName = "Cloister.Linux.Syscalls.SyscallAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<ImmutableArray<HandlerModel>> handlers = context.SyntaxProvider
            .ForAttributeWithMetadataName(AttributeName, static (node, _) => node is MethodDeclarationSyntax, SyscallReader.ReadHandler)
            .Collect();
        IncrementalValueProvider<EquatableArray<UnimplementedModel>> unimplemented =
            context.CompilationProvider.Select(SyscallReader.ReadUnimplemented);
        IncrementalValueProvider<string> threadType = context.CompilationProvider.Select(SyscallReader.FindThreadType);

        IncrementalValueProvider<EquatableArray<GenericModel>> generic = context.CompilationProvider.Select(SyscallReader.ReadGeneric);

        context.RegisterSourceOutput(handlers.Combine(unimplemented).Combine(threadType).Combine(generic), static (output, input) =>
            Generate(output, input.Left.Left.Left, input.Left.Left.Right, input.Left.Right, input.Right));
    }

    private static void Generate(
        SourceProductionContext output,
        ImmutableArray<HandlerModel> handlers,
        EquatableArray<UnimplementedModel> unimplemented,
        string threadType,
        EquatableArray<GenericModel> generic)
    {
        if (handlers.IsEmpty && unimplemented.Count == 0)
            return;

        var byNumber = new SortedDictionary<int, HandlerModel>();
        foreach (HandlerModel handler in handlers)
        {
            foreach (Problem problem in handler.Problems)
                output.ReportDiagnostic(Diagnostic.Create(Problems.Find(problem.Id), handler.Place.ToLocation(), problem.First, problem.Second));
            if (byNumber.ContainsKey(handler.Number))
                output.ReportDiagnostic(Diagnostic.Create(Problems.DuplicateNumber, handler.Place.ToLocation(), handler.Number, handler.Name));
            else if (handler.Problems.Count == 0)
                byNumber.Add(handler.Number, handler);
        }

        // A call that has been implemented may still have its row in the list of missing ones: that row counts no more.
        var missing = new SortedDictionary<int, UnimplementedModel>();
        foreach (UnimplementedModel row in unimplemented)
        {
            if (missing.ContainsKey(row.Number))
                output.ReportDiagnostic(Diagnostic.Create(Problems.DuplicateNumber, row.Place.ToLocation(), row.Number, row.Name));
            else if (!byNumber.ContainsKey(row.Number))
                missing.Add(row.Number, row);
        }

        SortedDictionary<int, int> numbers = FindGeneric(output, byNumber, missing, generic);
        Add(output, "SyscallCatalog.g.cs", CatalogWriter.Write(byNumber, missing, numbers));
        Add(output, "GenericNumbers.g.cs", NumbersWriter.Write(numbers));
        Add(output, "SyscallTable.Strace.g.cs", StraceWriter.Write(byNumber, missing));
        if (threadType.Length != 0)
            Add(output, "SyscallTable.Dispatch.g.cs", DispatchWriter.Write(byNumber, missing, threadType));
    }

    /// <summary>Numbers of asm-generic, by x86-64's: the rows name calls.</summary>
    private static SortedDictionary<int, int> FindGeneric(
        SourceProductionContext output, SortedDictionary<int, HandlerModel> handlers, SortedDictionary<int, UnimplementedModel> missing,
        EquatableArray<GenericModel> generic)
    {
        var byName = new Dictionary<string, int>();
        foreach (HandlerModel handler in handlers.Values)
            byName[handler.Name] = handler.Number;
        foreach (UnimplementedModel row in missing.Values)
            byName[row.Name] = row.Number;
        var numbers = new SortedDictionary<int, int>();
        foreach (GenericModel row in generic)
        {
            if (!byName.TryGetValue(row.Name, out int number) || numbers.ContainsKey(number))
                output.ReportDiagnostic(Diagnostic.Create(Problems.UnknownCall, row.Place.ToLocation(), row.Name));
            else
                numbers.Add(number, row.Number);
        }

        return numbers;
    }

    private static void Add(SourceProductionContext output, string file, string source) =>
        output.AddSource(file, SourceText.From(source, Encoding.UTF8));
}

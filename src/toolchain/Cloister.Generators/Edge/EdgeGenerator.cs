using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Cloister.Generators.Edge;

/// <summary>Generates both sides of an edge interface, and a header for hosts in C.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class EdgeGenerator : IIncrementalGenerator
{
    private const string AttributeName = "Cloister.Sdk.Edge.EdgeInterfaceAttribute";

    private static readonly DiagnosticDescriptor s_badMethod = new("CLE001", "A method that can't be an edge call",
        "'{0}' {1}: an edge call takes int, uint, long and ulong, then at most one ReadOnlySpan<byte>, then at most one Span<byte>", "Cloister",
        DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context) => context.RegisterSourceOutput(
        context.SyntaxProvider.ForAttributeWithMetadataName(AttributeName, static (node, _) => node is InterfaceDeclarationSyntax, EdgeReader.Read),
        static (output, edge) => Generate(output, edge));

    private static void Generate(SourceProductionContext output, EdgeInterface edge)
    {
        bool isWhole = true;
        foreach (EdgeMethod method in edge.Methods)
        {
            if (method.Problem.Length == 0)
                continue;
            output.ReportDiagnostic(Diagnostic.Create(s_badMethod, edge.Place.ToLocation(), method.Name, method.Problem));
            isWhole = false;
        }

        if (isWhole)
            output.AddSource(edge.BaseName + ".Edge.g.cs", SourceText.From(EdgeWriter.Write(edge), Encoding.UTF8));
    }
}

using System.IO;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Cloister.Generators;

/// <summary>Writes families of types that differ in a few words from one template each (<see cref="Template"/>).</summary>
[Generator(LanguageNames.CSharp)]
public sealed class TemplateGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor s_malformed = new(
        "CLT001", "Malformed template", "{0}", "Cloister", DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<(string Path, string Text)> templates = context.AdditionalTextsProvider
            .Where(static file => file.Path.EndsWith(".template", System.StringComparison.Ordinal))
            .Select(static (file, cancellation) => (file.Path, file.GetText(cancellation)?.ToString() ?? ""));
        context.RegisterSourceOutput(templates, static (output, file) =>
        {
            string name = Path.GetFileName(file.Path);
            try
            {
                foreach ((string instance, string source) in Template.Expand(file.Text))
                    output.AddSource(instance + "." + Path.GetFileNameWithoutExtension(file.Path) + ".g.cs", SourceText.From(source, Encoding.UTF8));
            }
            catch (InvalidDataException problem)
            {
                output.ReportDiagnostic(Diagnostic.Create(s_malformed, Location.None, name + ": " + problem.Message));
            }
        });
    }
}

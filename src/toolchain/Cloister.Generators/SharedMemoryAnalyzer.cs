using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Cloister.Generators;

/// <summary>
/// Refuses what inside code must not do with memory that the host can change: read the same bytes twice, or get at them past the window.
/// That an index or a length isn't used unchecked is what <c>Untrusted&lt;T&gt;</c> sees to by itself.
/// </summary>
/// <remarks>
/// Two reads are of the same bytes where the windows are written alike and nothing is assigned to their variables in between; windows of other names
/// for the same memory are not followed.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharedMemoryAnalyzer : DiagnosticAnalyzer
{
    private const string Window = "Cloister.Nucleus.HostCalls.SharedWindow";
    private const string Port = "Cloister.Hal.IHostPort";

    private static readonly ImmutableHashSet<string> s_reads = ImmutableHashSet.Create("Read", "CopyTo", "ToArray", "StoreTo");

    // Who makes windows of the memory, and the rings, whose words are read by Volatile.
    private static readonly ImmutableHashSet<string> s_makers = ImmutableHashSet.Create("HostChannel", "SharedCompletionRing");

    internal static readonly DiagnosticDescriptor ReadTwice = Error(
        "CLU001", "Shared memory is read twice", "'{0}' is read a second time; the host may have changed it: check and use the first copy");

    internal static readonly DiagnosticDescriptor PastTheWindow = Error(
        "CLU002", "Shared memory without a window", "'{0}' leads to memory that the host can change; only the channel makes windows of it");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(ReadTwice, PastTheWindow);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            INamedTypeSymbol? port = start.Compilation.GetTypeByMetadataName(Port);
            INamedTypeSymbol? window = start.Compilation.GetTypeByMetadataName(Window);
            if (port is not null)
                start.RegisterSyntaxNodeAction(node => CheckAccess(node, port), SyntaxKind.SimpleMemberAccessExpression);
            if (window is null)
                return;
            start.RegisterSyntaxNodeAction(node => CheckAccess(node, window), SyntaxKind.SimpleMemberAccessExpression);
            start.RegisterCodeBlockAction(block => CheckReads(block, window));
        });
    }

    private static void CheckAccess(SyntaxNodeAnalysisContext context, INamedTypeSymbol owner)
    {
        var access = (MemberAccessExpressionSyntax)context.Node;
        string name = access.Name.Identifier.ValueText;
        if (name is not ("SharedMemory" or "ForHost"))
            return;
        ISymbol? member = context.SemanticModel.GetSymbolInfo(access, context.CancellationToken).Symbol;
        if (!SymbolEqualityComparer.Default.Equals(member?.ContainingType, owner))
            return;
        string? user = context.ContainingSymbol?.ContainingType?.Name;
        if (user is null || !s_makers.Contains(user))
            context.ReportDiagnostic(Diagnostic.Create(PastTheWindow, access.GetLocation(), access.ToString()));
    }

    private static void CheckReads(CodeBlockAnalysisContext context, INamedTypeSymbol window)
    {
        var read = new HashSet<string>();
        foreach (SyntaxNode node in context.CodeBlock.DescendantNodes())
        {
            // A variable that leads elsewhere from here on: what was read by its name is other memory.
            if (node is AssignmentExpressionSyntax { Left: IdentifierNameSyntax changed })
                read.RemoveWhere(text => text == changed.Identifier.ValueText || text.StartsWith(changed.Identifier.ValueText + ".", System.StringComparison.Ordinal));
            if (node is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } || !s_reads.Contains(access.Name.Identifier.ValueText))
                continue;
            ITypeSymbol? receiver = context.SemanticModel.GetTypeInfo(access.Expression, context.CancellationToken).Type;
            if (!SymbolEqualityComparer.Default.Equals(receiver, window))
                continue;
            string text = string.Concat(access.Expression.DescendantTokens().Select(token => token.Text));
            if (!read.Add(text))
                context.ReportDiagnostic(Diagnostic.Create(ReadTwice, access.GetLocation(), access.Expression.ToString()));
        }
    }

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Cloister", DiagnosticSeverity.Error, isEnabledByDefault: true);
}

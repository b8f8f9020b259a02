using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace Cloister.Generators.Edge;

/// <summary>Reads an edge interface from its symbols.</summary>
internal static class EdgeReader
{
    private const string CallAttribute = "Cloister.Sdk.Edge.EdgeCallAttribute";
    private const int LargestNumber = 63, ForwardedCall = 11;

    public static EdgeInterface Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var methods = new List<EdgeMethod>();
        var numbers = new HashSet<int>();
        foreach (ISymbol member in type.GetMembers())
        {
            cancellation.ThrowIfCancellationRequested();
            if (member is IMethodSymbol method)
                methods.Add(Read(method, numbers));
        }

        string space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        string accessibility = type.DeclaredAccessibility == Accessibility.Public ? "public" : "internal";
        return new EdgeInterface(space, type.Name, accessibility, new EquatableArray<EdgeMethod>([.. methods]), SourcePlace.From(context.TargetNode));
    }

    private static EdgeMethod Read(IMethodSymbol method, HashSet<int> numbers)
    {
        AttributeData? attribute = method.GetAttributes().FirstOrDefault(one => one.AttributeClass?.ToDisplayString() == CallAttribute);
        int number = attribute?.ConstructorArguments.Length == 1 && attribute.ConstructorArguments[0].Value is int value ? value : 0;
        EdgeParameter[] parameters = [.. method.Parameters.Select(one => new EdgeParameter(one.Name, one.Type.ToDisplayString(), KindOf(one.Type)))];
        EdgeKind result = method.ReturnsVoid ? EdgeKind.Nothing : KindOf(method.ReturnType);
        string problem = FindProblem(method, number, numbers, parameters, result);
        return new EdgeMethod(method.Name, number, result, method.ReturnType.ToDisplayString(), new EquatableArray<EdgeParameter>(parameters), problem);
    }

    private static string FindProblem(IMethodSymbol method, int number, HashSet<int> numbers, EdgeParameter[] parameters, EdgeKind result)
    {
        if (number is < 1 or > LargestNumber or ForwardedCall)
            return "needs [EdgeCall] with a number from 1 to 63 that isn't 11";
        if (!numbers.Add(number))
            return "has the number of another method";
        if (method.IsGenericMethod || method.Parameters.Any(one => one.RefKind != RefKind.None))
            return "must not be generic, nor have parameters by reference";
        int bytes = 0;
        foreach (EdgeParameter parameter in parameters)
        {
            if (parameter.Kind is EdgeKind.Unsupported or EdgeKind.Nothing)
                return $"has the parameter '{parameter.Name}' of type '{parameter.Type}'";
            if (bytes > 0 && parameter.Kind != EdgeKind.Result)
                return $"has the parameter '{parameter.Name}' behind its bytes";
            bytes += parameter.Kind.IsNumber() ? 0 : 1;
        }

        bool givesBytes = parameters.Any(one => one.Kind == EdgeKind.Result);
        if (bytes > 2 || parameters.Count(one => one.Kind == EdgeKind.Result) > 1)
            return "has more than one span of bytes for its argument, or its result";
        if (givesBytes ? result != EdgeKind.Int32 : result != EdgeKind.Nothing && !result.IsNumber())
            return givesBytes ? "gives bytes, and so has to return an int: how many" : "returns what is no number";
        return "";
    }

    private static EdgeKind KindOf(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Int32 => EdgeKind.Int32,
        SpecialType.System_UInt32 => EdgeKind.UInt32,
        SpecialType.System_Int64 => EdgeKind.Int64,
        SpecialType.System_UInt64 => EdgeKind.UInt64,
        _ => type.ToDisplayString() switch
        {
            "System.ReadOnlySpan<byte>" => EdgeKind.Argument,
            "System.Span<byte>" => EdgeKind.Result,
            _ => EdgeKind.Unsupported,
        },
    };
}

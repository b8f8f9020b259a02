using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Cloister.Aot.Tests.Members;

/// <summary>
/// Writes a program that calls the public members of the core library's types with edge values and prints what comes of each call: the result or
/// the type of the exception, and what the object looks like afterwards. Only members that .NET has too are called: the program is compiled
/// against the framework, whose output is what is expected.
/// </summary>
internal sealed class MemberProgram
{
    // Of a member's combinations of values, that many are called, spread over all.
    private const int CallsOfMember = 96;

    // What differs by nature, or what isn't the framework's business.
    private static readonly HashSet<string> s_excluded = ["GetHashCode", "NewGuid", "CreateVersion7", "GetType", "MemberwiseClone", "CreateInstance", "GetPinnableReference",
        "EnumerateRunes", "TryGetNonEnumeratedCount", "Intern", "IsInterned", "AllocateUninitializedArray", "AllocateArray", "ArrayEqual",
        // An empty range (low above high) means something else to each of .NET's implementations.
        "IndexOfAnyInRange", "ContainsAnyInRange"];

    private readonly CSharpCompilation _framework;
    private readonly CSharpCompilation _core;
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, string> _factories = [];

    /// <summary>The members that are called: a name and the lines of the source that it has.</summary>
    public List<(string Name, string Method, int FirstLine, int LastLine)> Members { get; } = [];

    /// <summary>Members that .NET has too and whose parameters have no values here.</summary>
    public List<string> Skipped { get; } = [];

    private int _line = 1;

    public MemberProgram(IEnumerable<MetadataReference> framework, string coreLibrary)
    {
        _framework = CSharpCompilation.Create("framework", references: framework);
        _core = CSharpCompilation.Create("core", references: [MetadataReference.CreateFromFile(coreLibrary)]);
    }

    /// <summary>The program for some types. Members of <paramref name="without"/> are left out.</summary>
    public string Write(IEnumerable<Subject> subjects, HashSet<string> without)
    {
        Append("internal static partial class Program\n{\n");
        foreach (Subject subject in subjects)
            WriteSubject(subject, without);
        Append("    private static void Main()\n    {\n");
        foreach ((_, string method, _, _) in Members)
            Append($"        {method}();\n");
        Append("        Flush();\n    }\n");
        foreach (string factory in _factories.Keys.ToArray())
            Append(factory.Replace("@NAME", _factories[factory]) + "\n");
        Append("}\n" + ProgramSupport.Text);
        return "#pragma warning disable\n" + _text;
    }

    private void Append(string text)
    {
        _text.Append(text);
        _line += text.Count(c => c == '\n');
    }

    private void WriteSubject(Subject subject, HashSet<string> without)
    {
        if (_framework.GetTypeByMetadataName(subject.MetadataName) is not { } definition
            || _core.GetTypeByMetadataName(subject.MetadataName) is not { } coreDefinition)
            throw new InvalidOperationException($"{subject.MetadataName} is not a type of both libraries.");
        HashSet<string> known = [.. coreDefinition.GetMembers().Where(IsPublic).Select(Id)];
        INamedTypeSymbol type = definition.IsGenericType ? definition.Construct([.. subject.Arguments.Select(Named)]) : definition;
        if (type.AllInterfaces.FirstOrDefault(i => i.ConstructedFrom.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T) is { } sequence
            && !type.IsValueType && subject.Instances.Count > 0)
            WriteEnumeration(Filled(subject), type, sequence);
        foreach (ISymbol member in type.GetMembers().Where(IsPublic).OrderBy(Id, StringComparer.Ordinal))
            if (known.Contains(Id(member)) && !s_excluded.Contains(member.Name) && !IsObsolete(member))
                WriteMember(subject, type, member, without);
    }

    private static bool IsPublic(ISymbol member) => member.DeclaredAccessibility == Accessibility.Public;

    private static bool IsObsolete(ISymbol member) => member.GetAttributes().Any(a => a.AttributeClass?.Name == "ObsoleteAttribute");

    private static string Id(ISymbol member) => member.OriginalDefinition.GetDocumentationCommentId() ?? member.Name;

    private ITypeSymbol Named(string name) => name switch
    {
        "int" => _framework.GetSpecialType(SpecialType.System_Int32),
        "string" => _framework.GetSpecialType(SpecialType.System_String),
        "char" => _framework.GetSpecialType(SpecialType.System_Char),
        "byte" => _framework.GetSpecialType(SpecialType.System_Byte),
        _ => throw new ArgumentException(name),
    };

    private void WriteMember(Subject subject, INamedTypeSymbol type, ISymbol member, HashSet<string> without)
    {
        switch (member)
        {
            case IMethodSymbol { MethodKind: MethodKind.Constructor, IsStatic: false } constructor when !type.IsAbstract:
                WriteCall(subject, type, member, constructor.Parameters, arguments => $"new {EdgeValues.Text(type)}({arguments})", true, null, without);
                break;
            case IMethodSymbol { MethodKind: MethodKind.Ordinary } method:
                foreach (IMethodSymbol instance in Instances(method))
                {
                    string name = instance.IsGenericMethod ? $"{instance.Name}<{string.Join(", ", instance.TypeArguments.Select(EdgeValues.Text))}>" : instance.Name;
                    WriteCall(subject, type, member, instance.Parameters, arguments => $"{Receiver(type, instance)}.{name}({arguments})", false, instance.ReturnType,
                        without, instance.IsGenericMethod ? $"<{EdgeValues.Text(instance.TypeArguments[0])}>" : "");
                }

                break;
            case IPropertySymbol property:
                Func<string, string> access = arguments => property.IsIndexer ? $"{Receiver(type, property)}[{arguments}]" : $"{Receiver(type, property)}.{property.Name}";
                if (property.GetMethod is { } getter && IsPublic(getter))
                    WriteCall(subject, type, member, property.Parameters, access, false, property.Type, without);
                if (property.SetMethod is { IsInitOnly: false } setter && IsPublic(setter) && !type.IsValueType)
                    WriteCall(subject, type, member, setter.Parameters, null, false, null, without, "=", property);
                break;
        }
    }

    // Empty collections of .NET give an enumerator of another type, which says other things before its end.
    private static Subject Filled(Subject subject) => subject with { Instances = [.. subject.Instances.Skip(subject.Instances.Count > 1 ? 1 : 0)] };

    // Enumerators before their first item, behind their last one, started again, and of a collection that was changed.
    private void WriteEnumeration(Subject subject, INamedTypeSymbol type, INamedTypeSymbol sequence)
    {
        string name = $"{EdgeValues.Text(type)} is enumerated";
        string item = EdgeValues.Text(sequence.TypeArguments[0]);
        int first = _line;
        string methodName = "M" + Members.Count;
        bool canClear = type.GetMembers("Clear").OfType<IMethodSymbol>().Any(IsPublic) && type.GetMembers("Add").Any(IsPublic);
        Append($$"""
                private static void {{methodName}}()
                {
                    Begin({{SymbolDisplay.FormatLiteral(name, true)}}, 16, {{subject.Instances.Count}});
                    while (Next())
                    {
                        {{EdgeValues.Text(type)}} target = {{Factory(EdgeValues.Text(type), subject.Instances)}}(At(0));
                        Enumerate<{{item}}>(target, () => { {{(canClear ? "target.Clear();" : "")}} });
                    }
                }


            """);
        Members.Add((name, methodName, first, _line - 1));
    }

    private static string Receiver(INamedTypeSymbol type, ISymbol member) => member.IsStatic ? EdgeValues.Text(type) : "target";

    private IEnumerable<IMethodSymbol> Instances(IMethodSymbol method)
    {
        if (!method.IsGenericMethod)
            return [method];
        string[] all = method.TypeParameters.Any(p => p.HasValueTypeConstraint || p.HasUnmanagedTypeConstraint) ? ["int"] : ["int", "string"];
        return all.Select(first => method.Construct([.. method.TypeParameters.Select((_, i) => Named(i == 0 ? first : "string"))]));
    }

    private void WriteCall(Subject subject, INamedTypeSymbol type, ISymbol member, IReadOnlyList<IParameterSymbol> parameters, Func<string, string>? call,
        bool isConstructor, ITypeSymbol? result, HashSet<string> without, string suffix = "", IPropertySymbol? assigned = null)
    {
        string name = $"{EdgeValues.Text(type)}.{member.Name}{suffix}({string.Join(", ", parameters.Select(p => EdgeValues.Text(p.Type)))})";
        if (without.Contains(name))
            return;
        bool hasTarget = !member.IsStatic && !isConstructor;
        if (hasTarget && subject.Instances.Count == 0)
            return;
        var counts = new List<int>();
        var arguments = new List<string>();
        var before = new StringBuilder();
        var after = new List<string>();
        if (hasTarget)
        {
            counts.Add(subject.Instances.Count);
            before.Append($"            {EdgeValues.Text(type)} target = {Factory(EdgeValues.Text(type), subject.Instances)}(At(0));\n");
        }

        foreach (IParameterSymbol parameter in parameters)
        {
            string typeText = EdgeValues.Text(parameter.Type);
            if (parameter.RefKind == RefKind.Out)
            {
                arguments.Add($"out {typeText} out{arguments.Count}");
                after.Add($"out{arguments.Count - 1}");
                continue;
            }

            string parameterName = assigned is not null && parameter.Name == "value" ? assigned.Name : parameter.Name;
            if (EdgeValues.Of(parameter.Type, parameterName, isConstructor) is not { } values)
            {
                Skipped.Add($"{name}: {typeText}");
                return;
            }

            int place = counts.Count;
            counts.Add(values.Count);
            string value = $"{Factory(typeText, values)}(At({place}))";
            if (parameter.RefKind == RefKind.Ref)
            {
                before.Append($"            {typeText} ref{place} = {value};\n");
                value = $"ref ref{place}";
                after.Add($"ref{place}");
            }

            arguments.Add(value);
        }

        int first = _line;
        string methodName = "M" + Members.Count;
        Append($"    private static void {methodName}()\n    {{\n        Begin({SymbolDisplay.FormatLiteral(name, true)}, {CallsOfMember}{string.Concat(counts.Select(c => ", " + c))});\n");
        Append("        while (Next())\n        {\n" + before + "            try\n            {\n");
        if (assigned is not null)
        {
            string last = arguments[^1];
            string place = assigned.IsIndexer ? $"[{string.Join(", ", arguments.SkipLast(1))}]" : "." + assigned.Name;
            Append($"                {(assigned.IsStatic ? EdgeValues.Text(type) : "target")}{place} = {last};\n                Done();\n");
        }
        else
        {
            string expression = call!(string.Join(", ", arguments));
            // Only the sign of an order has a meaning.
            if (member.Name.Contains("Compare", StringComparison.Ordinal) && result is { SpecialType: SpecialType.System_Int32 })
                expression = $"System.Math.Sign({expression})";
            // How much a collection holds without growing isn't said; only that it is enough.
            bool isShown = (isConstructor || result!.SpecialType != SpecialType.System_Void) && member.Name is not ("EnsureCapacity" or "Capacity");
            Append(isShown ? $"                Done(Show({expression}));\n" : $"                {(result is { SpecialType: SpecialType.System_Void } ? "" : "_ = ")}{expression};\n                Done();\n");
        }

        foreach (string variable in after)
            Append($"                Done(Show({variable}));\n");
        Append("            }\n            catch (System.Exception exception)\n            {\n                Fail(exception);\n            }\n");
        if (hasTarget && !type.IsValueType)
            Append("            Done(Show(target));\n");
        Append("        }\n    }\n\n");
        Members.Add((name, methodName, first, _line - 1));
    }

    // A function that gives the value of a number.
    private string Factory(string type, IReadOnlyList<string> values)
    {
        string text = $"    private static {type} @NAME(int i) => i switch {{ {string.Concat(values.SkipLast(1).Select((v, i) => $"{i} => {Cast(v)}, "))}_ => {Cast(values[^1])} }};\n";
        string Cast(string value) => type.Contains("Span", StringComparison.Ordinal) ? value : $"({type})({value})";
        if (!_factories.TryGetValue(text, out string? name))
            _factories[text] = name = "V" + _factories.Count;
        return name;
    }
}

/// <summary>A type whose members are called, and objects of it, made anew for each call.</summary>
internal sealed record Subject(string MetadataName, IReadOnlyList<string> Arguments, IReadOnlyList<string> Instances);

using System.Collections.Generic;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace Cloister.Generators;

/// <summary>Turns declarations of system calls into models.</summary>
internal static class SyscallReader
{
    private const int RegisterCount = 6;

    private static readonly SymbolDisplayFormat FullName = SymbolDisplayFormat.FullyQualifiedFormat;

    public static HandlerModel ReadHandler(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var method = (IMethodSymbol)context.TargetSymbol;
        AttributeData attribute = context.Attributes[0];
        var problems = new List<Problem>();
        var arguments = new List<ArgumentModel>();

        if (!method.IsStatic || method.IsGenericMethod || method.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected)
            problems.Add(new Problem(Problems.NotStatic.Id, method.Name, ""));
        string threadType = "";
        int firstArgument = 0;
        if (method.Parameters.Length > 0 && method.Parameters[0].Type.Name == "LinuxThread")
        {
            threadType = method.Parameters[0].Type.ToDisplayString(FullName);
            firstArgument = 1;
        }
        else
        {
            problems.Add(new Problem(Problems.NoThread.Id, method.Name, ""));
        }

        if (!IsResult(method.ReturnType))
            problems.Add(new Problem(Problems.UnsupportedResult.Id, method.Name, method.ReturnType.ToDisplayString()));
        if (method.Parameters.Length - firstArgument > RegisterCount)
            problems.Add(new Problem(Problems.TooManyParameters.Id, method.Name, (method.Parameters.Length - firstArgument).ToString()));

        for (int i = firstArgument; i < method.Parameters.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            IParameterSymbol parameter = method.Parameters[i];
            ArgumentModel? argument = parameter.RefKind == RefKind.None ? ReadArgument(parameter) : null;
            if (argument is null)
                problems.Add(new Problem(Problems.UnsupportedParameter.Id, parameter.Name, parameter.ToDisplayString()));
            else
                arguments.Add(argument);
        }

        return new HandlerModel(
            Number: attribute.ConstructorArguments.Length > 0 ? attribute.ConstructorArguments[0].Value as int? ?? -1 : -1,
            Name: attribute.ConstructorArguments.Length > 1 ? attribute.ConstructorArguments[1].Value as string ?? "" : "",
            Support: attribute.ConstructorArguments.Length > 2 ? attribute.ConstructorArguments[2].Value as int? ?? 0 : 0,
            Note: FindNamed(attribute, "Note") as string ?? "",
            Lacks: FindNamed(attribute, "Lacks") as string ?? "",
            threadType,
            method.ContainingType.ToDisplayString(FullName) + "." + method.Name,
            new EquatableArray<ArgumentModel>([.. arguments]),
            SourcePlace.From(context.TargetNode is Microsoft.CodeAnalysis.CSharp.Syntax.MethodDeclarationSyntax declaration
                ? declaration.ParameterList
                : context.TargetNode),
            new EquatableArray<Problem>([.. problems]));
    }

    public static EquatableArray<UnimplementedModel> ReadUnimplemented(Compilation compilation, CancellationToken cancellation)
    {
        var rows = new List<UnimplementedModel>();
        foreach (AttributeData attribute in compilation.Assembly.GetAttributes())
        {
            cancellation.ThrowIfCancellationRequested();
            if (attribute.AttributeClass?.Name != "UnimplementedSyscallAttribute" || attribute.ConstructorArguments.Length < 2)
                continue;
            rows.Add(new UnimplementedModel(
                attribute.ConstructorArguments[0].Value as int? ?? -1,
                attribute.ConstructorArguments[1].Value as string ?? "",
                attribute.ConstructorArguments.Length > 2 ? attribute.ConstructorArguments[2].Value as string ?? "" : "",
                FindNamed(attribute, "Result") as int? ?? NoSuchCall,
                FindNamed(attribute, "IsOptional") is true,
                SourcePlace.From(attribute.ApplicationSyntaxReference?.GetSyntax(cancellation))));
        }

        return new EquatableArray<UnimplementedModel>([.. rows]);
    }

    public static EquatableArray<GenericModel> ReadGeneric(Compilation compilation, CancellationToken cancellation)
    {
        var rows = new List<GenericModel>();
        foreach (AttributeData attribute in compilation.Assembly.GetAttributes())
        {
            cancellation.ThrowIfCancellationRequested();
            if (attribute.AttributeClass?.Name != "GenericSyscallAttribute" || attribute.ConstructorArguments.Length != 2)
                continue;
            rows.Add(new GenericModel(
                attribute.ConstructorArguments[0].Value as int? ?? -1,
                attribute.ConstructorArguments[1].Value as string ?? "",
                SourcePlace.From(attribute.ApplicationSyntaxReference?.GetSyntax(cancellation))));
        }

        return new EquatableArray<GenericModel>([.. rows]);
    }

    /// <summary>Finds the type of threads, which declares OnUnimplementedSyscall; empty while there is none.</summary>
    public static string FindThreadType(Compilation compilation, CancellationToken cancellation)
    {
        foreach (ISymbol symbol in compilation.GetSymbolsWithName("LinuxThread", SymbolFilter.Type, cancellation))
            return symbol.ToDisplayString(FullName);
        return "";
    }

    /// <summary>ENOSYS.</summary>
    public const int NoSuchCall = 38;

    private static object? FindNamed(AttributeData attribute, string name)
    {
        foreach (KeyValuePair<string, TypedConstant> named in attribute.NamedArguments)
        {
            if (named.Key == name)
                return named.Value.Value;
        }

        return null;
    }

    private static bool IsResult(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64
        || (type.TypeKind != TypeKind.Error && type.Name is "SyscallResult" or "Errno");

    private static ArgumentModel? ReadArgument(IParameterSymbol parameter)
    {
        ITypeSymbol type = parameter.Type;
        string text = type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
        string fullName = type.ToDisplayString(FullName);
        if (FindRegisterType(type) is { } integer)
            return new ArgumentModel(parameter.Name, text, fullName, integer, ArgumentKind.Integer, null);
        if (type is not INamedTypeSymbol named)
            return null;
        if (named.EnumUnderlyingType is { } underlying)
            return new ArgumentModel(parameter.Name, text, fullName, underlying.ToDisplayString(), ArgumentKind.Enum, ReadEnum(named));
        if (!named.IsValueType || named.SpecialType != SpecialType.None)
            return null;

        foreach (IMethodSymbol constructor in named.InstanceConstructors)
        {
            if (constructor.Parameters.Length != 1 || FindRegisterType(constructor.Parameters[0].Type) is not { } wrapped)
                continue;
            ArgumentKind kind = named.Name switch
            {
                "Fd" => ArgumentKind.Descriptor,
                "FileMode" => ArgumentKind.Mode,
                "UserAddress" => ArgumentKind.Address,
                "UserString" => ArgumentKind.String,
                "SignalNumber" => ArgumentKind.Signal,
                _ => ArgumentKind.Wrapper,
            };
            return new ArgumentModel(parameter.Name, text, fullName, wrapped, kind, null);
        }

        return null;
    }

    private static string? FindRegisterType(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Int32 => "int",
        SpecialType.System_UInt32 => "uint",
        SpecialType.System_Int64 => "long",
        SpecialType.System_UInt64 => "ulong",
        _ => null,
    };

    private static EnumModel ReadEnum(INamedTypeSymbol type)
    {
        ulong mask = type.EnumUnderlyingType!.SpecialType switch
        {
            SpecialType.System_SByte or SpecialType.System_Byte => 0xFF,
            SpecialType.System_Int16 or SpecialType.System_UInt16 => 0xFFFF,
            SpecialType.System_Int32 or SpecialType.System_UInt32 => 0xFFFFFFFF,
            _ => ulong.MaxValue,
        };
        var members = new List<EnumMember>();
        foreach (ISymbol symbol in type.GetMembers())
        {
            if (symbol is not IFieldSymbol { HasConstantValue: true } field)
                continue;
            ulong value = field.ConstantValue is ulong unsigned
                ? unsigned
                : unchecked((ulong)System.Convert.ToInt64(field.ConstantValue, System.Globalization.CultureInfo.InvariantCulture));
            members.Add(new EnumMember(field.Name, value & mask));
        }

        bool isFlags = false;
        foreach (AttributeData attribute in type.GetAttributes())
            isFlags |= attribute.AttributeClass?.Name == "FlagsAttribute";
        return new EnumModel(type.ToDisplayString(FullName), type.Name, isFlags, new EquatableArray<EnumMember>([.. members]));
    }
}

using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Cloister.Aot.TypeSystem;

/// <summary>Which method a virtual call runs, for an object of a given type (ECMA-335, II.10.3 and II.12.2).</summary>
public static class VirtualResolution
{
    /// <summary>
    /// The implementation of <paramref name="declaration"/> in <paramref name="type"/>; nothing where the type doesn't have the method.
    /// </summary>
    public static MethodDesc? Resolve(TypeDesc type, MethodDesc declaration)
    {
        MethodDesc? found = declaration.Owner.IsInterface ? ResolveInterface(type, declaration) : ResolveClass(type, declaration);
        return found is null || found.Arguments.Length == declaration.Arguments.Length && found.Arguments.SequenceEqual(declaration.Arguments)
            ? found : found.WithArguments(declaration.Arguments);
    }

    private static MethodDesc? ResolveClass(TypeDesc type, MethodDesc declaration)
    {
        DefinedType? start = type as DefinedType ?? type.BaseType;
        var chain = new List<DefinedType>();
        for (DefinedType? parent = start; parent is not null && parent != declaration.Owner; parent = parent.BaseType)
            chain.Add(parent);
        if (start is null || (chain.Count > 0 && chain[^1].BaseType != declaration.Owner))
            return null;
        MethodDesc current = declaration;
        bool hidden = false;
        for (int i = chain.Count - 1; i >= 0; i--)
        {
            var replaced = chain[i].Overrides.FirstOrDefault(pair => IsSame(pair.Declaration, declaration) || IsSame(pair.Declaration, current));
            if (replaced is { Body: { } body })
            {
                current = body;
                continue;
            }

            MethodDesc? candidate = hidden ? null : Named(chain[i], declaration, mustBePublic: false);
            if (candidate is null || candidate.IsStatic)
                continue;
            if (candidate.IsNewSlot || !candidate.IsVirtual)
                hidden = true;
            else
                current = candidate;
        }

        return current;
    }

    private static MethodDesc? ResolveInterface(TypeDesc type, MethodDesc declaration)
    {
        DefinedType face = declaration.Owner;
        if (!type.Interfaces.Contains(face))
        {
            DefinedType? variant = type.Interfaces.FirstOrDefault(candidate => Assignability.IsVariant(candidate, face));
            if (variant is null && type is ArrayType && Assignability.IsInstance(type, face))
                variant = type.Interfaces.FirstOrDefault(candidate => candidate.Record == face.Record);
            if (variant is null)
                return null;
            declaration = face.Universe.Method(declaration.Record, variant, declaration.Arguments);
            face = variant;
        }

        for (DefinedType? parent = type as DefinedType ?? type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (!parent.DeclaredInterfaces.Contains(face))
                continue;
            if (parent.Overrides.FirstOrDefault(pair => IsSame(pair.Declaration, declaration)) is { Body: { } body })
                return body;
            if (declaration.IsStatic)
            {
                if (Named(parent, declaration, mustBePublic: true) is { } own)
                    return own;
                continue;
            }

            for (DefinedType? holder = parent; holder is not null; holder = holder.BaseType)
                if (Named(holder, declaration, mustBePublic: true) is { IsVirtual: true } method)
                    return ResolveClass(type, method);
        }

        return DefaultImplementation(type, declaration);
    }

    // The most specific interface that overrides the method wins; C# refuses classes for which there are two.
    private static MethodDesc? DefaultImplementation(TypeDesc type, MethodDesc declaration)
    {
        MethodDesc? best = declaration.IsAbstract ? null : declaration;
        foreach (DefinedType candidate in type.Interfaces)
        {
            if (candidate.Overrides.FirstOrDefault(pair => IsSame(pair.Declaration, declaration)) is not { Body: { IsAbstract: false } body })
                continue;
            if (best is null || best.Owner == declaration.Owner || candidate.Interfaces.Contains(best.Owner))
                best = body;
        }

        return best;
    }

    private static bool IsSame(MethodDesc one, MethodDesc other) => one.Record == other.Record && one.Owner == other.Owner;

    private static MethodDesc? Named(DefinedType type, MethodDesc declaration, bool mustBePublic)
    {
        Signature? wanted = null;
        foreach (MethodRecord method in type.Record.Methods)
        {
            if (method.Name != declaration.Name || method.Signature.Parameters.Length != declaration.Record.Signature.Parameters.Length)
                continue;
            if (mustBePublic && (method.Attributes & MethodAttributes.MemberAccessMask) != MethodAttributes.Public)
                continue;
            wanted ??= declaration.Record.Signature.Substitute(declaration.Owner.Arguments, []);
            if (method.Signature.Substitute(type.Arguments, []).Matches(wanted))
                return type.Universe.Method(method, type, declaration.Arguments);
        }

        return null;
    }
}

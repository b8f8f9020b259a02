using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;

namespace Cloister.Aot.TypeSystem;

/// <summary>Which objects a variable may hold (ECMA-335, I.8.7), decided while compiling: the program is closed.</summary>
public static class Assignability
{
    /// <summary>Whether an object of exactly <paramref name="type"/>, boxed if it is a value, is a <paramref name="target"/>.</summary>
    public static bool IsInstance(TypeDesc type, TypeDesc target)
    {
        if (type == target)
            return true;
        if (target is ArrayType wanted)
            return type is ArrayType array && array.Rank == wanted.Rank && IsElementCompatible(array.Element, wanted.Element);
        if (target is not DefinedType defined)
            return false;
        if (!defined.IsInterface)
        {
            for (DefinedType? parent = type.BaseType; parent is not null; parent = parent.BaseType)
                if (parent == defined)
                    return true;
            return IsVariant(type, defined);
        }

        return type.Interfaces.Any(candidate => candidate == defined || IsVariant(candidate, defined)) || IsVariant(type, defined) ||
            IsArrayInterface(type, defined);
    }

    /// <summary>Whether a reference of static type <paramref name="type"/> may be stored where <paramref name="target"/> is expected.</summary>
    public static bool IsReferenceCompatible(TypeDesc type, TypeDesc target) =>
        type == target || (type.IsReference && target.IsReference && (target.FullName == "System.Object" || IsInstance(type, target)));

    /// <summary>Whether the interface or delegate converts by variance (ECMA-335, I.8.7.1).</summary>
    public static bool IsVariant(TypeDesc type, DefinedType target)
    {
        if (type is not DefinedType source || source.Record != target.Record || source.Arguments.Length == 0)
            return false;
        int index = 0;
        foreach (GenericParameter parameter in source.Record.Parameters)
        {
            (TypeDesc from, TypeDesc to) = (source.Arguments[index], target.Arguments[index]);
            index++;
            if (from == to)
                continue;
            bool compatible = (parameter.Attributes & GenericParameterAttributes.VarianceMask) switch
            {
                GenericParameterAttributes.Covariant => IsReferenceCompatible(from, to),
                GenericParameterAttributes.Contravariant => IsReferenceCompatible(to, from),
                _ => false,
            };
            if (!compatible)
                return false;
        }

        return true;
    }

    // string[] is an IList<object> as well, although IList<T> has no variance (ECMA-335, I.8.7.1, last rule).
    private static bool IsArrayInterface(TypeDesc type, DefinedType target) => type is ArrayType { Rank: 0 } array && target.Arguments.Length == 1 &&
        array.Interfaces.Any(candidate => candidate.Record == target.Record) && IsElementCompatible(array.Element, target.Arguments[0]);

    private static bool IsElementCompatible(TypeDesc from, TypeDesc to)
    {
        if (from.IsReference || to.IsReference)
            return IsReferenceCompatible(from, to);
        return from == to || (Reduced(from) is var reduced && reduced != Primitive.None && reduced == Reduced(to));
    }

    // The reduced type of I.8.7.1: signedness and enumerations don't count for elements of arrays.
    private static Primitive Reduced(TypeDesc type) => type.Underlying.Primitive switch
    {
        Primitive.Byte => Primitive.SByte,
        Primitive.UInt16 => Primitive.Int16,
        Primitive.UInt32 => Primitive.Int32,
        Primitive.UInt64 => Primitive.Int64,
        Primitive.UIntPtr => Primitive.IntPtr,
        var other => other,
    };
}

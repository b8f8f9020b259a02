using System;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Evaluation;

/// <summary>
/// A value of the evaluator: an integer or the bits of a float, or an object: null, a string, an <see cref="EvaluatedArray"/> or
/// <see cref="EvaluatedObject"/>.
/// </summary>
internal readonly record struct Value(StackKind Kind, long Bits, object? Object = null)
{
    public static Value Of(object? value) => new(StackKind.Object, 0, value);

    /// <summary>The zero of a variable's type.</summary>
    public static Value Zero(TypeDesc type) => new(StackType.Of(type).Kind, 0);
}

/// <summary>An array that a static constructor makes.</summary>
internal sealed class EvaluatedArray(TypeDesc element, int length)
{
    public TypeDesc Element { get; } = element;

    /// <summary>Integers as they are, floats as bits; for arrays of references nothing.</summary>
    public long[] Bits { get; } = element.IsReference ? [] : new long[length];

    /// <summary>Null, string or <see cref="EvaluatedArray"/>; for other arrays nothing.</summary>
    public object?[] Objects { get; } = element.IsReference ? new object?[length] : [];

    public int Length => Math.Max(Bits.Length, Objects.Length);
}

/// <summary>An object of a class without fields: a closure class's only object, a comparer, a lock.</summary>
internal sealed class EvaluatedObject(DefinedType type)
{
    public DefinedType Type { get; } = type;
}

/// <summary>The static constructor does what can't be evaluated while compiling; it runs in the program.</summary>
internal sealed class NotEvaluableException : Exception;

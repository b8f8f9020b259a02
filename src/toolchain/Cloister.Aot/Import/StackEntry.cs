using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>What a value on the evaluation stack is (ECMA-335, III.1.1), with pointers and single precision apart.</summary>
internal enum StackKind { Int32, Int64, NativeInt, Single, Double, Object, Pointer, Structure }

/// <summary>The type of a value on the evaluation stack.</summary>
internal readonly record struct StackType(StackKind Kind, TypeDesc? Structure = null)
{
    public bool IsFloat => Kind is StackKind.Single or StackKind.Double;

    public static StackType Of(TypeDesc type) => type.Underlying.Primitive switch
    {
        Primitive.Boolean or Primitive.Char or Primitive.SByte or Primitive.Byte or Primitive.Int16 or Primitive.UInt16 or Primitive.Int32 or
            Primitive.UInt32 => new StackType(StackKind.Int32),
        Primitive.Int64 or Primitive.UInt64 => new StackType(StackKind.Int64),
        Primitive.IntPtr or Primitive.UIntPtr => new StackType(StackKind.NativeInt),
        Primitive.Single => new StackType(StackKind.Single),
        Primitive.Double => new StackType(StackKind.Double),
        _ when type is PointerType => new StackType(StackKind.Pointer),
        _ when type is FunctionPointerType => new StackType(StackKind.NativeInt),
        _ => type.IsValueType ? new StackType(StackKind.Structure, type) : new StackType(StackKind.Object),
    };
}

/// <summary>A value on the evaluation stack: a C variable or constant, never an expression with effects.</summary>
internal readonly record struct StackEntry(string Text, StackType Type)
{
    public StackKind Kind => Type.Kind;

    /// <summary>Its value where the compiler knows it.</summary>
    public long? Constant { get; init; }

    /// <summary>Whether it can't be null.</summary>
    public bool IsNotNull { get; init; }

    /// <summary>The method whose address it is.</summary>
    public MethodDesc? Function { get; init; }

    /// <summary>The static field whose value it is, an array.</summary>
    public FieldDesc? Field { get; init; }

    /// <summary>Of a delegate, the method of which it was made, or the <see cref="DelegatePlace"/> where it was.</summary>
    public object? Origin { get; init; }

    /// <summary>The type or field whose token it is.</summary>
    public object? Token { get; init; }
}

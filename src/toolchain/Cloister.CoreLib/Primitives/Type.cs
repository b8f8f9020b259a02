using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System;

/// <summary>A type of the running program: its name and kind, no reflection.</summary>
public abstract class Type : Reflection.MemberInfo
{
    public abstract string? FullName { get; }

    public abstract bool IsValueType { get; }

    public abstract bool IsEnum { get; }

    public abstract bool IsInterface { get; }

    public abstract bool IsArray { get; }

    public abstract Type? BaseType { get; }

    public abstract Type? GetElementType();

    // SAFETY: a handle holds the address of a type descriptor, from the C# compiler (typeof), or null.
    public static unsafe Type? GetTypeFromHandle(RuntimeTypeHandle handle) =>
        handle.Value == null ? null : Support.TypeObject((TypeDescriptor*)handle.Value);

    public static bool operator ==(Type? left, Type? right) => ReferenceEquals(left, right);

    public static bool operator !=(Type? left, Type? right) => !ReferenceEquals(left, right);

    public abstract override string ToString();

    public override bool Equals(object? o) => ReferenceEquals(this, o);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}

/// <summary>The type objects that the compiler lays out.</summary>
// SAFETY: the compiler lays out these objects, as constants with the address of a descriptor. None is made otherwise.
public sealed unsafe class RuntimeType : Type
{
    private readonly TypeDescriptor* _descriptor;

    internal TypeDescriptor* Descriptor => _descriptor;

    public override string Name => _descriptor->Name;

    public override string? FullName => _descriptor->FullName;

    public override bool IsValueType => (_descriptor->Flags & TypeFlags.ValueType) != 0;

    public override bool IsEnum => (_descriptor->Flags & TypeFlags.Enum) != 0;

    public override bool IsInterface => (_descriptor->Flags & TypeFlags.Interface) != 0;

    public override bool IsArray => (_descriptor->Flags & TypeFlags.Array) != 0;

    public override Type? BaseType => _descriptor->Base == null ? null : IsArray ? typeof(Array) : Support.TypeObject(_descriptor->Base);

    public override Type? GetElementType() => IsArray ? Support.TypeObject(_descriptor->Element) : null;

    public override string ToString() => _descriptor->FullName;
}

// SAFETY: the address of a type descriptor, loaded by generated code (ldtoken).
public readonly unsafe struct RuntimeTypeHandle
{
    private readonly byte* _value;

    internal byte* Value => _value;
}

// SAFETY: the address of constant data, loaded by generated code (ldtoken).
public readonly unsafe struct RuntimeFieldHandle
{
    private readonly FieldData* _value;

    internal FieldData* Value => _value;
}

public struct RuntimeMethodHandle;

public struct RuntimeArgumentHandle;

public static class Activator
{
    /// <summary>Implemented by the compiler.</summary>
    public static T CreateInstance<T>() => throw new NotSupportedException();
}

using System;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;

namespace Cloister.Aot.TypeSystem;

/// <summary>A method's shape. Equal shapes compare equal, because types are interned.</summary>
public sealed record Signature(bool HasThis, int GenericCount, TypeDesc Return, TypeDesc[] Parameters)
{
    public bool IsOpen => Return.IsOpen || Parameters.Any(parameter => parameter.IsOpen);

    public Signature Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) => new(HasThis, GenericCount,
        Return.Substitute(typeArguments, methodArguments), [.. Parameters.Select(type => type.Substitute(typeArguments, methodArguments))]);

    /// <summary>Whether two methods of one name have the same slot. Return types take part, as in the CLI.</summary>
    public bool Matches(Signature other) => HasThis == other.HasThis && GenericCount == other.GenericCount && Return == other.Return &&
        Parameters.AsSpan().SequenceEqual(other.Parameters);

    public bool Equals(Signature? other) => other is not null && Matches(other);

    public override int GetHashCode() => Parameters.Length * 31 + GenericCount;

    public override string ToString() => "(" + string.Join(", ", Parameters.Select(type => type.FullName)) + ")";
}

/// <summary>A method of one type instance, with arguments for its own generic parameters; interned by <see cref="Universe"/>.</summary>
public sealed class MethodDesc
{
    private Signature? _signature;

    internal MethodDesc(MethodRecord record, DefinedType owner, TypeDesc[] arguments)
    {
        Record = record;
        Owner = owner;
        Arguments = arguments;
    }

    public MethodRecord Record { get; }

    public DefinedType Owner { get; }

    public TypeDesc[] Arguments { get; }

    public Signature Signature => _signature ??= Record.Signature.Substitute(Owner.Arguments, Arguments);

    public string Name => Record.Name;

    public bool IsStatic => !Record.Signature.HasThis;

    public bool IsVirtual => (Record.Attributes & MethodAttributes.Virtual) != 0;

    public bool IsAbstract => (Record.Attributes & MethodAttributes.Abstract) != 0;

    public bool IsFinal => (Record.Attributes & MethodAttributes.Final) != 0;

    public bool IsNewSlot => (Record.Attributes & MethodAttributes.NewSlot) != 0;

    /// <summary>Implemented by C of the runtime, not by IL.</summary>
    public bool IsInternalCall => (Record.ImplAttributes & MethodImplAttributes.InternalCall) != 0;

    /// <summary>Implemented by the compiler: the methods of delegates.</summary>
    public bool IsRuntime => (Record.ImplAttributes & MethodImplAttributes.Runtime) != 0;

    public MethodDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments)
    {
        var owner = (DefinedType)Owner.Substitute(typeArguments, methodArguments);
        return Owner.Universe.Method(Record, owner, [.. Arguments.Select(type => type.Substitute(typeArguments, methodArguments))]);
    }

    /// <summary>The same method with other arguments for its own generic parameters.</summary>
    public MethodDesc WithArguments(TypeDesc[] arguments) => Owner.Universe.Method(Record, Owner, arguments);

    public override string ToString() => Owner.FullName + "." + Name +
        (Arguments.Length == 0 ? "" : "[" + string.Join(",", Arguments.Select(type => type.FullName)) + "]") + Signature;
}

/// <summary>A field of one type instance.</summary>
public sealed class FieldDesc
{
    private TypeDesc? _type;
    private bool? _isThreadStatic;

    internal FieldDesc(FieldRecord record, DefinedType owner)
    {
        Record = record;
        Owner = owner;
    }

    public FieldRecord Record { get; }

    /// <summary>Whether every thread has its own.</summary>
    public bool IsThreadStatic => _isThreadStatic ??= IsStatic && Record.Module.Reader.GetFieldDefinition(Record.Handle).GetCustomAttributes()
        .Any(handle => Record.Module.AttributeName(handle) == "System.ThreadStaticAttribute");

    public DefinedType Owner { get; }

    public TypeDesc Type => _type ??= Record.Type.Substitute(Owner.Arguments, []);

    public string Name => Record.Name;

    public bool IsStatic => (Record.Attributes & FieldAttributes.Static) != 0;

    public bool IsLiteral => (Record.Attributes & FieldAttributes.Literal) != 0;

    /// <summary>Whether the assembly holds its value as bytes (ECMA-335, II.22.18).</summary>
    public bool HasData => (Record.Attributes & FieldAttributes.HasFieldRVA) != 0;

    public override string ToString() => Owner.FullName + "." + Name;
}

/// <summary>A field as metadata has it.</summary>
public sealed record FieldRecord(MetadataModule Module, FieldDefinitionHandle Handle, string Name, FieldAttributes Attributes, int Index)
{
    private TypeDesc? _type;

    public TypeDesc Type => _type ??= Module.Reader.GetFieldDefinition(Handle).DecodeSignature(Module.Signatures, null);

    /// <summary>The offset that StructLayout.Explicit gives it; -1 where there is none.</summary>
    public int Offset => Module.Reader.GetFieldDefinition(Handle).GetOffset();
}

/// <summary>A method as metadata has it.</summary>
public sealed record MethodRecord(MetadataModule Module, MethodDefinitionHandle Handle, string Name, MethodAttributes Attributes,
    MethodImplAttributes ImplAttributes, TypeRecord Owner)
{
    private Signature? _signature;

    public Signature Signature => _signature ??=
        Universe.ToSignature(Module.Reader.GetMethodDefinition(Handle).DecodeSignature(Module.Signatures, null));

    /// <summary>Whether the method carries an attribute of this full name.</summary>
    public bool Has(string attribute) => Module.Reader.GetMethodDefinition(Handle).GetCustomAttributes()
        .Any(handle => Module.AttributeName(handle) == attribute);

    /// <summary>The C name that UnmanagedCallersOnly gives the method; nothing where it has none.</summary>
    public string? ExportName
    {
        get
        {
            foreach (CustomAttributeHandle handle in Module.Reader.GetMethodDefinition(Handle).GetCustomAttributes())
                if (Module.AttributeName(handle) == "System.Runtime.InteropServices.UnmanagedCallersOnlyAttribute")
                    return Module.Reader.GetCustomAttribute(handle).DecodeValue(Module.Signatures).NamedArguments
                        .FirstOrDefault(argument => argument.Name == "EntryPoint").Value as string;
            return null;
        }
    }

    public bool Equals(MethodRecord? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Handle.GetHashCode();
}

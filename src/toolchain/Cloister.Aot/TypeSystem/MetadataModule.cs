using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Cloister.Aot.TypeSystem;

/// <summary>One assembly: its metadata, and its tokens as types, methods and fields of the <see cref="Universe"/>.</summary>
public sealed class MetadataModule
{
    private readonly Dictionary<string, TypeDefinitionHandle> _names = [];
    private readonly Dictionary<TypeDefinitionHandle, TypeRecord> _types = [];
    private readonly Dictionary<EntityHandle, TypeDesc> _resolvedTypes = [];
    private readonly Dictionary<EntityHandle, object> _resolvedMembers = [];

    private MethodSymbols? _symbols;

    internal MetadataModule(Universe universe, string path, bool isCore)
    {
        Universe = universe;
        IsCore = isCore;
        Path = path;
        Image = Open(path);
        Reader = Image.GetMetadataReader();
        Name = Reader.GetString(Reader.GetAssemblyDefinition().Name);
        Signatures = new SignatureProvider(this);
        foreach (TypeDefinitionHandle handle in Reader.TypeDefinitions)
            _names[NameOf(handle)] = handle;
    }

    private static PEReader Open(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CompileException($"{path} can't be read: {exception.Message}");
        }

        try
        {
            var image = new PEReader(new MemoryStream(bytes));
            return image.HasMetadata && image.GetMetadataReader().IsAssembly ? image : throw new BadImageFormatException("It has no assembly.");
        }
        catch (BadImageFormatException exception)
        {
            throw new CompileException($"{path} is no .NET assembly: {exception.Message} Give the program's .dll.");
        }
    }

    public Universe Universe { get; }

    /// <summary>Every type that the assembly defines.</summary>
    public IEnumerable<TypeRecord> Types() => Reader.TypeDefinitions.Select(Type);

    public bool IsCore { get; }

    public string Path { get; }

    public string Name { get; }

    public PEReader Image { get; }

    public MetadataReader Reader { get; }

    internal SignatureProvider Signatures { get; }

    /// <summary>The method that starts the program; nothing in a library.</summary>
    public MethodDesc? EntryPoint
    {
        get
        {
            int token = Image.PEHeaders.CorHeader!.EntryPointTokenOrRelativeVirtualAddress;
            return token == 0 ? null : ResolveMethod(Entity(token));
        }
    }

    /// <summary>The row that a token in IL names.</summary>
    /// <exception cref="BadImageFormatException">There is none.</exception>
    public EntityHandle Entity(int token)
    {
        int table = token >>> 24, row = token & 0xffffff;
        if (table >= MetadataTokens.TableCount || row == 0 || row > Reader.GetTableRowCount((TableIndex)table))
            throw new BadImageFormatException($"The token {token:x8} names nothing.");
        return MetadataTokens.EntityHandle(token);
    }

    /// <summary>The text that a token of ldstr names (ECMA-335, III.4.16).</summary>
    /// <exception cref="BadImageFormatException">There is none.</exception>
    public string Text(int token) => token >>> 24 == 0x70 ? Reader.GetUserString(MetadataTokens.UserStringHandle(token & 0xffffff))
        : throw new BadImageFormatException($"The token {token:x8} is no string.");

    /// <summary>The portable symbols, in the assembly or beside it; nothing where there are none.</summary>
    internal MethodSymbols Symbols => _symbols ??= new MethodSymbols(this);

    public TypeRecord? TryType(string fullName) => _names.TryGetValue(fullName, out TypeDefinitionHandle handle) ? Type(handle) : null;

    internal TypeRecord Type(TypeDefinitionHandle handle)
    {
        if (!_types.TryGetValue(handle, out TypeRecord? record))
            _types[handle] = record = new TypeRecord(this, handle);
        return record;
    }

    internal string NameOf(EntityHandle handle)
    {
        if (handle.Kind == HandleKind.TypeDefinition)
        {
            TypeDefinition type = Reader.GetTypeDefinition((TypeDefinitionHandle)handle);
            string name = Reader.GetString(type.Name);
            string space = Reader.GetString(type.Namespace);
            TypeDefinitionHandle outer = type.GetDeclaringType();
            return !outer.IsNil ? NameOf(outer) + "+" + name : space.Length > 0 ? space + "." + name : name;
        }

        TypeReference reference = Reader.GetTypeReference((TypeReferenceHandle)handle);
        string own = Reader.GetString(reference.Name);
        if (reference.ResolutionScope.Kind == HandleKind.TypeReference)
            return NameOf(reference.ResolutionScope) + "+" + own;
        string prefix = Reader.GetString(reference.Namespace);
        return prefix.Length > 0 ? prefix + "." + own : own;
    }

    internal string AttributeName(CustomAttributeHandle handle)
    {
        EntityHandle constructor = Reader.GetCustomAttribute(handle).Constructor;
        if (constructor.Kind == HandleKind.MethodDefinition)
            return NameOf(Reader.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType());
        EntityHandle parent = Reader.GetMemberReference((MemberReferenceHandle)constructor).Parent;
        return parent.Kind == HandleKind.TypeReference ? NameOf(parent) : "";
    }

    /// <summary>A type by its token; generic parameters in it stay open.</summary>
    public TypeDesc ResolveType(EntityHandle handle)
    {
        if (_resolvedTypes.TryGetValue(handle, out TypeDesc? type))
            return type;
        type = handle.Kind switch
        {
            HandleKind.TypeDefinition => Universe.OpenType(Type((TypeDefinitionHandle)handle)),
            HandleKind.TypeReference => Universe.OpenType(Reference((TypeReferenceHandle)handle)),
            HandleKind.TypeSpecification => Reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(Signatures, null),
            _ => throw new CompileException($"{Name}: a token of kind {handle.Kind} where a type is expected."),
        };
        return _resolvedTypes[handle] = type;
    }

    internal TypeRecord Reference(TypeReferenceHandle handle)
    {
        string name = NameOf(handle);
        EntityHandle scope = Reader.GetTypeReference(handle).ResolutionScope;
        while (scope.Kind == HandleKind.TypeReference)
            scope = Reader.GetTypeReference((TypeReferenceHandle)scope).ResolutionScope;
        string assembly = scope.Kind == HandleKind.AssemblyReference
            ? Reader.GetString(Reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) : Name;
        return Universe.Find(assembly, name);
    }

    /// <summary>A method by its token; generic parameters in it stay open.</summary>
    public MethodDesc ResolveMethod(EntityHandle handle) => ResolveMember(handle) as MethodDesc ??
        throw new CompileException($"{Name}: token {MetadataTokens.GetToken(handle):x8} is not a method.");

    /// <summary>A method, field or array method (<see cref="ArrayMethod"/>) by its token.</summary>
    public object ResolveMember(EntityHandle handle)
    {
        if (!_resolvedMembers.TryGetValue(handle, out object? member))
            _resolvedMembers[handle] = member = Resolve(handle);
        return member;
    }

    private object Resolve(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
            {
                TypeRecord owner = Type(Reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                MethodRecord record = owner.Methods.First(method => method.Handle == handle);
                return Universe.OpenMethod(record, Universe.OpenType(owner));
            }

            case HandleKind.FieldDefinition:
            {
                TypeRecord owner = Type(Reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                return Universe.OpenType(owner).Fields.First(field => field.Record.Handle == handle);
            }

            case HandleKind.MethodSpecification:
            {
                MethodSpecification specification = Reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                return ResolveMethod(specification.Method).WithArguments([.. specification.DecodeSignature(Signatures, null)]);
            }

            case HandleKind.MemberReference:
                return Resolve(Reader.GetMemberReference((MemberReferenceHandle)handle));
            default:
                throw new CompileException($"{Name}: a token of kind {handle.Kind} where a member is expected.");
        }
    }

    private object Resolve(MemberReference reference)
    {
        string name = Reader.GetString(reference.Name);
        if (reference.Parent.Kind == HandleKind.MethodDefinition)
            throw new CompileException($"{name}: a call with variable arguments, which C# calls __arglist.");
        TypeDesc parent = ResolveType(reference.Parent);
        if (parent is ArrayType array)
            return new ArrayMethod(array, name, Universe.ToSignature(reference.DecodeMethodSignature(Signatures, null)));
        var owner = (DefinedType)parent;
        if (reference.GetKind() == MemberReferenceKind.Field)
        {
            for (DefinedType? type = owner; type is not null; type = type.BaseType)
                if (type.Fields.FirstOrDefault(field => field.Name == name) is { } found)
                    return found;
            throw new CompileException($"{owner.FullName}.{name} is not in {Where(owner)}.");
        }

        Signature signature = Universe.ToSignature(reference.DecodeMethodSignature(Signatures, null));
        foreach (MethodRecord method in owner.Record.Methods)
            if (method.Name == name && method.Signature.Matches(signature))
                return Universe.OpenMethod(method, owner);
        Signature substituted = signature.Substitute(owner.Arguments, []);
        for (DefinedType? type = owner.BaseType; type is not null; type = type.BaseType)
            foreach (MethodRecord method in type.Record.Methods)
                if (method.Name == name && method.Signature.Substitute(type.Arguments, []).Matches(substituted))
                    return Universe.OpenMethod(method, type);
        throw new CompileException($"{owner.FullName}.{name}{signature} -> {signature.Return} is not in {Where(owner)}.");
    }

    private static string Where(DefinedType type) => type.Record.Module.IsCore ? "the core library" : type.Record.Module.Name;

    /// <summary>The bytes that initialise a field (ECMA-335, II.22.18).</summary>
    public byte[] FieldData(FieldRecord field, int size)
    {
        int address = Reader.GetFieldDefinition(field.Handle).GetRelativeVirtualAddress();
        PEMemoryBlock data = Image.GetSectionData(address);
        return size <= data.Length ? data.GetContent(0, size).ToArray()
            : throw new BadImageFormatException($"The data of a field of {size} bytes ends after {data.Length}.");
    }
}

/// <summary>A method that the CLI gives arrays with dimensions: constructor, Get, Set or Address (ECMA-335, II.14.2).</summary>
public sealed record ArrayMethod(ArrayType Array, string Name, Signature Signature);

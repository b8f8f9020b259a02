using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;

namespace Cloister.Aot.TypeSystem;

/// <summary>A type definition as metadata has it; members are read when they are asked for.</summary>
public sealed class TypeRecord
{
    private readonly TypeDefinition _definition;
    private TypeDesc? _base;
    private TypeDesc[]? _interfaces;
    private MethodRecord[]? _methods;
    private FieldRecord[]? _fields;
    private (MethodDesc, MethodDesc)[]? _overrides;

    internal TypeRecord(MetadataModule module, TypeDefinitionHandle handle)
    {
        Module = module;
        Handle = handle;
        _definition = module.Reader.GetTypeDefinition(handle);
        string name = module.Reader.GetString(_definition.Name);
        TypeDefinitionHandle outer = _definition.GetDeclaringType();
        string space = module.Reader.GetString(_definition.Namespace);
        Name = name;
        FullName = !outer.IsNil ? module.Type(outer).FullName + "+" + name : space.Length > 0 ? space + "." + name : name;
        if (module.IsCore && space == "System" && outer.IsNil && Enum.TryParse(name, out Primitive primitive))
            Primitive = primitive;
    }

    public MetadataModule Module { get; }

    public TypeDefinitionHandle Handle { get; }

    public string Name { get; }

    /// <summary>Namespace, declaring types and name: "System.Collections.Generic.List`1+Enumerator".</summary>
    public string FullName { get; }

    public Primitive Primitive { get; }

    public bool IsInterface => (_definition.Attributes & TypeAttributes.Interface) != 0;

    public bool IsAbstract => (_definition.Attributes & TypeAttributes.Abstract) != 0;

    public bool IsSealed => (_definition.Attributes & TypeAttributes.Sealed) != 0;

    public bool IsExplicitLayout => (_definition.Attributes & TypeAttributes.LayoutMask) == TypeAttributes.ExplicitLayout;

    /// <summary>Whether its static constructor may run before the first use (ECMA-335, II.10.5.3.1).</summary>
    public bool IsBeforeFieldInit => (_definition.Attributes & TypeAttributes.BeforeFieldInit) != 0;

    /// <summary>Size and packing of StructLayout; zero where the declaration leaves them out.</summary>
    public TypeLayout Layout => _definition.GetLayout();

    public GenericParameterHandleCollection GenericParameters => _definition.GetGenericParameters();

    public TypeDesc? Base => _base ??= _definition.BaseType.IsNil ? null : Module.ResolveType(_definition.BaseType);

    public TypeDesc[] Interfaces => _interfaces ??= [.. _definition.GetInterfaceImplementations()
        .Select(handle => Module.ResolveType(Module.Reader.GetInterfaceImplementation(handle).Interface))];

    public MethodRecord[] Methods => _methods ??= [.. _definition.GetMethods().Select(handle =>
    {
        MethodDefinition method = Module.Reader.GetMethodDefinition(handle);
        return new MethodRecord(Module, handle, Module.Reader.GetString(method.Name), method.Attributes, method.ImplAttributes, this);
    })];

    public FieldRecord[] Fields => _fields ??= [.. _definition.GetFields().Select((handle, index) =>
    {
        FieldDefinition definition = Module.Reader.GetFieldDefinition(handle);
        return new FieldRecord(Module, handle, Module.Reader.GetString(definition.Name), definition.Attributes, index);
    })];

    public (MethodDesc Body, MethodDesc Declaration)[] Overrides => _overrides ??= [.. _definition.GetMethodImplementations().Select(handle =>
    {
        MethodImplementation implementation = Module.Reader.GetMethodImplementation(handle);
        return (Module.ResolveMethod(implementation.MethodBody), Module.ResolveMethod(implementation.MethodDeclaration));
    })];

    /// <summary>The fixed arguments' blob of an attribute by full name, or nothing where the type doesn't carry it.</summary>
    public ImmutableArray<CustomAttributeTypedArgument<TypeDesc>>? Attribute(string fullName)
    {
        foreach (CustomAttributeHandle handle in _definition.GetCustomAttributes())
            if (Module.AttributeName(handle) == fullName)
                return Module.Reader.GetCustomAttribute(handle).DecodeValue(Module.Signatures).FixedArguments;
        return null;
    }

    /// <summary>Whether it derives directly from this class of the core library's namespace System.</summary>
    public bool BaseIs(string name)
    {
        EntityHandle handle = _definition.BaseType;
        if (handle.IsNil || handle.Kind == HandleKind.TypeSpecification)
            return false;
        return Module.NameOf(handle) == "System." + name;
    }

    public IEnumerable<GenericParameter> Parameters => GenericParameters.Select(handle => Module.Reader.GetGenericParameter(handle));

    public override string ToString() => FullName;
}

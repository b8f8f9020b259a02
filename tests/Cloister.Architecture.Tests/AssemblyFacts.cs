using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Cloister.Architecture.Tests;

/// <summary>What a built assembly refers to, read from its metadata.</summary>
internal sealed class AssemblyFacts
{
    private AssemblyFacts(string name) => Name = name;

    public string Name { get; }

    /// <summary>Simple names of the referenced assemblies.</summary>
    public HashSet<string> References { get; } = [];

    /// <summary>Full names of the types it uses from other assemblies.</summary>
    public HashSet<string> UsedTypes { get; } = [];

    /// <summary>Type and name of the members it uses from other assemblies.</summary>
    public HashSet<string> UsedMembers { get; } = [];

    /// <summary>Whether it was compiled with AllowUnsafeBlocks.</summary>
    public bool IsUnsafe { get; private set; }

    /// <summary>Whether the compiler has made helpers for inline arrays, which use Unsafe.As, AsRef and Add.</summary>
    public bool HasInlineArrays { get; private set; }

    /// <summary>Mutable static fields, compiler-made ones left out.</summary>
    public List<string> MutableStatics { get; } = [];

    /// <summary>Methods implemented by a native library.</summary>
    public List<string> NativeMethods { get; } = [];

    public static AssemblyFacts Read(string name)
    {
        var facts = new AssemblyFacts(name);
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        using var image = new PEReader(file);
        MetadataReader reader = image.GetMetadataReader();
        foreach (AssemblyReferenceHandle handle in reader.AssemblyReferences)
            facts.References.Add(reader.GetString(reader.GetAssemblyReference(handle).Name));
        foreach (TypeReferenceHandle handle in reader.TypeReferences)
            facts.UsedTypes.Add(NameOf(reader, handle));
        foreach (MemberReferenceHandle handle in reader.MemberReferences)
        {
            MemberReference member = reader.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference)
                facts.UsedMembers.Add(NameOf(reader, (TypeReferenceHandle)member.Parent) + "." + reader.GetString(member.Name));
        }

        foreach (CustomAttributeHandle handle in reader.GetModuleDefinition().GetCustomAttributes())
            facts.IsUnsafe |= AttributeName(reader, handle) == "System.Security.UnverifiableCodeAttribute";
        foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
            facts.ReadType(reader, reader.GetTypeDefinition(handle));
        return facts;
    }

    private void ReadType(MetadataReader reader, TypeDefinition type)
    {
        string typeName = reader.GetString(type.Name);
        foreach (FieldDefinitionHandle handle in type.GetFields())
        {
            FieldDefinition field = reader.GetFieldDefinition(handle);
            const System.Reflection.FieldAttributes fixedStatic = System.Reflection.FieldAttributes.InitOnly | System.Reflection.FieldAttributes.Literal;
            string fieldName = reader.GetString(field.Name);
            if ((field.Attributes & System.Reflection.FieldAttributes.Static) != 0 && (field.Attributes & fixedStatic) == 0 &&
                !fieldName.Contains('<') && !typeName.Contains('<'))
                MutableStatics.Add(typeName + "." + fieldName);
        }

        foreach (MethodDefinitionHandle handle in type.GetMethods())
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            HasInlineArrays |= typeName == "<PrivateImplementationDetails>" &&
                reader.GetString(method.Name).StartsWith("InlineArray", StringComparison.Ordinal);
            if ((method.Attributes & System.Reflection.MethodAttributes.PinvokeImpl) != 0)
                NativeMethods.Add(typeName + "." + reader.GetString(method.Name));
        }
    }

    private static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        TypeReference type = reader.GetTypeReference(handle);
        string name = reader.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return NameOf(reader, (TypeReferenceHandle)type.ResolutionScope) + "." + name;
        return reader.GetString(type.Namespace) + "." + name;
    }

    private static string AttributeName(MetadataReader reader, CustomAttributeHandle handle)
    {
        EntityHandle constructor = reader.GetCustomAttribute(handle).Constructor;
        if (constructor.Kind != HandleKind.MemberReference)
            return "";
        EntityHandle parent = reader.GetMemberReference((MemberReferenceHandle)constructor).Parent;
        return parent.Kind == HandleKind.TypeReference ? NameOf(reader, (TypeReferenceHandle)parent) : "";
    }
}

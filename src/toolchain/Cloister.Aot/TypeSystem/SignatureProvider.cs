using System.Collections.Immutable;
using System.Linq;
using System.Reflection.Metadata;

namespace Cloister.Aot.TypeSystem;

/// <summary>Makes types of what the metadata reader finds in signatures.</summary>
internal sealed class SignatureProvider(MetadataModule module) : ISignatureTypeProvider<TypeDesc, object?>, ICustomAttributeTypeProvider<TypeDesc>
{
    private Universe Universe => module.Universe;

    public TypeDesc GetPrimitiveType(PrimitiveTypeCode typeCode) => Universe.CoreType("System." + typeCode);

    public TypeDesc GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        Universe.Instance(module.Type(handle), []);

    public TypeDesc GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        Universe.Instance(module.Reference(handle), []);

    public TypeDesc GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        module.ResolveType(handle);

    public TypeDesc GetGenericInstantiation(TypeDesc genericType, ImmutableArray<TypeDesc> typeArguments) =>
        Universe.Instance(((DefinedType)genericType).Record, [.. typeArguments]);

    public TypeDesc GetGenericTypeParameter(object? genericContext, int index) => Universe.Parameter(index, ofMethod: false);

    public TypeDesc GetGenericMethodParameter(object? genericContext, int index) => Universe.Parameter(index, ofMethod: true);

    public TypeDesc GetSZArrayType(TypeDesc elementType) => Universe.Array(elementType, 0);

    public TypeDesc GetArrayType(TypeDesc elementType, ArrayShape shape) => Universe.Array(elementType, shape.Rank);

    public TypeDesc GetByReferenceType(TypeDesc elementType) => Universe.Pointer(elementType, isByRef: true);

    public TypeDesc GetPointerType(TypeDesc elementType) => Universe.Pointer(elementType, isByRef: false);

    public TypeDesc GetFunctionPointerType(MethodSignature<TypeDesc> signature) => Universe.FunctionPointer(Universe.ToSignature(signature));

    // Modifiers (volatile, in, init) change no representation, and overloads that differ by them alone aren't written in C#.
    public TypeDesc GetModifiedType(TypeDesc modifier, TypeDesc unmodifiedType, bool isRequired) => unmodifiedType;

    public TypeDesc GetPinnedType(TypeDesc elementType) => elementType;

    public TypeDesc GetSystemType() => Universe.CoreType("System.Type");

    public bool IsSystemType(TypeDesc type) => type.FullName == "System.Type";

    public TypeDesc GetTypeFromSerializedName(string name) => Universe.CoreType(name.Split(',').First());

    public PrimitiveTypeCode GetUnderlyingEnumType(TypeDesc type) => PrimitiveTypeCode.Int32;
}

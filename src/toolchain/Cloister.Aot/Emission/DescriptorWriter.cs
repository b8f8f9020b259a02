using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection.Metadata;
using System.Text;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Emission;

/// <summary>Writes type descriptors, with the tables that they refer to.</summary>
internal sealed class DescriptorWriter(Compilation compilation, StringBuilder text)
{
    // Flags of TypeDescriptor in the core library.
    private const int IsArray = 1, IsValueType = 2, IsInterface = 4, IsEnum = 8, HasFlags = 16, IsUnsigned = 32, IsPrimitive = 64, IsNullable = 128;

    public void Write(TypeDesc type, TypeFacts facts)
    {
        string name = "T" + facts.Number;
        TypeDesc[] casts = facts.IsConstructed ? CastTargets(type) : [];
        if (casts.Length > 0)
            text.Append($"static const Type* const {name}_casts[] = {{ ").AppendJoin(", ", casts.Select(Address)).Append(" };\n");
        TypeShape variable = compilation.VariableShape(Stored(type));
        int[] offsets = [.. References(type, variable)];
        if (offsets.Length > 0)
            text.Append($"static const uint32_t {name}_references[] = {{ ").AppendJoin(", ", offsets).Append(" };\n");
        string enumeration = Enumeration(type, name);
        string fields = Fields(type, facts, name);
        string multicast = facts.IsConstructed && type is DefinedType { IsDelegate: true } made ? Multicast(made, name) : "0";
        string parent = type.BaseType is { } baseType ? Address(baseType) : "0";
        string element = Element(type) is { } inner ? Address(inner) : "0";
        int valueSize = type is ArrayType array ? array.Rank : variable.Size;
        string shortName = compilation.Literal(ShortName(type));
        string fullName = compilation.Literal(type.FullName);
        text.Append($"// {type}\nconst Type {name} = {{ {parent}, {element}, ")
            .Append(casts.Length == 0 ? "0" : name + "_casts")
            .Append($", {casts.Length}, {Size(type, variable)}, {Flags(type)}, {valueSize}, ")
            .Append(offsets.Length == 0 ? "0" : name + "_references")
            .Append($", {offsets.Length}, {(int)type.Underlying.Primitive}, &{shortName}, &{fullName}, {enumeration}, {fields}, ")
            .Append($"(void*){multicast}, &OT{facts.Number}, {{ ");
        if (facts.IsConstructed)
            Dispatch(type);
        string typeObject = Address(compilation.Universe.CoreType("System.RuntimeType"));
        text.Append($"}} }};\nconst TypeObject OT{facts.Number} = {{ {typeObject}, &{name} }};\n");
    }

    private string Address(TypeDesc type) => "&" + compilation.Descriptor(type);

    // Of classes, casts go up the base types; these are the others.
    private TypeDesc[] CastTargets(TypeDesc type) =>
    [
        .. from pair in compilation.Types
           let target = pair.Key
           where pair.Value.IsCastTarget && target != type
           where target.IsInterface || target is ArrayType || target is DefinedType { IsDelegate: true }
           where Assignability.IsInstance(type, target)
           select target,
    ];

    private static TypeDesc? Element(TypeDesc type) => type switch
    {
        ArrayType array => array.Element,
        { IsEnum: true } => type.Underlying,
        DefinedType { IsNullable: true } nullable => nullable.Arguments[0],
        _ => null,
    };

    // What an array's elements, or the variable in a box, have the shape of.
    private TypeDesc Stored(TypeDesc type) => type is ArrayType array ? array.Element
        : type.IsValueType ? type : compilation.Universe.CoreType("System.Object");

    private static bool IsClass(TypeDesc type) => type is DefinedType { IsValueType: false, IsInterface: false };

    // Bytes of an object, or of an array's element. A string's characters aren't counted.
    private static string ShortName(TypeDesc type) => type switch
    {
        DefinedType defined => defined.Record.Name,
        ArrayType array => ShortName(array.Element) + array.FullName[array.Element.FullName.Length..],
        _ => type.FullName,
    };

    private int Size(TypeDesc type, TypeShape variable) => type is DefinedType { Record.FullName: "System.String" } ? 16
        : IsClass(type) || type.IsValueType ? compilation.ObjectSize(type) : variable.Size;

    // Offsets of references: in an object from its start, in an array in each element.
    private IEnumerable<int> References(TypeDesc type, TypeShape variable)
    {
        if (IsClass(type))
            return compilation.Shape(type).References;
        if (type is ArrayType)
            return variable.References;
        return type.IsValueType ? variable.References.Select(offset => offset + 8) : [];
    }

    private static int Flags(TypeDesc type)
    {
        int flags = 0;
        if (type is ArrayType)
            flags |= IsArray;
        if (type.IsValueType)
            flags |= IsValueType;
        if (type.IsInterface)
            flags |= IsInterface;
        if (type.IsEnum)
            flags |= IsEnum;
        if (type is DefinedType { IsEnum: true } flagged && flagged.Record.Attribute("System.FlagsAttribute") is not null)
            flags |= HasFlags;
        if (type.Underlying.Primitive is Primitive.Boolean or Primitive.Char or Primitive.Byte or Primitive.UInt16 or Primitive.UInt32
            or Primitive.UInt64 or Primitive.UIntPtr)
            flags |= IsUnsigned;
        if (type.Primitive != Primitive.None)
            flags |= IsPrimitive;
        if (type is DefinedType { IsNullable: true })
            flags |= IsNullable;
        return flags;
    }

    private void Dispatch(TypeDesc type)
    {
        Selector[] rows = [.. compilation.Selectors.Values.Where(selector => selector.Implementations.ContainsKey(type))];
        foreach (Selector selector in rows)
            text.Append($"[{selector.Row}] = {compilation.BoxedEntry(selector.Implementations[type])}, ");
    }

    private string Enumeration(TypeDesc type, string name)
    {
        if (!type.IsEnum)
            return "0";
        FieldDesc[] constants = [.. ((DefinedType)type).Fields.Where(field => field.IsLiteral)];
        if (constants.Length == 0)
            return "0";
        text.Append($"static const EnumConstant {name}_constants[] = {{ ");
        foreach (FieldDesc constant in constants)
            text.Append($"{{ {CNames.Integer(ValueOf(constant))}, &{compilation.Literal(constant.Name)} }}, ");
        text.Append($"}};\nstatic const EnumConstants {name}_enum = {{ {constants.Length}, {name}_constants }};\n");
        return $"&{name}_enum";
    }

    private static long ValueOf(FieldDesc field)
    {
        MetadataReader reader = field.Record.Module.Reader;
        Constant constant = reader.GetConstant(reader.GetFieldDefinition(field.Record.Handle).GetDefaultValue());
        object value = reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode)!;
        return value is ulong large ? unchecked((long)large) : Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }

    // What ValueType.Equals and GetHashCode compare.
    private string Fields(TypeDesc type, TypeFacts facts, string name)
    {
        bool isStructure = type is DefinedType { IsValueType: true, IsEnum: false, Primitive: Primitive.None };
        if (!facts.IsConstructed || !isStructure || !compilation.ComparesFields((DefinedType)type))
            return "0";
        FieldDesc[] fields = [.. ((DefinedType)type).Fields.Where(field => !field.IsStatic && field.Type is not PointerType)];
        if (fields.Length == 0)
            return "0";
        TypeDesc common = compilation.Universe.CoreType("System.Object");
        text.Append($"static const FieldEntry {name}_entries[] = {{ ");
        foreach (FieldDesc field in fields)
            text.Append($"{{ {compilation.Shape(type).Offset(field)}, {Address(field.Type.IsReference ? common : field.Type)} }}, ");
        text.Append($"}};\nstatic const FieldEntries {name}_fields = {{ {fields.Length}, {name}_entries }};\n");
        return $"&{name}_fields";
    }

    // A combined delegate is its own target, and its function calls the parts in order; the last result counts.
    private string Multicast(DefinedType type, string name)
    {
        MethodDesc invoke = type.Method("Invoke");
        string result = compilation.CName(invoke.Signature.Return);
        bool isVoid = result == "void";
        string[] types = [.. invoke.Signature.Parameters.Select(compilation.CName)];
        string parameters = string.Join("", types.Select((parameter, i) => $", {parameter} a{i}"));
        string arguments = string.Join("", types.Select((_, i) => $", a{i}"));
        string function = $"(({result}(*)({string.Join(", ", types.Prepend("void*"))}))DELEGATE_FUNCTION(part))(DELEGATE_TARGET(part){arguments})";
        text.Append($"static {result} {name}_multicast(void* self{parameters})\n{{\n  void* list = DELEGATE_LIST(self);\n");
        if (!isVoid)
            text.Append($"  {result} result;\n");
        text.Append("  for (uint32_t i = 0; i < ARRAY_LENGTH(list); i++) {\n    void* part = ((void**)((char*)list + 16))[i];\n")
            .Append($"    {(isVoid ? "" : "result = ")}{function};\n")
            .Append($"    if (cl_exception) {(isVoid ? "return" : "return result")};\n  }}\n")
            .Append(isVoid ? "}\n" : "  return result;\n}\n");
        return name + "_multicast";
    }
}

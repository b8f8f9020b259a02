using System;
using System.Collections.Generic;
using System.Linq;
using Cloister.Aot.Emission;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>Types of the program: which have descriptors, of which there are objects, and their layout and names in C.</summary>
public sealed partial class Compilation
{
    private readonly Dictionary<TypeDesc, TypeFacts> _types = [];
    private readonly List<TypeDesc> _constructed = [];
    private readonly Dictionary<TypeDesc, TypeShape> _shapes = [];
    private readonly Dictionary<TypeDesc, string> _structures = [];

    /// <summary>Every type that has a descriptor.</summary>
    public IReadOnlyDictionary<TypeDesc, TypeFacts> Types => _types;

    public IReadOnlyDictionary<TypeDesc, string> Structures => _structures;

    /// <summary>The C name of a type's descriptor.</summary>
    public string Descriptor(TypeDesc type) => "T" + Facts(type).Number;

    /// <summary>Objects of this type come to be. Returns the descriptor's C name.</summary>
    public string Construct(TypeDesc type)
    {
        TypeFacts facts = Facts(type);
        if (!facts.IsConstructed)
        {
            if (_isEmitting)
                throw Late($"that objects of {type} are made");
            if (type is DefinedType { IsValueType: false } defined)
                RefuseFinalizer(defined);
            facts.IsConstructed = true;
            _constructed.Add(type);
            foreach (Selector selector in _selectors.Values.ToArray())
                Implement(selector, type);
            // Stores into arrays are checked against the element's type.
            if (type is ArrayType { Element: var element })
            {
                Facts(element);
                if (element.IsReference)
                    CastTarget(element);
            }

            if (type is DefinedType { IsDelegate: true } made)
                NameStructures(made.Method("Invoke").Signature);
            if (type.IsValueType && type is DefinedType { IsEnum: false, Primitive: Primitive.None } value && ComparesFields(value))
                foreach (FieldDesc field in value.Fields.Where(field => !field.IsStatic && field.Type is not PointerType))
                {
                    Construct(field.Type.IsReference ? Universe.CoreType("System.Object") : field.Type);
                    // A T? is compared as the T in its box.
                    if (field.Type is DefinedType { IsNullable: true } nullable)
                        Construct(nullable.Arguments[0]);
                }
        }

        return "T" + facts.Number;
    }

    /// <summary>Whether a boxed structure is compared by ValueType.Equals, which compares its fields.</summary>
    public bool ComparesFields(DefinedType type)
    {
        DefinedType root = Universe.CoreType("System.Object");
        MethodRecord equals = root.Record.Methods.Single(method => method.Name == "Equals" && method.Signature.HasThis);
        return VirtualResolution.Resolve(type, Universe.Method(equals, root, []))?.Owner.Record.FullName == "System.ValueType";
    }

    /// <summary>Objects are tested for being of this type. Returns the descriptor's C name.</summary>
    public string CastTarget(TypeDesc type)
    {
        TypeFacts facts = Facts(type);
        facts.IsCastTarget = true;
        return "T" + facts.Number;
    }

    public TypeShape Shape(TypeDesc type)
    {
        if (!_shapes.TryGetValue(type, out TypeShape? shape))
            _shapes[type] = shape = TypeShape.Of((DefinedType)type, Shape);
        return shape;
    }

    /// <summary>Bytes of an object or a box with its header.</summary>
    public int ObjectSize(TypeDesc type) => type.IsValueType ? (VariableShape(type).Size + 7) / 8 * 8 + 8 : Math.Max(Shape(type).Size, 16);

    public TypeShape VariableShape(TypeDesc type) => TypeShape.Variable(type, Shape);

    /// <summary>The C type of a variable.</summary>
    public string CName(TypeDesc type)
    {
        string? name = CNames.Scalar(type);
        if (name is not null)
            return name;
        if (!_structures.TryGetValue(type, out name))
        {
            _structures[type] = name = $"struct V{_structures.Count}_{CNames.Readable(((DefinedType)type).Record.Name)}";
            foreach (FieldDesc field in ((DefinedType)type).Fields.Where(field => !field.IsStatic))
                CName(field.Type);
        }

        return name;
    }

    // Prototypes pass and return them by value.
    private void NameStructures(Signature signature)
    {
        foreach (TypeDesc type in signature.Parameters.Prepend(signature.Return).Where(type => type.IsValueType))
            CName(type);
    }

    private TypeFacts Facts(TypeDesc type)
    {
        if (_types.TryGetValue(type, out TypeFacts? facts))
            return facts;
        if (_isEmitting)
            throw Late($"the type {type}");
        if (type.IsOpen)
            throw new InvalidOperationException($"{type} is open.");
        _types[type] = facts = new TypeFacts(_types.Count);
        if (type.BaseType is { } parent)
            Facts(parent);
        if (type is ArrayType array)
            Facts(array.Element);
        if (type.IsEnum)
            Facts(type.Underlying);
        if (type is DefinedType { IsNullable: true } nullable)
            Facts(nullable.Arguments[0]);
        Literal(type.FullName);
        Literal((type as DefinedType)?.Record.Name ?? type.FullName);
        Construct(Universe.CoreType("System.RuntimeType"));
        return facts;
    }

    // The collector runs no finalizers; silently leaving one out would be worse than refusing.
    private static void RefuseFinalizer(DefinedType type)
    {
        for (DefinedType? step = type; step is not null && !step.Record.Module.IsCore; step = step.BaseType)
            if (step.Record.Methods.Any(method => method.Name == "Finalize" && method.Signature.Parameters.Length == 0))
                throw new CompileException(
                    $"{step} has a finalizer (~{step.Record.Name}), and finalizers never run here: implement IDisposable instead.");
    }
}

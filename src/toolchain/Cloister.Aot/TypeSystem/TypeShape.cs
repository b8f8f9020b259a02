using System;
using System.Collections.Generic;
using System.Linq;

namespace Cloister.Aot.TypeSystem;

/// <summary>
/// Where the fields of a type are, on a machine with 64-bit pointers. Offsets of classes count from the start of the object, whose first word is its
/// type descriptor.
/// </summary>
public sealed class TypeShape
{
    private readonly int[] _offsets;

    private TypeShape(int size, int alignment, int[] offsets, List<int> references, bool isOpaque)
    {
        Size = size;
        Alignment = alignment;
        _offsets = offsets;
        References = references;
        IsOpaque = isOpaque;
    }

    /// <summary>Bytes that a value takes; of a class, those of an object with its header.</summary>
    public int Size { get; }

    public int Alignment { get; }

    /// <summary>Offsets of the object references, which the collector follows.</summary>
    public IReadOnlyList<int> References { get; }

    /// <summary>Whether C gets the value as bytes, because fields overlap or repeat.</summary>
    public bool IsOpaque { get; }

    public int Offset(FieldDesc field) => _offsets[field.Record.Index];

    public static TypeShape Of(DefinedType type, Func<TypeDesc, TypeShape> shapeOf)
    {
        TypeShape? parent = !type.IsValueType && type.BaseType is { } baseType ? shapeOf(baseType) : null;
        int position = type.IsValueType ? 0 : parent?.Size ?? 8;
        int alignment = type.IsValueType ? 1 : 8;
        var references = new List<int>(parent?.References ?? []);
        int[] offsets = new int[type.Fields.Length];
        System.Reflection.Metadata.TypeLayout declared = type.Record.Layout;
        int packing = declared.PackingSize == 0 ? 8 : declared.PackingSize;
        bool isExplicit = type.Record.IsExplicitLayout;
        int end = position;
        foreach (FieldDesc field in type.Fields.Where(field => !field.IsStatic))
        {
            TypeShape shape = Variable(field.Type, shapeOf);
            int step = Math.Min(shape.Alignment, packing);
            int start = isExplicit ? position + field.Record.Offset : (end + step - 1) / step * step;
            offsets[field.Record.Index] = start;
            alignment = Math.Max(alignment, step);
            end = Math.Max(end, start + shape.Size);
            references.AddRange(shape.References.Select(reference => start + reference));
        }

        int repeat = 1;
        if (type.Record.Attribute("System.Runtime.CompilerServices.InlineArrayAttribute") is { } arguments)
        {
            repeat = (int)arguments[0].Value!;
            references = [.. Enumerable.Range(0, repeat).SelectMany(index => references.Select(reference => index * end + reference))];
            end *= repeat;
        }

        int size = (end + alignment - 1) / alignment * alignment;
        if (type.IsValueType)
            size = Math.Max(Math.Max(size, declared.Size), 1);
        return new TypeShape(size, alignment, offsets, [.. references.Distinct().Order()], isExplicit || repeat > 1);
    }

    /// <summary>A variable of the type: a reference or a pointer is one word.</summary>
    public static TypeShape Variable(TypeDesc type, Func<TypeDesc, TypeShape> shapeOf)
    {
        int size = type.Underlying.Primitive switch
        {
            Primitive.Void or Primitive.Boolean or Primitive.SByte or Primitive.Byte => 1,
            Primitive.Char or Primitive.Int16 or Primitive.UInt16 => 2,
            Primitive.Int32 or Primitive.UInt32 or Primitive.Single => 4,
            Primitive.None when type.IsValueType => 0,
            _ => 8,
        };
        return size == 0 ? shapeOf(type) : new TypeShape(size, size, [], type.IsReference ? [0] : [], isOpaque: false);
    }
}

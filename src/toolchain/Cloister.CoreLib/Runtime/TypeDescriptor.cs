using System;

namespace Cloister.Runtime;

/// <summary>What the compiler writes for every type; struct Type of cloister.h.</summary>
// SAFETY: the fields here, and in the structures below, are those of cloister.h in the same order. The compiler writes the values as constant
// data, with as many entries in each table as its count says; nothing changes or frees them.
internal unsafe struct TypeDescriptor
{
    public TypeDescriptor* Base;
    public TypeDescriptor* Element;
    public TypeDescriptor** Casts;
    public uint CastCount;

    /// <summary>Bytes of an object with its header; of an array, those of an element.</summary>
    public uint Size;
    public TypeFlags Flags;

    /// <summary>Bytes of a value; of an array, the number of dimensions, zero for T[].</summary>
    public uint ValueSize;

    /// <summary>Where references are: in an object from its start, in an array in each element.</summary>
    public uint* References;
    public uint ReferenceCount;
    public uint Primitive;
    public string Name;
    public string FullName;
    public EnumConstants* Enumeration;
    public FieldEntries* Fields;
    public nint Multicast;
    public Type Object;
}

[Flags]
internal enum TypeFlags : uint { Array = 1, ValueType = 2, Interface = 4, Enum = 8, HasFlags = 16, Unsigned = 32, Primitive = 64, Nullable = 128 }

internal struct EnumConstant
{
    public long Value;
    public string Name;
}

// SAFETY: as TypeDescriptor: constant data of the compiler, of Count entries.
internal unsafe struct EnumConstants
{
    public long Count;
    public EnumConstant* Constants;
}

// SAFETY: as TypeDescriptor; Offset lies within the value.
internal unsafe struct FieldEntry
{
    public long Offset;
    public TypeDescriptor* Type;
}

// SAFETY: as TypeDescriptor: constant data of the compiler, of Count entries.
internal unsafe struct FieldEntries
{
    public long Count;
    public FieldEntry* Entries;
}

// SAFETY: as TypeDescriptor: constant data of the compiler, of Size bytes.
internal unsafe struct FieldData
{
    public long Size;
    public byte* Bytes;
}

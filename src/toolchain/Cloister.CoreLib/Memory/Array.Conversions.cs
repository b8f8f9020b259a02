using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System;

// Elements of one type as elements of another: boxed, unboxed, or widened as ECMA-335 (III.1.5, and Array.Copy in IV) allows.
// SAFETY: places are those of elements of the given types, checked by the callers; a value is read and written with just its type's size.
public abstract unsafe partial class Array
{
    // The numbers are those of the compiler's list of primitive types.
    private enum Kind : uint { Boolean = 2, Char, SByte, Byte, Int16, UInt16, Int32, UInt32, Int64, UInt64, IntPtr, UIntPtr, Single, Double }

    // The kinds that a value may become without losing more than digits.
    private static int Wider(Kind kind) => kind switch
    {
        Kind.Char => Bits(Kind.UInt16, Kind.Int32, Kind.UInt32, Kind.Int64, Kind.UInt64, Kind.Single, Kind.Double),
        Kind.SByte => Bits(Kind.Int16, Kind.Int32, Kind.Int64, Kind.Single, Kind.Double),
        Kind.Byte => Bits(Kind.Char, Kind.Int16, Kind.UInt16, Kind.Int32, Kind.UInt32, Kind.Int64, Kind.UInt64, Kind.Single, Kind.Double),
        Kind.Int16 => Bits(Kind.Int32, Kind.Int64, Kind.Single, Kind.Double),
        Kind.UInt16 => Bits(Kind.Char, Kind.Int32, Kind.UInt32, Kind.Int64, Kind.UInt64, Kind.Single, Kind.Double),
        Kind.Int32 => Bits(Kind.Int64, Kind.Single, Kind.Double),
        Kind.UInt32 => Bits(Kind.Int64, Kind.UInt64, Kind.Single, Kind.Double),
        Kind.Int64 or Kind.UInt64 => Bits(Kind.Single, Kind.Double),
        Kind.Single => Bits(Kind.Double),
        _ => 0,
    };

    private static int Bits(params ReadOnlySpan<Kind> kinds)
    {
        int bits = 0;
        foreach (Kind kind in kinds)
            bits |= 1 << (int)kind;
        return bits;
    }

    private static bool IsNumber(TypeDescriptor* type) => (Kind)type->Primitive is >= Kind.Boolean and <= Kind.Double;

    // Integers of one size are taken for each other: ECMA-335, I.8.7.1, "verification types".
    private static bool HaveSameBits(TypeDescriptor* from, TypeDescriptor* to) => from == to || (IsNumber(from) && IsNumber(to)
        && from->ValueSize == to->ValueSize && IsInteger((Kind)from->Primitive) && IsInteger((Kind)to->Primitive));

    private static bool IsInteger(Kind kind) => kind is >= Kind.SByte and <= Kind.UIntPtr;

    private static bool IsWider(TypeDescriptor* from, TypeDescriptor* to) =>
        IsNumber(from) && IsNumber(to) && (Wider((Kind)from->Primitive) >> (int)to->Primitive & 1) != 0;

    // Whether a variable of the reference type may hold a boxed value. Only object, and what the compiler listed as its cast targets, may.
    private static bool IsBoxOf(TypeDescriptor* reference, TypeDescriptor* value)
    {
        if (reference->Base == null && (reference->Flags & TypeFlags.Interface) == 0)
            return true;
        for (TypeDescriptor* type = value->Base; type != null; type = type->Base)
            if (type == reference)
                return true;
        for (uint i = 0; i < value->CastCount; i++)
            if (value->Casts[i] == reference)
                return true;
        return false;
    }

    private static void Widen(TypeDescriptor* from, byte* source, TypeDescriptor* to, byte* target)
    {
        if ((Kind)to->Primitive is Kind.Single or Kind.Double)
        {
            if (FloatingPoint.IsSupported)
                WidenToFloating(from, source, to, target);
            else
                throw new PlatformNotSupportedException();
            return;
        }

        long integer = Integer((Kind)from->Primitive, source);
        switch (to->ValueSize)
        {
            case 2:
                *(short*)target = (short)integer;
                break;
            case 4:
                *(int*)target = (int)integer;
                break;
            default:
                *(long*)target = integer;
                break;
        }
    }

    private static void WidenToFloating(TypeDescriptor* from, byte* source, TypeDescriptor* to, byte* target)
    {
        double number = (Kind)from->Primitive switch
        {
            Kind.Single => *(float*)source,
            Kind.UInt64 when (Kind)to->Primitive == Kind.Double => *(ulong*)source,
            Kind.UInt64 => (float)*(ulong*)source,
            Kind.Int64 when (Kind)to->Primitive == Kind.Single => (float)*(long*)source,
            _ => Integer((Kind)from->Primitive, source),
        };
        if ((Kind)to->Primitive == Kind.Single)
            *(float*)target = (float)number;
        else
            *(double*)target = number;
    }

    private static long Integer(Kind kind, byte* place) => kind switch
    {
        Kind.SByte => *(sbyte*)place,
        Kind.Byte => *place,
        Kind.Int16 => *(short*)place,
        Kind.Char or Kind.UInt16 => *(ushort*)place,
        Kind.Int32 => *(int*)place,
        Kind.UInt32 => *(uint*)place,
        _ => *(long*)place,
    };

    // Where an element of either array is a value. What can't be converted at all is refused before anything is copied.
    private static void CopyConverted(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)
    {
        TypeDescriptor* from = Support.TypeOf(sourceArray)->Element;
        TypeDescriptor* to = Support.TypeOf(destinationArray)->Element;
        byte* source = Support.Elements(sourceArray) + (long)sourceIndex * Support.TypeOf(sourceArray)->Size;
        byte* target = Support.Elements(destinationArray) + (long)destinationIndex * Support.TypeOf(destinationArray)->Size;
        bool isUnboxed = (from->Flags & TypeFlags.ValueType) == 0;
        bool isBoxed = (to->Flags & TypeFlags.ValueType) == 0;
        if (isBoxed ? !IsBoxOf(to, from) : isUnboxed ? !IsBoxOf(from, to) : !IsWider(from, to))
            throw new ArrayTypeMismatchException("Source array type cannot be assigned to destination array type.");
        for (int i = 0; i < length; i++, source += Support.TypeOf(sourceArray)->Size, target += Support.TypeOf(destinationArray)->Size)
        {
            if (isBoxed)
                Unsafe.As<object?[]>(destinationArray)[destinationIndex + i] = Support.Load(from, source);
            else if (!isUnboxed)
                Widen(from, source, to, target);
            else if (*(object*)source is { } value && Support.TypeOf(value) == to)
                Memory.Move(target, Support.AddressOf(value) + 8, to->ValueSize);
            else
                throw new InvalidCastException("At least one element in the source array could not be cast down to the destination array type.");
        }
    }
}

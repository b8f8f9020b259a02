using Cloister.Runtime;

namespace System;

// SAFETY: an instance is seen here only in its box, whose value begins at 8 and has the size that the descriptor says; ValueOf is called with
// enums alone. Constants are the compiler's, Count of them. A TEnum has at most 8 bytes, so it is read from the start of a long: little-endian.
public abstract unsafe partial class Enum : ValueType, IComparable, IFormattable
{
    internal static long ValueOf(object value)
    {
        TypeDescriptor* type = Support.TypeOf(value);
        byte* place = Support.AddressOf(value) + 8;
        bool isUnsigned = (type->Flags & TypeFlags.Unsigned) != 0;
        return type->ValueSize switch
        {
            1 => isUnsigned ? *place : *(sbyte*)place,
            2 => isUnsigned ? *(ushort*)place : *(short*)place,
            4 => isUnsigned ? *(uint*)place : *(int*)place,
            _ => *(long*)place,
        };
    }

    public override bool Equals(object? obj) => obj is not null && Support.TypeOf(obj) == Support.TypeOf(this) && ValueOf(this) == ValueOf(obj);

    public override int GetHashCode() => ValueOf(this).GetHashCode();

    public int CompareTo(object? target)
    {
        if (target is null)
            return 1;
        if (Support.TypeOf(target) != Support.TypeOf(this))
            throw new ArgumentException("Object must be the same type as the enum. The type passed in was '" + target.GetType() +
                "'; the enum type was '" + GetType() + "'.");
        return ValueOf(this).CompareTo(ValueOf(target));
    }

    public bool HasFlag(Enum flag)
    {
        ArgumentNullException.ThrowIfNull(flag);
        if (Support.TypeOf(flag) != Support.TypeOf(this))
            throw new ArgumentException("The argument type, '" + flag.GetType() + "', is not the same as the enum type '" + GetType() + "'.");
        return (ValueOf(this) & ValueOf(flag)) == ValueOf(flag);
    }

    public string ToString(string? format) => string.IsNullOrEmpty(format) ? ToString() : format switch
    {
        "G" or "g" => ToString(),
        "D" or "d" => Digits(Support.TypeOf(this), ValueOf(this)),
        "X" or "x" => Number.Format(ValueOf(this), "X" + Support.TypeOf(this)->ValueSize * 2, (int)Support.TypeOf(this)->ValueSize * 8),
        "F" or "f" => NameOf(Support.TypeOf(this), ValueOf(this), true),
        _ => throw new FormatException("Format string can be only \"G\", \"g\", \"X\", \"x\", \"F\", \"f\", \"D\" or \"d\"."),
    };

    private static string Digits(TypeDescriptor* type, long value) =>
        (type->Flags & TypeFlags.Unsigned) != 0 ? ((ulong)value).ToString() : value.ToString();

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString(format);

    public override string ToString() => NameOf(Support.TypeOf(this), ValueOf(this), false);

    private static string NameOf(TypeDescriptor* type, long value, bool isFlags)
    {
        EnumConstants* constants = type->Enumeration;
        string number = Digits(type, value);
        if (constants == null)
            return number;
        if (ConstantOf(type, value) is { } name)
            return name;
        if ((!isFlags && (type->Flags & TypeFlags.HasFlags) == 0) || value == 0)
            return number;
        // From the largest constant down, those whose bits are all there; the names come out in ascending order.
        string names = "";
        ulong rest = (ulong)value;
        ulong limit = ulong.MaxValue;
        while (rest != 0)
        {
            long best = -1;
            for (long i = 0; i < constants->Count; i++)
            {
                ulong candidate = (ulong)constants->Constants[i].Value;
                if (candidate != 0 && candidate <= limit && (rest & candidate) == candidate
                    && (best < 0 || candidate > (ulong)constants->Constants[best].Value))
                    best = i;
            }

            if (best < 0)
                return number;
            rest -= (ulong)constants->Constants[best].Value;
            limit = (ulong)constants->Constants[best].Value;
            names = names.Length == 0 ? constants->Constants[best].Name : constants->Constants[best].Name + ", " + names;
        }

        return names;
    }

    public static string[] GetNames<TEnum>() where TEnum : struct, Enum => NamesOf(((RuntimeType)typeof(TEnum)).Descriptor);

    private static string[] NamesOf(TypeDescriptor* type)
    {
        EnumConstants* constants = type->Enumeration;
        int[] order = Order(constants);
        string[] names = new string[order.Length];
        for (int i = 0; i < names.Length; i++)
            names[i] = constants->Constants[order[i]].Name;
        return names;
    }

    public static TEnum[] GetValues<TEnum>() where TEnum : struct, Enum
    {
        EnumConstants* constants = ((RuntimeType)typeof(TEnum)).Descriptor->Enumeration;
        int[] order = Order(constants);
        TEnum[] values = new TEnum[order.Length];
        for (int i = 0; i < values.Length; i++)
        {
            long value = constants->Constants[order[i]].Value;
            values[i] = *(TEnum*)&value;
        }

        return values;
    }

    // By unsigned value, as .NET gives them.
    private static int[] Order(EnumConstants* constants)
    {
        int count = constants == null ? 0 : (int)constants->Count;
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            int at = i;
            for (; at > 0 && (ulong)constants->Constants[order[at - 1]].Value > (ulong)constants->Constants[i].Value; at--)
                order[at] = order[at - 1];
            order[at] = i;
        }

        return order;
    }
}

using Cloister.Runtime;

namespace System;

// SAFETY: an instance is seen here only in its box, whose value begins at 8 and has the size that the descriptor says; ValueOf is called with
// enums alone. Constants are the compiler's, Count of them. A TEnum has at most 8 bytes, so it is read from the start of a long: little-endian.
public abstract unsafe class Enum : ValueType, IComparable, IFormattable
{
    private static long ValueOf(object value)
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

    public string ToString(string? format) => format is "D" or "d" ? ValueOf(this).ToString() : format is "X" or "x"
        ? Number.Format(ValueOf(this), "X" + Support.TypeOf(this)->ValueSize * 2, (int)Support.TypeOf(this)->ValueSize * 8) : ToString();

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString(format);

    public override string ToString() => NameOf(Support.TypeOf(this), ValueOf(this));

    private static string NameOf(TypeDescriptor* type, long value)
    {
        EnumConstants* constants = type->Enumeration;
        bool isUnsigned = (type->Flags & TypeFlags.Unsigned) != 0;
        string number = isUnsigned ? ((ulong)value).ToString() : value.ToString();
        if (constants == null)
            return number;
        for (long i = 0; i < constants->Count; i++)
            if (constants->Constants[i].Value == value)
                return constants->Constants[i].Name;
        if ((type->Flags & TypeFlags.HasFlags) == 0 || value == 0)
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

    public static bool IsDefined<TEnum>(TEnum value) where TEnum : struct, Enum
    {
        TypeDescriptor* type = ((RuntimeType)typeof(TEnum)).Descriptor;
        long wanted = ValueOf(value);
        for (long i = 0; type->Enumeration != null && i < type->Enumeration->Count; i++)
            if (type->Enumeration->Constants[i].Value == wanted)
                return true;
        return false;
    }

    public static string[] GetNames<TEnum>() where TEnum : struct, Enum
    {
        EnumConstants* constants = ((RuntimeType)typeof(TEnum)).Descriptor->Enumeration;
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

    public static bool TryParse<TEnum>(string? value, out TEnum result) where TEnum : struct, Enum
    {
        EnumConstants* constants = ((RuntimeType)typeof(TEnum)).Descriptor->Enumeration;
        for (long i = 0; constants != null && i < constants->Count; i++)
            if (constants->Constants[i].Name == value)
            {
                long found = constants->Constants[i].Value;
                result = *(TEnum*)&found;
                return true;
            }

        result = default;
        return false;
    }

    public static TEnum Parse<TEnum>(string value) where TEnum : struct, Enum =>
        TryParse(value, out TEnum result) ? result : throw new ArgumentException("Requested value '" + value + "' was not found.");
}

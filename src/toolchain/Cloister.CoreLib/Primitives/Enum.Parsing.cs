using Cloister.Runtime;

namespace System;

// SAFETY: as the rest of Enum. A box of the descriptor's type has room for ValueSize bytes at 8; a TEnum is read from the start of a long, which
// is at least as large: little-endian.
public abstract unsafe partial class Enum
{
    public static TEnum Parse<TEnum>(string value) where TEnum : struct, Enum => Parse<TEnum>(value, false);

    public static TEnum Parse<TEnum>(string value, bool ignoreCase) where TEnum : struct, Enum =>
        Parse<TEnum>((value ?? throw new ArgumentNullException(nameof(value))).AsSpan(), ignoreCase);

    public static TEnum Parse<TEnum>(ReadOnlySpan<char> value) where TEnum : struct, Enum => Parse<TEnum>(value, false);

    /// <summary>Reads a number, or names with commas between.</summary>
    /// <exception cref="ArgumentException">The text is empty, or has a name that isn't one of the type's.</exception>
    /// <exception cref="OverflowException">The number is none of the type.</exception>
    public static TEnum Parse<TEnum>(ReadOnlySpan<char> value, bool ignoreCase) where TEnum : struct, Enum
    {
        long parsed = ParseOrThrow(((RuntimeType)typeof(TEnum)).Descriptor, value, ignoreCase);
        return *(TEnum*)&parsed;
    }

    public static bool TryParse<TEnum>(string? value, out TEnum result) where TEnum : struct, Enum => TryParse(value.AsSpan(), false, out result);

    public static bool TryParse<TEnum>(string? value, bool ignoreCase, out TEnum result) where TEnum : struct, Enum =>
        TryParse(value.AsSpan(), ignoreCase, out result);

    public static bool TryParse<TEnum>(ReadOnlySpan<char> value, out TEnum result) where TEnum : struct, Enum => TryParse(value, false, out result);

    public static bool TryParse<TEnum>(ReadOnlySpan<char> value, bool ignoreCase, out TEnum result) where TEnum : struct, Enum
    {
        bool isParsed = TryParse(((RuntimeType)typeof(TEnum)).Descriptor, value, ignoreCase, out long parsed, out _);
        result = *(TEnum*)&parsed;
        return isParsed;
    }

    public static object Parse(Type enumType, string value) => Parse(enumType, value, false);

    public static object Parse(Type enumType, string value, bool ignoreCase)
    {
        TypeDescriptor* type = DescriptorOf(enumType);
        ArgumentNullException.ThrowIfNull(value);
        return Box(type, ParseOrThrow(type, value, ignoreCase));
    }

    public static bool TryParse(Type enumType, string? value, out object? result) => TryParse(enumType, value, false, out result);

    public static bool TryParse(Type enumType, string? value, bool ignoreCase, out object? result)
    {
        TypeDescriptor* type = DescriptorOf(enumType);
        bool isParsed = TryParse(type, value, ignoreCase, out long parsed, out _);
        result = isParsed ? Box(type, parsed) : null;
        return isParsed;
    }

    public static bool IsDefined<TEnum>(TEnum value) where TEnum : struct, Enum =>
        ConstantOf(((RuntimeType)typeof(TEnum)).Descriptor, ValueOf(value)) is not null;

    public static string? GetName<TEnum>(TEnum value) where TEnum : struct, Enum =>
        ConstantOf(((RuntimeType)typeof(TEnum)).Descriptor, ValueOf(value));

    public static string? GetName(Type enumType, object value)
    {
        TypeDescriptor* type = DescriptorOf(enumType);
        ArgumentNullException.ThrowIfNull(value);
        return ConstantOf(type, value is Enum ? ValueOf(value) : Convert.ToInt64(value));
    }

    public static string[] GetNames(Type enumType) => NamesOf(DescriptorOf(enumType));

    /// <summary>Whether a constant has the value, an enum or a number, or the name, a string.</summary>
    public static bool IsDefined(Type enumType, object value)
    {
        TypeDescriptor* type = DescriptorOf(enumType);
        ArgumentNullException.ThrowIfNull(value);
        return value is string name ? IndexOf(type, name, false) >= 0
            : ConstantOf(type, value is Enum ? ValueOf(value) : Convert.ToInt64(value)) is not null;
    }

    public static object ToObject(Type enumType, long value) => Box(DescriptorOf(enumType), value);

    public static object ToObject(Type enumType, ulong value) => Box(DescriptorOf(enumType), (long)value);

    public static object ToObject(Type enumType, int value) => Box(DescriptorOf(enumType), value);

    public static object ToObject(Type enumType, uint value) => Box(DescriptorOf(enumType), value);

    public static object ToObject(Type enumType, short value) => Box(DescriptorOf(enumType), value);

    public static object ToObject(Type enumType, byte value) => Box(DescriptorOf(enumType), value);

    public static bool TryFormat<TEnum>(TEnum value, Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default)
        where TEnum : struct, Enum => Number.TryWrite(value.ToString(format.ToString()), destination, out charsWritten);

    private static TypeDescriptor* DescriptorOf(Type enumType)
    {
        ArgumentNullException.ThrowIfNull(enumType);
        return enumType.IsEnum ? ((RuntimeType)enumType).Descriptor
            : throw new ArgumentException("Type provided must be an Enum.", nameof(enumType));
    }

    private static object Box(TypeDescriptor* type, long value)
    {
        object box = Support.NewObject(type);
        Memory.Move(Support.AddressOf(box) + 8, (byte*)&value, type->ValueSize);
        return box;
    }

    private static string? ConstantOf(TypeDescriptor* type, long value)
    {
        EnumConstants* constants = type->Enumeration;
        for (long i = 0; constants != null && i < constants->Count; i++)
            if (constants->Constants[i].Value == value)
                return constants->Constants[i].Name;
        return null;
    }

    private static long IndexOf(TypeDescriptor* type, ReadOnlySpan<char> name, bool ignoreCase)
    {
        EnumConstants* constants = type->Enumeration;
        for (long i = 0; constants != null && i < constants->Count; i++)
            if (name.Equals(constants->Constants[i].Name, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
                return i;
        return -1;
    }

    private static long ParseOrThrow(TypeDescriptor* type, ReadOnlySpan<char> value, bool ignoreCase)
    {
        if (value.Trim().IsEmpty)
            throw new ArgumentException("Must specify valid information for parsing in the string.", nameof(value));
        if (TryParse(type, value, ignoreCase, out long parsed, out bool isNumber))
            return parsed;
        bool isUnsigned = (type->Flags & TypeFlags.Unsigned) != 0;
        throw isNumber ? Number.ParseError(value.ToString(), type->ValueSize switch
        {
            1 => isUnsigned ? "Byte" : "SByte",
            2 => isUnsigned ? "UInt16" : "Int16",
            4 => isUnsigned ? "UInt32" : "Int32",
            _ => isUnsigned ? "UInt64" : "Int64",
        }) : new ArgumentException("Requested value '" + value.TrimStart().ToString() + "' was not found.");
    }

    /// <param name="isNumber">Whether the text is a number, which may be too large.</param>
    private static bool TryParse(TypeDescriptor* type, ReadOnlySpan<char> text, bool ignoreCase, out long result, out bool isNumber)
    {
        result = 0;
        isNumber = false;
        ReadOnlySpan<char> rest = text.Trim();
        if (rest.IsEmpty)
            return false;
        if (rest[0] is '-' or '+' || char.IsAsciiDigit(rest[0]))
        {
            int shift = 64 - (int)type->ValueSize * 8;
            if ((type->Flags & TypeFlags.Unsigned) != 0)
            {
                bool isUnsigned = Number.TryParseUnsigned(rest, ulong.MaxValue >> shift, out ulong magnitude);
                result = (long)magnitude;
                isNumber = isUnsigned || IsDigits(rest);
                return isUnsigned;
            }

            bool isParsed = Number.TryParseSigned(rest, long.MinValue >> shift, long.MaxValue >> shift, out result);
            isNumber = isParsed || IsDigits(rest);
            return isParsed;
        }

        long sum = 0;
        while (true)
        {
            int comma = rest.IndexOf(',');
            long found = IndexOf(type, (comma < 0 ? rest : rest.Slice(0, comma)).Trim(), ignoreCase);
            if (found < 0)
                return false;
            sum |= type->Enumeration->Constants[found].Value;
            if (comma < 0)
                break;
            rest = rest.Slice(comma + 1);
        }

        result = sum;
        return true;
    }

    private static bool IsDigits(ReadOnlySpan<char> text) => text.Length > 1 && text.Slice(1).IndexOfAnyExcept("0123456789") < 0;
}

using System.Globalization;
using System.Text;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Emission;

/// <summary>How things are spelt in C.</summary>
internal static class CNames
{
    /// <summary>The C type of variables that aren't structures; nothing for structures.</summary>
    public static string? Scalar(TypeDesc type) => type.Underlying.Primitive switch
    {
        Primitive.Void => "void",
        Primitive.Boolean or Primitive.Byte => "uint8_t",
        Primitive.SByte => "int8_t",
        Primitive.Char or Primitive.UInt16 => "uint16_t",
        Primitive.Int16 => "int16_t",
        Primitive.Int32 => "int32_t",
        Primitive.UInt32 => "uint32_t",
        Primitive.Int64 => "int64_t",
        Primitive.UInt64 => "uint64_t",
        Primitive.IntPtr => "intptr_t",
        Primitive.UIntPtr => "uintptr_t",
        Primitive.Single => "float",
        Primitive.Double => "double",
        _ when type is PointerType => "char*",
        _ when type is FunctionPointerType => "intptr_t",
        _ => type.IsValueType ? null : "void*",
    };

    /// <summary>A name with only what C allows in identifiers, and not too long.</summary>
    public static string Readable(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (text.Length == 40)
                break;
            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return text.ToString();
    }

    /// <summary>A C string literal, in UTF-8.</summary>
    public static string Text(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            if (value is >= 32 and < 127 and not (byte)'"' and not (byte)'\\' and not (byte)'?')
                literal.Append((char)value);
            else
                literal.Append('\\').Append(System.Convert.ToString(value, 8).PadLeft(3, '0'));
        }

        return literal.Append('"').ToString();
    }

    public static string Integer(long value) => value switch
    {
        long.MinValue => "INT64_MIN",
        int.MinValue => "INT32_MIN",
        _ => value.ToString(CultureInfo.InvariantCulture) + (value is > int.MaxValue or < int.MinValue ? "LL" : ""),
    };
}

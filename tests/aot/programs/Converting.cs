using System;
using System.Globalization;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Convert, styles of numbers and enums from texts.</summary>
internal static class Converting
{
    private enum Color { Red = 1, Green = 2, Blue = 4, Teal = 6, Minus = -1 }

    [Flags]
    private enum Bits : byte { None, A = 1, B = 2, C = 4, All = 7 }

    private enum Wide : ulong { Zero, Huge = ulong.MaxValue }

    public static void All()
    {
        Program.Run("converting/integers", () =>
        {
            foreach (long value in (long[])[0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, int.MinValue,
                1L << 31, 1L << 32,
                long.MaxValue, long.MinValue])
            {
                Try(() => Convert.ToSByte(value).ToString());
                Try(() => Convert.ToByte(value).ToString());
                Try(() => Convert.ToInt16(value).ToString());
                Try(() => Convert.ToUInt16((int)value).ToString());
                Try(() => Convert.ToInt32(value).ToString());
                Try(() => Convert.ToUInt32(value).ToString());
                Try(() => Convert.ToUInt64(value).ToString());
                Try(() => Convert.ToInt64((ulong)value).ToString());
                Try(() => Convert.ToSByte((ulong)value).ToString());
                Try(() => ((int)Convert.ToChar(value)).ToString());
                WriteLine(Convert.ToBoolean(value) + " " + Convert.ToDouble(value) + " " + Convert.ToSingle(value) + " " + Convert.ToString(value));
            }
        });
        Program.Run("converting/doubles", () =>
        {
            foreach (double value in (double[])[0, 0.5, 1.5, 2.5, -0.5, -1.5, 127.5, 127.4, 255.5, 254.5, 2147483647.4, 2147483647.5, -2147483648.5,
                4294967295.5, 1e18, 1e19,
                1e20, double.NaN, double.PositiveInfinity])
            {
                Try(() => Convert.ToByte(value) + " " + Convert.ToSByte((float)value));
                Try(() => Convert.ToInt32(value).ToString());
                Try(() => Convert.ToUInt32(value).ToString());
                Try(() => Convert.ToInt64(value).ToString());
                WriteLine(Convert.ToBoolean(value) + " " + Convert.ToSingle(value) + " " + Convert.ToString(value, CultureInfo.InvariantCulture));
            }

            Try(() => Convert.ToUInt64(1e19).ToString());
        });
        Program.Run("converting/texts", () =>
        {
            foreach (string text in (string[])["1", "-1", " 42 ", "300", "", "x", "1.5", "true", "False", null!, "99999999999999999999"])
            {
                Try(() => Convert.ToByte(text).ToString());
                Try(() => Convert.ToSByte(text).ToString());
                Try(() => Convert.ToInt32(text).ToString());
                Try(() => Convert.ToInt64(text, CultureInfo.InvariantCulture).ToString());
                Try(() => Convert.ToUInt64(text).ToString());
                Try(() => Convert.ToDouble(text).ToString());
                Try(() => Convert.ToSingle(text).ToString());
                Try(() => Convert.ToBoolean(text).ToString());
                Try(() => Convert.ToChar(text).ToString());
            }
        });
        Program.Run("converting/objects", () =>
        {
            foreach (object value in (object[])[null!, 1, 2L, (byte)3, 'x', "4", true, 5.5, 6.5f, Color.Blue, ulong.MaxValue, new object()])
            {
                Try(() => Convert.ToInt32(value).ToString());
                Try(() => Convert.ToUInt64(value, CultureInfo.InvariantCulture).ToString());
                Try(() => Convert.ToDouble(value).ToString());
                Try(() => Convert.ToBoolean(value).ToString());
                Try(() => Convert.ToString(value) + "|");
            }

            Try(() => Convert.ToChar(1.5).ToString());
            Try(() => Convert.ToDouble('x').ToString());
            Try(() => Convert.ToBoolean('x').ToString());
            WriteLine(Convert.ToInt32('A') + " " + Convert.ToChar(66) + " " + Convert.ToString('c') + Convert.ToString(true) + Convert.ToString("s")
                + Convert.ToInt32(true));
        });
        Program.Run("converting/bases", () =>
        {
            foreach (int toBase in (int[])[2, 8, 10, 16, 3])
                foreach (long value in (long[])[0, 1, -1, 255, -128, int.MinValue, long.MaxValue, long.MinValue])
                    Try(() => Convert.ToString(value, toBase) + " " + Convert.ToString((int)value, toBase) + " "
                        + Convert.ToString((short)value, toBase) + " "
                        + Convert.ToString((byte)value, toBase));
            foreach (string text in (string[])["0", "ff", "0xFF", "FFFFFFFF", "-1", "+7", "101", "777", "80", "7f", "x", "", "12z", "0x", "-80",
                "4294967296",
                "8000000000000000", "FFFFFFFFFFFFFFFF", "10000000000000000", "-2147483648", "2147483648", null!])
                foreach (int fromBase in (int[])[2, 8, 10, 16, 7])
                {
                    Try(() => Convert.ToInt32(text, fromBase).ToString());
                    Try(() => Convert.ToUInt32(text, fromBase).ToString());
                    Try(() => Convert.ToInt64(text, fromBase).ToString());
                    Try(() => Convert.ToByte(text, fromBase).ToString());
                    Try(() => Convert.ToSByte(text, fromBase).ToString());
                }
        });
        Program.Run("converting/styles", () =>
        {
            foreach (string text in (string[])["12", " 12 ", "-12", "12-", "(12)", "1,234", "1.0", "1.5", "1e3", "1e-1", "10e-1", "FF", "ff ",
                "0xff", "80", "101", "102", "+5",
                "", " ", "-", "1e", "1e+", "FFFFFFFFFF", "3000000000", "12\0", "1,2,3.50", "NaN", "-Infinity", ".5", "5.", "1.2.3", "1e400", "--1",
                    "(1", "1)"])
                foreach (NumberStyles style in (NumberStyles[])[NumberStyles.None, NumberStyles.Integer, NumberStyles.HexNumber,
                    NumberStyles.BinaryNumber, NumberStyles.Number,
                    NumberStyles.Float, NumberStyles.Any, NumberStyles.AllowHexSpecifier])
                {
                    Try(() => int.Parse(text, style).ToString());
                    WriteLine(style + " " + sbyte.TryParse(text, style, CultureInfo.InvariantCulture, out sbyte s) + s + " "
                        + ulong.TryParse(text, style, null, out ulong u) + u
                        + " " + long.TryParse(text, style, null, out long l) + l);
                    if (style is not (NumberStyles.HexNumber or NumberStyles.BinaryNumber or NumberStyles.AllowHexSpecifier))
                        Try(() => double.Parse(text, style, CultureInfo.InvariantCulture) + " " + float.Parse(text, style));
                }

            Try(() => double.Parse("1", NumberStyles.HexNumber).ToString());
            Try(() => int.Parse("1", (NumberStyles)4096).ToString());
            Try(() => int.Parse("1", NumberStyles.HexNumber | NumberStyles.AllowLeadingSign).ToString());
            Try(() => int.Parse(null!, NumberStyles.HexNumber).ToString());
            Try(() => byte.Parse("-1", NumberStyles.Integer).ToString());
            WriteLine(int.Parse("7f".AsSpan(), NumberStyles.HexNumber) + double.Parse("1.5".AsSpan()) + int.Parse("12".AsSpan()));
        });
        Program.Run("converting/enums", () =>
        {
            foreach (string text in (string[])["Red", "red", " Green ", "Red,Blue", "Red, blue", "1", "-1", "+6", "99", "300", "Purple", "", " ",
                null!, "A,C", "All", "a", "1,2", "Huge",
                "18446744073709551615", "99999999999", "Red,", "1x"])
            {
                Try(() => Enum.Parse<Color>(text).ToString());
                Try(() => Enum.Parse<Color>(text, true).ToString());
                Try(() => Enum.Parse(typeof(Bits), text, true).ToString());
                WriteLine(Enum.TryParse(text, out Bits bits) + " " + bits + " " + Enum.TryParse(text, true, out Color color) + " " + color + " "
                    + Enum.TryParse(text.AsSpan(), out Wide wide) + " " + wide);
            }

            WriteLine(Enum.GetName(Color.Red) + " " + Enum.GetName((Color)9) + "| " + Enum.GetName(typeof(Bits), Bits.B) + " "
                + Enum.GetName(typeof(Color), 4) + " "
                + string.Join(",", Enum.GetNames(typeof(Bits))) + " " + Enum.IsDefined(typeof(Color), "Red") + Enum.IsDefined(typeof(Color), 4)
                + Enum.IsDefined(Color.Teal) + Enum.IsDefined((Color)5) + " " + Enum.ToObject(typeof(Bits), 5) + " "
                    + Enum.ToObject(typeof(Color), (byte)2));
            Span<char> room = stackalloc char[8];
            WriteLine(Enum.TryFormat(Color.Green, room, out int written) + " " + written + " " + Enum.TryFormat(Bits.All, room, out written, "D")
                + " " + written + " "
                + Enum.TryFormat((Bits)3, room.Slice(0, 2), out written) + " " + written);
            foreach (string format in (string[])["G", "g", "F", "D", "X", "x", "", null!, "Q"])
                Try(() => Color.Teal.ToString(format) + " " + ((Color)3).ToString(format) + " " + Bits.All.ToString(format) + " "
                    + ((Bits)9).ToString(format) + " "
                    + Color.Minus.ToString(format) + " " + Wide.Huge.ToString(format) + $" {Bits.A | Bits.C:D}");
            Try(() => Enum.Parse(typeof(int), "1").ToString());
            Try(() => Enum.GetNames(null!).ToString());
        });
    }

    private static void Try(Func<string> function)
    {
        try
        {
            WriteLine(function());
        }
        catch (Exception exception)
        {
            WriteLine(exception.GetType() + ": " + exception.Message);
        }
    }
}

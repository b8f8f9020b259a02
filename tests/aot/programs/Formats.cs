using System;
using System.Globalization;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Standard and custom formats of numbers.</summary>
internal static class Formats
{
    private static readonly double[] s_doubles = [0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 0.125, 0.375, 9.995, 99.5, 0.001234567890123456789, -0.0004,
        123456.789, 1234567890123456789, 1e23, 9.999e22, 1e-7, 5e-324, 1.7976931348623157e308, 3.14159265358979, 0.1, 1e15, 999999.9999999999,
        double.NaN, double.PositiveInfinity, double.NegativeInfinity];
    private static readonly long[] s_integers = [0, 1, -1, 5, 15, 25, 999, 1000, -1234, 12345, 999999, -1234567, 123456789012, long.MaxValue,
        long.MinValue];
    private static readonly string[] s_standard = ["P", "p0", "P3", "E", "e3", "E0", "E2", "E20", "G", "g", "G1", "G3", "g5", "G15", "G17", "G20",
        "G0", "F",
        "F0", "F1", "F5", "N", "N0", "n3", "R", "r", "F20", "P10", "R0", "R3"];
    private static readonly string[] s_custom = ["0", "0.00", "#,##0.0", "000", "0.##", "0%", "#", "#.##", "#,#", "#,##0.00", "0000.0000", ".00",
        "0.0.0",
        "#,", "0,,", "0,.0", "#,##0,K", "%0", "0.0\u2030", "0.00;(0.00)", "0.00;(0.00);zero", "0.0;;nil", ";-0", "0;", "'a;b'0", "\"x\"0\"y\"",
            "\\#0\\0", "0 units",
        "0E0", "0.00E+00", "##.##e-000", "0E+0.0", "#E0", "E0", "0.E+", "000-00-0000", "(###) ###-####", "abc", "0'open", "0\\", "##0.0#E+0", "0,0",
            "0,0.0,0",
        "#.0", "+0;-0", "$#,##0.00", "00:00", "0x", "0.#####", "'it''s' 0", "%", "0%%", "", "#,0.###"];

    public static void All()
    {
        Program.Run("formats/standard doubles", () =>
        {
            foreach (string format in s_standard)
                foreach (double value in s_doubles)
                    WriteLine(format + " " + value.ToString(format));
        });
        Program.Run("formats/standard floats", () =>
        {
            foreach (string format in s_standard)
                foreach (double value in s_doubles)
                    WriteLine(format + " " + ((float)value).ToString(format) + " " + ((Half)value).ToString(format));
        });
        Program.Run("formats/standard integers", () =>
        {
            foreach (string format in s_standard)
                foreach (long value in s_integers)
                    Try(() => format + " " + value.ToString(format) + " " + ((int)value).ToString(format) + " " + ((byte)value).ToString(format)
                        + " " + ((UInt128)(ulong)value).ToString(format));
        });
        Program.Run("formats/custom doubles", () =>
        {
            foreach (string format in s_custom)
                foreach (double value in s_doubles)
                    WriteLine(format + " " + value.ToString(format));
        });
        Program.Run("formats/custom floats", () =>
        {
            foreach (string format in s_custom)
                foreach (double value in s_doubles)
                    WriteLine(format + " " + ((float)value).ToString(format) + " " + ((Half)value).ToString(format));
        });
        Program.Run("formats/custom integers", () =>
        {
            foreach (string format in s_custom)
                foreach (long value in s_integers)
                    WriteLine(format + " " + value.ToString(format) + " " + ((sbyte)value).ToString(format));
        });
        Program.Run("formats/refused", () =>
        {
            foreach (string format in (string[])["Q", "Z2", "D", "X", "B2", "r", "F1234567890", "y", "H5"])
            {
                Try(() => 12.ToString(format));
                Try(() => 12.5.ToString(format));
                Try(() => 12ul.ToString(format));
            }
        });
        Program.Run("formats/in texts", () =>
        {
            WriteLine($"{0.256:P1}|{12345.678:N1}|{42,8:000}|{-42,-8:0.0}|{1e9:E2}|{255:X4}|{7:D3}|{0.5f:0%}");
            WriteLine(string.Format("{0:P}|{1,10:#,##0.0}|{2:E3}", 0.5, 98765.432, 1234));
            WriteLine(12.5.ToString("0.00", CultureInfo.InvariantCulture) + " " + 12.ToString("P0", CultureInfo.InvariantCulture));
        });
        Program.Run("formats/random doubles", () =>
        {
            ulong state = 12345;
            for (int i = 0; i < 300; i++)
            {
                state = state * 6364136223846793005 + 1442695040888963407;
                double value = BitConverter.UInt64BitsToDouble(state);
                double small = (double)(state >> 30) / 100000;
                WriteLine(value.ToString("E16") + " " + value.ToString("E3") + " " + value.ToString("G7") + " " + small.ToString("F3") + " "
                    + small.ToString("P1")
                    + " " + small.ToString("#,##0.0##") + " " + value.ToString("0.###E+00"));
            }
        });
        Program.Run("formats/parsing of what surrounds", () =>
        {
            foreach (string text in (string[])["12\0", "12\0\0", "12 \0", "12\0 ", "\0", "\012", "\u00a012", "\t12\v", " 12 ", "12a", "+12", "- 1"])
            {
                WriteLine(int.TryParse(text, out int i) + " " + i + " " + ulong.TryParse(text, out ulong u) + " " + u + " "
                    + double.TryParse(text, out double d)
                    + " " + d);
                Try(() => short.Parse(text).ToString());
            }
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

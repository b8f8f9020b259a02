using System;
using System.Text;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Text
{
    public static void All()
    {
        Program.Run("text/operations", Operations);
        Program.Run("text/split and join", SplitJoin);
        Program.Run("text/builder", Builder);
        Program.Run("text/interpolation", Interpolation);
        Program.Run("text/format", Formatting);
        Program.Run("text/integers", Integers);
        Program.Run("text/doubles", DoubleText);
        Program.Run("text/fixed point", FixedPoint);
        Program.Run("text/floats", FloatText);
        Program.Run("text/comparison", Comparison);
        Program.Run("text/unicode", Unicode);
        Program.Run("text/concatenation", Concatenation);
        Program.Run("text/constructors", Constructors);
        Program.Run("text/enumeration", Enumeration);
        Program.Run("text/interning", Interning);
        Program.Run("text/random doubles", RandomDoubles);
    }

    private static void Operations()
    {
        string s = "Hello, World";
        WriteLine(s.Length + s.Substring(7) + s.Substring(0, 5) + s.ToUpperInvariant() + s.ToLowerInvariant() + s.IndexOf("o") + s.IndexOf('o', 5)
            + s.LastIndexOf('o'));
        WriteLine(s.Replace("l", "LL") + s.Replace('o', '0') + s.Insert(5, "!") + s.Remove(5) + s.Remove(0, 7) + s.Contains("World")
            + s.StartsWith("Hell") + s.EndsWith('d'));
        WriteLine("  x ".Trim() + "|" + "xxaxx".Trim('x') + "|" + " y".TrimStart() + "|" + "z ".TrimEnd() + "|" + "a".PadLeft(3) + "|"
            + "b".PadRight(3, '.') + "|");
        WriteLine(string.IsNullOrEmpty("") + " " + string.IsNullOrWhiteSpace(" \t") + " " + string.IsNullOrEmpty(null) + s[4]
            + s.IndexOfAny(['W', ',']));
    }

    private static void SplitJoin()
    {
        WriteLine(string.Join("|", "a,b,,c".Split(',')) + " " + string.Join("|", "a,b,,c".Split(',', StringSplitOptions.RemoveEmptyEntries)) + " "
            + string.Join("|", " a ; b ".Split(';', StringSplitOptions.TrimEntries)));
        WriteLine(string.Join("|", "one--two--three".Split("--")) + " " + string.Join('-', "x y  z".Split(' ')) + " "
            + string.Join(", ", 1, 2.5, "c", null, true));
        WriteLine("".Split(',').Length + " " + string.Concat("a", "b", "c", "d", "e") + string.Concat(1, 2));
    }

    private static void Builder()
    {
        var b = new StringBuilder("start");
        for (int i = 0; i < 20; i++)
            b.Append(i).Append(',');
        b.Insert(0, ">>").Replace("1", "I").Append('x', 3).AppendLine().Append(2.5).Append(true).Append((object)"o").AppendFormat("{0:x}", 255);
        b.Length -= 2;
        b[0] = '<';
        b.Remove(2, 5);
        WriteLine(b.ToString() + b.Length);
        b.Clear().Append($"in {1 + 1} out");
        WriteLine(b);
    }

    private static void Interpolation()
    {
        int n = 42;
        string s = null;
        WriteLine($"{n} {n,6}|{n,-6}|{n:x} {n:D5} {n,8:X4}| {s} {{}} {n > 3} {'c'} {1.5,6}| {new DateLike(5)} {n:N2}");
        WriteLine($"""raw "{n}" text""");
    }

    private sealed class DateLike(int day) : IFormattable
    {
        public string ToString(string format, IFormatProvider provider) => "day" + day + format;
    }

    private static void Formatting()
    {
        WriteLine(string.Format("{0} {1,5} {2:x2} {0}", "a", 12, 10));
        WriteLine("{0}-{1}", 1, "b");
        try
        {
            WriteLine(string.Format("{2}", 1));
        }
        catch (FormatException e)
        {
            WriteLine(e.GetType().Name);
        }
    }

    private static void Integers()
    {
        long[] values = [0, 1, -1, 123456789, int.MinValue, long.MaxValue, long.MinValue];
        foreach (long v in values)
            WriteLine($"{v} {v:D12} {v:X} {v:x8} {v:N0} {(int)v:X} {(sbyte)v:X2} {(ushort)v} {v:F1} {v:N}");
    }

    private static void DoubleText()
    {
        double[] values = [0, -0.0, 1, -1, 0.1, 0.2 + 0.1, 1.0 / 3, 100, 1e5, 123456789.125, 1e14, 1e15, 1e16, 1e17, 1.5e-5, 1e-4, 1e-5, 1e21, 1e22,
            1e23, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308,
            9007199254740993, 4.35, 0.000123456789, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e100, 123e-20];
        foreach (double v in values)
            WriteLine(v);
    }

    private static void FixedPoint()
    {
        double[] values = [0, 1, 0.5, 2.5, 1.005, -1.25, 123456.789, 1e10, 0.001, 99.995, 1e-10];
        foreach (double v in values)
            WriteLine($"{v:F2} {v:F0} {v:F5} {v:N1} {v:N3}");
    }

    private static void FloatText()
    {
        float[] values = [0, 0.1f, 1f / 3, 16777217f, 3.4028235e38f, 1e-45f, 1.17549435e-38f, 123.456f, 1e10f, 0.00001f, 7.0064923e-45f];
        foreach (float v in values)
            WriteLine(v + " " + (double)v);
    }

    private static void Comparison()
    {
        string[] words = ["a", "b", "A", "", "ab", null];
        foreach (string x in words)
            foreach (string y in words)
                Write(string.CompareOrdinal(x, y) switch { < 0 => "<", 0 => "=", _ => ">" });
        WriteLine(" " + "ABC".Equals("abc", StringComparison.OrdinalIgnoreCase) + ("a" + "b" == "ab") + "x".CompareTo("y"));
    }

    private static void Unicode()
    {
        WriteLine("grüße ☃ 😀 \u00e9");
        WriteLine("😀".Length + " " + char.IsSurrogate("😀"[0]));
        WriteLine("ÄÖÜ".ToLowerInvariant() + "äöü".ToUpperInvariant());
    }

    private static void Concatenation()
    {
        string s = "";
        for (int i = 0; i < 300; i++)
            s += (char)('a' + i % 26);
        WriteLine(s.Length + s.Substring(290) + null + 'c' + 1.5 + true + 3L);
        object o = null;
        WriteLine("x" + o + "y");
    }

    private static void Constructors() => WriteLine(new string('z', 4) + new string(['a', 'b']) + new string(['a', 'b', 'c'], 1, 2)
        + new string("span".AsSpan(1)) + new string('q', 0) + ".");

    private static void Enumeration()
    {
        int vowels = 0;
        foreach (char c in "enumeration")
            if ("aeiou".Contains(c))
                vowels++;
        WriteLine(vowels + string.Join("-", "abc".ToCharArray()));
    }

    private static void Interning() => WriteLine(ReferenceEquals("same", "same") + " " + ReferenceEquals("", string.Empty));

    private static void RandomDoubles()
    {
        ulong seed = 88172645463325252;
        for (int i = 0; i < 300; i++)
        {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            WriteLine(BitConverter.UInt64BitsToDouble(seed) + " " + BitConverter.Int32BitsToSingle((int)seed));
        }
    }
}

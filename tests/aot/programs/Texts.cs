using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Builders, searches and comparisons of parts of texts.</summary>
internal static class Texts
{
    public static void All()
    {
        Program.Run("texts/format", () =>
        {
            foreach (string format in (string[])["{0}", "{0,5}|", "{0,-5}|", "{0:X2}", "{1,8:F2}|", "{{{0}}}", "{0 }", "{0 , 6 }|", "{0 , -6 :X4}|",
                "{2}", "{", "}",
                "{{", "}}", "{0", "{0,", "{0,-", "{0:", "{0:X", "{a}", "{}", "{0,a}", "{0:{}", "{0}}", "{0x}", "{-1}", "{1000000}", "{9999999}",
                    "{0,5x}", "a{0}b{1}c", ""])
            {
                Try(() => string.Format(format, 42, 1.5));
                Try(() => new StringBuilder("<").AppendFormat(CultureInfo.InvariantCulture, format, 42, 1.5).Append('>').ToString());
            }

            Try(() => string.Format(null!, 1));
            Try(() => string.Format("{0}", (object[])null!));
            Try(() => string.Format("{0} {1} {2} {3}", 1, null, "x", 'c'));
            Try(() => string.Format(CultureInfo.InvariantCulture, "{0} {1} {2}", 1, 2.5, true));
            Try(() => string.Format(new Shouting(), "{0} {1:q}", "loud", 7));
            Try(() => string.Create(CultureInfo.InvariantCulture, $"{1.5}|{2,4}|{"x"}"));
        });
        Program.Run("texts/builder insert", () =>
        {
            var text = new StringBuilder("0123456789");
            text.Insert(0, true).Insert(3, 'c').Insert(5, (byte)7).Insert(5, (short)-3).Insert(5, 99L).Insert(5, 1.5).Insert(5, 2.5f).Insert(2,
                (object)"obj")
                .Insert(1, "abc", 3).Insert(4, "xyz".AsSpan(1)).Insert(0, new[] { 'q', 'r' }).Insert(2, "uvwx".ToCharArray(), 1, 2).Insert(0,
                    5u).Insert(0, 6ul)
                .Insert(0, (sbyte)-1).Insert(0, (ushort)2).Insert(0, (string)null!).Insert(0, 3);
            WriteLine(text);
            Try(() => text.Insert(-1, "x").ToString());
            Try(() => text.Insert(1000, "x").ToString());
            Try(() => text.Insert(0, "x", -1).ToString());
        });
        Program.Run("texts/builder remove and replace", () =>
        {
            var text = new StringBuilder("hello world hello");
            WriteLine(text.Replace("hello", "bye", 5, 12));
            WriteLine(text.Replace('o', '0', 0, 5) + " " + text.Replace('l', 'L') + " " + text.Replace("L", null) + " "
                + text.Replace("b".AsSpan(), "BB"));
            WriteLine(text.Remove(2, 3));
            Try(() => text.Remove(-1, 1).ToString());
            Try(() => text.Remove(0, -1).ToString());
            Try(() => text.Remove(3, 100).ToString());
            Try(() => text.Replace("", "x").ToString());
            Try(() => text.Replace((string)null!, "x").ToString());
            Try(() => text.Replace("a", "x", -1, 2).ToString());
            Try(() => text.Replace("a", "x", 1, 200).ToString());
            Try(() => text.Replace('a', 'x', 300, 2).ToString());
        });
        Program.Run("texts/builder rest", () =>
        {
            var text = new StringBuilder("abcdef", 1, 3, 10);
            WriteLine(text + " " + text.Capacity + " " + text.EnsureCapacity(20) + " " + text.MaxCapacity + " " + new StringBuilder(5).Capacity + " "
                + new StringBuilder("x", 30).Capacity + new StringBuilder(8, 100));
            text.Capacity = 50;
            WriteLine(text.Capacity);
            Try(() => (text.Capacity = 1).ToString());
            Try(() => (text.Capacity = -1).ToString());
            Try(() => text.EnsureCapacity(-1).ToString());
            Try(() => new StringBuilder(-1).ToString());
            char[] target = new char[6];
            text.CopyTo(1, target, 2, 2);
            text.CopyTo(0, target.AsSpan(), 1);
            WriteLine(new string(target).Replace('\0', '.'));
            Try(() => { text.CopyTo(1, target, 2, 200); return ""; });
            Try(() => { text.CopyTo(1, target, 2, 3); return ""; });
            Try(() => { text.CopyTo(9, target, 2, 0); return ""; });
            Try(() => { text.CopyTo(0, target, -2, 0); return ""; });
            Try(() => { text.CopyTo(0, (char[])null!, 2, 0); return ""; });
            string all = "";
            foreach (ReadOnlyMemory<char> chunk in text.GetChunks())
                all += chunk.Span.ToString();
            WriteLine(all);
            text.AppendJoin(", ", 1, "two", null, 3.5).AppendJoin('|', new[] { "a", "b" }).AppendJoin('-', new List<int> { 1, 2 }).AppendJoin("; ",
                "x", "y");
            text.Append("qwerty".ToCharArray(), 1, 2).Append("mem".AsMemory(1)).Append(new StringBuilder("12345"), 2, 2)
                .Append(CultureInfo.InvariantCulture, $"{1.25:F1}").AppendLine(CultureInfo.InvariantCulture, $"{3}");
            Write(text);
        });
        Program.Run("texts/index of", () =>
        {
            string s = "The quick THE quick the";
            WriteLine(s.IndexOf("quick", 5, 15) + " " + s.IndexOf("the", 1, 15, StringComparison.OrdinalIgnoreCase) + " " + s.IndexOf("", 4) + " "
                + s.IndexOfAny(['q', 'T'], 1, 5) + " " + s.IndexOf('q', 6, 9) + " " + s.IndexOf("x", 23) + " " + "".IndexOf("") + " "
                    + "".IndexOf('a'));
            for (int start = 0; start <= s.Length; start += 3)
                Try(() => s.LastIndexOf("quick", start) + " " + s.LastIndexOf("the", start, StringComparison.OrdinalIgnoreCase) + " "
                    + s.LastIndexOf("", start)
                    + " " + s.LastIndexOf("T", start, Math.Min(start + 1, 4)) + " " + s.LastIndexOf('T', Math.Min(start, 22), 1)
                    + " " + s.LastIndexOfAny(['k', 'e'], Math.Min(start, 22)) + " " + s.LastIndexOfAny(['k', 'e'], Math.Min(start, 22), 1));
            WriteLine("".LastIndexOf("") + " " + "".LastIndexOf("", 0) + " " + "".LastIndexOf("", -1) + " " + "".LastIndexOf("a", 0) + " "
                + "".LastIndexOf('a', 0, 0)
                + " " + "abc".LastIndexOf("") + " " + "abc".LastIndexOf("abcd") + " " + "aaa".LastIndexOf("aa", 2) + " "
                    + "aaa".LastIndexOf("aa", 1));
            Try(() => s.IndexOf("x", 24).ToString());
            Try(() => s.IndexOf("x", -1).ToString());
            Try(() => s.IndexOf("x", 1, 100).ToString());
            Try(() => s.IndexOf((string)null!).ToString());
            Try(() => s.IndexOf('x', 30).ToString());
            Try(() => s.IndexOf('x', 3, -1).ToString());
            Try(() => s.IndexOfAny(null!).ToString());
            Try(() => s.IndexOfAny(['a'], 40).ToString());
            Try(() => s.LastIndexOf("x", 30).ToString());
            Try(() => s.LastIndexOf("x", 3, 8).ToString());
            Try(() => s.LastIndexOf('x', 30).ToString());
            Try(() => s.LastIndexOf('x', 3, 6).ToString());
            Try(() => s.LastIndexOf('x', 23).ToString());
        });
        Program.Run("texts/compare", () =>
        {
            string[] values = ["", "a", "A", "abc", "ABC", "abd", "b", "\u00e4", null!];
            foreach (string a in values)
                foreach (string b in values)
                {
                    WriteLine(string.Compare(a, b, true) + " " + string.Compare(a, b, false, CultureInfo.InvariantCulture) + " "
                        + string.Compare(a, b, CultureInfo.InvariantCulture, CompareOptions.OrdinalIgnoreCase) + " "
                        + string.Compare(a, b, StringComparison.OrdinalIgnoreCase) + " " + string.CompareOrdinal(a, 0, b, 0, 1) + " "
                        + string.Compare(a, 0, b, 0, 3, StringComparison.OrdinalIgnoreCase));
                    Try(() => string.Compare(a, 0, b, 0, 2) + " " + string.Compare(a, 0, b, 0, 2, true));
                }

            Try(() => string.Compare("abc", 4, "abc", 0, 1).ToString());
            Try(() => string.Compare("abc", 0, "abc", -1, 1).ToString());
            Try(() => string.Compare("abc", 0, "abc", 0, -1).ToString());
            Try(() => string.CompareOrdinal("abc", 9, "abc", 0, 1).ToString());
            WriteLine("Hello".StartsWith("hE", true, null) + " " + "Hello".EndsWith("LO", false, CultureInfo.InvariantCulture) + " "
                + "aXbx".Replace("x", "-", true, null) + " " + "x".ToUpper(CultureInfo.InvariantCulture) + "X".ToLower(CultureInfo.InvariantCulture)
                + "y".ToString(CultureInfo.InvariantCulture));
            WriteLine((string.GetHashCode("hello".AsSpan()) == "hello".GetHashCode()) + " "
                + (string.GetHashCode("HELLO", StringComparison.OrdinalIgnoreCase) == string.GetHashCode("hello",
                    StringComparison.OrdinalIgnoreCase)));
        });
        Program.Run("texts/split", () =>
        {
            foreach (string s in (string[])["a,b,c", ",a,,b,", "", ",", ",,,", " a , b ,, c ", "a;b,c", "abc", "  ", ", ,x, ,y"])
                foreach (StringSplitOptions options in (StringSplitOptions[])[0, (StringSplitOptions)1, (StringSplitOptions)2, (StringSplitOptions)3])
                    for (int count = 0; count < 5; count++)
                        WriteLine(Shown(s.Split(',', count, options)) + Shown(s.Split([',', ';'], count, options))
                            + Shown(s.Split([",", ";", ""], count, options))
                            + Shown(s.Split((char[])null!, count, options)) + Shown(s.Split((string)null!, count, options))
                                + Shown(s.Split(",,", options)));
            Try(() => Shown("a".Split(',', -1)));
            Try(() => Shown("a".Split(',', (StringSplitOptions)8)));
        });
        Program.Run("texts/join and the like", () =>
        {
            WriteLine(string.Join(",", ["a", "b", "c", "d"], 1, 2) + string.Join('-', ["a", "b", "c"], 0, 2) + string.Join('+', 1, 2.5, null)
                + string.Join(", ", 1, "x"));
            Try(() => string.Join(",", ["a"], 1, 2));
            Try(() => string.Join(",", ["a"], -1, 1));
            Try(() => string.Join(",", (string[])null!, 0, 1));
            WriteLine(string.Concat(new List<string> { "x", null!, "y" }) + string.Concat("a".AsSpan(), "b", "c", "d"));
            WriteLine("a\r\nb\nc\rd\fe\u0085f\u2028g".ReplaceLineEndings("|") + "x\r\ny".ReplaceLineEndings());
        });
    }

    private static string Shown(string[] parts) => "[" + string.Join("/", parts) + "]" + parts.Length;

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

    private sealed class Shouting : IFormatProvider, ICustomFormatter
    {
        public object GetFormat(Type formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string format, object arg, IFormatProvider formatProvider) => arg?.ToString().ToUpperInvariant() + format + "!";
    }
}

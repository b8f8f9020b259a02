using System;
using System.Text;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Bytes and text, runes, and the less used members of string, char and Guid.</summary>
internal static class Encodings
{
    private static readonly string[] s_texts = ["", "plain", "Grüße", "日本語", "a😀b", "\ud800x", "x\udc00", "\udbff\udfff",
        "\0\x7f\x80\u07ff\u0800\uffff"];
    private static readonly byte[][] s_bytes = [[], [0x41], [0xc3, 0xa9], [0xc3], [0xc0, 0x80], [0xe2, 0x82, 0xac], [0xe2, 0x82],
        [0xe2, 0x28, 0xa1], [0xf0, 0x9f, 0x98, 0x80], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff, 0xfe, 0x41],
        [0x80, 0x81, 0x42]];

    public static void All()
    {
        Program.Run("encodings/utf8 bytes", () =>
        {
            foreach (string text in s_texts)
                WriteLine(Encoding.UTF8.GetByteCount(text) + " " + Convert.ToHexString(Encoding.UTF8.GetBytes(text)));
        });
        Program.Run("encodings/utf8 text", () =>
        {
            foreach (byte[] bytes in s_bytes)
            {
                string text = Encoding.UTF8.GetString(bytes);
                Write(Encoding.UTF8.GetCharCount(bytes) + ":");
                foreach (char c in text)
                    Write(" " + ((int)c).ToString("x4"));
                WriteLine();
            }
        });
        Program.Run("encodings/utf8 into spans", () =>
        {
            Span<byte> bytes = stackalloc byte[5];
            Span<char> chars = stackalloc char[3];
            WriteLine(Encoding.UTF8.GetBytes("aé€"[..2], bytes) + " " + Encoding.UTF8.TryGetBytes("€€", bytes, out int written) + " "
                + Encoding.UTF8.GetChars([0x61, 0xc3, 0xa9], chars) + new string(chars[..2]) + " " + Encoding.UTF8.GetMaxByteCount(10) + " "
                + Encoding.UTF8.GetString("abcdef"u8.ToArray(), 2, 3));
            try
            {
                Encoding.UTF8.GetBytes("too long", new byte[3]);
            }
            catch (ArgumentException exception)
            {
                WriteLine(exception.GetType());
            }
        });
        Program.Run("encodings/ascii", () =>
        {
            foreach (string text in s_texts)
                WriteLine(Convert.ToHexString(Encoding.ASCII.GetBytes(text)) + " " + Convert.ToHexString(Encoding.Latin1.GetBytes(text)));
            WriteLine(Encoding.ASCII.GetString([72, 105, 200]) == "Hi\ufffd" ? "replaced" : Encoding.ASCII.GetString([72, 105, 200]).Length + "");
            WriteLine(Encoding.Latin1.GetString([72, 233]));
        });
        Program.Run("encodings/strict utf8", () =>
        {
            var strict = new UTF8Encoding(false, true);
            try
            {
                WriteLine(strict.GetString([0x41, 0x80]));
            }
            catch (ArgumentException exception)
            {
                WriteLine(exception is ArgumentException);
            }

            WriteLine(strict.GetString("fine"u8) + new UTF8Encoding(true).Preamble.Length);
        });
        Program.Run("encodings/runes", () =>
        {
            foreach (string text in s_texts)
            {
                foreach (Rune rune in text.EnumerateRunes())
                    Write(rune.Value.ToString("x") + "/" + rune.Utf8SequenceLength + rune.Utf16SequenceLength + rune.IsBmp + rune.IsAscii + " ");
                WriteLine();
            }
        });
        Program.Run("encodings/rune decoding", () =>
        {
            foreach (byte[] bytes in s_bytes)
                WriteLine(Rune.DecodeFromUtf8(bytes, out Rune rune, out int taken) + " " + rune.Value.ToString("x") + " " + taken);
            foreach (string text in s_texts)
                WriteLine(Rune.DecodeFromUtf16(text, out Rune rune, out int taken) + " " + rune.Value.ToString("x") + " " + taken);
        });
        Program.Run("encodings/rune members", () =>
        {
            Span<byte> bytes = stackalloc byte[4];
            WriteLine(new Rune(0x1f600).EncodeToUtf8(bytes) + Convert.ToHexString(bytes) + " " + Rune.IsValid(0xd800)
                + Rune.TryCreate(0x110000, out _) + new Rune('a').CompareTo(new Rune('b')) + (new Rune('x') == (Rune)'x') + " " + new Rune(0x20ac)
                + Rune.ToUpperInvariant(new Rune('q')) + " " + new Rune('\ud83d', '\ude00').Value);
            try
            {
                WriteLine(new Rune(0xdfff));
            }
            catch (ArgumentOutOfRangeException)
            {
                WriteLine("not a scalar value");
            }
        });
        Program.Run("encodings/char classes", () =>
        {
            for (char c = '\0'; c < 256; c++)
                Write((char.IsLetter(c) ? 1 : 0) + (char.IsDigit(c) ? 2 : 0) + (char.IsWhiteSpace(c) ? 4 : 0) + (char.IsControl(c) ? 8 : 0)
                    + (char.IsUpper(c) ? 16 : 0) + (char.IsLower(c) ? 32 : 0) + (char.IsAsciiHexDigit(c) ? 64 : 0) + " ");
            WriteLine();
        });
        Program.Run("encodings/char case", () =>
        {
            for (char c = '\0'; c < 256; c++)
                Write((int)char.ToUpperInvariant(c) + " " + (int)char.ToLowerInvariant(c) + " ");
            WriteLine();
        });
        Program.Run("encodings/string searches", () =>
        {
            string s = "the cat and the hat";
            WriteLine(s.IndexOf("the", 1) + " " + s.LastIndexOf("the") + " " + s.IndexOf("THE", StringComparison.OrdinalIgnoreCase) + " "
                + s.IndexOf('z') + " " + s.IndexOfAny(['h', 'c'], 5) + " " + s.LastIndexOf('t', 10) + " "
                + s.Contains("CAT", StringComparison.OrdinalIgnoreCase) + " " + s.StartsWith("The", StringComparison.OrdinalIgnoreCase)
                + s.EndsWith("hat"));
        });
        Program.Run("encodings/string edits", () =>
        {
            string s = "a,b;c,d";
            WriteLine(s.Replace(",", "--") + " " + s.Replace(',', '.') + " " + s.Remove(1, 2) + " " + s.Insert(1, "!") + " "
                + string.Join("|", s.Split([',', ';'])) + " " + string.Join("|", s.Split(',', 2)) + " "
                + string.Join("|", "a--b--".Split("--", StringSplitOptions.RemoveEmptyEntries)));
            WriteLine("[" + "  x ".Trim() + "][" + "xxaxx".TrimStart('x') + "][" + "x-".TrimEnd('-', 'x') + "][" + "ab".PadLeft(4, '.') + "]["
                + string.Concat("a", "b", "c", "d", "e") + "][" + new string('-', 3) + "]" + string.Create(3, 'q', (span, c) => span.Fill(c)));
        });
        Program.Run("encodings/string errors", () =>
        {
            foreach (Func<string> run in (Func<string>[])[() => "abc"[5].ToString(), () => "abc".Substring(4), () => "abc".Substring(1, 5), () =>
                "abc".Remove(9), () => "abc".Insert(7, "x"), () => "abc".Replace("", "x"), () => "a".PadLeft(-1), () => string.Format("{0} {1}", 1),
                () => string.Format("{", 1), () => int.Parse("x").ToString(), () => int.Parse("99999999999").ToString(), () =>
                byte.Parse("-1").ToString(), () => bool.Parse("maybe").ToString()])
            {
                try
                {
                    WriteLine(run());
                }
                catch (Exception exception)
                {
                    WriteLine(exception.GetType());
                }
            }
        });
        Program.Run("encodings/string comparisons", () =>
        {
            string?[] all = [null, "", "a", "A", "b", "aa", "ä"];
            foreach (string? a in all)
            {
                foreach (string? b in all)
                    Write(Math.Sign(string.CompareOrdinal(a, b)) + "" + (string.Equals(a, b, StringComparison.OrdinalIgnoreCase) ? "=" : "!")
                        + Math.Sign(string.Compare(a, b, StringComparison.Ordinal)) + " ");
                WriteLine();
            }
        });
        Program.Run("encodings/composite format", () =>
        {
            WriteLine(string.Format("{0,5}|{0,-5}|{1:x4}|{2:F2}|{{}}|{3}", "ab", 255, 1.005, null));
            WriteLine($"{1,4}|{-1,-4}|{3.14159:F3}|{true}|{'c',3}|{"s",-3}|{255:X}|{1234567:N0}|{DayOfWeek.Friday}|{DayOfWeek.Friday:D}|{(1, 2)}|{null}");
        });
        Program.Run("encodings/builder edits", () =>
        {
            var b = new StringBuilder("hello");
            b.Append(' ').Append(1).Append(2.5).Append(true).Append('x', 3).AppendLine().Insert(0, "<").Replace("l", "L").Remove(1,
                1).AppendFormat("{0:x}", 255).AppendJoin(",", [1, 2]);
            b[0] = '(';
            b.Length -= 1;
            WriteLine(b + " " + b.Length + b[2] + " " + b.ToString(0, 3) + new StringBuilder().Append(b).Equals(b) + b.Append($"{5,3}{"z"}"));
        });
        Program.Run("encodings/hex", () => WriteLine(Convert.ToHexString([0, 255, 16]) + Convert.ToHexStringLower([171, 205]) + " "
            + Convert.FromHexString("00fFA0").Length + Convert.FromHexString("7f")[0]));
        Program.Run("encodings/base64", () =>
        {
            foreach (string text in (string[])["", "a", "ab", "abc", "hello world"])
            {
                string coded = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
                WriteLine(coded + " " + Encoding.UTF8.GetString(Convert.FromBase64String(coded)));
            }
        });
        Program.Run("encodings/guids", () =>
        {
            var g = new Guid("00112233-4455-6677-8899-aabbccddeeff");
            WriteLine(g + " " + g.ToString("N") + " " + g.ToString("B") + " " + g.ToString("P") + " " + Convert.ToHexString(g.ToByteArray()) + " "
                + Convert.ToHexString(g.ToByteArray(true)));
            WriteLine((g == new Guid(g.ToByteArray())) + " " + g.CompareTo(Guid.Empty) + " "
                + Guid.TryParse("{00112233-4455-6677-8899-aabbccddeeff}", out Guid other) + (other == g) + Guid.TryParse("xyz", out _) + Guid.Empty
                + " " + (g > Guid.Empty) + g.Equals((object)other));
        });
        Program.Run("encodings/enum text", () =>
        {
            WriteLine(DayOfWeek.Monday + " " + (DayOfWeek)77 + " " + (StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) + " "
                + Enum.Parse<DayOfWeek>("Sunday") + Enum.TryParse("Nope", out DayOfWeek _) + Enum.IsDefined(DayOfWeek.Friday) + " "
                + string.Join(",", Enum.GetNames<DayOfWeek>()) + " " + DayOfWeek.Tuesday.ToString("D") + DayOfWeek.Tuesday.ToString("x"));
        });
        Program.Run("encodings/char members", () => WriteLine(char.Parse("x") + " " + char.TryParse("xy", out _)
            + char.IsSurrogatePair('\ud83d', '\ude00') + char.ConvertToUtf32('\ud83d', '\ude00').ToString("x")
            + char.ConvertFromUtf32(0x1f600).Length + " " + 'a'.CompareTo('c') + 'x'.Equals('x') + char.IsBetween('c', 'a', 'f')
            + char.GetNumericValue('7')));
        Program.Run("encodings/interpolation with spans", () =>
        {
            ReadOnlySpan<char> part = "middle".AsSpan(1, 3);
            object? nothing = null;
            WriteLine($"<{part}|{part,6}|{nothing}|{nothing,3}|{new int[2].Length}>");
        });
        Program.Run("encodings/memory of text", () =>
        {
            ReadOnlyMemory<char> memory = "hello".AsMemory(1, 3);
            WriteLine(memory + " " + memory.Length + memory.Span[0] + memory.Slice(1) + memory.ToArray().Length + " " + "".AsMemory().IsEmpty);
        });
    }
}

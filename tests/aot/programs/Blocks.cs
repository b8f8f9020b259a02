using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Blocks of every length around those of words and vectors, and numbers around powers of ten and sixteen.</summary>
internal static class Blocks
{
    public static void All()
    {
        Program.Run("blocks/search", () => WriteLine(Search<byte>(7, 9) + " " + Search('a', 'b') + " " + Search(1, -1) + " " + Search(5L, 6L)));
        Program.Run("blocks/search takes the first", First);
        Program.Run("blocks/equality", Equality);
        Program.Run("blocks/copies that overlap", Copies);
        Program.Run("blocks/strings joined", Joined);
        Program.Run("blocks/beginnings and ends", Ends);
        Program.Run("blocks/hash codes", Hashes);
        Program.Run("blocks/numbers as text", Texts);
        Program.Run("blocks/text as numbers", Parsed);
        Program.Run("blocks/interpolation beyond the first room", Interpolated);
    }

    private static long Search<T>(T other, T wanted) where T : IEquatable<T>
    {
        T[] items = new T[300];
        Array.Fill(items, other);
        long sum = 0;
        for (int start = 0; start < 40; start += 3)
            for (int length = 0; length <= 260; length += length < 80 ? 1 : 13)
            {
                Span<T> span = items.AsSpan(start, length);
                sum += span.IndexOf(wanted);
                // What is found has to be inside.
                items[start + length] = wanted;
                sum += span.IndexOf(wanted);
                items[start + length] = other;
                for (int place = 0; place < length; place += length < 80 ? 1 : 7)
                {
                    span[place] = wanted;
                    if (span.IndexOf(wanted) != place)
                        WriteLine($"{typeof(T).Name} {start} {length} {place}: {span.IndexOf(wanted)}");
                    span[place] = other;
                    sum += place;
                }
            }

        return sum;
    }

    private static void First()
    {
        string text = new('x', 200);
        for (int first = 0; first < 190; first += 9)
        {
            char[] changed = text.ToCharArray();
            for (int i = first; i < 200; i += 5)
                changed[i] = 'y';
            Write(new string(changed).IndexOf('y') + " ");
        }

        WriteLine();
    }

    private static void Equality()
    {
        int differences = 0, same = 0;
        for (int length = 0; length <= 150; length++)
        {
            char[] one = new char[length + 3];
            for (int i = 0; i < one.Length; i++)
                one[i] = (char)('0' + i);
            string text = new(one, 3, length);
            string other = new(one.AsSpan(3, length));
            same += text == other && text.Equals((object)other) && text.AsSpan().SequenceEqual(one.AsSpan(3, length)) ? 1 : 0;
            for (int i = 0; i < length; i++)
            {
                one[i + 3] ^= (char)0x100;
                differences += text != new string(one, 3, length) && !one.AsSpan(3, length).SequenceEqual(text) ? 1 : 0;
                one[i + 3] ^= (char)0x100;
            }
        }

        WriteLine(differences + " " + same);
    }

    private static void Copies()
    {
        ulong sum = 0;
        byte[] bytes = new byte[700];
        for (int length = 0; length <= 300; length += length < 70 ? 1 : 23)
            for (int distance = -70; distance <= 70; distance += distance is > -20 and < 20 ? 1 : 10)
            {
                for (int i = 0; i < bytes.Length; i++)
                    bytes[i] = (byte)(i * 11);
                bytes.AsSpan(200, length).CopyTo(bytes.AsSpan(200 + distance));
                foreach (byte value in bytes)
                    sum = sum * 31 + value;
            }

        WriteLine(sum);
    }

    private static void Joined()
    {
        string letters = "abcdefghijklmnopqrstuvwxyz";
        var text = new StringBuilder();
        for (int i = 0; i < 20; i++)
            for (int j = 0; j < 20; j += 3)
            {
                string one = letters.Substring(0, i), other = letters.Substring(3, j);
                text.Append(one + other).Append(one + "/" + other).Append(other + one + "-" + other).Append(string.Concat(one, other, one, "!"));
            }

        WriteLine(text.Length + " " + text.ToString().Substring(5000, 200));
        string? nothing = null;
        string same = letters + nothing;
        WriteLine(ReferenceEquals(same, letters) + " " + ReferenceEquals(nothing + letters + "", letters) + " " + (nothing + nothing).Length + " "
            + ReferenceEquals("" + letters + nothing + "", letters));
    }

    private static void Ends()
    {
        string text = "a word and another word";
        int sum = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            sum += text.StartsWith(text[..i], StringComparison.Ordinal) ? 1 : 0;
            sum += text.EndsWith(text[i..], StringComparison.Ordinal) ? 100 : 0;
            sum += text.StartsWith(text[i..], StringComparison.Ordinal) ? 10_000 : 0;
            sum += text.EndsWith(text[..i], StringComparison.Ordinal) ? 1_000_000 : 0;
        }

        WriteLine(sum + " " + text.StartsWith("A WORD", StringComparison.OrdinalIgnoreCase) + text.EndsWith(text + " ", StringComparison.Ordinal)
            + "".StartsWith("", StringComparison.Ordinal));
        try
        {
            WriteLine(text.StartsWith(null!, StringComparison.Ordinal));
        }
        catch (ArgumentNullException exception)
        {
            WriteLine(exception.ParamName);
        }
    }

    private static void Hashes()
    {
        var seen = new HashSet<int>();
        int same = 0;
        for (int length = 0; length < 60; length++)
        {
            string text = new('q', length);
            same += text.GetHashCode() == string.Concat(text.AsSpan(0, length / 2), text.AsSpan(length / 2)).GetHashCode() ? 1 : 0;
            seen.Add(text.GetHashCode());
            for (int i = 0; i < length; i++)
                seen.Add((text[..i] + "z" + text[(i + 1)..]).GetHashCode());
        }

        WriteLine(same + " " + (seen.Count > 1800));
    }

    private static void Texts()
    {
        string[] formats = ["", "D", "d3", "D12", "X", "x", "x1", "X8", "x20", "G"];
        var text = new StringBuilder();
        for (long power = 1; power > 0 && power < long.MaxValue / 10; power *= 10)
            foreach (long value in (long[])[power - 1, power, -power, power * 5 + 7])
            {
                foreach (string format in formats)
                    text.Append(value.ToString(format, CultureInfo.InvariantCulture)).Append(' ')
                        .Append(((int)value).ToString(format, CultureInfo.InvariantCulture)).Append(' ')
                        .Append(((byte)value).ToString(format, CultureInfo.InvariantCulture)).Append(' ')
                        .Append(((ulong)value).ToString(format, CultureInfo.InvariantCulture)).Append(' ');
                text.Append(value).Append((uint)value).Append((ulong)value).Append((int)value).Append((short)value);
                text.Append($"{value}{value:x}{(int)value:X4}{(byte)value:d5}{(uint)value:D}{(ulong)value:X}{(int)value,9}{(sbyte)value:x}");
                text.Append('\n');
            }

        WriteLine(text);
        WriteLine(long.MinValue + " " + long.MaxValue + " " + ulong.MaxValue + $" {long.MinValue:x} {long.MinValue:D25} {int.MinValue} {ulong.MaxValue:X}");
        try
        {
            WriteLine(7.ToString("D1000000000000", CultureInfo.InvariantCulture));
        }
        catch (FormatException)
        {
            WriteLine("refused");
        }
    }

    private static void Parsed()
    {
        string[] texts = ["0", "7", "-7", "+7", " 12 ", "007", "999999999999999999", "1000000000000000000", "9223372036854775807", "9223372036854775808",
            "-9223372036854775808", "18446744073709551615", "18446744073709551616", "2147483647", "2147483648", "-2147483648", "-2147483649", "255",
            "256", "-0", "-1", "", " ", "-", "1 2", "1x", "٣", "00000000000000000000000000000005"];
        foreach (string text in texts)
        {
            Write(long.TryParse(text, out long value) + ":" + value + " ");
            Write(int.TryParse(text, out int small) + ":" + small + " ");
            Write(ulong.TryParse(text, out ulong unsigned) + ":" + unsigned + " ");
            WriteLine(byte.TryParse(text, out byte tiny) + ":" + tiny);
        }
    }

    private static void Interpolated()
    {
        string part = "0123456789abcdef";
        for (int i = 58; i < 70; i++)
        {
            string start = new('s', i);
            WriteLine($"{start}{i}{part}");
            WriteLine($"{start}{part}{part}{part}{part}{part}{part}{part}{i:x8}{start}{part}{part}{part}{part}{part}{part}{part}|{i,5}|");
        }

        string? nothing = null;
        WriteLine($"{nothing}{part.AsSpan(3, 4)}{'c'}{true}{1.5}{nothing,3}{(object)5}");
    }
}

using System.Globalization;
using System.Text;

namespace Cloister.Bench.AotPrograms;

/// <summary>Strings.</summary>
internal static class Texts
{
    private static readonly string[] s_words = ["cell", "monastery", "bell", "garden", "scriptorium", "wall", "", "a"];

    public static long Concatenate()
    {
        long sum = 0;
        for (int i = 0; i < 10_000; i++)
        {
            string text = s_words[i & 7] + "/" + s_words[(i >> 3) & 7];
            sum += text.Length + text[text.Length / 2];
            if (text == "bell/wall" || text.StartsWith("garden", System.StringComparison.Ordinal))
                sum += text.IndexOf('l');
        }

        return sum;
    }

    public static long Build()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 5_000; i++)
            text.Append(s_words[i & 7]).Append(' ').Append((char)('a' + i % 26)).Append("; ");
        string whole = text.ToString();
        return whole.Length + whole[whole.Length / 3];
    }

    public static long Format()
    {
        long sum = 0;
        for (int i = 0; i < 5_000; i++)
        {
            string text = $"{i} is 0x{i * 31:x8}, {s_words[i & 7]}";
            sum += text.Length + int.Parse(i.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        return sum;
    }
}

using System.Security.Cryptography;

namespace Cloister.Host.Enclaves;

/// <summary>Names for enclaves that the user gave none: easier to tell apart, and to say, than digits.</summary>
internal static class EnclaveNames
{
    private static readonly string[] s_first =
    [
        "calm", "quiet", "silent", "still", "hidden", "walled", "old", "stone", "shaded", "sunlit", "gentle", "patient", "humble", "clear", "plain",
        "steady", "early", "late", "grey", "white", "green", "golden", "distant", "kind",
    ];

    private static readonly string[] s_second =
    [
        "abbey", "arcade", "arch", "bell", "bench", "candle", "cedar", "cell", "chapter", "choir", "column", "court", "fountain", "garden", "gate",
        "hall", "lantern", "library", "orchard", "path", "scribe", "tower", "vault", "well",
    ];

    /// <summary>A name. Where there are so many that most are taken, one with a number.</summary>
    public static string MakeUp(int avoid) =>
        $"{s_first[RandomNumberGenerator.GetInt32(s_first.Length)]}_{s_second[RandomNumberGenerator.GetInt32(s_second.Length)]}"
        + (avoid < s_first.Length * s_second.Length / 2 ? "" : RandomNumberGenerator.GetInt32(1_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture));
}

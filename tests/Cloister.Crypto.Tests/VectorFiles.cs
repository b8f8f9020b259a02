using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>Where test vectors lie on this machine. A test whose vectors are missing is skipped and says which.</summary>
internal static class VectorFiles
{
    // Debian's package python3-cryptography-vectors.
    private const string PackagedFolder = "/usr/lib/python3/dist-packages/cryptography_vectors";

    /// <summary>A file of Project Wycheproof, from the folder that CLOISTER_VECTORS names, or from beside the repository.</summary>
    public static JsonElement Wycheproof(string name)
    {
        string folder = Environment.GetEnvironmentVariable("CLOISTER_VECTORS") ?? Path.Combine(RepositoryFolder(), "..", "shared", "data");
        string path = Path.Combine(folder, "wycheproof", name);
        if (!File.Exists(path))
            Assert.Skip($"There is no {name}: CLOISTER_VECTORS doesn't name a folder with wycheproof in it.");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>Path of a file or folder of NIST's and the RFCs' vectors.</summary>
    public static string Packaged(string name)
    {
        string path = Path.Combine(PackagedFolder, name);
        if (!File.Exists(path) && !Directory.Exists(path))
            Assert.Skip($"There is no {name}: the package python3-cryptography-vectors is not installed.");
        return path;
    }

    /// <summary>
    /// Records of "name = value" lines. A record ends at an empty line; names repeated without one begin the next. Lines in brackets set values for
    /// all records that follow; a word alone is a flag.
    /// </summary>
    public static IEnumerable<Dictionary<string, string>> Records(string path)
    {
        var header = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Dictionary<string, string>? record = null;
        foreach (string raw in File.ReadLines(path))
        {
            string line = raw.Trim();
            if (line.StartsWith('#'))
                continue;
            if (line.Length == 0)
            {
                if (record is not null)
                    yield return record;
                record = null;
                continue;
            }

            bool isHeader = line.StartsWith('[');
            string[] parts = line.Trim('[', ']').Split(['=', ':'], 2, StringSplitOptions.TrimEntries);
            string value = parts.Length == 2 ? parts[1] : "";
            if (isHeader)
            {
                header[parts[0]] = value;
                continue;
            }

            record ??= new Dictionary<string, string>(header, StringComparer.OrdinalIgnoreCase);
            record[parts[0]] = value;
        }

        if (record is not null)
            yield return record;
    }

    private static string RepositoryFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cloister.slnx")))
                return folder.FullName;
        }

        return AppContext.BaseDirectory;
    }
}

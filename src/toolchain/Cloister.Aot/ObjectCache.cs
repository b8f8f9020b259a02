using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Cloister.Aot;

/// <summary>
/// Object files of earlier builds, by what they were made from: a source and what it includes, what it uses of program.h, the runtime's headers,
/// compiler and options.
/// A build keeps what it has used; the rest goes.
/// </summary>
public sealed partial class ObjectCache
{
    private const string ProgramHeader = "program.h";

    private readonly string _folder;
    private readonly byte[] _common;
    private readonly string[] _lines;
    private readonly Dictionary<string, int> _declarations = [];
    private readonly HashSet<string> _used = [];

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">Where the objects are.</param>
    /// <param name="header">The text of program.h: a declaration a line, each behind those that it needs.</param>
    /// <param name="headers">Files that every source may include.</param>
    /// <param name="compiler">The compiler's name and options.</param>
    public ObjectCache(string folder, string header, IEnumerable<string> headers, IEnumerable<string> compiler)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        var common = new StringBuilder();
        foreach (string word in compiler)
            common.Append(word).Append('\n');
        foreach (string file in headers.Order(StringComparer.Ordinal))
            common.Append(ReadWhole(file));
        _common = Encoding.UTF8.GetBytes(common.ToString());
        _lines = header.Split('\n');
        // Where a name comes first it is declared.
        for (int i = 0; i < _lines.Length; i++)
            foreach (ValueMatch name in Names().EnumerateMatches(_lines[i]))
                _declarations.TryAdd(_lines[i].Substring(name.Index, name.Length), i);
    }

    /// <summary>The object of a source, whether it is there already or not.</summary>
    /// <param name="source">The source.</param>
    /// <param name="options">Options for it alone.</param>
    public string Find(string source, IEnumerable<string> options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string text = ReadWhole(source);
        hash.AppendData(_common);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', options) + Path.GetExtension(source) + text));
        foreach (int line in Uses(text))
            hash.AppendData(Encoding.UTF8.GetBytes(_lines[line]));
        string place = Path.Combine(_folder, Convert.ToHexStringLower(hash.GetHashAndReset()) + ".o");
        _used.Add(place);
        return place;
    }

    /// <summary>Removes what this build hasn't used.</summary>
    public void Prune()
    {
        foreach (string file in Directory.GetFiles(_folder))
            if (!_used.Contains(file))
                File.Delete(file);
    }

    // The declarations that a source needs, and those that they need.
    private IEnumerable<int> Uses(string source)
    {
        var found = new SortedSet<int>();
        var open = new Stack<string>([source]);
        while (open.TryPop(out string? text))
        {
            foreach (ValueMatch name in Names().EnumerateMatches(text))
                if (_declarations.TryGetValue(text.Substring(name.Index, name.Length), out int line) && found.Add(line))
                    open.Push(_lines[line]);
        }

        return found;
    }

    // A file and, behind it, those that it includes from places relative to its own: boards share entry code so. Others are on the include path, and
    // among the headers. Of program.h a source depends on what it uses.
    private static string ReadWhole(string file)
    {
        var text = new StringBuilder();
        var seen = new HashSet<string>();
        var open = new Stack<string>([Path.GetFullPath(file)]);
        while (open.TryPop(out string? at))
        {
            if (!seen.Add(at) || !File.Exists(at))
                continue;
            string own = File.ReadAllText(at);
            text.Append(own);
            foreach (Match include in Includes().Matches(own))
                if (include.Groups[1].Value != ProgramHeader)
                    open.Push(Path.GetFullPath(include.Groups[1].Value, Path.GetDirectoryName(at)!));
        }

        return text.ToString();
    }

    [GeneratedRegex("[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex Names();

    [GeneratedRegex("^[ \\t]*#[ \\t]*include[ \\t]*\"([^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex Includes();
}

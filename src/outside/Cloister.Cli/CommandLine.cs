using System;
using System.Collections.Generic;
using System.IO;
using Cloister.Host;

namespace Cloister.Cli;

/// <summary>
/// Arguments, environment and working directory as they came, where .NET has strings in which all that isn't UTF-8 is lost:
/// see <see cref="ByteText"/>.
/// </summary>
internal static class CommandLine
{
    /// <summary>The arguments.</summary>
    /// <param name="decoded">As .NET has them.</param>
    public static string[] Read(string[] decoded)
    {
        if (Array.TrueForAll(decoded, text => !text.Contains('\uFFFD'))
            || ReadStrings("/proc/self/cmdline") is not { } raw || raw.Count < decoded.Length)
            return decoded;
        // Before them come the program, and its host where it has one.
        string[] arguments = new string[decoded.Length];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = ByteText.Decode(raw[raw.Count - arguments.Length + i]);
        return arguments;
    }

    /// <summary>The environment, in order.</summary>
    public static List<byte[]> ReadEnvironment()
    {
        if (ReadStrings("/proc/self/environ") is { } raw)
            return raw;
        var environment = new List<byte[]>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            environment.Add(ByteText.Encode($"{variable.Key}={variable.Value}"));
        return environment;
    }

    /// <summary>Strings that each end with a NUL; null where there is no such file.</summary>
    private static List<byte[]>? ReadStrings(string path)
    {
        byte[] all;
        try
        {
            all = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        var strings = new List<byte[]>();
        ReadOnlySpan<byte> rest = all;
        while (rest.IndexOf((byte)0) is var length and >= 0)
        {
            strings.Add(rest[..length].ToArray());
            rest = rest[(length + 1)..];
        }

        return strings;
    }
}

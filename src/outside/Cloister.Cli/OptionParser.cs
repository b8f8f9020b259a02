using System;
using System.Globalization;
using System.IO;
using Cloister.Host;
using Cloister.Linux.Syscalls;
using Cloister.Kernel;

namespace Cloister.Cli;

/// <summary>A volume as the user wrote it.</summary>
/// <param name="HostPath">Absolute path on the host.</param>
/// <param name="Target">Absolute path inside.</param>
/// <param name="IsReadOnly">Whether it ended with ":ro".</param>
internal readonly record struct Volume(string HostPath, string Target, bool IsReadOnly);

/// <summary>Reads the values of options. A mistake gives one sentence that shows how it is written.</summary>
internal static class OptionParser
{
    /// <summary>Checks the names of --strace.</summary>
    public static string ParseFilter(string filter)
    {
        foreach (string name in filter.TrimStart('!').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            bool isKnown = name == "all";
            foreach (SyscallDescription call in SyscallCatalog.All)
                isKnown |= call.Name == name;
            if (!isKnown)
                throw new HostException($"'--strace={filter}': there is no system call '{name}'; 'cloister syscalls' lists them.");
        }

        return filter;
    }

    /// <summary>Reads a size in bytes.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="what">What has it.</param>
    public static long ParseSize(string text, string what = "an enclave's memory")
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            'T' => 40,
            _ => 0,
        };
        ReadOnlySpan<char> digits = shift == 0 ? text : text.AsSpan(0, text.Length - 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > long.MaxValue >> shift)
            throw new HostException($"'{text}' is not a size of {what}: write a number with K, M or G, such as 512M.");
        long bytes = number << shift;
        if (bytes < 16 << 20)
            throw new HostException($"{text} is too little for {what}: give at least 16M.");
        return bytes;
    }

    public static (uint User, uint Group) ParseUser(string text)
    {
        int colon = text.IndexOf(':');
        ReadOnlySpan<char> user = colon < 0 ? text : text.AsSpan(0, colon);
        ReadOnlySpan<char> group = colon < 0 ? user : text.AsSpan(colon + 1);
        if (!uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out uint userId)
            || !uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint groupId)
            || userId == uint.MaxValue || groupId == uint.MaxValue)
            throw new HostException($"'{text}' is not a user: write numbers, such as 1000 or 1000:100.");
        return (userId, groupId);
    }

    public static Volume ParseVolume(string text, string host = "HOST")
    {
        string[] parts = text.Split(':');
        bool isReadOnly = parts.Length == 3 && parts[2] == "ro";
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || !parts[1].StartsWith('/') || (parts.Length == 3 && !isReadOnly && parts[2] != "rw"))
            throw new HostException($"'{text}' is not a volume: write {host}:GUEST or {host}:GUEST:ro, GUEST with a leading '/'.");
        return new Volume(Path.GetFullPath(parts[0]), parts[1], isReadOnly);
    }

    public static (Volume Volume, string? Clone) ParseEncryptedVolume(string text)
    {
        const string prefix = ":clone=";
        int at = text.LastIndexOf(prefix, StringComparison.Ordinal);
        if (at < 0)
            return (ParseVolume(text, "FILE"), null);
        string name = text[(at + prefix.Length)..];
        return name.Length > 0
            ? (ParseVolume(text[..at], "FILE"), name)
            : throw new HostException($"'{text}' names no clone: write FILE:GUEST:clone=NAME; 'cloister fs clone list' shows the names.");
    }

    public static EnclaveLogLevel ParseLogLevel(string text) => text switch
    {
        "none" => EnclaveLogLevel.None,
        "error" => EnclaveLogLevel.Error,
        "warning" => EnclaveLogLevel.Warning,
        "information" or "info" => EnclaveLogLevel.Information,
        "debug" => EnclaveLogLevel.Debug,
        _ => throw new HostException($"'{text}' is not a log level: choose none, error, warning, information or debug."),
    };

    public static void RequireTee(string text)
    {
        if (text != "process")
            throw new HostException($"This build of Cloister has no TEE of the kind '{text}': choose 'process', which simulates one.");
    }
}

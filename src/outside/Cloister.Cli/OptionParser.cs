using System;
using System.Collections.Generic;
using System.Globalization;
using Cloister.Cli.Keystone;
using Cloister.Cli.Machines;
using Cloister.Host;
using Cloister.Linux.Syscalls;
using Cloister.Kernel;

namespace Cloister.Cli;

/// <summary>A volume as the user wrote it.</summary>
/// <param name="HostPath">Path on the host.</param>
/// <param name="Target">Absolute path inside.</param>
/// <param name="IsReadOnly">Whether it ended with ":ro".</param>
/// <param name="KeepsPrivileges">Whether programs may give its files privileges on the host (":suid").</param>
internal readonly record struct Volume(string HostPath, string Target, bool IsReadOnly, bool KeepsPrivileges);

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

    /// <summary>Reads a size in bytes: a number, also with a fraction, and K, M, G or T (all of 1,024), as 512M, 1.5G, 512MB or 512MiB.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="what">What has it.</param>
    public static long ParseSize(string text, string what = "an enclave's memory", long least = 16 << 20)
    {
        const long most = 1L << 50;
        ReadOnlySpan<char> digits = text;
        if (digits.EndsWith("iB") || digits.EndsWith("ib"))
            digits = digits[..^2];
        else if (digits.Length > 1 && char.ToUpperInvariant(digits[^1]) == 'B' && !char.IsDigit(digits[^2]))
            digits = digits[..^1];
        int shift = digits.IsEmpty ? 0 : char.ToUpperInvariant(digits[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            'T' => 40,
            _ => 0,
        };
        if (shift != 0)
            digits = digits[..^1];
        if ((shift == 0 && digits.Length != text.Length)
            || !decimal.TryParse(
                digits, shift == 0 ? NumberStyles.None : NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            || number > most)
            throw new HostException($"'{text}' is not a size of {what}: write a number with K, M or G, such as 512M or 1.5G.");
        decimal bytes = number * (1L << shift);
        if (bytes < least)
            throw new HostException($"{text} is too little for {what}: give at least {least >> 20}M.");
        if (bytes > most)
            throw new HostException($"{text} is too much for {what}: give at most 1024T.");
        return (long)bytes;
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
        bool isReadOnly = false, keepsPrivileges = false, isKnown = parts.Length is 2 or 3;
        foreach (string option in parts.Length == 3 ? parts[2].Split(',') : [])
        {
            isReadOnly |= option == "ro";
            keepsPrivileges |= option == "suid";
            isKnown &= option is "ro" or "rw" or "suid";
        }

        if (!isKnown || parts[0].Length == 0 || !parts[1].StartsWith('/'))
            throw new HostException($"'{text}' is not a volume: write {host}:GUEST or {host}:GUEST:ro, GUEST with a leading '/'.");
        return new Volume(parts[0], parts[1], isReadOnly, keepsPrivileges);
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
        if (text is not ("process" or MachineSettings.Tee or KeystoneSettings.Tee))
            throw new HostException($"This build of Cloister has no TEE of the kind '{text}': choose 'process', 'vm' or 'keystone', which simulate one.");
    }

    /// <summary>Applies the settings of <c>-e</c>. The last one of a name wins, as with env(1).</summary>
    public static void AddVariables(List<byte[]> environment, string[] settings)
    {
        foreach (string setting in settings)
        {
            int equals = setting.IndexOf('=');
            string name = equals < 0 ? setting : setting[..equals];
            if (name.Length == 0)
                throw new HostException($"'{setting}' is not a variable: write NAME=VALUE, or NAME to pass on the caller's.");
            byte[] prefix = ByteText.Encode(name + "=");
            byte[]? value = equals < 0
                ? CommandLine.ReadEnvironment().Find(variable => variable.AsSpan().StartsWith(prefix))
                : ByteText.Encode(setting);
            environment.RemoveAll(old => old.AsSpan().StartsWith(prefix));
            if (value is not null)
                environment.Add(value);
        }
    }
}

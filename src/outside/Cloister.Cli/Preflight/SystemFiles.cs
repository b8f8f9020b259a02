using System;
using System.Collections.Generic;
using System.Diagnostics;
using Cloister.Host;

namespace Cloister.Cli.Preflight;

/// <summary>Files of /proc and /sys that a program has used: an enclave is asked which of them it has.</summary>
internal sealed class SystemFiles
{
    // A shell says of each of its arguments whether there is such a file.
    private const string Script = "for file; do [ -e \"$file\" ] || [ -L \"$file\" ] || printf '%s\\n' \"$file\"; done";
    private const int MostFiles = 2000;

    private readonly Dictionary<string, int> _files = [];

    /// <summary>Notes the files among a call's strings.</summary>
    public void Add(in TracedCall call)
    {
        if (call.HasFailed)
            return;
        foreach (string text in call.Strings)
        {
            if (NameOf(text) is { } name && (_files.ContainsKey(name) || _files.Count < MostFiles))
                _files[name] = _files.GetValueOrDefault(name) + 1;
        }
    }

    /// <summary>Adds those that an enclave doesn't have to a report.</summary>
    public void AddMissing(PreflightReport report)
    {
        if (_files.Count == 0)
            return;
        string self = Environment.ProcessPath ?? throw new HostException("The command's own file can't be found: /proc is needed.");
        var start = new ProcessStartInfo(self, ["do", "--log", "none", "--", "/bin/sh", "-c", Script, "sh", .. _files.Keys]) { RedirectStandardOutput = true };
        using Process enclave = Process.Start(start) ?? throw new HostException("No enclave can be started to ask for its files.");
        while (enclave.StandardOutput.ReadLine() is { } missing)
        {
            for (int i = _files.GetValueOrDefault(missing); i > 0; i--)
                report.Add(new Finding(FindingKind.File, missing, "ENOENT", "No such file in the enclave's /proc and /sys."));
        }

        enclave.WaitForExit();
        if (enclave.ExitCode != 0)
            throw new HostException($"The enclave that was asked for its files has failed (status {enclave.ExitCode}).");
    }

    // Of processes there are others inside; their own files are those of any process.
    private static string? NameOf(string path)
    {
        if (path.StartsWith("/sys/", StringComparison.Ordinal))
            return path;
        if (!path.StartsWith("/proc/", StringComparison.Ordinal))
            return null;
        string[] parts = path.Split('/');
        if (parts[2].Length > 0 && char.IsAsciiDigit(parts[2][0]))
            parts[2] = "self";
        bool isOfDescriptor = parts.Length > 4 && parts[2] is "self" or "thread-self" && parts[3] is "fd" or "fdinfo" or "task" or "map_files";
        return isOfDescriptor ? null : string.Join('/', parts);
    }
}

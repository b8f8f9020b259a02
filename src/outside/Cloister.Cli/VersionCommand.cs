using System;
using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;
using Cloister.Host.Terminal;

namespace Cloister.Cli;

/// <summary><c>cloister version</c> and <c>cloister --version</c>: the version, and the commit that it was built from.</summary>
internal sealed class VersionCommand : SynchronousCommandLineAction
{
    private const int ShortCommit = 12;

    /// <summary>Puts it in the place of the parser's own.</summary>
    public static void AddTo(RootCommand root)
    {
        foreach (Option option in root.Options)
        {
            if (option is VersionOption version)
                version.Action = new VersionCommand();
        }
    }

    /// <inheritdoc/>
    public override bool Terminating => true;

    public static int Run()
    {
        // The build adds "+COMMIT" where it runs in a clone.
        string full = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        int plus = full.IndexOf('+');
        string version = plus < 0 ? full : full[..plus];
        string commit = plus < 0 ? "unknown commit" : "commit " + full[(plus + 1)..Math.Min(full.Length, plus + 1 + ShortCommit)];
        LauncherOutput.WriteOutput($"cloister {version} ({commit}, .NET {Environment.Version}, {RuntimeInformation.RuntimeIdentifier})\n");
        return 0;
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult) => Run();
}

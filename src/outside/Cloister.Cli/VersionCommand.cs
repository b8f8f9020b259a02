using System;
using System.Reflection;
using System.Runtime.InteropServices;
using Cloister.Host.Terminal;

namespace Cloister.Cli;

/// <summary><c>cloister version</c>.</summary>
internal static class VersionCommand
{
    public static int Run()
    {
        string version = typeof(VersionCommand).Assembly.GetName().Version!.ToString(3);
        LauncherOutput.WriteOutput($"cloister {version} (.NET {Environment.Version}, {RuntimeInformation.RuntimeIdentifier})\n");
        return 0;
    }
}

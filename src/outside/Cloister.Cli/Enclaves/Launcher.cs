using System;
using System.Collections.Generic;
using System.CommandLine;
using Cloister.Host;
using Cloister.Host.Enclaves;
using Cloister.Host.Programs;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Enclaves;

/// <summary>
/// Starts an enclave in the background. The command starts itself once more, as the launcher, which stays; it waits until the program
/// runs, and prints the id that the launcher gives. Where the program can't be started, the launcher says why, and its exit status is
/// the command's.
/// </summary>
internal static class Launcher
{
    /// <summary>The first argument of a launcher.</summary>
    public const string Mark = "background-launcher";

    /// <summary>Starts the launcher of the enclave that the arguments describe.</summary>
    public static int Start(Invocation invocation)
    {
        ProcessLimits.Restore(invocation.Caller);
        string self = Environment.ProcessPath ?? throw new HostException("The command's own file can't be found: /proc is needed.");
        byte[][] arguments = [ByteText.Encode(self), ByteText.Encode(Mark), .. Array.ConvertAll(invocation.Arguments, ByteText.Encode)];
        using var launcher = ChildProcess.Start(self, arguments, CommandLine.ReadEnvironment());
        string id = launcher.ReadLine();
        if (!id.EndsWith('\n'))
            return launcher.Wait() is var status and not 0 ? status : Program.OwnFailure;
        LauncherOutput.WriteOutput(id);
        return 0;
    }

    /// <summary>Makes this process the launcher.</summary>
    public static BackgroundEnclave Create(
        string root, string[] command, ProgramDefaults defaults, long memory, ParseResult result, RunOptions options)
    {
        bool hasTerminal = result.GetValue(options.Terminal);
        return BackgroundEnclave.Create(
            result.GetValue(options.Name),
            (id, name) => new EnclaveRecord
            {
                Id = id,
                Name = name,
                Command = command,
                Root = root,
                Launcher = ProcessIdentity.Current,
                Created = DateTimeOffset.UtcNow,
                HasTerminal = hasTerminal,
                HasInput = result.GetValue(options.Interactive) || hasTerminal,
                IsRemoved = result.GetValue(options.Remove),
                Memory = memory,
            },
            defaults with { AllowsPrograms = result.GetValue(options.AllowPrograms) });
    }
}

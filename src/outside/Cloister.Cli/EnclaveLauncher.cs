using System;
using System.Collections.Generic;
using Cloister.Host;
using Cloister.Host.Files;
using Cloister.Host.Terminal;
using Cloister.Kernel;
using Cloister.Platform.Process;

namespace Cloister.Cli;

/// <summary>Starts an enclave and waits for its end.</summary>
internal interface IEnclaveLauncher
{
    /// <summary>Runs the configured program; gives how it ended.</summary>
    ExitStatus Run(EnclaveConfiguration configuration, IReadOnlyList<HostShare> shares, ConsoleServer console);
}

/// <summary>The launchers, by kind of TEE.</summary>
internal static class EnclaveLauncher
{
    /// <summary>Makes the launcher of the process platform.</summary>
    public static IEnclaveLauncher Create() => new ProcessLauncher();

    private sealed class ProcessLauncher : IEnclaveLauncher
    {
        public ExitStatus Run(EnclaveConfiguration configuration, IReadOnlyList<HostShare> shares, ConsoleServer console)
        {
            try
            {
                var server = new HostServer(shares, console);
                var port = new LoopbackHostPort(new SharedRegion(), server);
                return Enclave.Run(configuration, new ProcessPlatform(port, configuration.MemoryBytes));
            }
            catch (PlatformException problem)
            {
                throw new HostException(problem.Message);
            }
        }
    }
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Host;
using Cloister.Host.Files;
using Cloister.Host.Machines;
using Cloister.Host.Programs;
using Cloister.Host.Sockets;
using Cloister.Host.Terminal;
using Cloister.Kernel;
using Cloister.Platform.Process;

namespace Cloister.Cli;

/// <summary>Starts an enclave and waits for its end.</summary>
internal interface IEnclaveLauncher
{
    /// <summary>Runs the configured program; gives how it ended.</summary>
    /// <param name="configuration">What to run, and how.</param>
    /// <param name="shares">What it sees of this machine's files.</param>
    /// <param name="console">Its streams.</param>
    /// <param name="network">What it has of this machine's network; null for nothing.</param>
    /// <param name="programs">Programs that may join; null for none.</param>
    ExitStatus Run(
        EnclaveConfiguration configuration, IReadOnlyList<HostShare> shares, ConsoleServer console, HostNetwork? network, EnclavePrograms? programs);

    /// <summary>What became of the programs' system calls at the places where they are made; null where the platform has nothing to tell.</summary>
    CallSiteCounts? CallSites { get; }
}

/// <summary>The launchers, by kind of TEE.</summary>
internal static class EnclaveLauncher
{
    /// <summary>Makes the launcher of virtual machines.</summary>
    public static IEnclaveLauncher Create(MachineOptions machine) => new MachineLauncher(machine);

    /// <summary>Makes the launcher of the process platform.</summary>
    /// <param name="traps">best, dispatch or seccomp.</param>
    /// <param name="collects">Whether garbage is collected all the time.</param>
    public static IEnclaveLauncher Create(string traps, bool collects) => new ProcessLauncher(
        Enum.TryParse(traps, ignoreCase: true, out SystemCallTraps mechanism)
            ? mechanism
            : throw new HostException($"'--traps {traps}' is not known: write best, dispatch or seccomp."),
        collects);

    private sealed class MachineLauncher(MachineOptions options) : IEnclaveLauncher
    {
        public CallSiteCounts? CallSites => null;

        public ExitStatus Run(
            EnclaveConfiguration configuration, IReadOnlyList<HostShare> shares, ConsoleServer console, HostNetwork? network, EnclavePrograms? programs)
        {
            foreach (EncryptedMount mount in configuration.EncryptedMounts)
            {
                if (mount.Anchor is not null)
                    throw new HostException("An enclave in a virtual machine can't reach an anchor of this process yet: leave --anchor out, or use --tee process.");
            }

            using var server = new HostServer(shares, console, network: network, programs: programs);
            using var machine = new VirtualMachine(server, ConfigurationFormat.Write(configuration));
            byte[]? result = machine.Run(options);
            if (result is not null && ConfigurationFormat.TryRead(result, out ExitStatus status))
                return status;
            throw new HostException(machine.Text.Length > 0
                ? $"The enclave's kernel has ended: {PlainText.Escape(machine.Text)}"
                : "The enclave's machine has ended without a word.");
        }
    }

    private sealed class ProcessLauncher(SystemCallTraps traps, bool collects) : IEnclaveLauncher
    {
        public CallSiteCounts? CallSites { get; private set; }

        public ExitStatus Run(
            EnclaveConfiguration configuration, IReadOnlyList<HostShare> shares, ConsoleServer console, HostNetwork? network, EnclavePrograms? programs)
        {
            try
            {
                if (collects)
                    new Thread(CollectForever) { IsBackground = true }.Start();
                var server = new HostServer(shares, console, network: network, programs: programs);
                var port = new LoopbackHostPort(new SharedRegion(), server, server);
                var platform = new ProcessPlatform(port, configuration.MemoryBytes, traps);
                ExitStatus status = Enclave.Run(configuration, platform);
                CallSites = platform.CallSites;
                return status;
            }
            catch (PlatformException problem)
            {
                throw new HostException(problem.Message);
            }
        }

        private static void CollectForever()
        {
            while (true)
            {
                GC.Collect();
                Thread.Sleep(1);
            }
        }
    }
}

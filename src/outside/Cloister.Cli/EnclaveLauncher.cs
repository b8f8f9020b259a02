using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Host;
using Cloister.Host.Files;
using Cloister.Host.Machines;
using Cloister.Host.Programs;
using Cloister.Host.Sockets;
using Cloister.Host.Switchless;
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

    /// <summary>Exits and requests; null where they weren't counted.</summary>
    ExitMeter? Exits => null;
}

/// <summary>The launchers, by kind of TEE.</summary>
internal static class EnclaveLauncher
{
    private const string Off = "off";
    private const string Workers = "workers";
    private const long MostExitCost = 1_000_000;

    /// <summary>Makes the launcher of virtual machines.</summary>
    public static IEnclaveLauncher Create(MachineOptions options) => new MachineLauncher((server, configuration) =>
    {
        using var machine = new VirtualMachine(server, configuration);
        return (machine.Run(options), machine.Text);
    });

    /// <summary>Makes the launcher of Keystone's enclaves, in a RISC-V machine.</summary>
    public static IEnclaveLauncher Create(KeystoneOptions options) => new MachineLauncher((server, configuration) =>
    {
        using var machine = new KeystoneMachine(server, configuration, options);
        return (machine.Run(), machine.Text);
    });

    /// <summary>Makes the launcher of the process platform.</summary>
    /// <param name="traps">best, dispatch or seccomp.</param>
    /// <param name="collects">Whether garbage is collected all the time.</param>
    /// <param name="switchless">How the host is called: off or workers.</param>
    /// <param name="exitCost">Cycles that an exit is to cost.</param>
    public static IEnclaveLauncher Create(string traps, bool collects, string switchless, long exitCost)
    {
        if (!Enum.TryParse(traps, ignoreCase: true, out SystemCallTraps mechanism))
            throw new HostException($"'--traps {traps}' is not known: write best, dispatch or seccomp.");
        if (switchless is not (Off or Workers))
            throw new HostException($"'--switchless {switchless}' is not known: write off or workers.");
        if (exitCost is < 0 or > MostExitCost)
            throw new HostException($"'--exit-cost {exitCost}' can't be: write a number of cycles from 0 to {MostExitCost}.");
        return new ProcessLauncher(mechanism, collects, switchless, exitCost);
    }

    // Runs a machine with a configuration: its result, and what it said where it has none.
    private delegate (byte[]? Result, string Text) MachineRun(IRingServer server, byte[] configuration);

    private sealed class MachineLauncher(MachineRun run) : IEnclaveLauncher
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
            (byte[]? result, string text) = run(server, ConfigurationFormat.Write(configuration));
            if (result is not null && ConfigurationFormat.TryRead(result, out ExitStatus status))
                return status;
            throw new HostException(text.Length > 0
                ? $"The enclave's kernel has ended: {PlainText.Escape(text)}"
                : "The enclave's machine has ended without a word.");
        }
    }

    private sealed class ProcessLauncher(SystemCallTraps traps, bool collects, string switchless, long exitCost) : IEnclaveLauncher
    {
        // A worker serves most requests in a few microseconds.
        private const int WorkerPatience = 2000;

        public ExitMeter? Exits { get; private set; }

        public CallSiteCounts? CallSites { get; private set; }

        public ExitStatus Run(
            EnclaveConfiguration configuration, IReadOnlyList<HostShare> shares, ConsoleServer console, HostNetwork? network, EnclavePrograms? programs)
        {
            try
            {
                if (collects)
                    new Thread(CollectForever) { IsBackground = true }.Start();
                bool isSwitchless = switchless == Workers;
                Exits = exitCost > 0 || isSwitchless || configuration.ShowStatistics ? new ExitMeter(exitCost) : null;
                var server = new HostServer(shares, console, network: network, programs: programs) { Meter = Exits };
                LoopbackHostPort port = Exits is null ? new LoopbackHostPort(new SharedRegion(), server, server)
                    : isSwitchless ? new LoopbackHostPort(new SharedRegion(), new RingWorkers(server, Exits)) { Patience = WorkerPatience }
                    : new LoopbackHostPort(new SharedRegion(), server, new MeteredHost(server, Exits));
                var platform = new ProcessPlatform(port, configuration.MemoryBytes, traps, Exits);
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

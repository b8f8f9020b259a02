using System;
using System.Globalization;
using System.Threading;
using Cloister.Host;
using Cloister.Host.Control;
using Cloister.Host.Enclaves;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Enclaves;

/// <summary>The commands that end enclaves or wait for their end. What they have done for an enclave they name it for.</summary>
internal static class StopCommand
{
    private const int Killed = 137;
    private const int SIGKILL = 9;
    private const int SIGTERM = 15;

    // Of an enclave whose kernel still obeys, nobody waits as long for a SIGKILL.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static int Stop(string[] names, int seconds)
    {
        if (seconds < 0)
            throw new HostException($"'--time {seconds}' is not a number of seconds: write 0 or more.");
        return ForEach(names, (store, record) =>
        {
            if (IsOver(record))
                return;
            using EnclaveClient client = Running.Connect(store, record);
            client.Signal(SIGTERM, isOfTerminal: false);
            if (client.WaitForEnd(TimeSpan.FromSeconds(seconds)) is null)
                End(client);
        });
    }

    public static int Kill(string[] names, string signal)
    {
        int number = SignalNames.Parse(signal);
        return ForEach(names, (store, record) =>
        {
            using EnclaveClient client = Running.Connect(store, record);
            if (number == SIGKILL)
                End(client);
            else
                client.Signal(number, isOfTerminal: false);
        });
    }

    public static int Wait(string[] names)
    {
        EnclaveStore store = EnclaveStore.Open();
        int result = 0;
        foreach (string name in names)
        {
            try
            {
                int status = StatusOf(store, store.Find(name));
                LauncherOutput.WriteOutput(status.ToString(CultureInfo.InvariantCulture) + "\n");
            }
            catch (HostException problem)
            {
                result = Complain(problem);
            }
        }

        return result;
    }

    public static int Remove(string[] names, bool force) => ForEach(names, (store, record) =>
    {
        if (!IsOver(record) && EnclaveClient.TryConnect(store, record) is { } client)
        {
            using (client)
            {
                if (!force)
                    throw new HostException($"Enclave {record.Name} runs: 'cloister stop {record.Name}' ends it, or 'cloister rm -f' does both.");
                End(client);
            }
        }

        store.Remove(record);
    });

    private static bool IsOver(EnclaveRecord record) => record.Status is EnclaveStatus.Exited or EnclaveStatus.Dead;

    // SIGKILL by the kernel inside, which records everything; where it doesn't, the launcher itself ends.
    private static void End(EnclaveClient client)
    {
        client.Signal(SIGKILL, isOfTerminal: false);
        if (client.WaitForEnd(s_patience) is not null)
            return;
        client.Terminate();
        client.WaitForEnd(s_patience);
    }

    private static int StatusOf(EnclaveStore store, EnclaveRecord record)
    {
        if (!IsOver(record) && EnclaveClient.TryConnect(store, record) is { } client)
        {
            using (client)
            {
                if (client.WaitForEnd(Timeout.InfiniteTimeSpan) is { } status)
                    return status;
            }
        }

        return store.Reload(record)?.ExitCode ?? Killed;
    }

    private static int ForEach(string[] names, Action<EnclaveStore, EnclaveRecord> action)
    {
        EnclaveStore store = EnclaveStore.Open();
        int result = 0;
        foreach (string name in names)
        {
            try
            {
                action(store, store.Find(name));
                LauncherOutput.WriteOutput(name + "\n");
            }
            catch (HostException problem)
            {
                result = Complain(problem);
            }
        }

        return result;
    }

    private static int Complain(HostException problem)
    {
        LauncherOutput.WriteError("cloister: " + PlainText.Escape(problem.Message) + "\n");
        return 1;
    }
}

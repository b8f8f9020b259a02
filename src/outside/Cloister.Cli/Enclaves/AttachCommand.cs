using Cloister.Host;
using Cloister.Host.Control;
using Cloister.Host.Enclaves;

namespace Cloister.Cli.Enclaves;

/// <summary>
/// <c>cloister attach</c>: this command's input to the first program of an enclave, what it writes from now on to this command's
/// output, and signals to it. Ends with the enclave, and with its exit status.
/// </summary>
internal static class AttachCommand
{
    public static int Run(string name, bool hasInput)
    {
        EnclaveStore store = EnclaveStore.Open();
        EnclaveRecord record = store.Find(name);
        using EnclaveClient client = Running.Connect(store, record);
        client.Follow();
        using var reader = new LogReader(store.FolderOf(record));
        foreach (LogRecord _ in reader.Read())
        {
            // What was written before is 'cloister logs'.
        }

        // A connection of its own: what is sent over it is answered at once.
        using EnclaveClient input = Running.Connect(store, record);
        if (hasInput && !input.TrySendInput())
            throw new HostException($"The program of enclave {record.Name} has no input: start it with '-i', or use --no-stdin.");
        var printer = new LogPrinter(timestamps: false);
        using (client.HandSignalsOn(hasTerminal: false))
        {
            while (true)
            {
                bool goesOn = client.WaitForGrowth(out int status);
                if (!printer.Print(reader.Read()))
                    return 0;
                if (!goesOn)
                    return status;
            }
        }
    }
}

using Cloister.Host;
using Cloister.Host.Control;
using Cloister.Host.Enclaves;

namespace Cloister.Cli.Enclaves;

/// <summary>Connections to enclaves that must run.</summary>
internal static class Running
{
    /// <summary>Connects to the launcher.</summary>
    /// <exception cref="HostException">The enclave doesn't run.</exception>
    public static EnclaveClient Connect(EnclaveStore store, EnclaveRecord record)
    {
        if (record.Status is EnclaveStatus.Created or EnclaveStatus.Running && EnclaveClient.TryConnect(store, record) is { } client)
            return client;
        throw new HostException($"Enclave {record.Name} doesn't run: it has status '{EnclaveRecord.NameOf((store.Reload(record) ?? record).Status)}'.");
    }
}

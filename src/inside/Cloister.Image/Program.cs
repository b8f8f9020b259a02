using Cloister.Kernel;

namespace Cloister.Image;

/// <summary>The kernel as a machine starts it: reads what it is to run, runs it, and says how that ended.</summary>
internal static class Program
{
    private const int OwnFailure = 125;

    private static int Main()
    {
        Machine platform = Machine.Start();
        ExitStatus status = ConfigurationFormat.TryRead(platform.ReadConfiguration(), out EnclaveConfiguration? configuration)
            ? Enclave.Run(configuration!, platform)
            : new ExitStatus(OwnFailure, "The launcher gave the enclave a configuration that it can't read.", []);
        platform.WriteResult(ConfigurationFormat.Write(status));
        return 0;
    }
}

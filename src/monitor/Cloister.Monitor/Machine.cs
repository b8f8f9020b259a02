using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloister.Monitor.Boot;
using Cloister.Monitor.Enclaves;
using Cloister.Monitor.Firmware;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor;

/// <summary>
/// All that the monitor knows. entry.S has room for one, writes the first two fields, and passes it to every method that it calls; nothing of it
/// is in static fields.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Machine
{
    public const int MaxHarts = 8;

    /// <summary>Bytes that entry.S has for this structure.</summary>
    public const int Room = 32768;

    /// <summary>The flattened device tree that the boot loader left.</summary>
    public ulong DeviceTree;

    /// <summary>What the boot loader says of the next stage.</summary>
    public ulong FirmwareInfo;

    /// <summary>What the device tree and the processor are.</summary>
    public Configuration Configuration;

    /// <summary>Guards <see cref="Enclaves"/>; taken with <see cref="Harts.Lock"/>.</summary>
    public int EnclaveLock;

    public HartStates Harts;

    /// <summary>Which enclaves there are, in which states, on which harts.</summary>
    public EnclaveTable Enclaves;

    /// <summary>Physical memory protection where the host runs; it follows from <see cref="Enclaves"/>.</summary>
    public ProtectionPlan HostProtection;

    /// <summary>What of each enclave the decisions don't depend on.</summary>
    public EnclaveContents Contents;

    public Identity Identity;

    public EntropyPool Entropy;

    [InlineArray(MaxHarts)]
    internal struct HartStates
    {
        private HartState _first;
    }
}

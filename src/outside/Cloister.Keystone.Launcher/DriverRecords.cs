using System.Runtime.InteropServices;

namespace Cloister.Keystone.Launcher;

/// <summary>keystone_create of the driver's interface (linux-driver/keystone_abi.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DriverCreate
{
    public const uint Create = 0x8050_a400, Destroy = 0x4050_a401, Finalize = 0x8050_a406, ShareMemory = 0x8050_a407;

    public ulong Id, LeastPages, SharedSize, Runtime, Application, Free, FreeRequested, Memory, Size, Shared;
}

/// <summary>keystone_run of the driver's interface.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DriverRun
{
    public const uint Run = 0x8018_a404, Resume = 0x8018_a405;

    /// <summary>Of <see cref="Error"/>: the hart was wanted for something else; the enclave has stopped by itself.</summary>
    public const ulong Interrupted = 100002, Stopped = 100011;

    public ulong Id, Error, Value;
}

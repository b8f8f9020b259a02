using System.Runtime.InteropServices;
using Cloister.Monitor.Enclaves;

namespace Cloister.Monitor.Firmware;

/// <summary>States of the SBI's hart state management (SBI 2.0, table 13).</summary>
internal enum HartStatus
{
    Started = 0,
    Stopped = 1,
    StartPending = 2,
    StopPending = 3,
}

/// <summary>What harts ask of each other.</summary>
[System.Flags]
internal enum HartRequests
{
    None = 0,

    /// <summary>A software interrupt for supervisor mode.</summary>
    SoftwareInterrupt = 1,

    FlushInstructions = 2,
    FlushTranslations = 4,
    FlushGuestTranslations = 8,

    /// <summary>Enclaves have come or gone: physical memory protection has to follow.</summary>
    Protect = 16,
}

/// <summary>A hart.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HartState
{
    /// <summary>A <see cref="HartStatus"/>.</summary>
    public int Status;

    /// <summary>Whether somebody has started it since it stopped.</summary>
    public int StartRequested;

    /// <summary>Where it starts, and with what in a1.</summary>
    public ulong StartAddress, StartArgument;

    /// <summary>What others ask of it: <see cref="HartRequests"/>.</summary>
    public int Requests;

    /// <summary>How many times others have asked for something that they wait for, and how many of these are done.</summary>
    public int Asked, Served;

    /// <summary>Physical memory protection as the hart has it.</summary>
    public Protection.Addresses Protection;

    /// <summary>The host, while an enclave runs here.</summary>
    public WorldContext Host;

    /// <summary>The deadline that the host has set by the SBI; none is <see cref="ulong.MaxValue"/>.</summary>
    public ulong HostDeadline;

    /// <summary>The host's registers of the hypervisor extension, while an enclave runs here.</summary>
    public HypervisorState Hypervisor;
}

namespace Cloister.Hal.HostProtocol;

/// <summary>
/// Memory that a virtual machine shares with its launcher: the rings of <see cref="HostRegionLayout"/>, words that spare bells, what the
/// enclave is to run, and how it ended. It is the last of the machine's memory.
/// </summary>
public static class MachineWindow
{
    /// <summary>Bytes of the window.</summary>
    public const int Length = 32 << 20;

    /// <summary>Offset of a word that is not 0 while the enclave looks for completions by itself: no bell is needed.</summary>
    public const int EnclavePolls = 640;

    /// <summary>Offset of a word that is not 0 while the host looks for submissions by itself.</summary>
    public const int HostPolls = 768;

    /// <summary>Offset of a word that the enclave sets to 1 to ask for the time, and the host to 0 when it stands there.</summary>
    public const int TimeRequest = 896;

    /// <summary>Offset of the time: nanoseconds since 1970, 64 bits.</summary>
    public const int Time = 904;

    /// <summary>Offset of the configuration's length, a word.</summary>
    public const int ConfigurationLength = 1024;

    /// <summary>Offset of the configuration.</summary>
    public const int Configuration = 25 << 20;

    /// <summary>Most bytes of a configuration.</summary>
    public const int MostConfiguration = 5 << 20;

    /// <summary>Offset of the result's length, a word; 0 while there is none.</summary>
    public const int ResultLength = 1152;

    /// <summary>Offset of the result.</summary>
    public const int Result = 30 << 20;

    /// <summary>Most bytes of a result.</summary>
    public const int MostResult = 1 << 20;

    /// <summary>The byte that rings, each way, over the serial line. All else that the machine sends is text for the user.</summary>
    public const byte Bell = 1;

    /// <summary>The byte that a kernel sends first: what came before is its firmware's.</summary>
    public const byte Start = 2;
}

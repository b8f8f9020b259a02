using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>Why an enclave has given its processor back.</summary>
public enum StopReason : uint
{
    /// <summary>It hasn't by itself.</summary>
    None = 0,

    /// <summary>To ring.</summary>
    Bell = 1,

    /// <summary>It has nothing to do until it is rung for, or for a time.</summary>
    Idle = 2,

    /// <summary>To print <see cref="EnclaveStop.Text"/>.</summary>
    Print = 3,
}

/// <summary>
/// In the window of an enclave that has no devices: written before it gives the processor back, and read by the launcher that gets it, which
/// passes bells on. Launchers resume it for no reason too.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Length)]
public struct EnclaveStop
{
    /// <summary>Its place in the window.</summary>
    public const int Offset = 1280;

    /// <summary>Its bytes.</summary>
    public const int Length = 24;

    /// <summary>Offset of the text in the window.</summary>
    public const int Text = 2048;

    /// <summary>Most bytes of a text.</summary>
    public const uint MostText = 2048;

    /// <summary>Why.</summary>
    public StopReason Reason;

    /// <summary>Bytes of the text.</summary>
    public uint TextLength;

    /// <summary>Nanoseconds after which it wants to be resumed in any case; below 0 for never.</summary>
    public long Wait;
}

/// <summary>
/// What a launcher that runs beside the enclave sends to the one that serves its window, before bells: where the window is. The other answers
/// with a bell when it serves it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Length)]
public struct WindowPlace
{
    /// <summary>Its bytes.</summary>
    public const int Length = 24;

    /// <summary>Of <see cref="Magic"/>: "CLWINDOW".</summary>
    public const ulong Known = 0x574f444e49574c43;

    /// <summary><see cref="Known"/>. All else is text that says why there is no enclave.</summary>
    public ulong Magic;

    /// <summary>Physical address.</summary>
    public ulong Address;

    /// <summary>Bytes.</summary>
    public ulong Size;
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloister.Monitor.Hardware;

/// <summary>The registers 0 to 31. Nobody reads register 0 from here: in a hart's frame its place holds the hart's number.</summary>
[InlineArray(32)]
internal struct Registers
{
    private ulong _first;
}

/// <summary>Numbers of the registers that calls use.</summary>
internal static class Register
{
    public const int A0 = 10, A1 = 11, A2 = 12, A3 = 13, A4 = 14, A5 = 15, A6 = 16, A7 = 17;
}

/// <summary>What entry.S saves when a hart traps, and loads when it leaves the monitor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TrapFrame
{
    public Registers X;

    /// <summary>mepc: where the hart goes on.</summary>
    public ulong Counter;

    /// <summary>mstatus.</summary>
    public ulong Status;

    /// <summary>The hart of the frame.</summary>
    public readonly int Hart => (int)X[0];
}

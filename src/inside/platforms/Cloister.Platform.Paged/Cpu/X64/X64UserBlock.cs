using System.Runtime.InteropServices;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>A thread's user state, as user.S loads and stores it. The image of XSAVE follows at <see cref="VectorOffset"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct X64UserBlock
{
    /// <summary>Where the vector state is: a multiple of 64.</summary>
    public const int VectorOffset = 256;

    /// <summary>What <see cref="Trap"/> is after a system call.</summary>
    public const ulong SystemCall = 256;

    /// <summary>General registers.</summary>
    public X64Registers Registers;

    /// <summary>The last trap's vector.</summary>
    public ulong Trap;

    /// <summary>Its error code.</summary>
    public ulong Error;

    /// <summary>CR2 after it.</summary>
    public ulong Address;

    /// <summary>Whether all registers have to be loaded: 0 on the way back from a system call.</summary>
    public ulong LoadsAll;
}

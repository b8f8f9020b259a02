using System;

namespace Cloister.Runtime;

/// <summary>Floating point arithmetic, which kernels do without: its registers are those of the programs.</summary>
internal static class FloatingPoint
{
    /// <summary>A constant of the compiler.</summary>
    public static bool IsSupported => throw new PlatformNotSupportedException();
}

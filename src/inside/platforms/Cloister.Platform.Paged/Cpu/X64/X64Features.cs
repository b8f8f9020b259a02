using System;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>What the kernel needs of the processor, and switches on.</summary>
// SAFETY: CPUID is asked before a bit is set.
public static unsafe class X64Features
{
    private const uint StandardLeaf = 1;
    private const uint ExtendedLeaf = 7;
    private const uint Xsave = 1 << 26;
    private const uint Rdrand = 1 << 30;
    private const uint BaseInstructions = 1 << 0;
    private const uint NoUserExecution = 1 << 7;
    private const uint NoUserAccess = 1 << 20;
    private const uint NoTableReading = 1 << 2;
    private const ulong Cr4Umip = 1 << 11;
    private const ulong Cr4FsGsBase = 1 << 16;
    private const ulong Cr4Xsave = 1 << 18;
    private const ulong Cr4Smep = 1 << 20;
    private const ulong Cr4Smap = 1 << 21;

    /// <summary>AT_HWCAP: CPUID leaf 1, EDX.</summary>
    public static ulong HardwareCapabilities => Read(StandardLeaf, 3);

    /// <summary>AT_HWCAP2: programs may use RDFSBASE and the like.</summary>
    public static ulong HardwareCapabilities2 => 1 << 1;

    /// <summary>Switches on what there is.</summary>
    /// <exception cref="InvalidOperationException">The processor lacks something.</exception>
    public static void Enable()
    {
        uint standard = Read(StandardLeaf, 2);
        uint extended = Read(ExtendedLeaf, 1);
        Require((standard & Xsave) != 0, "XSAVE");
        Require((standard & Rdrand) != 0, "RDRAND");
        Require((extended & BaseInstructions) != 0, "FSGSBASE");
        ulong control = X64Instructions.ReadControl4() | Cr4FsGsBase | Cr4Xsave;
        control |= (extended & NoUserExecution) != 0 ? Cr4Smep : 0;
        control |= (extended & NoUserAccess) != 0 ? Cr4Smap : 0;
        control |= (Read(ExtendedLeaf, 2) & NoTableReading) != 0 ? Cr4Umip : 0;
        X64Instructions.WriteControl4(control);
    }

    private static void Require(bool has, string feature)
    {
        if (!has)
            throw new InvalidOperationException($"The machine's processor lacks {feature}: choose another with --accel, or a newer one.");
    }

    private static uint Read(uint leaf, int register)
    {
        uint* words = stackalloc uint[4];
        X64Instructions.Identify(leaf, 0, (byte*)words);
        return words[register];
    }
}

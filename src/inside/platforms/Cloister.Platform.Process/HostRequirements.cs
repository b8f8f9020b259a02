using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Cloister.Platform.Process;

/// <summary>What the platform needs of the machine, checked before anything else so that the user reads one clear sentence.</summary>
internal static class HostRequirements
{
    public const ulong AtHwcap = 16;
    public const ulong AtHwcap2 = 26;
    public const ulong AtSysinfoEhdr = 33;

    private const ulong Hwcap2Fsgsbase = 2;

    public static void Check()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new PlatformException("The process platform needs Linux on x86-64; this is " + RuntimeInformation.RuntimeIdentifier + ".");
        (_, _, int ecx, _) = X86Base.CpuId(1, 0);
        if ((ecx & (1 << 27)) == 0)
            throw new PlatformException("The processor or its hypervisor lacks XSAVE (CPUID.1:ECX.OSXSAVE); the process platform needs it.");
        if ((Host.getauxval(AtHwcap2) & Hwcap2Fsgsbase) == 0)
            throw new PlatformException("The processor or the host's kernel lacks FSGSBASE (AT_HWCAP2 bit 1, Linux 5.9); the process platform needs it.");
    }
}

using System;

namespace Cloister.Hal;

/// <summary>Makes address spaces and threads' contexts.</summary>
public interface IMmu
{
    /// <summary>Makes an empty address space.</summary>
    /// <param name="budget">What its private pages are taken from where they were promised to nobody.</param>
    /// <returns>Null where the platform has no room for another.</returns>
    IAddressSpace? CreateAddressSpace(IPageBudget budget);

    /// <summary>Makes a context for the calling kernel thread, which alone may run it.</summary>
    IUserContext CreateContext();

    /// <summary>
    /// Makes the calling thread's user memory that of <paramref name="space"/>, until the next call or the context's
    /// end. Where spaces share addresses, running in it may wait for another space's threads to leave user mode.
    /// </summary>
    void Activate(IUserContext context, IAddressSpace space);

    /// <summary>Code of the platform that every program finds in its memory; null where there is none.</summary>
    IVdso? Vdso { get; }

    /// <summary>What instructions programs are made of.</summary>
    CpuKind Cpu { get; }

    /// <summary>Processor features for AT_HWCAP.</summary>
    ulong HardwareCapabilities { get; }

    /// <summary>Processor features for AT_HWCAP2.</summary>
    ulong HardwareCapabilities2 { get; }
}

/// <summary>Optional part of a platform: clock functions that programs call without a system call (vdso(7)).</summary>
public interface IVdso
{
    /// <summary>Where it is in every program (AT_SYSINFO_EHDR).</summary>
    ulong Address { get; }

    /// <summary>Its length.</summary>
    ulong Length { get; }

    /// <summary>Its bytes, which debuggers want to see.</summary>
    ReadOnlySpan<byte> Content { get; }
}

/// <summary>One kind of TEE, ready to run a kernel.</summary>
public interface IPlatform
{
    /// <summary>Called once, when the launcher has made all its preparations and before the first program runs.</summary>
    void Begin();

    /// <summary>Name as the user writes it: process, sgx, vm, keystone, trustzone.</summary>
    string Name { get; }

    /// <summary>Whether the host can't see into the enclave.</summary>
    bool IsConfidential { get; }

    /// <summary>Enclave memory that the kernel reaches.</summary>
    IFrames Frames { get; }

    /// <summary>Address spaces and contexts.</summary>
    IMmu Mmu { get; }

    /// <summary>Processors.</summary>
    ICpus Cpus { get; }

    /// <summary>The way out.</summary>
    IHostPort HostPort { get; }

    /// <summary>Time.</summary>
    IClock Clock { get; }

    /// <summary>Random bytes.</summary>
    IEntropy Entropy { get; }

    /// <summary>What the TEE says of the enclave; null where there is no TEE, or none that says anything.</summary>
    IRootOfTrust? RootOfTrust => null;
}

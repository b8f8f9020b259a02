using System;
using Cloister.Abi;

namespace Cloister.Hal;

/// <summary>Access rights of user pages.</summary>
[Flags]
public enum Protection
{
    /// <summary>No access.</summary>
    None = 0,

    /// <summary>Loads.</summary>
    Read = 1,

    /// <summary>Stores.</summary>
    Write = 2,

    /// <summary>Instruction fetch.</summary>
    Execute = 4,
}

/// <summary>Access that found no page or no right.</summary>
/// <param name="Address">Where.</param>
/// <param name="IsWrite">Whether it was a store.</param>
public readonly record struct AccessFault(ulong Address, bool IsWrite);

/// <summary>
/// The MMU of one address space. The kernel decides what is mapped (its region tree is the truth); the platform
/// makes the processor follow, and moves bytes between kernel and user memory without ever faulting the kernel.
/// </summary>
/// <remarks>
/// All addresses and lengths are multiples of 4096. Mapping calls of one space are serialised by the kernel; copies
/// may run at any time, also during a mapping call, and then see either state.
/// Every page that was never mapped, or was unmapped, refuses all access.
/// </remarks>
public interface IAddressSpace : IDisposable
{
    /// <summary>Lowest address programs may map.</summary>
    ulong Lowest { get; }

    /// <summary>End of the addresses programs may map.</summary>
    ulong Highest { get; }

    /// <summary>Range that this space has for itself: what isn't placed by the program goes here.</summary>
    (ulong Start, ulong End) HomeRange { get; }

    /// <summary>Reserves a further range for this space, where its home range is too small.</summary>
    bool TryReserve(ulong length, out ulong address);

    /// <summary>Whether a program may place a mapping there: not where another space's pages could be.</summary>
    bool MayUse(ulong address, ulong length);

    /// <summary>Whether a mapping that could also go elsewhere should be placed there: false where it would make spaces take turns.</summary>
    bool ShouldUse(ulong address, ulong length);

    /// <summary>Maps demand-zero private memory over whatever was there.</summary>
    /// <returns>ENOMEM where the platform can't.</returns>
    Errno MapAnonymous(ulong address, ulong length, Protection protection);

    /// <summary>Maps frames over whatever was there.</summary>
    /// <param name="address">Where.</param>
    /// <param name="extent">The frames.</param>
    /// <param name="protection">Rights.</param>
    /// <param name="copyOnWrite">Whether stores go to private copies, made by the platform.</param>
    Errno MapFrames(ulong address, FrameExtent extent, Protection protection, bool copyOnWrite);

    /// <summary>Removes mappings; private memory is given back.</summary>
    Errno Unmap(ulong address, ulong length);

    /// <summary>Changes rights of mapped pages; unmapped ones stay so.</summary>
    Errno Protect(ulong address, ulong length, Protection protection);

    /// <summary>Moves mappings with their content to a range where nothing is mapped.</summary>
    Errno Move(ulong from, ulong length, ulong to);

    /// <summary>Makes private anonymous pages zero again and gives their memory back (MADV_DONTNEED, MADV_FREE).</summary>
    Errno Discard(ulong address, ulong length);

    /// <summary>Passes advice on huge pages; without effect where there are none.</summary>
    void AdviseHugePages(ulong address, ulong length, bool wanted);

    /// <summary>Gives memory to pages ahead of their use (MAP_POPULATE, MADV_POPULATE_*). Best effort.</summary>
    void Prefault(ulong address, ulong length, bool write);

    /// <summary>One byte a page: bit 0 tells that the page has memory (mincore(2)).</summary>
    void GetResidence(ulong address, ulong length, Span<byte> pages);

    /// <summary>
    /// Looks for system call instructions that the platform can make cheap, in freshly mapped executable file pages
    /// that no thread can run yet.
    /// </summary>
    /// <param name="address">First page of the text.</param>
    /// <param name="length">Bytes of the text.</param>
    /// <returns>Bytes of code memory that <see cref="PatchSystemCalls"/> needs within 2 GiB; 0 where there is nothing to do.</returns>
    int FindSystemCalls(ulong address, ulong length);

    /// <summary>
    /// Makes the calls found by the <see cref="FindSystemCalls"/> before cheap. Invisible to the program but for the
    /// bytes of its text.
    /// </summary>
    /// <param name="address">First page of the text.</param>
    /// <param name="length">Bytes of the text.</param>
    /// <param name="protection">Rights of the text's pages.</param>
    /// <param name="stubs">Free range, of whole pages, that becomes code memory of the platform.</param>
    /// <param name="stubsLength">Its length.</param>
    Errno PatchSystemCalls(ulong address, ulong length, Protection protection, ulong stubs, ulong stubsLength);

    /// <summary>The instruction pointer as the program knows it: a thread may be stopped in code of the platform's.</summary>
    ulong ToProgramAddress(ulong instructionPointer);

    /// <summary>The reverse of <see cref="ToProgramAddress"/>, for the return from a signal handler.</summary>
    ulong FromProgramAddress(ulong instructionPointer);

    /// <summary>Copies from user memory.</summary>
    /// <returns>Bytes copied before the first refused page; <paramref name="fault"/> is valid if fewer than asked.</returns>
    int CopyIn(ulong address, Span<byte> into, out AccessFault fault);

    /// <summary>Copies to user memory. Result as <see cref="CopyIn"/>.</summary>
    int CopyOut(ulong address, ReadOnlySpan<byte> from, out AccessFault fault);

    /// <summary>Stores zeros. Result as <see cref="CopyIn"/>.</summary>
    long Clear(ulong address, long length, out AccessFault fault);

    /// <summary>Atomic 32-bit load; the address is a multiple of 4.</summary>
    bool TryLoad(ulong address, out uint value);

    /// <summary>Atomic compare and exchange of 32 bits; the address is a multiple of 4.</summary>
    /// <param name="address">Where.</param>
    /// <param name="expected">Value that must be there.</param>
    /// <param name="desired">Value to store.</param>
    /// <param name="found">Value that was there.</param>
    /// <returns>False where the page is not writable.</returns>
    bool TryCompareExchange(ulong address, uint expected, uint desired, out uint found);

    /// <summary>Length of the string at an address: bytes up to a NUL, copied without it.</summary>
    /// <returns>Bytes before the NUL; the length of <paramref name="into"/> if there is none; -1 at a refused page.</returns>
    int CopyString(ulong address, Span<byte> into, out AccessFault fault);
}

/// <summary>Makes address spaces and threads' contexts.</summary>
public interface IMmu
{
    /// <summary>Makes an empty address space.</summary>
    IAddressSpace CreateAddressSpace();

    /// <summary>Makes a context for the calling kernel thread, which alone may run it.</summary>
    IUserContext CreateContext();

    /// <summary>
    /// Makes the calling thread's user memory that of <paramref name="space"/>, until the next call or the context's
    /// end. Where spaces share addresses, running in it may wait for another space's threads to leave user mode.
    /// </summary>
    void Activate(IUserContext context, IAddressSpace space);

    /// <summary>Where the vDSO of every program is (AT_SYSINFO_EHDR); 0 where there is none.</summary>
    ulong VdsoAddress { get; }

    /// <summary>Processor features for AT_HWCAP.</summary>
    ulong HardwareCapabilities { get; }

    /// <summary>Processor features for AT_HWCAP2.</summary>
    ulong HardwareCapabilities2 { get; }
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
}

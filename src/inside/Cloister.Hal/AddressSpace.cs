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
/// The MMU of one address space. The kernel decides what may be mapped (its region list); what is mapped, the MMU alone
/// knows, and can be asked. It moves bytes between kernel and user memory without ever faulting the kernel.
/// </summary>
/// <remarks>
/// <para>
/// All addresses and lengths are multiples of 4096. Calls that map, and questions, are serialised by the kernel for one
/// space; copies may run at any time, also during a mapping call, and then see either state. What a copy touches stays
/// until it ends (it is pinned): unmapping and giving frames back wait for it.
/// </para>
/// <para>
/// Every page that was never mapped, or was unmapped, refuses all access. Calls cost time that grows with what is mapped
/// in their range, never with its length. Where one fails with ENOMEM it has changed nothing, but for what its
/// description says.
/// </para>
/// <para>Private pages belong to the space, which counts them; shared ones to whoever took their frames.</para>
/// </remarks>
public interface IAddressSpace : IDisposable
{
    /// <summary>Lowest address programs may map.</summary>
    ulong Lowest { get; }

    /// <summary>End of the addresses programs may map.</summary>
    ulong Highest { get; }

    /// <summary>Where mappings should go, where spaces share one range of addresses; null where each has its own.</summary>
    IAddressPlacement? Placement { get; }

    /// <summary>Makes system calls cheap; null where they can't be cheaper.</summary>
    ICallSites? CallSites { get; }

    /// <summary>Maps demand-zero private memory over whatever was there.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="protection">Rights.</param>
    /// <param name="isPromised">Whether the caller has taken the memory from the budget; else each page is taken from it when it is touched.</param>
    /// <returns>ENOMEM where the platform can't; what was there may then be unmapped.</returns>
    Errno MapAnonymous(ulong address, ulong length, Protection protection, bool isPromised);

    /// <summary>Maps frames over whatever was there.</summary>
    /// <param name="address">Where.</param>
    /// <param name="extent">The frames.</param>
    /// <param name="protection">Rights.</param>
    /// <param name="copyOnWrite">Whether stores go to private copies, made by the platform.</param>
    /// <returns>ENOBUFS where the platform can hold no more mappings.</returns>
    Errno MapFrames(ulong address, FrameExtent extent, Protection protection, bool copyOnWrite);

    /// <summary>Removes mappings; private memory is given back.</summary>
    Errno Unmap(ulong address, ulong length);

    /// <summary>Changes rights of mapped pages; unmapped ones stay so.</summary>
    Errno Protect(ulong address, ulong length, Protection protection);

    /// <summary>Moves what is mapped, with its content, to a range where nothing is.</summary>
    Errno Move(ulong from, ulong length, ulong to);

    /// <summary>Makes private anonymous pages zero again and gives their memory back (MADV_DONTNEED, MADV_FREE).</summary>
    Errno Discard(ulong address, ulong length);

    /// <summary>Passes advice on huge pages; without effect where there are none.</summary>
    void AdviseHugePages(ulong address, ulong length, bool wanted);

    /// <summary>Gives memory to mapped pages ahead of their use (MAP_POPULATE, MADV_POPULATE_*).</summary>
    /// <returns>ENOMEM where no frame is left.</returns>
    Errno Prefault(ulong address, ulong length, bool write);

    /// <summary>
    /// Answers a refused access that the kernel's regions allow, at a page that it has mapped: another thread was faster, the
    /// page is demand-zero, or has to be copied.
    /// </summary>
    /// <returns>Success: try again. ENOMEM where no frame is left. EACCES where the page has not that right, EFAULT where it isn't mapped.</returns>
    Errno ResolveFault(ulong address, bool isWrite, bool isExecute);

    /// <summary>Finds the next run of pages that are mapped, in whatever state.</summary>
    /// <param name="start">Where to look from.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="run">The first run, cut at <paramref name="end"/>; adjacent runs may follow.</param>
    bool TryFindMapped(ulong start, ulong end, out PageRun run);

    /// <summary>Finds pages that have memory.</summary>
    /// <param name="start">Where to look from.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="runs">Filled from the start, in order of address; if it gets full, there may be more behind the last.</param>
    /// <returns>How many runs there are.</returns>
    int FindPresent(ulong start, ulong end, Span<PageRun> runs);

    /// <summary>
    /// Makes private memory of ranges also that of an empty space, at the same addresses: fork. By reference until a store,
    /// or by copying, as the platform sees fit. Frames are mapped there again, unmapped pages stay so. While it runs, no
    /// thread of this space is in user mode.
    /// </summary>
    /// <param name="ranges">What; in order of address.</param>
    /// <param name="into">A space in which nothing is mapped, and no thread runs.</param>
    /// <returns>ENOMEM; <paramref name="into"/> is then of no use but to be disposed of.</returns>
    Errno Clone(ReadOnlySpan<PageRange> ranges, IAddressSpace into);

    /// <summary>Copies from user memory.</summary>
    /// <returns>Bytes copied before the first refused page; <paramref name="fault"/> is valid if fewer than asked.</returns>
    int CopyIn(ulong address, Span<byte> into, out AccessFault fault);

    /// <summary>Copies to user memory. Result as <see cref="CopyIn"/>.</summary>
    int CopyOut(ulong address, ReadOnlySpan<byte> from, out AccessFault fault);

    /// <summary>
    /// Lends user memory to somebody who moves bytes by the host, in which it has the same address. It stays in place for that time.
    /// </summary>
    /// <returns>False where the platform has no such addresses, or nothing can be there; nothing has happened then.</returns>
    bool TryLend(ulong address, int length, IMemoryUser user, out int moved)
    {
        moved = 0;
        return false;
    }

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

/// <summary>A range of user addresses.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
public readonly record struct PageRange(ulong Start, ulong End)
{
    /// <summary>Bytes.</summary>
    public ulong Length => End - Start;
}

/// <summary>Pages in a row that are alike.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind them.</param>
/// <param name="IsPrivate">Whether they belong to the space: not to frames that it was given to map.</param>
public readonly record struct PageRun(ulong Start, ulong End, bool IsPrivate)
{
    /// <summary>Bytes.</summary>
    public ulong Length => End - Start;
}

/// <summary>What private pages may take of the enclave's memory that nobody was promised.</summary>
public interface IPageBudget
{
    /// <summary>Takes memory.</summary>
    /// <returns>False where there is none left.</returns>
    bool TryTake(ulong bytes);

    /// <summary>Gives it back.</summary>
    void Give(ulong bytes);
}

namespace Cloister.Hal;

/// <summary>
/// Optional part of an address space, where several share one range of addresses: which addresses are this one's. Where a
/// program insists on others it gets them, if the platform can take them from those who use them for the time it runs.
/// </summary>
public interface IAddressPlacement
{
    /// <summary>Range that this space has for itself: what isn't placed by the program goes here.</summary>
    PageRange HomeRange { get; }

    /// <summary>Reserves a further range for this space, where its home range is too small.</summary>
    bool TryReserve(ulong length, out PageRange range);

    /// <summary>Gives back what <see cref="TryReserve"/> gave; nothing is mapped there any more.</summary>
    void Release(PageRange range);

    /// <summary>Whether a program may place a mapping there at all.</summary>
    bool MayUse(ulong address, ulong length);

    /// <summary>Whether a mapping that could also go elsewhere should be placed there: false where it would cost speed.</summary>
    /// <param name="address">Where the program would like to have it.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="isReservation">Whether the program only reserves addresses: those who do mostly depend on them.</param>
    bool ShouldUse(ulong address, ulong length, bool isReservation);
}

/// <summary>The patched system calls of a text, wherever that and its stubs are mapped the same distance apart.</summary>
public interface IPatchedSites;

/// <summary>Optional part of an address space: system call instructions that can be made cheap where they stand.</summary>
public interface ICallSites
{
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
    /// <param name="sites">What was patched; null where it fails.</param>
    Abi.Errno PatchSystemCalls(ulong address, ulong length, Protection protection, ulong stubs, ulong stubsLength, out IPatchedSites? sites);

    /// <summary>Learns of text that the kernel has mapped here with its stubs: copies of what was patched elsewhere, as far apart.</summary>
    /// <param name="sites">What was patched there.</param>
    /// <param name="address">First page of the text here.</param>
    /// <param name="stubs">First page of the stubs here.</param>
    void AddPatched(IPatchedSites sites, ulong address, ulong stubs);

    /// <summary>Code memory of <see cref="PatchSystemCalls"/> that isn't used any more, since its text has been unmapped.</summary>
    /// <param name="stubs">Its start; it is the caller's to unmap.</param>
    /// <param name="length">Its length.</param>
    bool TryTakeUnused(out ulong stubs, out ulong length);

    /// <summary>The instruction pointer as the program knows it: a thread may be stopped in code of the platform's.</summary>
    ulong ToProgramAddress(ulong instructionPointer);

    /// <summary>The reverse of <see cref="ToProgramAddress"/>, for the return from a signal handler.</summary>
    ulong FromProgramAddress(ulong instructionPointer);
}

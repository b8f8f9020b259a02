using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

/// <summary>
/// A file's text with cheap system calls, and their stubs, in frames that all spaces map which have both the same distance
/// apart. Belongs to the file's memory object (<see cref="MemoryObject.SetDerived"/>), and lives on where it is mapped.
/// </summary>
/// <param name="pages">Where the pages go: first the text's, then the stubs'.</param>
internal sealed class PatchedText(MemoryObject pages) : IDerivedContent
{
    /// <summary>Says of a text that it has no system calls: it is mapped as it is.</summary>
    public PatchedText(MemoryObject none, long firstPage, ulong length)
        : this(none)
    {
        IsPlain = true;
        FirstPage = firstPage;
        TextLength = length;
    }

    /// <summary>Whether there is nothing to patch.</summary>
    public bool IsPlain { get; }

    /// <summary>The pages.</summary>
    public MemoryObject Pages => pages;

    /// <summary>Whether there is a copy: before, it only says that the text has been patched once.</summary>
    public bool IsComplete => Sites is not null;

    /// <summary>Where the text begins in its file.</summary>
    public long FirstPage { get; private set; }

    /// <summary>Bytes of text.</summary>
    public ulong TextLength { get; private set; }

    /// <summary>Bytes of stubs.</summary>
    public ulong StubsLength { get; private set; }

    /// <summary>From the text to the stubs.</summary>
    public long Distance { get; private set; }

    /// <summary>What was patched.</summary>
    public IPatchedSites? Sites { get; private set; }

    /// <inheritdoc/>
    public void AddUser() => pages.AddUser();

    /// <inheritdoc/>
    public void RemoveUser() => pages.RemoveUser();

    /// <summary>Copies a text that has just been patched, and its stubs.</summary>
    /// <returns>False where there is no memory for it.</returns>
    public bool TryFill(IAddressSpace from, long firstPage, ulong text, ulong textLength, ulong stubs, ulong stubsLength, IPatchedSites sites)
    {
        long count = (long)((textLength + stubsLength) >> FrameExtent.FrameShift);
        if (!pages.TryPopulateAtOnce(count) || !TryCopy(from, text, textLength, 0) || !TryCopy(from, stubs, stubsLength, textLength))
            return false;
        FirstPage = firstPage;
        TextLength = textLength;
        StubsLength = stubsLength;
        Distance = (long)(stubs - text);
        Sites = sites;
        return true;
    }

    /// <summary>Maps a part.</summary>
    public Errno Map(IAddressSpace into, ulong offset, ulong address, ulong length, Protection protection)
    {
        for (ulong done = 0; done < length;)
        {
            long page = (long)((offset + done) >> FrameExtent.FrameShift);
            if (!pages.TryPin(page, (int)((length - done) >> FrameExtent.FrameShift), forStores: false, out FrameExtent run, out int pin))
                return Errno.ENOMEM;
            Errno error = into.MapFrames(address + done, run, protection, copyOnWrite: true);
            pages.Unpin(pin);
            if (error != Errno.Success)
                return error;
            done += (ulong)run.Length;
        }

        return Errno.Success;
    }

    private bool TryCopy(IAddressSpace from, ulong address, ulong length, ulong offset)
    {
        for (ulong done = 0; done < length;)
        {
            long page = (long)((offset + done) >> FrameExtent.FrameShift);
            if (!pages.TryPin(page, (int)((length - done) >> FrameExtent.FrameShift), forStores: true, out FrameExtent run, out int pin))
                return false;
            int copied = from.CopyIn(address + done, pages.GetBytes(run), out _);
            pages.Unpin(pin);
            if (copied != run.Length)
                return false;
            done += (ulong)run.Length;
        }

        return true;
    }
}

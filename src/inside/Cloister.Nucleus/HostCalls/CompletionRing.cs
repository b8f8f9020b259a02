using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>
/// The enclave's end of a ring of completions. Its size and its own index are the enclave's; of the shared memory it reads the host's index
/// once for each look and every entry once.
/// </summary>
/// <remarks>One thread at a time takes answers. tests/Cloister.HostPort.Tests/RingExplorer tries all that a host can do to it.</remarks>
/// <param name="size">Entries.</param>
/// <param name="head">Index of the first answer.</param>
internal abstract class CompletionRing(uint size, uint head = 0)
{
    private uint _head = head;
    private long _dropped;

    /// <summary>Answers that were dropped: unknown, stale or second ones, and jumps of the host's index.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Index of the next answer.</summary>
    public uint Head => Volatile.Read(ref _head);

    /// <summary>Whether there may be answers: a look without the lock.</summary>
    public bool MayHaveAnswers => ReadTail() != Head;

    /// <summary>Takes all answers there are, whoever they are for.</summary>
    /// <param name="pending">The requests, by index.</param>
    /// <param name="firstSunk">Index of the first request whose answer goes to a sink.</param>
    /// <returns>Whether there is an answer for a sink.</returns>
    public bool Take(ReadOnlySpan<PendingCall> pending, int firstSunk)
    {
        uint count = unchecked(ReadTail() - _head);
        if (count == 0)
            return false;
        if (!IsPossible(count))
        {
            // More answers than there can be requests: the index is wrong. Nothing is taken until it is right again.
            _dropped++;
            return false;
        }

        bool sunk = false;
        for (; count > 0; count--)
        {
            // Copied once; from here on only the copy counts.
            CompletionEntry answer = ReadEntry(_head);
            Volatile.Write(ref _head, unchecked(_head + 1));
            if (Find(pending, answer.Id) is not { } request || !Deliver(request, answer))
                _dropped++;
            else
                sunk |= request.Index >= firstSunk;
        }

        WriteHead(_head);
        return sunk;
    }

    /// <summary>Reads the host's index, with acquire.</summary>
    protected abstract uint ReadTail();

    /// <summary>Copies the entry of a running index.</summary>
    protected abstract CompletionEntry ReadEntry(uint index);

    /// <summary>Publishes the enclave's index; for diagnosis only.</summary>
    protected abstract void WriteHead(uint head);

    /// <summary>Whether there can be so many answers.</summary>
    protected virtual bool IsPossible(uint count) => count <= size;

    /// <summary>The request that an answer names; null where there is none.</summary>
    protected virtual PendingCall? Find(ReadOnlySpan<PendingCall> pending, ulong id)
    {
        int index = (int)(id & PendingCall.IndexMask);
        return index < pending.Length ? pending[index] : null;
    }

    /// <summary>Gives a request its answer; false where it waits for none, or for another.</summary>
    protected virtual bool Deliver(PendingCall pending, in CompletionEntry answer) => pending.TryDeliver(answer);
}

/// <summary>The ring of completions in the memory of a host port.</summary>
internal sealed class SharedCompletionRing(IHostPort port) : CompletionRing(HostRegionLayout.EntryCount)
{
    /// <inheritdoc/>
    protected override uint ReadTail() => Volatile.Read(ref HostRegionLayout.GetWord(port.SharedMemory, HostRegionLayout.CompletionTail));

    /// <inheritdoc/>
    protected override CompletionEntry ReadEntry(uint index) =>
        MemoryMarshal.Read<CompletionEntry>(HostRegionLayout.GetCompletion(port.SharedMemory, index));

    /// <inheritdoc/>
    protected override void WriteHead(uint head) => Volatile.Write(ref HostRegionLayout.GetWord(port.SharedMemory, HostRegionLayout.CompletionHead), head);
}

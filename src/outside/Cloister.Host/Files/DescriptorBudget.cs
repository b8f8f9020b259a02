using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>
/// The descriptors that the files of one enclave keep open. There are fewer than the process may have, so that the runtime always
/// gets one when it needs it; beyond that the ones used least recently are closed, and opened again when they are needed.
/// </summary>
/// <remarks>
/// Lock order: a node's own lock, its parent's, <see cref="Lock"/>. Nothing is opened, asked or closed under <see cref="Lock"/>.
/// </remarks>
internal sealed class DescriptorBudget
{
    // More than that makes nothing faster.
    private const int MostDescriptors = 1 << 16;

    // For the runtime: threads, rings, the files that it opens for itself.
    private const int Reserve = 128;

    // Steps of the clock hand in one search: a search doesn't go round over thousands of directories that can't leave.
    private const int LongestSearch = 512;

    private readonly int _most;
    private int _limit;
    private KeptDescriptor? _hand;

    /// <summary>Creates it for a process that may have so many descriptors.</summary>
    public DescriptorBudget(long processLimit)
    {
        int all = (int)Math.Clamp(processLimit, 16, MostDescriptors);
        _most = all > 2 * Reserve ? all - Reserve : all / 2;
        _limit = _most - (_most / 5);
    }

    /// <summary>Guards what nodes say about their descriptors and their places.</summary>
    public Lock Lock { get; } = new();

    /// <summary>Descriptors that are open now.</summary>
    public int Count { get; private set; }

    /// <summary>Closes descriptors until there is room for one more.</summary>
    /// <returns>False where there is none: too many are in use, or can't be opened again.</returns>
    public bool MakeRoom()
    {
        for (int attempt = 0; attempt < LongestSearch && Volatile.Read(ref _limit) <= Count; attempt++)
        {
            FileDescriptor? closed = null;
            FileNode? leaving = null;
            lock (Lock)
            {
                KeptDescriptor? victim = FindVictim();
                if (victim is null)
                    break;
                if (victim.NamesFile)
                    leaving = victim.Node;
                else
                    closed = Remove(victim);
            }

            closed?.Dispose();
            leaving?.TryLeave();
        }

        return Count < _most;
    }

    /// <summary>The host has refused a descriptor: from now on there are fewer. False where that wouldn't help.</summary>
    public bool TryYield(Errno error)
    {
        if (error is not (Errno.EMFILE or Errno.ENFILE))
            return false;
        int before = Count;
        if (before < 8)
            return false;
        Volatile.Write(ref _limit, Math.Min(_limit, before - (before / 8)));
        MakeRoom();
        return Count < before;
    }

    /// <summary>Takes an open descriptor in. <see cref="Lock"/> is held.</summary>
    public void Add(KeptDescriptor kept, FileDescriptor file)
    {
        Volatile.Write(ref kept.File, file);
        kept.IsUsed = true;
        Count++;
        if (_hand is null)
        {
            kept.Next = kept.Previous = kept;
            _hand = kept;
            return;
        }

        kept.Next = _hand;
        kept.Previous = _hand.Previous;
        _hand.Previous!.Next = kept;
        _hand.Previous = kept;
    }

    /// <summary>Gives a descriptor back, for the caller to close without the lock. <see cref="Lock"/> is held.</summary>
    public FileDescriptor? Remove(KeptDescriptor kept)
    {
        FileDescriptor? file = kept.File;
        if (file is null)
            return null;
        Volatile.Write(ref kept.File, null);
        Count--;
        if (_hand == kept)
            _hand = kept.Next == kept ? null : kept.Next;
        kept.Previous!.Next = kept.Next;
        kept.Next!.Previous = kept.Previous;
        kept.Next = kept.Previous = null;
        return file;
    }

    // The clock algorithm: who was used since the hand came by gets another round.
    private KeptDescriptor? FindVictim()
    {
        for (int step = 0; step < LongestSearch && _hand is not null; step++)
        {
            KeptDescriptor candidate = _hand;
            _hand = candidate.Next;
            if (candidate.IsUsed)
                candidate.IsUsed = false;
            else if (!candidate.NamesFile || candidate.Node.MayLeave)
                return candidate;
        }

        return null;
    }
}

/// <summary>A descriptor of a node that may be closed while nobody uses it.</summary>
internal sealed class KeptDescriptor(FileNode node, bool namesFile)
{
    /// <summary>The descriptor, while it is open. Written under the budget's lock.</summary>
    public FileDescriptor? File;

    /// <summary>Whether it was used since the clock hand came by.</summary>
    public bool IsUsed;

    /// <summary>Whose it is.</summary>
    public FileNode Node { get; } = node;

    /// <summary>Whether it is what the node names its file by; else one for reading or writing, made from that.</summary>
    public bool NamesFile { get; } = namesFile;

    /// <summary>The neighbours in the budget's ring.</summary>
    public KeptDescriptor? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    public KeptDescriptor? Previous { get; set; }

    /// <summary>Uses the descriptor if it is open.</summary>
    public bool TryHold(out HeldDescriptor held)
    {
        FileDescriptor? file = Volatile.Read(ref File);
        if (file is null || !file.TryHold(out held))
        {
            held = default;
            return false;
        }

        if (!IsUsed)
            IsUsed = true;
        return true;
    }
}

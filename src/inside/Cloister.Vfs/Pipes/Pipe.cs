using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Pipes;

/// <summary>The bytes between the two ends of a pipe or FIFO (pipe(7)): its ends, and waiting for the other one.</summary>
/// <remarks>
/// The lock guards everything. Bytes are copied from and to programs with it held, but only from and to pages that are
/// there: what has to be brought in first is brought in without it.
/// </remarks>
internal sealed partial class Pipe
{
    public const int DefaultCapacity = 65536;

    private const PollEvents ReadEvents = PollEvents.In | PollEvents.ReadNormal;
    private const PollEvents WriteEvents = PollEvents.Out | PollEvents.WriteNormal;

    private readonly KernelLock _lock = new(LockLevel.Pipe);
    private int _readers;
    private int _writers;

    /// <summary>Waiters for data.</summary>
    public WaitQueue Readable { get; } = new();

    /// <summary>Waiters for room.</summary>
    public WaitQueue Writable { get; } = new();

    /// <summary>Bytes that fit.</summary>
    public int Capacity { get; private set; } = DefaultCapacity;

    /// <summary>Bytes in the pipe.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Open ends for reading.</summary>
    public int Readers => Volatile.Read(ref _readers);

    /// <summary>Open ends for writing.</summary>
    public int Writers => Volatile.Read(ref _writers);

    /// <summary>Opens for reading ever: an open that waits for a reader sees one that has already gone again.</summary>
    public int ReaderOpens { get; private set; }

    /// <summary>Opens for writing ever.</summary>
    public int WriterOpens { get; private set; }

    /// <summary>Adds ends, and tells in the same step whether the other ones were there.</summary>
    /// <param name="reader">One for reading.</param>
    /// <param name="writer">One for writing.</param>
    /// <param name="needsReader">Adds nothing where nobody reads (ENXIO of open(2)).</param>
    /// <param name="seen">What there was.</param>
    /// <returns>False for <paramref name="needsReader"/>.</returns>
    public bool TryAddEnds(bool reader, bool writer, bool needsReader, out PipeEnds seen)
    {
        using (_lock.Enter())
        {
            seen = new PipeEnds(_readers, _writers, ReaderOpens, WriterOpens);
            if (needsReader && _readers == 0)
                return false;
            if (reader)
            {
                _readers++;
                ReaderOpens++;
            }

            if (writer)
            {
                _writers++;
                WriterOpens++;
            }
        }

        Readable.WakeAll(PollEvents.None);
        Writable.WakeAll(PollEvents.None);
        return true;
    }

    public void RemoveEnds(bool reader, bool writer)
    {
        using (_lock.Enter())
        {
            if (reader)
                _readers--;
            if (writer)
                _writers--;

            // A FIFO that nobody has open forgets what is in it.
            if (_readers == 0 && _writers == 0)
                Clear();
        }

        if (writer)
            Readable.WakeAll();
        if (reader)
            Writable.WakeAll();
    }

    /// <summary>Waits in open(2) until the other end is there, or was (fifo(7)).</summary>
    /// <param name="caller">Who waits.</param>
    /// <param name="forWriter">Whether for a writer, or for a reader.</param>
    /// <param name="seen">What there was when this end was added.</param>
    public Errno WaitForOtherEnd(ICaller caller, bool forWriter, in PipeEnds seen)
    {
        if ((forWriter ? seen.Writers : seen.Readers) > 0)
            return Errno.Success;
        caller.Watch(forWriter ? Readable : Writable);
        try
        {
            while (!HasOpenedSince(forWriter, seen))
            {
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }

            return Errno.Success;
        }
        finally
        {
            caller.StopWatching();
        }
    }

    /// <summary>Room now; at least that much stays until somebody else writes.</summary>
    public int Room
    {
        get
        {
            using (_lock.Enter())
                return Math.Max(0, (Capacity / PipeSlots.Size) - _slots.Count) * PipeSlots.Size;
        }
    }

    public SyscallResult SetCapacity(int capacity)
    {
        using (_lock.Enter())
        {
            if (capacity / PipeSlots.Size < _slots.Count)
                return Errno.EBUSY;
            bool grows = capacity > Capacity;
            Capacity = capacity;
            if (!grows)
                return capacity;
        }

        Writable.WakeAll(WriteEvents);
        return capacity;
    }

    /// <summary>What an end is ready for.</summary>
    /// <param name="reader">Whether it reads.</param>
    /// <param name="writer">Whether it writes.</param>
    /// <param name="ignoredWriterOpens">Opens for writing before which the lack of a writer is no hang-up (fifo(7)).</param>
    public PollEvents Poll(bool reader, bool writer, int ignoredWriterOpens = -1)
    {
        using (_lock.Enter())
        {
            PollEvents events = PollEvents.None;
            if (reader)
            {
                if (_count > 0)
                    events |= ReadEvents;
                if (_writers == 0 && WriterOpens != ignoredWriterOpens)
                    events |= PollEvents.HangUp;
            }

            if (writer)
            {
                if (!IsFull)
                    events |= WriteEvents;
                if (_readers == 0)
                    events |= PollEvents.Error;
            }

            return events;
        }
    }

    private bool HasOpenedSince(bool forWriter, in PipeEnds seen)
    {
        using (_lock.Enter())
            return forWriter ? WriterOpens != seen.WriterOpens : ReaderOpens != seen.ReaderOpens;
    }
}

/// <summary>The ends of a pipe at one moment.</summary>
/// <param name="Readers">Open for reading.</param>
/// <param name="Writers">Open for writing.</param>
/// <param name="ReaderOpens">Opens for reading ever.</param>
/// <param name="WriterOpens">Opens for writing ever.</param>
internal readonly record struct PipeEnds(int Readers, int Writers, int ReaderOpens, int WriterOpens);

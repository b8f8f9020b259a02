using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Cloister.Host.Native;

/// <summary>Rings of io_uring(7): reads and writes that Linux works on beside each other.</summary>
/// <remarks>One thread at a time prepares, submits and takes; the caller's lock sees to that. <see cref="Wait"/> may be called by any thread.</remarks>
internal sealed unsafe class IoUring : IDisposable
{
    private const int SetupNumber = 425;
    private const int EnterNumber = 426;
    private const byte NoOperation = 0;
    private const byte ReadOperation = 22;
    private const byte WriteOperation = 23;
    private const nint EnterGetEvents = 1;
    /// <summary>Tag of the completion that <see cref="Wake"/> makes.</summary>
    public const ulong WakeTag = ulong.MaxValue;

    private const long SubmissionRingOffset = 0;
    private const long CompletionRingOffset = 0x8000000;
    private const long EntriesOffset = 0x10000000;
    private const int MapPopulate = 0x8000;

    private readonly FileDescriptor _ring;
    private readonly Parameters _parameters;
    private readonly byte* _submissions;
    private readonly byte* _completions;
    private readonly SubmissionQueueEntry* _entries;
    private uint _prepared;

    private IoUring(FileDescriptor ring, in Parameters parameters, nint submissions, nint completions, nint entries)
    {
        _ring = ring;
        _parameters = parameters;
        _submissions = (byte*)submissions;
        _completions = (byte*)completions;
        _entries = (SubmissionQueueEntry*)entries;
    }

    private nint SubmissionRingLength => (nint)(_parameters.Submission.Array + (_parameters.SubmissionEntries * sizeof(uint)));

    private nint CompletionRingLength => (nint)(_parameters.Completion.Entries + (_parameters.CompletionEntries * sizeof(CompletionQueueEntry)));

    /// <summary>Makes rings; null where the host's kernel has none, or its administrator has switched them off.</summary>
    /// <param name="entries">Requests that may be in flight.</param>
    public static IoUring? TryCreate(uint entries)
    {
        Parameters parameters = default;
        nint descriptor = Libc.IoUringSetup(SetupNumber, (nint)entries, &parameters);
        if (descriptor < 0)
            return null;
        var ring = new FileDescriptor((int)descriptor);
        var made = new IoUring(ring, parameters, 0, 0, 0);
        nint submissions = Map(made.SubmissionRingLength, SubmissionRingOffset);
        nint completions = Map(made.CompletionRingLength, CompletionRingOffset);
        nint slots = Map((nint)parameters.SubmissionEntries * sizeof(SubmissionQueueEntry), EntriesOffset);
        if (submissions != -1 && completions != -1 && slots != -1)
            return new IoUring(ring, parameters, submissions, completions, slots);
        ring.Dispose();
        return null;

        nint Map(nint length, long offset) =>
            Libc.MMap(0, length, Constants.PROT_READ | Constants.PROT_WRITE, Constants.MAP_SHARED | MapPopulate, (int)descriptor, offset);
    }

    /// <summary>Prepares a transfer. There are never more in flight than entries, so that there is always room.</summary>
    /// <param name="isWrite">Direction.</param>
    /// <param name="file">The descriptor, which stays open until the transfer has completed.</param>
    /// <param name="memory">Where in memory; stays mapped likewise.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="tag">Comes back with the completion.</param>
    public void Prepare(bool isWrite, int file, nint memory, int length, long offset, ulong tag)
    {
        Prepare(new SubmissionQueueEntry
        {
            Operation = isWrite ? WriteOperation : ReadOperation,
            File = file,
            Offset = (ulong)offset,
            Address = (ulong)memory,
            Length = (uint)length,
            Tag = tag,
        });
    }

    /// <summary>Prepares a completion that ends a <see cref="Wait"/>.</summary>
    public void Wake() => Prepare(new SubmissionQueueEntry { Operation = NoOperation, File = -1, Tag = WakeTag });

    private void Prepare(in SubmissionQueueEntry entry)
    {
        uint tail = *Word(_submissions, _parameters.Submission.Tail);
        uint index = tail & *Word(_submissions, _parameters.Submission.Mask);
        // SAFETY: the mask keeps both indexes within what the kernel mapped for this ring.
        _entries[index] = entry;
        Word(_submissions, _parameters.Submission.Array)[index] = index;
        Volatile.Write(ref *Word(_submissions, _parameters.Submission.Tail), unchecked(tail + 1));
        _prepared++;
    }

    /// <summary>Hands what was prepared to the kernel. False where it takes nothing more: see <see cref="TakeBack"/>.</summary>
    public bool TrySubmit()
    {
        while (_prepared > 0)
        {
            nint taken = Libc.IoUringEnter(EnterNumber, _ring, (nint)_prepared, 0, 0, 0, 0);
            if (taken > 0)
                _prepared -= (uint)taken;
            else if (taken < 0 && !Failure.WasInterrupted && Failure.Last is not (Abi.Errno.EAGAIN or Abi.Errno.EBUSY))
                return false;
        }

        return true;
    }

    /// <summary>Takes back what was prepared and not handed on; gives the tags.</summary>
    public ulong[] TakeBack()
    {
        ulong[] tags = new ulong[_prepared];
        uint tail = *Word(_submissions, _parameters.Submission.Tail);
        uint mask = *Word(_submissions, _parameters.Submission.Mask);
        // SAFETY: the mask keeps the index within what the kernel mapped for this ring.
        for (uint i = 0; i < _prepared; i++)
            tags[i] = _entries[unchecked(tail - _prepared + i) & mask].Tag;
        Volatile.Write(ref *Word(_submissions, _parameters.Submission.Tail), unchecked(tail - _prepared));
        _prepared = 0;
        return tags;
    }

    /// <summary>Sleeps until a transfer has completed, or a signal came.</summary>
    public void Wait()
    {
        if (Libc.IoUringEnter(EnterNumber, _ring, 0, 1, EnterGetEvents, 0, 0) >= 0 || Failure.WasInterrupted)
            return;
        if (!_ring.TryHold(out HeldDescriptor held))
            return;
        // Refused: what is in flight completes nevertheless, and the ring says so as other files do.
        using (held)
        {
            var poll = new PollDescriptor { Descriptor = held.Number, Events = Constants.POLLIN };
            Libc.Poll(&poll, 1, -1);
        }
    }

    /// <summary>Takes a completion.</summary>
    /// <param name="tag">The transfer's.</param>
    /// <param name="result">Bytes, or the negative error.</param>
    public bool TryTake(out ulong tag, out int result)
    {
        uint head = *Word(_completions, _parameters.Completion.Head);
        tag = 0;
        result = 0;
        if (head == Volatile.Read(ref *Word(_completions, _parameters.Completion.Tail)))
            return false;
        uint index = head & *Word(_completions, _parameters.Completion.Mask);
        // SAFETY: the mask keeps the index within what the kernel mapped for this ring.
        CompletionQueueEntry entry = ((CompletionQueueEntry*)(_completions + _parameters.Completion.Entries))[index];
        tag = entry.Tag;
        result = entry.Result;
        Volatile.Write(ref *Word(_completions, _parameters.Completion.Head), unchecked(head + 1));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Libc.MUnmap((nint)_submissions, SubmissionRingLength);
        Libc.MUnmap((nint)_completions, CompletionRingLength);
        Libc.MUnmap((nint)_entries, (nint)_parameters.SubmissionEntries * sizeof(SubmissionQueueEntry));
        _ring.Dispose();
    }

    // SAFETY: the offsets are the kernel's, within the ring that it mapped.
    private static uint* Word(byte* ring, uint offset) => (uint*)(ring + offset);

    // struct io_uring_params, io_sqring_offsets, io_cqring_offsets, io_uring_sqe, io_uring_cqe (include/uapi/linux/io_uring.h).
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    internal struct Parameters
    {
        public uint SubmissionEntries;
        public uint CompletionEntries;
        public uint Flags;
        public uint ThreadCpu;
        public uint ThreadIdle;
        public uint Features;
        public uint Worker;
        public uint Reserved0;
        public uint Reserved1;
        public uint Reserved2;
        public SubmissionOffsets Submission;
        public CompletionOffsets Completion;
    }

    [StructLayout(LayoutKind.Sequential, Size = 40)]
    internal struct SubmissionOffsets
    {
        public uint Head;
        public uint Tail;
        public uint Mask;
        public uint EntryCount;
        public uint Flags;
        public uint Dropped;
        public uint Array;
    }

    [StructLayout(LayoutKind.Sequential, Size = 40)]
    internal struct CompletionOffsets
    {
        public uint Head;
        public uint Tail;
        public uint Mask;
        public uint EntryCount;
        public uint Overflow;
        public uint Entries;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct SubmissionQueueEntry
    {
        public byte Operation;
        public byte Flags;
        public ushort Priority;
        public int File;
        public ulong Offset;
        public ulong Address;
        public uint Length;
        public uint OperationFlags;
        public ulong Tag;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct CompletionQueueEntry
    {
        public ulong Tag;
        public int Result;
        public uint Flags;
    }
}

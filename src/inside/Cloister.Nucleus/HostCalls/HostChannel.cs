using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus.HostCalls;

/// <summary>
/// The enclave's end of the rings: submits requests, waits for their answers, and drops answers that nobody waits for.
/// It knows nothing of what the requests mean; <see cref="HostAnswers"/> checks their contents.
/// </summary>
/// <remarks>
/// Lock order: none of the three locks is held while another lock is taken or foreign code runs; only a parker is
/// unparked under the completion lock.
/// </remarks>
internal sealed class HostChannel : IKernelThreadEntry
{
    /// <summary>First index of the requests whose answers go to a sink.</summary>
    public const int FirstSunk = HostRegionLayout.SlotCount;

    // One in so many requests stays free for calls that wait for a single one.
    private const int SpareShare = 4;

    private readonly IHostPort _port;
    private readonly ICpus _cpus;
    private readonly IParker _completions;
    private readonly PendingCall[] _pending;

    private readonly KernelLock _freeLock = new(LockLevel.HostSlots);
    private readonly int[] _freeSmall = new int[HostRegionLayout.SmallSlotCount];
    private readonly int[] _freeLarge = new int[HostRegionLayout.LargeSlotCount];
    private readonly Queue<IParker> _waitingSmall = new();
    private readonly Queue<IParker> _waitingLarge = new();
    private int _freeSmallCount;
    private int _freeLargeCount;

    private readonly KernelLock _submissionLock = new(LockLevel.HostRequests);
    private uint _submissionTail;

    private readonly KernelLock _deliveryLock = new(LockLevel.Leaf);
    private readonly KernelLock _completionLock = new(LockLevel.HostAnswers);
    private readonly CompletionRing _ring;
    private bool _stopped;

    /// <summary>Connects to the host.</summary>
    /// <param name="port">The memory shared with the host.</param>
    /// <param name="cpus">Makes parkers.</param>
    /// <param name="sinks">Who gets the answers of the requests from <see cref="FirstSunk"/> on.</param>
    public HostChannel(IHostPort port, ICpus cpus, ReadOnlySpan<IHostAnswerSink> sinks)
    {
        if (port.SharedMemory.Length < HostRegionLayout.RegionLength)
            throw new ArgumentException("The memory shared with the host is smaller than the rings.", nameof(port));
        _port = port;
        Direct = port.Direct;
        _ring = new SharedCompletionRing(port);
        _cpus = cpus;
        _completions = cpus.CreateParker();
        _pending = new PendingCall[FirstSunk + sinks.Length];
        for (int i = 0; i < _pending.Length; i++)
            _pending[i] = new PendingCall(i) { Sink = i < FirstSunk ? null : sinks[i - FirstSunk] };

        // The lowest indexes end on top: the memory used most stays in the caches.
        for (int i = HostRegionLayout.SmallSlotCount - 1; i >= 0; i--)
            _freeSmall[_freeSmallCount++] = i;
        for (int i = HostRegionLayout.SlotCount - 1; i >= HostRegionLayout.SmallSlotCount; i--)
            _freeLarge[_freeLargeCount++] = i;

        Volatile.Write(ref HostRegionLayout.GetWord(port.SharedMemory, 0), HostRegionLayout.Magic);
        port.Attach(_completions, DeliverAnywhere);
    }

    /// <summary>Answers that were dropped: unknown, stale or second ones, and jumps of the ring's index. 0 with an honest host.</summary>
    public long Dropped => _ring.Dropped;

    /// <summary>The host without rings; null where it lies elsewhere.</summary>
    public IDirectHost? Direct { get; }

    /// <summary>Takes a request with its data slot; waits while all are taken.</summary>
    public int Acquire(bool large)
    {
        LockOrder.AssertMayWait(WaitKinds.Host);
        IParker? parker = null;
        while (true)
        {
            using (_freeLock.Enter())
            {
                if (large && _freeLargeCount > 0)
                    return _freeLarge[--_freeLargeCount];
                if (!large && _freeSmallCount > 0)
                    return _freeSmall[--_freeSmallCount];
                parker ??= _cpus.CreateParker();
                (large ? _waitingLarge : _waitingSmall).Enqueue(parker);
            }

            parker.Park(long.MaxValue);
        }
    }

    /// <summary>
    /// Takes a request where enough are left for others. For those who hold several at a time, and so must neither wait
    /// for one nor take the last.
    /// </summary>
    public bool TryAcquireSpare(bool large, out int index)
    {
        using (_freeLock.Enter())
        {
            index = -1;
            if (large && _freeLargeCount > HostRegionLayout.LargeSlotCount / SpareShare)
                index = _freeLarge[--_freeLargeCount];
            else if (!large && _freeSmallCount > HostRegionLayout.SmallSlotCount / SpareShare)
                index = _freeSmall[--_freeSmallCount];
            return index >= 0;
        }
    }

    /// <summary>Gives a request back.</summary>
    public void Release(int index)
    {
        IParker? waiter;
        using (_freeLock.Enter())
        {
            if (index < HostRegionLayout.SmallSlotCount)
            {
                _freeSmall[_freeSmallCount++] = index;
                _waitingSmall.TryDequeue(out waiter);
            }
            else
            {
                _freeLarge[_freeLargeCount++] = index;
                _waitingLarge.TryDequeue(out waiter);
            }
        }

        waiter?.Unpark();
    }

    /// <summary>The data slot of a request. The host can change it at any time.</summary>
    public SharedWindow GetData(int index) => new(HostRegionLayout.GetSlot(_port.SharedMemory, index));

    /// <summary>Submits a request and waits for its answer.</summary>
    /// <param name="index">From <see cref="Acquire"/>.</param>
    /// <param name="request">All but id and slot.</param>
    /// <param name="answer">A private copy, of which only the id has been checked.</param>
    public void Call(int index, ref SubmissionEntry request, out CompletionEntry answer)
    {
        if (Direct is { } host && host.TryServe(request, GetData(index).ForHost, out answer))
            return;
        Begin(index, ref request);
        Ring();
        Await(index, out answer);
    }

    /// <summary>Puts a request into the ring; the host may look at it only after <see cref="Ring"/>.</summary>
    /// <param name="index">From <see cref="Acquire"/> or <see cref="TryAcquireSpare"/>.</param>
    /// <param name="request">All but id and slot.</param>
    public void Begin(int index, ref SubmissionEntry request)
    {
        PendingCall pending = _pending[index];
        if (!pending.TryBegin())
            throw new InvalidOperationException("A request to the host is used twice at once.");
        request.Slot = (uint)index;
        Enqueue(pending, ref request);
    }

    /// <summary>Makes the host look at the ring, and takes the answers there are.</summary>
    public void Ring()
    {
        _port.Ring();
        Drain();
    }

    /// <summary>Waits for the answer of a request that was begun.</summary>
    /// <param name="index">The request.</param>
    /// <param name="answer">A private copy, of which only the id has been checked.</param>
    public void Await(int index, out CompletionEntry answer)
    {
        LockOrder.AssertMayWait(WaitKinds.Host);
        PendingCall pending = _pending[index];
        if (pending.State != PendingCall.Done)
            Wait(pending);
        answer = pending.Answer;
        pending.End();
    }

    /// <summary>Submits a request whose answer goes to its sink. Nothing happens where it is still in flight.</summary>
    /// <param name="index">The request.</param>
    /// <param name="request">All but id and slot.</param>
    /// <param name="slot">A data slot that is the request's for good, or none.</param>
    public void Post(int index, ref SubmissionEntry request, uint slot = HostRegionLayout.NoSlot)
    {
        PendingCall pending = _pending[index];
        if (!pending.TryBegin())
            return;
        request.Slot = slot;
        Enqueue(pending, ref request);
        Ring();
    }

    /// <summary>The completion thread: answers that come on their own time.</summary>
    public void Run()
    {
        while (!Volatile.Read(ref _stopped))
        {
            Drain();
            for (int i = FirstSunk; i < _pending.Length; i++)
                Deliver(i);
            _completions.Park(long.MaxValue);
        }
    }

    /// <summary>Handles answers on a thread of the host's, as far as that may be.</summary>
    private void DeliverAnywhere()
    {
        Drain(wakes: false);
        bool isLeft = false;
        for (int i = FirstSunk; i < _pending.Length; i++)
        {
            if (_pending[i].Sink!.RunsAnywhere)
                Deliver(i);
            else
                isLeft |= _pending[i].State == PendingCall.Done;
        }

        if (isLeft)
            _completions.Unpark();
    }

    private void Deliver(int index)
    {
        PendingCall pending = _pending[index];
        if (pending.State != PendingCall.Done)
            return;
        CompletionEntry answer;
        using (_deliveryLock.Enter())
        {
            // Another thread may have been faster; until the sink has it, the request isn't made again.
            if (pending.State != PendingCall.Done)
                return;
            answer = pending.Answer;
            pending.End();
        }

        pending.Sink!.OnAnswer(index, answer);
    }

    /// <summary>Ends the completion thread.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stopped, true);
        _completions.Unpark();
    }

    private void Enqueue(PendingCall pending, ref SubmissionEntry request)
    {
        request.Id = pending.Id;
        Span<byte> region = _port.SharedMemory;
        using (_submissionLock.Enter())
        {
            MemoryMarshal.Write(HostRegionLayout.GetSubmission(region, _submissionTail), request);
            _submissionTail++;
            Volatile.Write(ref HostRegionLayout.GetWord(region, HostRegionLayout.SubmissionTail), _submissionTail);
        }
    }

    private void Wait(PendingCall pending)
    {
        for (int i = _port.Patience; i > 0; i--)
        {
            if (_ring.MayHaveAnswers)
                Drain();
            if (pending.State == PendingCall.Done)
                return;
        }

        pending.Parker ??= _cpus.CreateParker();
        if (!pending.TrySleep())
            return;
        while (pending.State != PendingCall.Done)
            pending.Parker.Park(long.MaxValue);
    }

    /// <summary>Takes all completions there are, whoever they are for.</summary>
    /// <param name="wakes">Whether the completion thread is woken for answers that go to sinks.</param>
    private void Drain(bool wakes = true)
    {
        bool sunk;
        using (_completionLock.Enter())
            sunk = _ring.Take(_pending, FirstSunk);
        if (sunk && wakes)
            _completions.Unpark();
    }
}

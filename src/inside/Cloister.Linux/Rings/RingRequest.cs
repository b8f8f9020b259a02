using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus;

namespace Cloister.Linux.Rings;

/// <summary>Where a request is. Guarded by the lock of its tasks.</summary>
internal enum RequestState
{
    /// <summary>Behind another one in a chain, or behind a drain.</summary>
    Held,

    /// <summary>A thread works on it.</summary>
    Running,

    /// <summary>A thread enlists it in a file's queues.</summary>
    Arming,

    /// <summary>In a file's queues, or a timer's.</summary>
    Waiting,

    /// <summary>Its tasks shall go on with it.</summary>
    Ready,

    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>Ended.</summary>
    Done,
}

/// <summary>One submission on its way to its completion.</summary>
internal sealed class RingRequest(Ring ring, RingTasks tasks, IKernelMemory account) : IPollTable, ITimerCallback
{
    /// <summary>What one weighs on the kernel's heap, with a place in a queue.</summary>
    public const int Weight = 640;

    private readonly List<Place> _places = new(1);
    private int _placesInUse;
    private KernelTimer? _timer;
    private IoVector[] _vectors = [];

    // What the program said. Copied once; nothing of it is read from shared memory again.

    /// <summary>The submission.</summary>
    public SubmissionEntry Entry;

    /// <summary>Who submitted it: whose rights count.</summary>
    public Identity.Identity Identity { get; set; } = null!;

    /// <summary>The submitting thread, whose end cancels it; null for the polling thread.</summary>
    public LinuxThread? Submitter { get; set; }

    /// <summary>The file it works on.</summary>
    public IOpenFile? File { get; set; }

    /// <summary>The header of a message.</summary>
    public MessageHeader Header;

    /// <summary>Elements of its vector; -1 without one.</summary>
    public int VectorCount { get; set; } = -1;

    /// <summary>The address of connect(2), or times and other small structures that were copied in.</summary>
    public byte[]? Saved { get; set; }

    // Its place among others.

    /// <summary>The next one of its chain.</summary>
    public RingRequest? Next { get; set; }

    /// <summary>The time limit of this one (IORING_OP_LINK_TIMEOUT), or, of a limit, what it limits.</summary>
    public RingRequest? Partner { get; set; }

    /// <summary>Neighbours in the instance's list.</summary>
    public RingRequest? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    public RingRequest? Following { get; set; }

    /// <summary>Its place among those that earlier ones hold up (IOSQE_IO_DRAIN); null where it isn't there.</summary>
    public LinkedListNode<RingRequest>? Deferral { get; set; }

    /// <summary>Neighbour in a list of its tasks.</summary>
    public RingRequest? NextTask { get; set; }

    // How it goes.

    /// <summary>Where it is.</summary>
    public RequestState State { get; set; } = RequestState.Held;

    /// <summary>Why it can't be made; success where it can.</summary>
    public Errno Failure { get; set; }

    /// <summary>Whether one of its chain can't be made: then none is.</summary>
    public bool HasFailedChain { get; set; }

    /// <summary>Whether it has looked at its file once.</summary>
    public bool HasReported { get; set; }

    /// <summary>Whether it was tried.</summary>
    public bool HasStarted { get; set; }

    /// <summary>Whether another one of its chain, or one that it limits, decides when it starts.</summary>
    public bool IsFollower { get; set; }

    /// <summary>Whether a drain behind it waits for it.</summary>
    public bool HoldsDrains { get; set; }

    /// <summary>Whether it shall end as soon as somebody who works on it looks.</summary>
    public bool IsCanceled { get; set; }

    /// <summary>Whether its file's queues woke it while it was enlisted in them.</summary>
    public bool WasWoken { get; set; }

    /// <summary>Whether its time is over.</summary>
    public bool HasExpired { get; set; }

    /// <summary>Whether as many completions have come as it waits for.</summary>
    public bool HasCounted { get; set; }

    /// <summary>Whether it fails where it would have to wait.</summary>
    public bool FailsWhereItWaits { get; set; }

    /// <summary>Whether its first try was not the last: what it reports comes later than the call that submitted it.</summary>
    public bool IsLater { get; set; }

    /// <summary>Whether the request failed for those that follow in its chain.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Events that it waits for.</summary>
    public PollEvents Awaited { get; set; }

    /// <summary>Bytes that earlier tries have moved (MSG_WAITALL).</summary>
    public long Moved { get; set; }

    /// <summary>Flags of its completion.</summary>
    public CompletionFlags ResultFlags { get; set; }

    /// <summary>A time, or a count of completions, at which it ends; what it means follows from the operation.</summary>
    public long Target { get; set; }

    /// <summary>Whether it waits for a worker, or one works on it.</summary>
    public bool NeedsWorker => State == RequestState.Queued || Worker is not null;

    /// <summary>Whether the thread has ended that would have gone on with it.</summary>
    public bool IsOrphan => Submitter is { HasEnded: true };

    /// <summary>The worker that works on it.</summary>
    public LinuxThread? Worker { get; set; }

    /// <summary>The instance.</summary>
    public Ring Ring => ring;

    /// <summary>The process that submitted it.</summary>
    public RingTasks Tasks => tasks;

    /// <summary>Who has paid for it.</summary>
    public IKernelMemory Account => account;

    /// <summary>The timer.</summary>
    public KernelTimer Timer => _timer ??= new KernelTimer(this);

    /// <summary>Whether it has a timer, which may be armed.</summary>
    public bool HasTimer => _timer is not null;

    /// <summary>Whether it is linked to the one behind it.</summary>
    public bool IsLinked => (Entry.Flags & (SubmissionFlags.IOSQE_IO_LINK | SubmissionFlags.IOSQE_IO_HARDLINK)) != 0;

    /// <summary>Whether it goes on after a completion.</summary>
    public bool IsMultishot { get; set; }

    /// <summary>Copies a vector in, so that the program needs its own no longer (IORING_FEAT_SUBMIT_STABLE).</summary>
    public Errno ReadVector(LinuxThread thread, ulong address, ulong count)
    {
        Errno error = thread.Vector(new UserAddress(address), count, out _);
        if (error == Errno.Success)
            VectorCount = thread.SaveVector(ref _vectors);
        return error;
    }

    /// <summary>The vector as the buffer of a transfer.</summary>
    public IIoBuffer Vector(LinuxThread thread) => thread.SavedVector(_vectors.AsSpan(0, VectorCount));

    /// <summary>Enlists it in the queues of its file.</summary>
    public void Watch(IWaitQueue queue)
    {
        if (_placesInUse == _places.Count)
            _places.Add(new Place(this));
        ((WaitQueue)queue).Add(_places[_placesInUse++]);
    }

    /// <summary>Leaves all queues: nothing wakes it any more.</summary>
    public void StopWatching()
    {
        for (int i = 0; i < _placesInUse; i++)
            _places[i].Leave();
        _placesInUse = 0;
    }

    /// <inheritdoc/>
    void ITimerCallback.OnExpired() => tasks.OnExpired(this);

    private sealed class Place(RingRequest request) : WaitEntry
    {
        protected override bool OnWake(PollEvents events)
        {
            if ((events & (request.Awaited | PollEvents.Error | PollEvents.HangUp)) == 0)
                return false;
            request.Tasks.OnReady(request);
            return true;
        }
    }
}

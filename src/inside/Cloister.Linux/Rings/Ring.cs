using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Rings;

/// <summary>
/// An instance of io_uring(7): two queues in memory that it shares with programs, what is registered with it, and the requests that
/// are under way.
/// </summary>
/// <remarks>
/// Heads and tails that are the kernel's to write are kept here; in shared memory programs get copies. What programs write is read
/// once, and can only name an entry of the queues or too many of them.
/// </remarks>
internal sealed partial class Ring : IRing
{
    /// <summary>IORING_MAX_ENTRIES.</summary>
    public const uint MostEntries = 32768;

    // Where words lie in the first area, and the completions behind them. What one side writes has a cache line of its own.
    private const int SubmissionHead = 0;
    private const int SubmissionTail = 64;
    private const int CompletionHead = 128;
    private const int CompletionTail = 192;
    private const int SubmissionMask = 256;
    private const int CompletionMask = 260;
    private const int SubmissionEntries = 264;
    private const int CompletionEntries = 268;
    private const int SubmissionDropped = 272;
    private const int SubmissionFlagsWord = 276;
    private const int CompletionFlagsWord = 280;
    private const int CompletionOverflow = 284;
    private const int Completions = 320;

    // Areas of mmap(2): IORING_OFF_*.
    private const ulong SubmissionRingArea = 0;
    private const ulong CompletionRingArea = 0x8000000;
    private const ulong EntriesArea = 0x10000000;

    /// <summary>What an instance weighs on the kernel's heap, without its queues.</summary>
    private const int Weight = 2048;

    private readonly KernelLock _lock = new(LockLevel.Ring);
    private readonly WaitQueue _events = new();
    private readonly RingMemory _rings;
    private readonly RingMemory _entries;
    private readonly IKernelMemory _account;
    private readonly uint _submissionCount;
    private readonly uint _completionCount;
    private readonly int _arrayOffset;
    private uint _submissionHead;
    private uint _completionTail;
    private bool _isClosed;

    private Ring(LinuxKernel kernel, IKernelMemory account, in RingParameters parameters, int arrayOffset, RingMemory rings, RingMemory entries)
    {
        Kernel = kernel;
        _account = account;
        Setup = parameters.Flags;
        _submissionCount = parameters.SubmissionEntries;
        _completionCount = parameters.CompletionEntries;
        _arrayOffset = arrayOffset;
        _rings = rings;
        _entries = entries;
        IsDisabled = (Setup & RingSetupFlags.IORING_SETUP_R_DISABLED) != 0;
    }

    /// <summary>The kernel.</summary>
    public LinuxKernel Kernel { get; }

    /// <summary>How it was made.</summary>
    public RingSetupFlags Setup { get; }

    /// <summary>Whether nothing can be submitted yet (IORING_SETUP_R_DISABLED).</summary>
    public bool IsDisabled { get; private set; }

    /// <summary>The only thread that may submit (IORING_SETUP_SINGLE_ISSUER); null for any.</summary>
    public LinuxThread? Submitter { get; set; }

    /// <summary>Who submits for the program (IORING_SETUP_SQPOLL).</summary>
    public RingPoller? Poller { get; set; }

    /// <inheritdoc/>
    IWaitQueue IRing.Events => _events;

    /// <summary>Woken when completions come, and when submissions are taken.</summary>
    public WaitQueue Events => _events;

    /// <summary>Completions that fit.</summary>
    public uint CompletionCount => _completionCount;

    private int CompletionStride => (Setup & RingSetupFlags.IORING_SETUP_CQE32) != 0 ? 2 * CompletionQueueEntry.Size : CompletionQueueEntry.Size;

    private int SubmissionStride => (Setup & RingSetupFlags.IORING_SETUP_SQE128) != 0 ? 2 * SubmissionEntry.Size : SubmissionEntry.Size;

    /// <summary>Makes an instance.</summary>
    /// <param name="thread">Whose it is.</param>
    /// <param name="parameters">Entries and flags, which were checked; where everything lies.</param>
    /// <param name="ring">The instance.</param>
    /// <returns>ENOMEM.</returns>
    public static Errno Create(LinuxThread thread, ref RingParameters parameters, out Ring? ring)
    {
        ring = null;
        const RingFeatures features = RingFeatures.IORING_FEAT_SINGLE_MMAP | RingFeatures.IORING_FEAT_NODROP | RingFeatures.IORING_FEAT_SUBMIT_STABLE
            | RingFeatures.IORING_FEAT_RW_CUR_POS | RingFeatures.IORING_FEAT_CUR_PERSONALITY | RingFeatures.IORING_FEAT_FAST_POLL
            | RingFeatures.IORING_FEAT_POLL_32BITS | RingFeatures.IORING_FEAT_SQPOLL_NONFIXED | RingFeatures.IORING_FEAT_EXT_ARG
            | RingFeatures.IORING_FEAT_NATIVE_WORKERS | RingFeatures.IORING_FEAT_RSRC_TAGS | RingFeatures.IORING_FEAT_CQE_SKIP
            | RingFeatures.IORING_FEAT_LINKED_FILE;
        bool isLarge = (parameters.Flags & RingSetupFlags.IORING_SETUP_CQE32) != 0;
        int array = Completions + (int)parameters.CompletionEntries * (isLarge ? 2 : 1) * CompletionQueueEntry.Size;
        int stride = (parameters.Flags & RingSetupFlags.IORING_SETUP_SQE128) != 0 ? 2 * SubmissionEntry.Size : SubmissionEntry.Size;
        IKernelMemory account = thread.KernelMemory;
        if (!account.TryTake(Weight))
            return Errno.ENOMEM;
        RingMemory? rings = RingMemory.TryCreate(thread.Kernel.Memory, account, array + (int)parameters.SubmissionEntries * sizeof(uint));
        RingMemory? entries = rings is null ? null : RingMemory.TryCreate(thread.Kernel.Memory, account, (int)parameters.SubmissionEntries * stride);
        if (entries is null)
        {
            rings?.Release();
            account.Give(Weight);
            return Errno.ENOMEM;
        }

        ring = new Ring(thread.Kernel, account, parameters, array, rings!, entries);
        rings!.Store(SubmissionMask, parameters.SubmissionEntries - 1);
        rings.Store(CompletionMask, parameters.CompletionEntries - 1);
        rings.Store(SubmissionEntries, parameters.SubmissionEntries);
        rings.Store(CompletionEntries, parameters.CompletionEntries);
        parameters.Features = features;
        parameters.Submission = new SubmissionRingOffsets
        {
            Head = SubmissionHead,
            Tail = SubmissionTail,
            Mask = SubmissionMask,
            Entries = SubmissionEntries,
            Flags = SubmissionFlagsWord,
            Dropped = SubmissionDropped,
            Array = (uint)array,
        };
        parameters.Completion = new CompletionRingOffsets
        {
            Head = CompletionHead,
            Tail = CompletionTail,
            Mask = CompletionMask,
            Entries = CompletionEntries,
            Overflow = CompletionOverflow,
            Completions = Completions,
            Flags = CompletionFlagsWord,
        };
        return Errno.Success;
    }

    /// <summary>What mmap(2) of the descriptor shows.</summary>
    /// <returns>EINVAL for what isn't an area, or is longer than it.</returns>
    public Errno GetMapping(ulong offset, ulong length, out MemoryObject? memory)
    {
        memory = null;
        RingMemory? area = offset switch
        {
            // One area for both rings (IORING_FEAT_SINGLE_MMAP), by either name.
            SubmissionRingArea or CompletionRingArea => _rings,
            EntriesArea => _entries,
            _ => null,
        };
        if (area is null || length > area.Length)
            return Errno.EINVAL;
        memory = area.Pages;
        return Errno.Success;
    }

    /// <inheritdoc/>
    public PollEvents Poll()
    {
        PollEvents events = PollEvents.None;
        using (_lock.Enter())
        {
            if (_isClosed)
                return events;
            if (_rings.Load(SubmissionTail) - _submissionHead < _submissionCount)
                events |= PollEvents.Out | PollEvents.WriteNormal;
            if (_backlog.Count > 0 || _rings.Load(CompletionHead) != _completionTail)
                events |= PollEvents.In | PollEvents.ReadNormal;
        }

        return events;
    }

    /// <summary>IORING_REGISTER_ENABLE_RINGS.</summary>
    public Errno Enable(LinuxThread thread)
    {
        if (!IsDisabled)
            return Errno.EBADFD;
        if ((Setup & RingSetupFlags.IORING_SETUP_SINGLE_ISSUER) != 0)
            Submitter ??= thread;
        IsDisabled = false;
        Poller?.Wake();
        return Errno.Success;
    }

    /// <summary>Ends the polling thread where it is one of a process's.</summary>
    public void StopPoller(RingTasks tasks)
    {
        if (PollerTasks == tasks)
            Poller?.Stop();
    }

    /// <summary>Whose thread the polling thread is.</summary>
    public RingTasks? PollerTasks { get; set; }

    /// <inheritdoc/>
    public void OnClosed()
    {
        Poller?.Stop();
        using (_lock.Enter())
            _isClosed = true;
        CancelAll(null, null);
        RemoveUsers();
        ReleaseRegistrations();
        using (_lock.Enter())
        {
            _account.Give(_backlog.Count * BacklogWeight);
            _backlog.Clear();
            _rings.Release();
            _entries.Release();
        }

        _account.Give(Weight);
    }

    /// <summary>Copies the next submission in.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryFetch(out SubmissionEntry entry)
    {
        entry = default;
        using (_lock.Enter())
        {
            if (_isClosed)
                return false;
            while (true)
            {
                // More than all entries can't be new: the tail is then whatever the program likes it to be, and so are the entries.
                if (_rings.Load(SubmissionTail) == _submissionHead)
                    return false;
                uint index = _rings.Load(_arrayOffset + (int)(_submissionHead & (_submissionCount - 1)) * sizeof(uint));
                _submissionHead++;
                if (index < _submissionCount)
                {
                    entry = _entries.Read<SubmissionEntry>((int)index * SubmissionStride);
                    _rings.Store(SubmissionHead, _submissionHead);
                    return true;
                }

                _rings.Store(SubmissionDropped, ++_dropped);
                _rings.Store(SubmissionHead, _submissionHead);
                return false;
            }
        }
    }

    private uint _dropped;

    /// <summary>Whether there is no room for another submission.</summary>
    public bool IsFull => Submitted == _submissionCount;

    /// <summary>Submissions that wait to be taken, at most as many as there are entries.</summary>
    public uint Submitted
    {
        get
        {
            using (_lock.Enter())
                return _isClosed ? 0 : System.Math.Min(_rings.Load(SubmissionTail) - _submissionHead, _submissionCount);
        }
    }

    /// <summary>Tells the program whether the polling thread has to be woken (IORING_SQ_NEED_WAKEUP).</summary>
    public void SetNeedsWakeUp(bool value)
    {
        const uint needWakeUp = 1;
        using (_lock.Enter())
        {
            if (_isClosed)
                return;
            if (value)
                _rings.Or(SubmissionFlagsWord, needWakeUp);
            else
                _rings.AndNot(SubmissionFlagsWord, needWakeUp);
        }

        Interlocked.MemoryBarrier();
    }
}

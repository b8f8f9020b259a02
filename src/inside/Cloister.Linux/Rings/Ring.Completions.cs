using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Nucleus;

namespace Cloister.Linux.Rings;

// Completions on their way to the program.
internal sealed partial class Ring
{
    /// <summary>What a completion weighs that doesn't fit into the queue.</summary>
    private const int BacklogWeight = 32;

    /// <summary>IORING_SQ_CQ_OVERFLOW.</summary>
    private const uint BacklogFlag = 2;

    private readonly Queue<CompletionQueueEntry> _backlog = new();
    private uint _lost;
    private IOpenFile? _eventFile;
    private bool _signalsOnlyLater;

    /// <summary>Completions so far that time-outs count: those of time-outs themselves don't (io_uring_enter(2), IORING_OP_TIMEOUT).</summary>
    private uint _countedCompletions;

    /// <summary>Completions that the program can take now.</summary>
    public uint Ready
    {
        get
        {
            using (_lock.Enter())
                return _isClosed ? 0 : ReadyLocked;
        }
    }

    private uint ReadyLocked => System.Math.Min(_completionTail - _rings.Load(CompletionHead), _completionCount);

    /// <summary>Reports a result.</summary>
    /// <param name="thread">Who does.</param>
    /// <param name="userData">What the program knows the request by.</param>
    /// <param name="result">The result.</param>
    /// <param name="flags">IORING_CQE_F_*.</param>
    /// <param name="isTimeout">Whether it doesn't count for time-outs.</param>
    /// <param name="isImmediate">Whether the call that submitted it reports it.</param>
    /// <param name="needsRoom">Whether a full queue is a reason not to report it: there will be another one.</param>
    /// <returns>False where there was no room, or the instance is closed.</returns>
    public bool Post(
        LinuxThread? thread, ulong userData, int result, CompletionFlags flags, bool isTimeout = false, bool isImmediate = false, bool needsRoom = false)
    {
        var entry = new CompletionQueueEntry { UserData = userData, Result = result, Flags = flags };
        IOpenFile? signalled = null;
        bool isReported;
        using (_lock.Enter())
        {
            if (_isClosed || thread is null)
                return false;
            bool hasRoom = FlushLocked() && ReadyLocked < _completionCount;
            if (!hasRoom && needsRoom)
                return false;
            isReported = hasRoom ? PutLocked(entry) : KeepLocked(entry);
            if (!isTimeout)
                _countedCompletions++;
            if (_eventFile is not null && !(_signalsOnlyLater && isImmediate) && (_rings.Load(CompletionFlagsWord) & 1) == 0)
            {
                signalled = _eventFile;
                signalled.AddReference();
            }
        }

        if (!isTimeout && _countingTimeouts > 0)
            ExpireCounted(_countedCompletions);
        _events.Wake(Contracts.PollEvents.In | Contracts.PollEvents.ReadNormal);
        if (signalled is not null)
        {
            EventFiles.Signal(thread!, signalled);
            signalled.Release();
        }

        return isReported;
    }

    /// <summary>Brings what didn't fit into the queue, as far as there is room now.</summary>
    public void Flush()
    {
        using (_lock.Enter())
        {
            if (!_isClosed)
                FlushLocked();
        }
    }

    private bool FlushLocked()
    {
        while (_backlog.Count > 0)
        {
            if (ReadyLocked >= _completionCount)
                return false;
            PutLocked(_backlog.Dequeue());
            _account.Give(BacklogWeight);
            if (_backlog.Count == 0)
                _rings.AndNot(SubmissionFlagsWord, BacklogFlag);
        }

        return true;
    }

    private bool PutLocked(in CompletionQueueEntry entry)
    {
        int offset = Completions + (int)(_completionTail & (_completionCount - 1)) * CompletionStride;
        _rings.Write(offset, entry);
        if (CompletionStride > CompletionQueueEntry.Size)
            _rings.Write(offset + CompletionQueueEntry.Size, default(CompletionQueueEntry));
        _rings.Store(CompletionTail, ++_completionTail);
        return true;
    }

    private bool KeepLocked(in CompletionQueueEntry entry)
    {
        if (!_account.TryTake(BacklogWeight))
        {
            _rings.Store(CompletionOverflow, ++_lost);
            return false;
        }

        _backlog.Enqueue(entry);
        _rings.Or(SubmissionFlagsWord, BacklogFlag);
        return true;
    }
}

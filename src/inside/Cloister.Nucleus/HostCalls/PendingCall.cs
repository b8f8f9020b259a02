using System.Threading;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>
/// One request that may be in flight, reused for the life of the channel. Request number n owns data slot n, so that
/// taking the request takes its memory too.
/// </summary>
internal sealed class PendingCall(int index)
{
    /// <summary>Nobody waits for an answer; one that comes is dropped.</summary>
    public const int Free = 0;

    /// <summary>Submitted; the submitter is awake.</summary>
    public const int Submitted = 1;

    /// <summary>Submitted; the submitter sleeps at the parker.</summary>
    public const int Sleeping = 2;

    /// <summary>Answered.</summary>
    public const int Done = 3;

    /// <summary>The bits of an id that name the request; the generation is above.</summary>
    public const ulong IndexMask = 0xFFFF;

    private ulong _id = (ulong)index;
    private int _state;

    /// <summary>Who gets the answer where nobody waits for it; null for ordinary requests.</summary>
    public IHostAnswerSink? Sink { get; init; }

    /// <summary>Where the submitter sleeps; made when it is first needed.</summary>
    public IParker? Parker { get; set; }

    /// <summary>The answer; valid in state <see cref="Done"/>.</summary>
    public CompletionEntry Answer;

    /// <summary>The number of this request.</summary>
    public int Index => index;

    /// <summary>The present id: a generation above 16 bits of index. Answers with an older generation are stale.</summary>
    public ulong Id => Volatile.Read(ref _id);

    /// <summary>One of the constants above.</summary>
    public int State => Volatile.Read(ref _state);

    /// <summary>Starts a new generation in state <see cref="Submitted"/>; false where the request is in use.</summary>
    public bool TryBegin()
    {
        if (Interlocked.CompareExchange(ref _state, Submitted, Free) != Free)
            return false;
        Volatile.Write(ref _id, unchecked(_id + 0x10000));
        return true;
    }

    /// <summary>Announces that the submitter goes to sleep; false where the answer has come.</summary>
    public bool TrySleep() => Interlocked.CompareExchange(ref _state, Sleeping, Submitted) == Submitted;

    /// <summary>Takes the answer. Under the channel's completion lock.</summary>
    /// <returns>False where nobody waits for it.</returns>
    public bool TryDeliver(in CompletionEntry answer)
    {
        if (State is not (Submitted or Sleeping) || answer.Id != Id)
            return false;
        Answer = answer;
        if (Interlocked.Exchange(ref _state, Done) == Sleeping)
            Parker!.Unpark();
        return true;
    }

    /// <summary>The answer has been used.</summary>
    public void End() => Volatile.Write(ref _state, Free);
}

/// <summary>Gets answers that come on their own time. Called on the completion thread, without locks of the channel.</summary>
internal interface IHostAnswerSink
{
    /// <summary>Whether answers may be handled on any thread, one at a time.</summary>
    bool RunsAnywhere => false;

    /// <summary>An answer has come; the request may be submitted again.</summary>
    void OnAnswer(int index, in CompletionEntry answer);
}

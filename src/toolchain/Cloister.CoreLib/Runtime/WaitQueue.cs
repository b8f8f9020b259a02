using System.Threading;

namespace Cloister.Runtime;

/// <summary>Threads in the order in which they came. A thread is in one queue at most.</summary>
internal sealed class WaitQueue
{
    private Thread? _last;

    public Thread? First { get; private set; }

    public void Add(Thread thread)
    {
        thread.Queue = this;
        thread.NextInQueue = null;
        thread.PreviousInQueue = _last;
        if (_last is null)
            First = thread;
        else
            _last.NextInQueue = thread;
        _last = thread;
    }

    public void Remove(Thread thread)
    {
        if (thread.PreviousInQueue is null)
            First = thread.NextInQueue;
        else
            thread.PreviousInQueue.NextInQueue = thread.NextInQueue;
        if (thread.NextInQueue is null)
            _last = thread.PreviousInQueue;
        else
            thread.NextInQueue.PreviousInQueue = thread.PreviousInQueue;
        thread.NextInQueue = thread.PreviousInQueue = null;
        thread.Queue = null;
    }
}

using Cloister.Contracts;

namespace Cloister.Vfs.Events;

/// <summary>Makes the calling thread watch the queues of the files that it polls. Pooled.</summary>
internal sealed class PollWatcher : IPollTable
{
    public ICaller? Caller { get; set; }

    public void Watch(IWaitQueue queue) => Caller!.Watch(queue);
}

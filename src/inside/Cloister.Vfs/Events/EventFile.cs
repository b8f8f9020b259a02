using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Nucleus;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>A file from which events are read, and which a read waits for (eventfd, timerfd, inotify).</summary>
internal abstract class EventFile : OpenFile
{
    /// <summary>Takes what is there.</summary>
    /// <returns>EAGAIN where nothing is.</returns>
    protected abstract SyscallResult TryRead(IIoBuffer buffer);

    /// <summary>Reads, and waits unless the file is non-blocking. One of those that wait on the queue is woken for an event.</summary>
    protected SyscallResult ReadOrWait(ICaller caller, WaitQueue queue, IIoBuffer buffer)
    {
        SyscallResult result = TryRead(buffer);
        if (result.Errno != Errno.EAGAIN || IsNonBlocking)
            return result;
        caller.Watch(queue, exclusive: true);
        try
        {
            while (true)
            {
                result = TryRead(buffer);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }
}

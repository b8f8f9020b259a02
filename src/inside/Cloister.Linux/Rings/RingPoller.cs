using System.Threading;
using Cloister.Contracts;
using Cloister.Hal;

using Cloister.Abi.Rings;

namespace Cloister.Linux.Rings;

/// <summary>
/// Submits for the program (IORING_SETUP_SQPOLL): looks at the queue until nothing has come for a while, and then sleeps until it is woken.
/// </summary>
internal sealed class RingPoller(Ring ring, Identity.Identity identity, long idle)
{
    /// <summary>Looks without a pause after the last submission.</summary>
    private const int BusyLooks = 200;

    /// <summary>Nanoseconds between looks after that: the processor is for programs.</summary>
    private const long Pause = 50_000;

    private LinuxThread? _thread;
    private bool _isStopping;

    /// <summary>Whether the thread has ended.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded);

    private bool _hasEnded;

    /// <summary>Body of the thread.</summary>
    public void Run(LinuxThread thread, RingTasks tasks)
    {
        thread.Identity = identity;
        Volatile.Write(ref _thread, thread);
        long end = Deadline.After(thread.MonotonicNow, idle);
        int looks = 0;
        while (!Volatile.Read(ref _isStopping) && !tasks.IsStopping)
        {
            if (!ring.IsDisabled && ring.Submitted > 0)
            {
                RingSubmission.Submit(thread, tasks, ring, uint.MaxValue, null);
                ring.Events.Wake(PollEvents.Out | PollEvents.WriteNormal);
                end = Deadline.After(thread.MonotonicNow, idle);
                looks = 0;
            }
            else if (thread.MonotonicNow < end)
            {
                if (++looks > BusyLooks)
                    thread.SleepUninterruptibly(Deadline.After(thread.MonotonicNow, Pause));
                else
                    thread.Kernel.Platform.Cpus.Yield();
            }
            else
            {
                // The program looks at the flag after it has moved the tail: one of both sees the other.
                ring.SetNeedsWakeUp(true);
                if (ring.IsDisabled || ring.Submitted == 0)
                    thread.SleepUninterruptibly(Deadline.Never);
                ring.SetNeedsWakeUp(false);
                end = Deadline.After(thread.MonotonicNow, idle);
                looks = 0;
            }
        }

        Volatile.Write(ref _hasEnded, true);
        ring.Events.WakeAll();
    }

    /// <summary>IORING_ENTER_SQ_WAKEUP.</summary>
    public void Wake() => Volatile.Read(ref _thread)?.Wake();

    /// <summary>Ends the thread, which may take a moment.</summary>
    public void Stop()
    {
        Volatile.Write(ref _isStopping, true);
        Wake();
    }
}

using System.Collections.Generic;
using System.Threading;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>Signal-driven I/O (O_ASYNC in open(2)): the owner of a file gets a signal when it becomes ready.</summary>
/// <remarks>
/// A wake-up comes with the lock of a wait queue held, where no signal may be sent. So the signal is sent by the timer
/// thread, with a timer that expires at once.
/// </remarks>
internal sealed class AsynchronousSignal : IPollTable, ITimerCallback
{
    private readonly OpenFile _file;
    private readonly int _fd;
    private readonly ITimerQueue _timers;
    private readonly IJobControl _jobs;
    private readonly KernelTimer _timer;
    private readonly List<Place> _places = [];
    private uint _pending;
    private bool _isStopped;

    private AsynchronousSignal(OpenFile file, int fd, ITimerQueue timers, IJobControl jobs)
    {
        _file = file;
        _fd = fd;
        _timers = timers;
        _jobs = jobs;
        _timer = new KernelTimer(this);
    }

    public static AsynchronousSignal Start(OpenFile file, int fd, ITimerQueue timers, IJobControl jobs)
    {
        var signal = new AsynchronousSignal(file, fd, timers, jobs);
        file.Poll(signal);
        return signal;
    }

    public void Stop()
    {
        Volatile.Write(ref _isStopped, true);
        foreach (Place place in _places)
            place.Leave();
    }

    public void Watch(IWaitQueue queue)
    {
        var place = new Place(this);
        _places.Add(place);
        ((WaitQueue)queue).Add(place);
    }

    public void OnExpired()
    {
        var events = (PollEvents)Interlocked.Exchange(ref _pending, 0);
        SignalOwner owner = _file.SignalOwner;
        if (Volatile.Read(ref _isStopped) || owner.IsNone)
            return;

        // Only a signal that was chosen tells more (send_sigio_to_task of Linux).
        int signal = _file.OwnerSignal;
        if (signal == 0)
            _jobs.Send(owner, FileSignals.SIGIO);
        else
            _jobs.Send(owner, signal, DetailsOf(events));
    }

    private ReadinessDetails DetailsOf(PollEvents events)
    {
        const int pollIn = 1;
        const int pollOut = 2;
        const int pollPriority = 5;
        const int pollHangUp = 6;
        const PollEvents message = (PollEvents)0x400;
        if (events == PollEvents.All)
            return new ReadinessDetails(_fd, pollHangUp, (long)(PollEvents.HangUp | PollEvents.Error));
        if ((events & PollEvents.Priority) != 0)
            return new ReadinessDetails(_fd, pollPriority, (long)(PollEvents.Priority | PollEvents.ReadBand));
        if ((events & PollEvents.In) != 0)
            return new ReadinessDetails(_fd, pollIn, (long)(PollEvents.In | PollEvents.ReadNormal));
        if ((events & PollEvents.Out) != 0)
            return new ReadinessDetails(_fd, pollOut, (long)(PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand));
        return new ReadinessDetails(_fd, pollIn, (long)(PollEvents.In | PollEvents.ReadNormal | message));
    }

    private void OnReady(PollEvents events)
    {
        if (Interlocked.Or(ref _pending, (uint)events) == 0)
            _timers.Arm(_timer, 0);
    }

    private sealed class Place(AsynchronousSignal signal) : WaitEntry
    {
        protected override bool OnWake(PollEvents events)
        {
            if (events == PollEvents.None)
                return false;
            signal.OnReady(events);
            return true;
        }
    }
}

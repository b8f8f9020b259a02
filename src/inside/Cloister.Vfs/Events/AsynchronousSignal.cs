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
    private readonly ITimerQueue _timers;
    private readonly IJobControl _jobs;
    private readonly KernelTimer _timer;
    private readonly List<Place> _places = [];
    private int _isPending;
    private bool _isStopped;

    private AsynchronousSignal(OpenFile file, ITimerQueue timers, IJobControl jobs)
    {
        _file = file;
        _timers = timers;
        _jobs = jobs;
        _timer = new KernelTimer(this);
    }

    public static AsynchronousSignal Start(OpenFile file, ITimerQueue timers, IJobControl jobs)
    {
        var signal = new AsynchronousSignal(file, timers, jobs);
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
        Volatile.Write(ref _isPending, 0);
        if (Volatile.Read(ref _isStopped))
            return;
        int owner = _file.Owner;
        int signal = _file.OwnerSignal == 0 ? FileSignals.SIGIO : _file.OwnerSignal;
        if (owner > 0)
            _jobs.SendToProcess(owner, signal);
        else if (owner < 0)
            _jobs.SendToGroup(-owner, signal);
    }

    private void OnReady()
    {
        if (Interlocked.Exchange(ref _isPending, 1) == 0)
            _timers.Arm(_timer, 0);
    }

    private sealed class Place(AsynchronousSignal signal) : WaitEntry
    {
        protected override bool OnWake(PollEvents events)
        {
            signal.OnReady();
            return true;
        }
    }
}

using Cloister.Contracts;
using Cloister.Nucleus;

namespace Cloister.Vfs.Tests;

/// <summary>Threads that are woken and interrupted at the same time: no wake-up is lost.</summary>
public sealed class WaitTests
{
    private readonly Machine _machine = new();
    private readonly WaitQueue _queue = new();

    [Fact]
    public void WhoIsWokenTriesOnceMoreBeforeTheSignal()
    {
        FakeCaller thread = Enlist();
        _queue.Wake(PollEvents.In);
        thread.Interrupt();
        Assert.Equal(WaitOutcome.Woken, thread.Sleep(Deadline.Never));
        _queue.Wake(PollEvents.In);
        Assert.Equal(WaitOutcome.Interrupted, thread.Sleep(Deadline.Never));
        thread.StopWatching();
    }

    [Fact]
    public void WhoGivesUpHandsTheWakeUpOn()
    {
        FakeCaller first = Enlist();
        FakeCaller second = Enlist();
        first.Interrupt();
        Assert.Equal(WaitOutcome.Interrupted, first.Sleep(Deadline.Never));
        _queue.Wake(PollEvents.In);
        first.StopWatching();
        Assert.Equal(WaitOutcome.Woken, second.Sleep(Deadline.Never));
        second.StopWatching();
    }

    [Fact]
    public void WhoTakesAndIsWokenAgainHandsTheWakeUpOn()
    {
        FakeCaller first = Enlist();
        FakeCaller second = Enlist();
        _queue.Wake(PollEvents.In);
        Assert.Equal(WaitOutcome.Woken, first.Sleep(Deadline.Never));
        _queue.Wake(PollEvents.In);
        first.StopWatching();
        Assert.Equal(WaitOutcome.Woken, second.Sleep(Deadline.Never));
        second.StopWatching();
    }

    [Fact]
    public void WhoIsLateButWokenTriesOnceMore()
    {
        FakeCaller thread = Enlist();
        _queue.Wake(PollEvents.In);
        Assert.Equal(WaitOutcome.Woken, thread.Sleep(0));
        Assert.Equal(WaitOutcome.TimedOut, thread.Sleep(0));
        thread.StopWatching();
    }

    [Fact]
    public void WakeUpsReachEverySharedWaiterAndOneExclusive()
    {
        FakeCaller exclusive = Enlist();
        FakeCaller other = Enlist();
        var shared = new FakeCaller(_machine.Clock);
        shared.Watch(_queue);
        _queue.Wake(PollEvents.In);
        Assert.Equal(WaitOutcome.Woken, shared.Sleep(0));
        Assert.Equal(WaitOutcome.Woken, exclusive.Sleep(0));
        Assert.Equal(WaitOutcome.TimedOut, other.Sleep(0));
        _queue.WakeNext(PollEvents.In);
        Assert.Equal(WaitOutcome.TimedOut, shared.Sleep(0));
        shared.StopWatching();
        exclusive.StopWatching();
        other.StopWatching();
    }

    private FakeCaller Enlist()
    {
        var thread = new FakeCaller(_machine.Clock);
        thread.Watch(_queue, exclusive: true);
        return thread;
    }
}

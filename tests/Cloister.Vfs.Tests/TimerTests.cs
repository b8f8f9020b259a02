using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class TimerTests
{
    private const long Millisecond = 1_000_000;

    private readonly Machine _m = new();

    [Fact]
    public void ExpirationsAreCounted()
    {
        _m.Vfs.CreateTimer(_m.Caller, false, true, out IOpenFile? file);
        var timer = (ITimerFile)file!;
        Assert.Equal(Errno.EAGAIN, _m.ReadError(file!, 8));
        Assert.Equal(Errno.EINVAL, _m.ReadError(file!, 7));
        timer.SetTime(_m.Caller, false, 10 * Millisecond, 10 * Millisecond);
        timer.GetTime(_m.Caller, out long left, out long interval);
        Assert.InRange(left, 1, 10 * Millisecond);
        Assert.Equal(10 * Millisecond, interval);
        long expirations = 0;
        while (expirations < 3)
        {
            // However late the timer thread runs, each 10 ms that have passed are counted.
            Assert.True(SpinWait.SpinUntil(() => (file!.Poll(null) & PollEvents.In) != 0, 30_000));
            expirations += Read(file!);
        }

        timer.SetTime(_m.Caller, false, 0, 0);
        Assert.Equal(Errno.EAGAIN, _m.ReadError(file!, 8));
        file!.Release();
    }

    [Fact]
    public void ReadersWaitForAbsoluteTimes()
    {
        _m.Vfs.CreateTimer(_m.Caller, true, false, out IOpenFile? file);
        long start = _m.Caller.MonotonicNow;
        ((ITimerFile)file!).SetTime(_m.Caller, true, _m.Caller.RealtimeNow + (30 * Millisecond), 0);
        Assert.Equal(1, Read(file!));
        Assert.InRange(_m.Caller.MonotonicNow - start, 25 * Millisecond, 2_000 * Millisecond);
        ((ITimerFile)file!).SetTime(_m.Caller, true, 1, 0);
        Assert.Equal(1, Read(file!));
    }

    [Fact]
    public void OwnersGetSignals()
    {
        var jobs = new FakeJobs();
        _m.Vfs.JobControl = jobs;
        _m.Vfs.CreatePipe(_m.Caller, OpenFlags.O_NONBLOCK, out IOpenFile? reader, out IOpenFile? writer);
        reader!.SignalOwner = SignalOwner.OfProcess(42);
        Assert.Equal(Errno.Success, reader.SetStatusFlags(_m.Caller, OpenFlags.O_NONBLOCK | OpenFlags.O_ASYNC));
        _m.Write(writer!, "x");
        Assert.True(SpinWait.SpinUntil(() => jobs.Count > 0, 5_000));
        Assert.Equal((42, FileSignals.SIGIO), jobs.Last);
        reader.SetStatusFlags(_m.Caller, OpenFlags.O_NONBLOCK);
        _m.Write(writer!, "y");
        Thread.Sleep(30);
        Assert.Equal(1, jobs.Count);
        reader.Release();
        writer!.Release();
    }

    private long Read(IOpenFile file)
    {
        byte[] value = new byte[8];
        Assert.Equal(8, file.Read(_m.Caller, _m.Buffer.Set(value, 8)).Value);
        return BitConverter.ToInt64(value);
    }

    private sealed class FakeJobs : IJobControl
    {
        private readonly List<(int, int)> _signals = [];

        public int Count
        {
            get
            {
                lock (_signals)
                    return _signals.Count;
            }
        }

        public (int, int) Last => _signals[^1];

        public int SessionOf(ICaller caller) => 10;

        public int GroupOf(ICaller caller) => 10;

        public ITerminal? GetControllingTerminal(ICaller caller) => null;

        public Errno SetControllingTerminal(ICaller caller, ITerminal? terminal, bool steal) => Errno.Success;

        public bool IsGroupOfSession(ICaller caller, int group) => true;

        public bool Ignores(ICaller caller, int signal) => false;

        public bool IsOrphaned(ICaller caller) => false;

        public void SendToGroup(int group, int signal) => Add(-group, signal);

        public bool Exists(SignalOwner owner) => true;

        public void Send(SignalOwner owner, int signal, ReadinessDetails? details = null) => Add(owner.Id, signal);

        public void HangUp(ITerminal terminal)
        {
        }

        private void Add(int target, int signal)
        {
            lock (_signals)
                _signals.Add((target, signal));
        }
    }
}

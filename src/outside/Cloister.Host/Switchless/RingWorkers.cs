using System;
using System.Diagnostics;
using System.Threading;

namespace Cloister.Host.Switchless;

/// <summary>
/// Threads that look for requests by themselves, so that the enclave needn't leave to make them. One is awake while there is work, and for a
/// while after; more join while all are busy; without work all sleep, and the next request costs the exit that wakes one.
/// </summary>
/// <remarks>The first worker is also the one that hears of sockets: asleep, it sleeps with them.</remarks>
public sealed class RingWorkers : IRingServer, IDisposable
{
    // About what waking a thread costs: who has looked in vain for as long sleeps.
    private const long IdleNanoseconds = 60_000;
    private const int MostWorkers = 4;

    private readonly HostServer _server;
    private readonly ExitMeter _meter;
    private readonly SemaphoreSlim _helpers = new(0);
    private readonly int _most = Math.Clamp(Environment.ProcessorCount - 1, 1, MostWorkers);
    private Action _deliver = static () => { };
    private int _started;
    private int _awake;
    private int _busy;
    private int _isFirstAsleep;
    private volatile bool _stopped;

    /// <summary>Creates them; they start with the first request.</summary>
    public RingWorkers(HostServer server, ExitMeter meter)
    {
        _server = server;
        _meter = meter;
        _server.LendSockets();
    }

    /// <inheritdoc/>
    public void Start(SharedRegion region, Action completed) => Start(region, completed, completed);

    /// <inheritdoc/>
    public void Start(SharedRegion region, Action completed, Action deliver)
    {
        _deliver = deliver;
        _server.Start(region, completed, deliver);
    }

    /// <inheritdoc/>
    /// <remarks>The enclave has submitted something, and asks nobody to serve it but whoever is looking.</remarks>
    public void Serve()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _awake) == 0 || Volatile.Read(ref _isFirstAsleep) != 0)
        {
            WakeFirst();
            return;
        }

        _meter.Avoid();
        if (Volatile.Read(ref _busy) >= Volatile.Read(ref _awake) && Volatile.Read(ref _awake) < _most)
            WakeHelper();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped = true;
        _server.WakeSockets();
        _helpers.Release(MostWorkers);
    }

    private void WakeFirst()
    {
        if (Interlocked.CompareExchange(ref _started, 1, 0) == 0)
        {
            Interlocked.Increment(ref _awake);
            StartThread(RunFirst, "cloister: worker");
        }
        else if (Interlocked.Exchange(ref _isFirstAsleep, 0) != 0)
        {
            _meter.Leave();
            _server.WakeSockets();
        }
        else
        {
            _meter.Avoid();
        }
    }

    private void WakeHelper()
    {
        _meter.Leave();
        int number = Volatile.Read(ref _started);
        if (number < _most && Interlocked.CompareExchange(ref _started, number + 1, number) == number)
            StartThread(RunHelper, "cloister: helper");
        else
            _helpers.Release();
    }

    private static void StartThread(ThreadStart body, string name) => new Thread(body, 1 << 20) { IsBackground = true, Name = name }.Start();

    private void RunFirst()
    {
        long counted = 0;
        while (!_stopped)
        {
            Work(serveSockets: true);
            CountTime(ref counted);

            // Announced, then looked once more: a request that came meanwhile sees the mark, or is seen here.
            Interlocked.Exchange(ref _isFirstAsleep, 1);
            Interlocked.Decrement(ref _awake);
            if (!_server.HasSubmissions && !_stopped)
                _server.PollSockets(milliseconds: -1);
            Interlocked.Exchange(ref _isFirstAsleep, 0);
            Interlocked.Increment(ref _awake);
        }
    }

    private void RunHelper()
    {
        long counted = 0;
        while (!_stopped)
        {
            Interlocked.Increment(ref _awake);
            Work(serveSockets: false);
            Interlocked.Decrement(ref _awake);
            CountTime(ref counted);
            _helpers.Wait();
        }
    }

    /// <summary>Serves until there has been nothing for a while.</summary>
    private void Work(bool serveSockets)
    {
        long idleSince = Stopwatch.GetTimestamp();
        while (!_stopped)
        {
            Interlocked.Increment(ref _busy);
            bool hasWorked = _server.ServePending() > 0;
            if (hasWorked)
                _deliver();
            hasWorked |= serveSockets && _server.PollSockets(milliseconds: 0);
            Interlocked.Decrement(ref _busy);
            long now = Stopwatch.GetTimestamp();
            if (hasWorked)
                idleSince = now;
            else if (now - idleSince > IdleNanoseconds)
                return;
            else
                Thread.SpinWait(10);
        }
    }

    private void CountTime(ref long counted)
    {
        long time = ThreadTime.Now;
        _meter.AddWorkerTime(time - counted);
        counted = time;
    }
}

using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Switchless;

/// <summary>Counts exits and requests, and makes exits as dear as those of a TEE: each keeps its thread busy for so many cycles.</summary>
public sealed class ExitMeter : IExits
{
    private const int Kinds = 256;
    private const double NanosecondsPerSecond = 1e9;

    // Where /proc/cpuinfo doesn't tell.
    private const double UsualMegahertz = 3000;

    private readonly long _nanoseconds;
    private readonly long[] _requests = new long[Kinds];
    private long _exits;
    private long _avoided;
    private long _workerNanoseconds;

    /// <summary>Creates it.</summary>
    /// <param name="cycles">What an exit costs, of the time stamp counter; 0 for nothing.</param>
    public ExitMeter(long cycles)
    {
        Cycles = cycles;
        _nanoseconds = (long)(cycles * 1000 / Megahertz());
    }

    /// <summary>What an exit costs.</summary>
    public long Cycles { get; }

    /// <summary>Exits so far.</summary>
    public long Exits => Volatile.Read(ref _exits);

    /// <summary>Times that a request needed none, because somebody outside was looking.</summary>
    public long Avoided => Volatile.Read(ref _avoided);

    /// <summary>Processor time of the threads outside that serve requests.</summary>
    public TimeSpan WorkerTime => TimeSpan.FromSeconds(Volatile.Read(ref _workerNanoseconds) / NanosecondsPerSecond);

    /// <inheritdoc/>
    // A look at memory and a pause are some 100 cycles.
    public int Patience => (int)Math.Clamp(Cycles / 100, 40, 1000);

    /// <summary>Requests of a kind so far.</summary>
    public long RequestsOf(HostOperation operation) => Volatile.Read(ref _requests[(int)operation % Kinds]);

    /// <inheritdoc/>
    public void Leave()
    {
        Interlocked.Increment(ref _exits);
        if (_nanoseconds == 0)
            return;

        // Stopwatch counts nanoseconds on Linux.
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetTimestamp() - start < _nanoseconds)
            Thread.SpinWait(1);
    }

    /// <summary>A request was seen without an exit.</summary>
    public void Avoid() => Interlocked.Increment(ref _avoided);

    /// <summary>Counts a request.</summary>
    public void Count(HostOperation operation) => Interlocked.Increment(ref _requests[(int)operation % Kinds]);

    /// <summary>Adds processor time of a worker.</summary>
    public void AddWorkerTime(long nanoseconds) => Interlocked.Add(ref _workerNanoseconds, nanoseconds);

    // The time stamp counter runs at the nominal frequency, which the first line of its name has.
    private static double Megahertz()
    {
        foreach (string line in File.ReadLines("/proc/cpuinfo"))
        {
            if (line.StartsWith("cpu MHz", StringComparison.Ordinal)
                && double.TryParse(line[(line.IndexOf(':') + 1)..], CultureInfo.InvariantCulture, out double megahertz) && megahertz > 0)
                return megahertz;
        }

        return UsualMegahertz;
    }
}

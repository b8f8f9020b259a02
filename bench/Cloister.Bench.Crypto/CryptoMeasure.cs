using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace Cloister.Bench.Crypto;

/// <summary>One line of the table: an operation of ours, the runtime's own, and what openssl speed says.</summary>
/// <param name="Name">Name in the JSON file.</param>
/// <param name="Title">What a reader sees.</param>
/// <param name="Bytes">Bytes that one operation handles; 0 where operations are counted.</param>
/// <param name="Ours">Runs our operation so many times.</param>
/// <param name="Runtime">Runs that of System.Security.Cryptography; null where it has none.</param>
/// <param name="OpenSsl">Arguments of openssl speed that measure the same; null where there are none.</param>
internal sealed record CryptoMeasure(string Name, string Title, int Bytes, Action<int> Ours, Action<int>? Runtime, string? OpenSsl)
{
    private const double SecondsPerRound = 0.1;

    private readonly List<double> _ours = [];
    private readonly List<double> _runtime = [];
    private readonly List<double> _openSsl = [];

    /// <summary>Least ratio of our speed to the runtime's that we promise; 0 for none.</summary>
    public double RuntimeGoal { get; init; }

    /// <summary>Least ratio of our speed to openssl speed's that we promise; 0 for none.</summary>
    public double OpenSslGoal { get; init; }

    /// <summary>Medians, in operations a second.</summary>
    public double? OpenSslSpeed => _openSsl.Count == 0 ? null : Median(_openSsl);

    public double OurSpeed => Median(_ours);

    public double? RuntimeSpeed => _runtime.Count == 0 ? null : Median(_runtime);

    public double? RuntimeRatio => OurSpeed / RuntimeSpeed;

    public double? OpenSslRatio => OurSpeed / OpenSslSpeed;

    public bool? IsMet => RuntimeGoal == 0 && OpenSslGoal == 0 ? null : !(RuntimeRatio < RuntimeGoal) && !(OpenSslRatio < OpenSslGoal);

    /// <summary>Measures both once, one after the other, so that both meet the same disturbances.</summary>
    public void Round()
    {
        _ours.Add(Speed(Ours));
        if (Runtime is not null)
            _runtime.Add(Speed(Runtime));
    }

    /// <summary>Adds what openssl speed has measured, in operations a second.</summary>
    public void AddOpenSsl(double speed) => _openSsl.Add(speed);

    /// <summary>Runs both until the JIT has compiled them for the last time.</summary>
    public void Warm()
    {
        for (int i = 0; i < 3; i++)
        {
            Speed(Ours);
            if (Runtime is not null)
                Speed(Runtime);
        }
    }

    private static double Speed(Action<int> operation)
    {
        int count = 1;
        long start = Stopwatch.GetTimestamp();
        operation(count);
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsPerRound / 10)
        {
            operation(count);
            count *= 2;
        }

        start = Stopwatch.GetTimestamp();
        long done = 0;
        double elapsed;
        do
        {
            operation(count);
            done += count;
            elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (elapsed < SecondsPerRound);
        return done / elapsed;
    }

    private static double Median(List<double> values)
    {
        var sorted = new List<double>(values);
        sorted.Sort();
        return sorted[sorted.Count / 2];
    }
}

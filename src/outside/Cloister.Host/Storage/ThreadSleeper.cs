using System;
using System.Threading;
using Cloister.Contracts.Storage;

namespace Cloister.Host.Storage;

/// <summary>A sleeper of threads of this machine.</summary>
public sealed class ThreadSleeper : ISleeper
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wakeUp = new(0, 1);

    /// <inheritdoc/>
    /// <remarks>In whole milliseconds, the least that .NET can wait for.</remarks>
    public void Sleep(long nanoseconds)
    {
        if (nanoseconds == long.MaxValue)
            _wakeUp.Wait();
        else
            _wakeUp.Wait((int)Math.Min(int.MaxValue, (nanoseconds + NanosecondsPerMillisecond - 1) / NanosecondsPerMillisecond));
    }

    /// <inheritdoc/>
    public void Wake()
    {
        lock (_lock)
        {
            if (_wakeUp.CurrentCount == 0)
                _wakeUp.Release();
        }
    }
}

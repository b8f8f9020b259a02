using System;
using System.Threading;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Tests;

/// <summary>A sleeper of threads, which tells when one is going to sleep for as long as it takes.</summary>
internal sealed class SemaphoreSleeper(Action? onSleep = null) : ISleeper
{
    private readonly SemaphoreSlim _wakeUp = new(0);

    public void Sleep(long nanoseconds)
    {
        if (nanoseconds == long.MaxValue)
        {
            onSleep?.Invoke();
            _wakeUp.Wait();
        }
        else
        {
            _wakeUp.Wait(1);
        }
    }

    public void Wake() => _wakeUp.Release();
}

namespace Cloister.Contracts.Storage;

/// <summary>
/// Lets one thread at a time sleep until another wakes it. Keeps a wake-up that came too early, but no more than one.
/// </summary>
public interface ISleeper
{
    /// <summary>Takes the wake-up, sleeping until there is one or the time is over.</summary>
    /// <param name="nanoseconds">How long at most; long.MaxValue for as long as it takes.</param>
    void Sleep(long nanoseconds);

    /// <summary>Wakes the sleeper. Never blocks; any thread.</summary>
    void Wake();
}

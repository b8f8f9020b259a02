using Cloister.Host.Native;

namespace Cloister.Host.Switchless;

/// <summary>Processor time of the calling thread.</summary>
internal static unsafe class ThreadTime
{
    private const int CLOCK_THREAD_CPUTIME_ID = 3;

    /// <summary>Nanoseconds so far.</summary>
    public static long Now
    {
        get
        {
            TimeSpec time;
            return Libc.ClockGetTime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;
        }
    }
}

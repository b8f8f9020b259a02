using Cloister.Host.Native;

namespace Cloister.Host;

/// <summary>The launcher's own limits.</summary>
internal static unsafe class ProcessLimits
{
    private const int RLIMIT_NOFILE = 7;

    /// <summary>Lets this process open as many files as it may; returns how many.</summary>
    public static long RaiseDescriptors()
    {
        const int usual = 1024;
        ResourceLimit limit;
        if (Libc.GetRLimit(RLIMIT_NOFILE, &limit) < 0)
            return usual;
        if (limit.Soft < limit.Hard)
        {
            ResourceLimit raised = limit with { Soft = limit.Hard };
            if (Libc.SetRLimit(RLIMIT_NOFILE, &raised) == 0)
                limit = raised;
        }

        return (long)ulong.Min(limit.Soft, long.MaxValue);
    }
}

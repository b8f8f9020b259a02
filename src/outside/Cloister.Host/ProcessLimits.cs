using Cloister.Host.Native;

namespace Cloister.Host;

/// <summary>The launcher's own limits: what the caller set for the program is kept by the kernel inside, and must not end the launcher.</summary>
public static unsafe class ProcessLimits
{
    private const int M_ARENA_MAX = -8;
    private const int RLIMIT_CPU = 0;
    private const int RLIMIT_FSIZE = 1;
    private const int RLIMIT_NOFILE = 7;
    private const ulong FewestDescriptors = 1024;

    /// <summary>
    /// Lets the C library have one heap for all threads. It makes one of 64 MiB of addresses for each, by four system calls and two pages; but what
    /// allocates in earnest here has the runtime's heap.
    /// </summary>
    public static void ShareHeap() => Libc.MallOpt(M_ARENA_MAX, 1);

    /// <summary>Lets this process use as much as it may of what it needs for other things than the program does.</summary>
    public static void Raise()
    {
        Raise(RLIMIT_CPU, ulong.MaxValue);
        RaiseLargestFile();
        RaiseDescriptors();
    }

    /// <summary>Gives this process the limits back that it was started with, for a process that it starts.</summary>
    public static void Restore(CallerProcess caller)
    {
        foreach ((int resource, (ulong soft, ulong hard)) in caller.Limits)
        {
            var limit = new ResourceLimit { Soft = soft, Hard = hard };
            Libc.SetRLimit(resource, &limit);
        }
    }

    /// <summary>Lets this process make files as long as it may; returns how long. An enclave's memory is such a file on <c>process</c>.</summary>
    public static long RaiseLargestFile() => (long)ulong.Min(Raise(RLIMIT_FSIZE, ulong.MaxValue), long.MaxValue);

    /// <summary>Lets this process open as many files as it may; returns how many.</summary>
    public static long RaiseDescriptors() => (long)ulong.Min(Raise(RLIMIT_NOFILE, FewestDescriptors), long.MaxValue);

    // The soft limit becomes the hard one. That is raised where it is less than what is needed, which the privileged may do.
    private static ulong Raise(int resource, ulong needed)
    {
        ResourceLimit limit;
        if (Libc.GetRLimit(resource, &limit) < 0)
            return needed;
        if (limit.Hard < needed)
        {
            var more = new ResourceLimit { Soft = needed, Hard = needed };
            if (Libc.SetRLimit(resource, &more) == 0)
                return needed;
        }

        if (limit.Soft < limit.Hard)
        {
            ResourceLimit raised = limit with { Soft = limit.Hard };
            if (Libc.SetRLimit(resource, &raised) == 0)
                limit = raised;
        }

        return limit.Soft;
    }
}

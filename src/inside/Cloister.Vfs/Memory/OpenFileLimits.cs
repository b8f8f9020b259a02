using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;

namespace Cloister.Vfs.Memory;

/// <summary>Limits of writes.</summary>
internal static class OpenFileLimits
{
    /// <summary>Clips a write at RLIMIT_FSIZE; at the limit it is SIGXFSZ and EFBIG (write(2)).</summary>
    public static Errno Clip(ICaller caller, long offset, ref long count)
    {
        long limit = caller.FileSizeLimit;
        if (offset >= limit)
        {
            // The largest file that there can be is no limit of the process: no signal.
            if (limit != long.MaxValue)
                caller.RaiseSignal(FileSignals.SIGXFSZ);
            return Errno.EFBIG;
        }

        if (count > limit - offset)
            count = limit - offset;
        return Errno.Success;
    }
}

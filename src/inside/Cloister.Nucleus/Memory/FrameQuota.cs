using System;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Nucleus;

/// <summary>How many frames the objects of one owner may have together (tmpfs(5), size=).</summary>
public sealed class FrameQuota(EnclaveMemory memory)
{
    private long _limit = long.MaxValue;
    private long _used;

    /// <summary>Most frames at a time.</summary>
    public long Limit => Volatile.Read(ref _limit);

    /// <summary>Frames taken.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Frames that may still be taken.</summary>
    public long Available => Math.Max(0, Math.Min(memory.Promisable - (memory.Total - memory.Available) >> FrameExtent.FrameShift, Total - Used));

    /// <summary>Frames that there could be.</summary>
    public long Total => Math.Min(memory.Promisable >> FrameExtent.FrameShift, Limit);

    /// <summary>Sets the limit; false where more is used.</summary>
    public bool TryLimit(long limit)
    {
        if (Used > limit)
            return false;
        Volatile.Write(ref _limit, limit);
        return true;
    }

    internal bool TryTake(int count)
    {
        if (Interlocked.Add(ref _used, count) <= Limit)
            return true;
        Give(count);
        return false;
    }

    internal void Give(int count) => Interlocked.Add(ref _used, -count);
}

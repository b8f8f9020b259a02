using System;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Vfs.Memory;

/// <summary>Frames for one file system, up to a limit (tmpfs(5), size=).</summary>
internal sealed class QuotaFrames(IFrames frames) : IFrames
{
    private long _limit = long.MaxValue;
    private long _used;

    /// <summary>Most frames at a time.</summary>
    public long Limit => Volatile.Read(ref _limit);

    public long Used => Volatile.Read(ref _used);

    public long Available => Math.Min(frames.Available, Math.Max(0, Limit - Used));

    public long Total => Math.Min(frames.Total, Limit);

    /// <summary>Sets the limit; false where more is used.</summary>
    public bool TryLimit(long limit)
    {
        if (Used > limit)
            return false;
        Volatile.Write(ref _limit, limit);
        return true;
    }

    public bool TryAllocate(int count, out FrameExtent extent)
    {
        extent = default;
        if (Interlocked.Add(ref _used, count) <= Limit && frames.TryAllocate(count, out extent))
            return true;
        Interlocked.Add(ref _used, -count);
        return false;
    }

    public void Free(FrameExtent extent)
    {
        frames.Free(extent);
        Interlocked.Add(ref _used, -extent.Count);
    }

    public Span<byte> GetBytes(FrameExtent extent) => frames.GetBytes(extent);
}

using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Tests;

/// <summary>Does nothing before it is waited for: who doesn't wait reads what was there before.</summary>
internal sealed class LazyDevice(IBlockDevice inner) : IBlockDevice
{
    private readonly HashSet<BlockBatch> _waiting = [];

    public long BlockCount => inner.BlockCount;

    public BlockCounters Counters => inner.Counters;

    /// <summary>Called within a flush, before it counts.</summary>
    public Action? OnFlush { get; set; }

    /// <summary>From now on, writes fail.</summary>
    public bool RefusesWrites { get; set; }

    public void Submit(BlockBatch batch)
    {
        lock (_waiting)
            Assert.True(_waiting.Add(batch), "A batch is submitted that is under way.");
    }

    public Errno Wait(BlockBatch batch)
    {
        lock (_waiting)
        {
            if (!_waiting.Remove(batch))
                return batch.Result;
            if (RefusesWrites && batch.Count > 0 && batch.Requests[0].IsWrite)
                return batch.Result = Errno.EIO;
            inner.Submit(batch);
            return inner.Wait(batch);
        }
    }

    public Errno Flush()
    {
        OnFlush?.Invoke();
        return inner.Flush();
    }

    public Errno Trim(long firstBlock, long count) => inner.Trim(firstBlock, count);

    public Errno Grow(long blockCount) => inner.Grow(blockCount);
}

using System;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Tests;

/// <summary>Calls back before it does what it is asked for, so that a test can let something else happen in that moment.</summary>
internal sealed class HookedDevice(IBlockDevice inner) : IBlockDevice
{
    public Action<long>? OnTrim { get; set; }

    public Action<BlockBatch>? OnSubmit { get; set; }

    public long BlockCount => inner.BlockCount;

    public BlockCounters Counters => inner.Counters;

    public void Submit(BlockBatch batch)
    {
        OnSubmit?.Invoke(batch);
        inner.Submit(batch);
    }

    public Errno Wait(BlockBatch batch) => inner.Wait(batch);

    public Errno Flush() => inner.Flush();

    public Errno Trim(long firstBlock, long count)
    {
        OnTrim?.Invoke(count);
        // Trimmed blocks may hold anything.
        var batch = new BlockBatch(1);
        var garbage = new byte[count * IBlockDevice.BlockSize];
        Array.Fill(garbage, (byte)0xAA);
        batch.AddWrite(firstBlock, garbage);
        inner.Submit(batch);
        return inner.Wait(batch);
    }

    public Errno Grow(long blockCount) => inner.Grow(blockCount);
}

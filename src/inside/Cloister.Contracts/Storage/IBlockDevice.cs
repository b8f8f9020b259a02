using System;
using Cloister.Abi;

namespace Cloister.Contracts.Storage;

/// <summary>
/// Blocks of a volume, served by the host. Everything that a read returns is hostile until its tag has been checked, and
/// a completed write or flush is only a claim.
/// </summary>
/// <remarks>
/// Methods may be called from several threads at once. Blocks that one batch writes while another touches them have
/// either content. Nothing is durable before a <see cref="Flush"/> that began after the write was waited for.
/// </remarks>
public interface IBlockDevice
{
    /// <summary>Bytes of a block: a page, and what storage writes without tearing on all hardware of today.</summary>
    const int BlockSize = 4096;

    /// <summary>How many blocks there are.</summary>
    long BlockCount { get; }

    /// <summary>
    /// Starts all requests of a batch; they are in flight together and complete in any order. The buffers are the
    /// device's until <see cref="Wait"/> has returned. Never waits for other batches; may serve the batch at once.
    /// </summary>
    void Submit(BlockBatch batch);

    /// <summary>Waits until all requests of a submitted batch have completed.</summary>
    /// <returns>Success, or the first error: EIO where the host failed, EINVAL for blocks beyond the end.</returns>
    Errno Wait(BlockBatch batch);

    /// <summary>Makes everything durable that was waited for before.</summary>
    /// <returns>Success or EIO.</returns>
    Errno Flush();

    /// <summary>Tells the host that the content of blocks is no longer needed; reading them gives anything.</summary>
    /// <returns>Success, EINVAL, EIO, or EOPNOTSUPP where the host can't.</returns>
    Errno Trim(long firstBlock, long count);

    /// <summary>Makes the device larger; new blocks have any content.</summary>
    /// <returns>Success, EINVAL where it would shrink, ENOSPC, EIO.</returns>
    Errno Grow(long blockCount);

    /// <summary>What was asked of the device since it was opened.</summary>
    BlockCounters Counters { get; }
}

/// <summary>What a device was asked for.</summary>
/// <param name="ReadRequests">Reads.</param>
/// <param name="ReadBytes">Bytes of the reads.</param>
/// <param name="WriteRequests">Writes.</param>
/// <param name="WrittenBytes">Bytes of the writes.</param>
/// <param name="Flushes">Flushes.</param>
/// <param name="TrimmedBytes">Bytes given back.</param>
public readonly record struct BlockCounters(
    long ReadRequests, long ReadBytes, long WriteRequests, long WrittenBytes, long Flushes, long TrimmedBytes)
{
    /// <summary>What happened between two looks.</summary>
    public static BlockCounters operator -(in BlockCounters later, in BlockCounters earlier) => new(
        later.ReadRequests - earlier.ReadRequests,
        later.ReadBytes - earlier.ReadBytes,
        later.WriteRequests - earlier.WriteRequests,
        later.WrittenBytes - earlier.WrittenBytes,
        later.Flushes - earlier.Flushes,
        later.TrimmedBytes - earlier.TrimmedBytes);
}

using System;
using Cloister.Abi;

namespace Cloister.Contracts.Storage;

/// <summary>
/// A place outside the host's reach that remembers the newest state of a volume: a counter of the TEE, a ledger, for
/// tests a file. Without one a whole volume can be rolled back between two mounts.
/// </summary>
public interface IFreshnessAnchor
{
    /// <summary>Reads the newest state of a volume.</summary>
    /// <param name="volumeId">16 bytes.</param>
    /// <param name="state">The state; counter 0 where the volume is not known.</param>
    /// <returns>Success, or EIO where the anchor can't be reached.</returns>
    Errno Read(ReadOnlySpan<byte> volumeId, out FreshnessState state);

    /// <summary>Replaces the state, in one indivisible step, if it still is what the caller believes.</summary>
    /// <param name="volumeId">16 bytes.</param>
    /// <param name="expected">What <see cref="Read"/> or the last advance gave.</param>
    /// <param name="next">The new state, with a larger counter.</param>
    /// <returns>Success; EBUSY where somebody else has advanced it (the volume is mounted twice); EIO.</returns>
    Errno Advance(ReadOnlySpan<byte> volumeId, in FreshnessState expected, in FreshnessState next);
}

/// <summary>State of a volume: one commitment covers its data, names, sizes and free space.</summary>
/// <param name="Counter">Number of the newest journal record.</param>
/// <param name="CommitmentHigh">First 8 bytes of the record's tag.</param>
/// <param name="CommitmentLow">Last 8 bytes of the record's tag.</param>
public readonly record struct FreshnessState(ulong Counter, ulong CommitmentHigh, ulong CommitmentLow);

using System;

namespace Cloister.Hal;

/// <summary>A run of adjacent 4 KiB frames of enclave memory.</summary>
/// <param name="First">Number of the first frame; frame numbers start at 1, 0 means none.</param>
/// <param name="Count">How many frames.</param>
public readonly record struct FrameExtent(int First, int Count)
{
    /// <summary>Size of a frame, in bytes.</summary>
    public const int FrameSize = 4096;

    /// <summary>log2 of <see cref="FrameSize"/>.</summary>
    public const int FrameShift = 12;

    /// <summary>Size in bytes.</summary>
    public long Length => (long)Count << FrameShift;
}

/// <summary>Enclave memory that can be mapped into several address spaces and that the kernel can reach: page cache, shared memory.</summary>
public interface IFrames
{
    /// <summary>Takes adjacent zeroed frames.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="extent">The frames.</param>
    /// <returns>False where enclave memory is exhausted.</returns>
    bool TryAllocate(int count, out FrameExtent extent);

    /// <summary>Gives frames back; no mapping of them may be left.</summary>
    void Free(FrameExtent extent);

    /// <summary>The bytes of allocated frames, for the kernel.</summary>
    Span<byte> GetBytes(FrameExtent extent);

    /// <summary>Frames that may still be taken.</summary>
    long Available { get; }

    /// <summary>Frames of the enclave.</summary>
    long Total { get; }
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Enclave frames in a memfd, which the kernel sees as one linear mapping.</summary>
/// <remarks>
/// Fresh frames come from the end of what was used so far, and have been given memory ahead (<see cref="FramePopulation"/>).
/// Freed ones are joined with their neighbours (<see cref="BuddyLists"/>), and give their memory back to the host once a block
/// of 16 has come together.
/// </remarks>
internal sealed unsafe class ProcessFrames : IFrames
{
    /// <summary>log2 of the frames whose memory goes back to the host together.</summary>
    private const int GivenBackOrder = 4;

    private readonly Lock _lock = new();
    private readonly Stubs _stubs;
    private readonly byte* _base;
    private readonly int _total;
    private readonly BuddyLists _free;
    private readonly List<FrameExtent> _grown = [];
    private readonly FramePopulation _population;
    private int _used;

    public ProcessFrames(Stubs stubs, ICpus cpus, IClock clock, long bytes)
    {
        _stubs = stubs;
        _total = (int)Math.Min(int.MaxValue - 1, bytes >> FrameExtent.FrameShift);
        fixed (byte* name = "cloister-frames\0"u8)
            Descriptor = (int)stubs.ShortHostCall(Host.MemfdCreate, (ulong)name, 1, 0, 0, 0, 0);
        long length = (long)_total << FrameExtent.FrameShift;
        if (Descriptor < 0 || stubs.ShortHostCall(Host.Ftruncate, (ulong)Descriptor, (ulong)length, 0, 0, 0, 0) != 0)
            throw new PlatformException("The host gives no shared memory (memfd_create).");
        _base = Host.mmap(null, (nuint)length, Host.ProtRead | Host.ProtWrite, Host.MapShared | Host.MapNoReserve, Descriptor, 0);
        if (_base == (byte*)-1)
            throw new PlatformException($"The host can't map {length >> 20} MiB of enclave memory; use a smaller -m.");
        _free = new BuddyLists(_total);
        _population = new FramePopulation(stubs, cpus, clock, _base, _total);
    }

    /// <summary>The memfd, which address spaces map from.</summary>
    public int Descriptor { get; }

    /// <inheritdoc/>
    public long Total => _total;

    /// <inheritdoc/>
    public long Available => _total - Volatile.Read(ref _used) + _free.Count;

    /// <summary>Offset of an extent in the memfd.</summary>
    public static long OffsetOf(FrameExtent extent) => (long)(extent.First - 1) << FrameExtent.FrameShift;

    /// <inheritdoc/>
    public bool TryAllocate(int count, out FrameExtent extent)
    {
        int order;
        lock (_lock)
        {
            if (!_free.TryTake(count, out extent, out order))
            {
                if (count > _total - _used)
                    return false;
                extent = new FrameExtent(_used + 1, count);
                _used += count;
                _population.OnUsed(_used);
                return true;
            }
        }

        // The host's memory is zero where it was given back.
        if (order < GivenBackOrder)
            GetBytes(extent).Clear();
        return true;
    }

    /// <inheritdoc/>
    public void Free(FrameExtent extent)
    {
        lock (_lock)
        {
            _free.Put(extent, GivenBackOrder, _grown);
            foreach (FrameExtent block in _grown)
                _stubs.ShortHostCall(Host.Madvise, (ulong)(_base + OffsetOf(block)), (ulong)block.Length, Host.MadvRemove, 0, 0, 0);
            _grown.Clear();
        }
    }

    /// <inheritdoc/>
    // SAFETY: extents come from TryAllocate, so they lie in the mapping, which is never unmapped.
    public Span<byte> GetBytes(FrameExtent extent) => new(_base + OffsetOf(extent), (int)extent.Length);
}

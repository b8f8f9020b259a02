using System;
using System.Collections.Generic;
using System.Numerics;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Enclave frames in a memfd, which the kernel sees as one linear mapping.</summary>
/// <remarks>
/// Fresh frames come from the end of what was used so far, and have been given memory ahead (<see cref="FramePopulation"/>).
/// Freed extents are kept in lists by power of two; large ones give their memory back to the host.
/// </remarks>
internal sealed unsafe class ProcessFrames : IFrames
{
    private const int LargestOrder = 9;
    private const ulong MadvRemove = 9;

    private readonly Lock _lock = new();
    private readonly Stubs _stubs;
    private readonly byte* _base;
    private readonly int _total;
    private readonly Stack<int>[] _free = new Stack<int>[LargestOrder + 1];
    private readonly FramePopulation _population;
    private int _used;
    private long _freeCount;

    public ProcessFrames(Stubs stubs, ICpus cpus, long bytes)
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
        for (int i = 0; i <= LargestOrder; i++)
            _free[i] = new Stack<int>();
        _population = new FramePopulation(stubs, cpus, _base, _total);
    }

    /// <summary>The memfd, which address spaces map from.</summary>
    public int Descriptor { get; }

    /// <inheritdoc/>
    public long Total => _total;

    /// <inheritdoc/>
    public long Available => _total - Volatile.Read(ref _used) + Interlocked.Read(ref _freeCount);

    /// <summary>Offset of an extent in the memfd.</summary>
    public static long OffsetOf(FrameExtent extent) => (long)(extent.First - 1) << FrameExtent.FrameShift;

    /// <inheritdoc/>
    public bool TryAllocate(int count, out FrameExtent extent)
    {
        int order = count == 1 ? 0 : BitOperations.Log2((uint)(count - 1)) + 1;
        bool recycled = false;
        lock (_lock)
        {
            extent = default;
            for (int o = order; o <= LargestOrder; o++)
            {
                if (!_free[o].TryPop(out int first))
                    continue;
                _freeCount -= 1L << o;
                extent = new FrameExtent(first, count);
                Keep(new FrameExtent(first + count, (1 << o) - count));
                recycled = true;
                break;
            }

            if (!recycled)
            {
                if (count > _total - _used)
                    return false;
                extent = new FrameExtent(_used + 1, count);
                _used += count;
                _population.OnUsed(_used);
            }
        }

        if (recycled && count < 1 << 4)
            GetBytes(extent).Clear();
        return true;
    }

    /// <inheritdoc/>
    public void Free(FrameExtent extent)
    {
        // Small extents are cleared when they are used again, large ones now, by giving them back.
        lock (_lock)
            Keep(extent);
    }

    /// <inheritdoc/>
    // SAFETY: extents come from TryAllocate, so they lie in the mapping, which is never unmapped.
    public Span<byte> GetBytes(FrameExtent extent) => new(_base + OffsetOf(extent), (int)extent.Length);

    private void Keep(FrameExtent extent)
    {
        int first = extent.First;
        int count = extent.Count;
        while (count > 0)
        {
            int order = Math.Min(LargestOrder, BitOperations.Log2((uint)count));
            // From 16 frames on an extent gives its memory back, and so reads as zeros when it is taken whole or in
            // parts of 16 and more; smaller parts are cleared anyway.
            if (order >= 4)
                _stubs.ShortHostCall(Host.Madvise, (ulong)(_base + OffsetOf(new FrameExtent(first, 1))), (ulong)FrameExtent.FrameSize << order, MadvRemove, 0, 0, 0);
            _free[order].Push(first);
            _freeCount += 1L << order;
            first += 1 << order;
            count -= 1 << order;
        }
    }
}

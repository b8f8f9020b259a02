using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Devices;

/// <summary>Blocks in memory, which is taken when they are first written. Unwritten blocks are zero.</summary>
public sealed class MemoryBlockDevice : IBlockDevice
{
    private const int BlocksPerSlab = 256;
    private const int SlabSize = BlocksPerSlab * IBlockDevice.BlockSize;

    private readonly Lock _lock = new();
    private byte[]?[] _slabs;
    private BlockCounters _counters;

    /// <summary>Makes an empty device.</summary>
    /// <param name="blockCount">Blocks of 4096 bytes.</param>
    public MemoryBlockDevice(long blockCount)
    {
        BlockCount = blockCount;
        _slabs = new byte[(blockCount + BlocksPerSlab - 1) / BlocksPerSlab][];
    }

    /// <inheritdoc/>
    public long BlockCount { get; private set; }

    /// <inheritdoc/>
    public BlockCounters Counters
    {
        get
        {
            lock (_lock)
                return _counters;
        }
    }

    /// <inheritdoc/>
    public void Submit(BlockBatch batch)
    {
        Errno result = Errno.Success;
        lock (_lock)
        {
            foreach (ref readonly BlockRequest request in batch.Requests)
            {
                long blocks = request.Buffer.Length / IBlockDevice.BlockSize;
                if (request.FirstBlock < 0 || request.FirstBlock > BlockCount - blocks)
                {
                    result = Errno.EINVAL;
                    continue;
                }

                if (request.IsWrite)
                    _counters = _counters with { WriteRequests = _counters.WriteRequests + 1, WrittenBytes = _counters.WrittenBytes + request.Buffer.Length };
                else
                    _counters = _counters with { ReadRequests = _counters.ReadRequests + 1, ReadBytes = _counters.ReadBytes + request.Buffer.Length };
                Transfer(request);
            }
        }

        batch.Result = result;
    }

    /// <inheritdoc/>
    public Errno Wait(BlockBatch batch) => batch.Result;

    /// <inheritdoc/>
    public Errno Flush()
    {
        lock (_lock)
            _counters = _counters with { Flushes = _counters.Flushes + 1 };
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Trim(long firstBlock, long count)
    {
        lock (_lock)
        {
            if (firstBlock < 0 || count < 0 || firstBlock > BlockCount - count)
                return Errno.EINVAL;
            _counters = _counters with { TrimmedBytes = _counters.TrimmedBytes + count * IBlockDevice.BlockSize };
            for (long block = firstBlock; block < firstBlock + count; block++)
            {
                if (_slabs[block / BlocksPerSlab] is not { } slab)
                    continue;
                if (block % BlocksPerSlab == 0 && block + BlocksPerSlab <= firstBlock + count)
                    _slabs[block / BlocksPerSlab] = null;
                else
                    slab.AsSpan((int)(block % BlocksPerSlab) * IBlockDevice.BlockSize, IBlockDevice.BlockSize).Clear();
            }

            return Errno.Success;
        }
    }

    /// <inheritdoc/>
    public Errno Grow(long blockCount)
    {
        lock (_lock)
        {
            if (blockCount < BlockCount)
                return Errno.EINVAL;
            Array.Resize(ref _slabs, (int)((blockCount + BlocksPerSlab - 1) / BlocksPerSlab));
            BlockCount = blockCount;
            return Errno.Success;
        }
    }

    private void Transfer(in BlockRequest request)
    {
        Span<byte> buffer = request.Buffer.Span;
        for (long block = request.FirstBlock; !buffer.IsEmpty;)
        {
            int offset = (int)(block % BlocksPerSlab) * IBlockDevice.BlockSize;
            int length = Math.Min(SlabSize - offset, buffer.Length);
            ref byte[]? slab = ref _slabs[block / BlocksPerSlab];
            if (request.IsWrite)
                buffer[..length].CopyTo((slab ??= new byte[SlabSize]).AsSpan(offset));
            else if (slab is null)
                buffer[..length].Clear();
            else
                slab.AsSpan(offset, length).CopyTo(buffer);
            buffer = buffer[length..];
            block += length / IBlockDevice.BlockSize;
        }
    }
}

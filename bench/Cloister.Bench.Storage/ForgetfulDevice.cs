using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Bench.Storage;

/// <summary>
/// A device as large as wanted in little memory: it counts everything and keeps what small requests write, the index and the
/// journal. It forgets large batches of data, which the measurements never read.
/// </summary>
internal sealed class ForgetfulDevice(long blockCount) : IBlockDevice
{
    private const int LargestKept = 32 * 1024;

    // Checkpoints and the largest journal lie before it.
    private const long FirstForgotten = 65536 + 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, byte[]> _blocks = [];
    private BlockCounters _counters;

    public long BlockCount => blockCount;

    /// <summary>Blocks that it remembers.</summary>
    public long KeptBlocks => _blocks.Count;

    public BlockCounters Counters
    {
        get
        {
            lock (_lock)
                return _counters;
        }
    }

    public void Submit(BlockBatch batch)
    {
        lock (_lock)
        {
            int bytes = 0;
            foreach (ref readonly BlockRequest request in batch.Requests)
                bytes += request.Buffer.Length;
            foreach (ref readonly BlockRequest request in batch.Requests)
            {
                if (request.IsWrite)
                    _counters = _counters with { WriteRequests = _counters.WriteRequests + 1, WrittenBytes = _counters.WrittenBytes + request.Buffer.Length };
                else
                    _counters = _counters with { ReadRequests = _counters.ReadRequests + 1, ReadBytes = _counters.ReadBytes + request.Buffer.Length };
                bool isKept = !request.IsWrite || bytes <= LargestKept || request.FirstBlock < FirstForgotten;
                for (int i = 0; isKept && i < request.Buffer.Length; i += IBlockDevice.BlockSize)
                    Transfer(request.FirstBlock + i / IBlockDevice.BlockSize, request.Buffer.Span.Slice(i, IBlockDevice.BlockSize), request.IsWrite);
            }
        }

        batch.Result = Errno.Success;
    }

    public Errno Wait(BlockBatch batch) => batch.Result;

    public Errno Flush()
    {
        lock (_lock)
            _counters = _counters with { Flushes = _counters.Flushes + 1 };
        return Errno.Success;
    }

    public Errno Trim(long firstBlock, long count) => Errno.EOPNOTSUPP;

    public Errno Grow(long blocks) => Errno.EOPNOTSUPP;

    private void Transfer(long block, Span<byte> buffer, bool isWrite)
    {
        bool exists = _blocks.TryGetValue(block, out byte[]? content);
        if (!isWrite)
        {
            buffer.Clear();
            if (exists)
                content!.CopyTo(buffer);
            return;
        }

        if (!exists)
            _blocks.Add(block, content = new byte[IBlockDevice.BlockSize]);
        buffer.CopyTo(content);
    }
}

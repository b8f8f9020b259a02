using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Aot.Volume;

/// <summary>Blocks in memory that know which writes no flush has made durable, so that a crash can lose them.</summary>
internal sealed class RamDisk : IBlockDevice
{
    private readonly Dictionary<long, byte[]> _durable;
    private readonly List<(long Block, byte[] Content)> _written = [];
    private readonly Dictionary<long, byte[]> _current;
    private BlockCounters _counters;
    private int _count;

    public RamDisk(long blockCount) : this(blockCount, [])
    {
    }

    private RamDisk(long blockCount, Dictionary<long, byte[]> content)
    {
        BlockCount = blockCount;
        _durable = content;
        _current = new Dictionary<long, byte[]>(content);
    }

    public long BlockCount { get; private set; }

    public BlockCounters Counters => _counters;

    /// <summary>The disk as crashes leave it that lose every second, or only the last, of the writes since the last flush.</summary>
    public List<RamDisk> Crashes { get; } = [];

    /// <summary>Whether to keep what every 23rd write leaves behind after a crash.</summary>
    public bool Crashing { get; set; }

    /// <summary>Writes of blocks since the last flush.</summary>
    public int Unflushed => _written.Count;

    /// <summary>The disk as a crash leaves it that lost all but the first writes since the last flush.</summary>
    public RamDisk Crash(int kept)
    {
        var content = new Dictionary<long, byte[]>(_durable);
        for (int i = 0; i < kept; i++)
            content[_written[i].Block] = _written[i].Content;
        return new RamDisk(BlockCount, content);
    }

    /// <summary>Changes a byte behind the volume's back.</summary>
    public void Damage(long block, int offset)
    {
        byte[] changed = (byte[])_current[block].Clone();
        changed[offset] ^= 1;
        _current[block] = changed;
    }

    /// <summary>Blocks that were ever written, in order.</summary>
    public SortedSet<long> Blocks => [.. _current.Keys];

    public void Submit(BlockBatch batch)
    {
        batch.Result = Errno.Success;
        foreach (ref readonly BlockRequest request in batch.Requests)
        {
            int count = request.Buffer.Length / IBlockDevice.BlockSize;
            if (request.FirstBlock < 0 || request.FirstBlock + count > BlockCount)
            {
                batch.Result = Errno.EINVAL;
                continue;
            }

            for (int i = 0; i < count; i++)
                Transfer(request.IsWrite, request.FirstBlock + i, request.Buffer.Span.Slice(i * IBlockDevice.BlockSize, IBlockDevice.BlockSize));
            _counters = request.IsWrite
                ? _counters with { WriteRequests = _counters.WriteRequests + 1, WrittenBytes = _counters.WrittenBytes + request.Buffer.Length }
                : _counters with { ReadRequests = _counters.ReadRequests + 1, ReadBytes = _counters.ReadBytes + request.Buffer.Length };
        }
    }

    private void Transfer(bool isWrite, long block, Span<byte> buffer)
    {
        if (isWrite)
        {
            byte[] content = buffer.ToArray();
            _written.Add((block, content));
            _current[block] = content;
            if (Crashing && ++_count % 23 == 0)
                Crashes.Add(Crash(_count % 2 == 0 ? _written.Count / 2 : _written.Count - 1));
        }
        else if (_current.TryGetValue(block, out byte[]? content))
            content.CopyTo(buffer);
        else
            buffer.Clear();
    }

    public Errno Wait(BlockBatch batch) => batch.Result;

    public Errno Flush()
    {
        foreach ((long block, byte[] content) in _written)
            _durable[block] = content;
        _written.Clear();
        _counters = _counters with { Flushes = _counters.Flushes + 1 };
        return Errno.Success;
    }

    public Errno Trim(long firstBlock, long count) => Errno.EOPNOTSUPP;

    public Errno Grow(long blockCount)
    {
        if (blockCount < BlockCount)
            return Errno.EINVAL;
        BlockCount = blockCount;
        return Errno.Success;
    }
}

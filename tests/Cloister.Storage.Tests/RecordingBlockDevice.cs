using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Tests;

/// <summary>
/// A device that notes every write and flush since it was made, so that the states which a crash could leave can be built:
/// everything before the last flush, and any of the blocks that were written after it.
/// </summary>
internal sealed class RecordingBlockDevice : IBlockDevice
{
    private static readonly byte[] s_zero = new byte[IBlockDevice.BlockSize];

    private readonly byte[]?[] _base;
    private readonly byte[]?[] _blocks;
    private readonly List<LoggedWrite> _log = [];
    private BlockCounters _counters;

    public RecordingBlockDevice(long blocks)
        : this(new byte[blocks][])
    {
    }

    /// <summary>Starts with the content of an image, which isn't changed.</summary>
    public RecordingBlockDevice(byte[]?[] image)
    {
        _base = image;
        _blocks = (byte[]?[])image.Clone();
    }

    public long BlockCount => _blocks.Length;

    public BlockCounters Counters => _counters;

    /// <summary>How many block writes and flushes were noted.</summary>
    public int LogLength => _log.Count;

    /// <summary>Called before each call with its number; may throw what it likes, or make the device refuse.</summary>
    public Func<Errno>? OnCall { get; set; }

    /// <summary>The content now.</summary>
    public byte[]?[] Image => (byte[]?[])_blocks.Clone();

    /// <summary>Makes a block what the host likes it to be.</summary>
    public byte[] Tamper(long block) => _blocks[block] = (byte[])(_blocks[block] ?? s_zero).Clone();

    public byte[]? this[long block]
    {
        get => _blocks[block];
        set => _blocks[block] = value;
    }

    public void Submit(BlockBatch batch)
    {
        batch.Result = OnCall?.Invoke() ?? Errno.Success;
        bool isRefused = batch.Result != Errno.Success;
        foreach (ref readonly BlockRequest request in batch.Requests)
        {
            int count = request.Buffer.Length / IBlockDevice.BlockSize;
            if (request.FirstBlock < 0 || request.FirstBlock + count > _blocks.Length)
            {
                batch.Result = Errno.EINVAL;
                continue;
            }

            for (int i = 0; i < count; i++)
            {
                Span<byte> buffer = request.Buffer.Span.Slice(i * IBlockDevice.BlockSize, IBlockDevice.BlockSize);
                long block = request.FirstBlock + i;
                if (!request.IsWrite)
                {
                    (_blocks[block] ?? s_zero).CopyTo(buffer);
                    continue;
                }

                // Of a batch that fails, any of the blocks may be written.
                if (isRefused && (block & 1) != 0)
                    continue;
                byte[] content = buffer.ToArray();
                _blocks[block] = content;
                _log.Add(new LoggedWrite(block, content));
            }

            if (request.IsWrite)
                _counters = _counters with { WriteRequests = _counters.WriteRequests + 1, WrittenBytes = _counters.WrittenBytes + request.Buffer.Length };
        }
    }

    public Errno Wait(BlockBatch batch) => OnCall?.Invoke() is { } error and not Errno.Success ? batch.Result = error : batch.Result;

    public Errno Flush()
    {
        if (OnCall?.Invoke() is { } error and not Errno.Success)
            return error;
        _log.Add(new LoggedWrite(-1, null));
        _counters = _counters with { Flushes = _counters.Flushes + 1 };
        return Errno.Success;
    }

    public Errno Trim(long firstBlock, long count) => Errno.EOPNOTSUPP;

    public Errno Grow(long blockCount) => Errno.EOPNOTSUPP;

    /// <summary>Where the last flush before a position of the log ended.</summary>
    public int LastFlush(int position)
    {
        while (position > 0 && _log[position - 1].Content is not null)
            position--;
        return position;
    }

    /// <summary>What a crash leaves at a position of the log.</summary>
    /// <param name="position">How much of the log has been sent to the host.</param>
    /// <param name="survives">Asked for each block write after the last flush: whether it has reached the disk.</param>
    public byte[]?[] CrashImage(int position, Func<int, bool> survives)
    {
        var image = (byte[]?[])_base.Clone();
        int flushed = LastFlush(position);
        for (int i = 0; i < position; i++)
        {
            if (_log[i].Content is { } content && (i < flushed || survives(i)))
                image[_log[i].Block] = content;
        }

        return image;
    }

    private readonly record struct LoggedWrite(long Block, byte[]? Content);
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Storage;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>A file of the host as a device of blocks, with many requests in flight.</summary>
public sealed class BlockTests : IDisposable
{
    private const int BlockSize = IBlockDevice.BlockSize;
    private const int Blocks = 2048;

    private readonly string _path = Path.GetTempFileName();
    private readonly Bench _bench;
    private readonly IBlockDevice _device;

    public BlockTests()
    {
        using (FileStream file = File.OpenWrite(_path))
            file.SetLength(Blocks * (long)BlockSize);
        _bench = new Bench(file: _path);
        _bench.Root(0, 1);
        Assert.Equal(Errno.Success, _bench.Services.OpenBlocks(2, out IBlockDevice? device));
        _device = device!;
    }

    public void Dispose()
    {
        _bench.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void Batches_write_and_read_what_they_say()
    {
        Assert.Equal(Blocks, _device.BlockCount);
        var random = new Random(4711);
        byte[] model = new byte[Blocks * BlockSize];
        var batch = new BlockBatch(100);
        for (int round = 0; round < 40; round++)
        {
            // Requests of one batch don't overlap; from a block to 3 MiB, more than a slot and than all spare slots.
            batch.Clear();
            var reads = new List<(int Offset, byte[] Buffer)>();
            int at = random.Next(8);
            while (at < Blocks && !batch.IsFull)
            {
                int count = Math.Min(Blocks - at, random.Next(8) == 0 ? random.Next(1, 768) : random.Next(1, 24));
                byte[] buffer = new byte[count * BlockSize];
                if (random.Next(2) == 0)
                {
                    random.NextBytes(buffer);
                    buffer.CopyTo(model, at * BlockSize);
                    batch.AddWrite(at, buffer);
                }
                else
                {
                    batch.AddRead(at, buffer);
                    reads.Add((at * BlockSize, buffer));
                }

                at += count + random.Next(4);
            }

            _device.Submit(batch);
            Assert.Equal(Errno.Success, _device.Wait(batch));
            foreach ((int offset, byte[] buffer) in reads)
                Assert.True(buffer.AsSpan().SequenceEqual(model.AsSpan(offset, buffer.Length)));
        }

        Assert.Equal(Errno.Success, _device.Flush());
        Assert.True(File.ReadAllBytes(_path).AsSpan().SequenceEqual(model));
        Assert.Equal(1, _device.Counters.Flushes);
    }

    [Fact]
    public void Threads_have_batches_in_flight_beside_each_other_and_other_calls()
    {
        const int threads = 8;
        var failures = new List<Exception>();
        var workers = new Thread[threads];
        for (int t = 0; t < threads; t++)
        {
            int first = t * (Blocks / threads);
            workers[t] = new Thread(() =>
            {
                try
                {
                    WriteAndRead(first, seed: first);
                }
                catch (Exception failure)
                {
                    lock (failures)
                        failures.Add(failure);
                }
            });
            workers[t].Start();
        }

        foreach (Thread worker in workers)
            Assert.True(worker.Join(TimeSpan.FromSeconds(60)));
        Assert.Empty(failures);
    }

    [Fact]
    public void Blocks_behind_the_end_are_refused()
    {
        var batch = new BlockBatch(2);
        batch.AddWrite(Blocks - 1, new byte[2 * BlockSize]);
        _device.Submit(batch);
        Assert.Equal(Errno.EINVAL, _device.Wait(batch));
        batch.Clear();
        batch.AddRead(-1, new byte[BlockSize]);
        _device.Submit(batch);
        Assert.Equal(Errno.EINVAL, _device.Wait(batch));
        Assert.Equal(Blocks * (long)BlockSize, new FileInfo(_path).Length);
    }

    [Fact]
    public void A_file_cut_off_by_the_host_is_an_error()
    {
        using (FileStream file = File.OpenWrite(_path))
            file.SetLength((10 * BlockSize) + 100);
        var batch = new BlockBatch(2);
        batch.AddRead(8, new byte[8 * BlockSize]);
        _device.Submit(batch);
        Assert.Equal(Errno.EIO, _device.Wait(batch));
    }

    [Fact]
    public void Grows_and_trims()
    {
        Assert.Equal(Errno.EINVAL, _device.Grow(Blocks - 1));
        Assert.Equal(Errno.Success, _device.Grow(Blocks + 5));
        Assert.Equal(Blocks + 5, _device.BlockCount);
        var batch = new BlockBatch(1);
        byte[] block = new byte[BlockSize];
        Array.Fill(block, (byte)7);
        batch.AddWrite(Blocks + 4, block);
        _device.Submit(batch);
        Assert.Equal(Errno.Success, _device.Wait(batch));
        Assert.Equal(Errno.Success, _device.Trim(Blocks + 4, 1));
        batch.Clear();
        batch.AddRead(Blocks + 4, block);
        _device.Submit(batch);
        Assert.Equal(Errno.Success, _device.Wait(batch));
        Assert.False(block.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal(Errno.EINVAL, _device.Trim(Blocks, 6));
    }

    [Fact]
    public void Batches_allocate_nothing_once_they_are_warm()
    {
        var batch = new BlockBatch(16);
        byte[] buffer = new byte[64 * 1024];
        int failures = 0;
        // How many calls are in flight at once, and so how many the pools must have, depends on what else the machine does.
        long allocated = 1;
        for (int round = 0; round < 20 && allocated > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
                Transfer();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
        Assert.Equal(0, failures);

        void Transfer()
        {
            batch.Clear();
            for (int i = 0; i < 16; i++)
                batch.AddWrite(i * 16, buffer);
            _device.Submit(batch);
            failures += _device.Wait(batch) == Errno.Success ? 0 : 1;
        }
    }

    private void WriteAndRead(int first, int seed)
    {
        var random = new Random(seed);
        var batch = new BlockBatch(32);
        byte[] written = new byte[Blocks / 8 * BlockSize];
        byte[] read = new byte[written.Length];
        for (int round = 0; round < 10; round++)
        {
            random.NextBytes(written);
            Transfer(batch, first, written, isWrite: true);
            // A call that waits for one slot, while others hold many.
            Assert.Equal(Errno.Success, _bench.Files.GetStatus(1, out HostFileStatus status));
            Assert.True(status.IsDirectory);
            Transfer(batch, first, read, isWrite: false);
            Assert.True(written.AsSpan().SequenceEqual(read));
        }
    }

    private void Transfer(BlockBatch batch, int first, byte[] bytes, bool isWrite)
    {
        batch.Clear();
        for (int i = 0; i < 32; i++)
        {
            Memory<byte> part = bytes.AsMemory(i * bytes.Length / 32, bytes.Length / 32);
            if (isWrite)
                batch.AddWrite(first + (i * bytes.Length / 32 / BlockSize), part);
            else
                batch.AddRead(first + (i * bytes.Length / 32 / BlockSize), part);
        }

        _device.Submit(batch);
        Assert.Equal(Errno.Success, _device.Wait(batch));
    }
}

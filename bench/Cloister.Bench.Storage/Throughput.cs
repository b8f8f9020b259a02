using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using Cloister.Contracts.Storage;
using Cloister.Host.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Bench.Storage;

/// <summary>
/// Speed on a file of the host: of a volume, of the same cipher without integrity and without a file system, of AES-XTS, and of the
/// bare device, one after the other in each round.
/// </summary>
internal sealed class Throughput(string path, int mebibytes)
{
    private const int Block = IBlockDevice.BlockSize;
    private const int Chunk = 1 << 20;
    private const int RandomWrites = 20_000;
    private const int DiskReads = 3_000;
    private const int Syncs = 300;

    private readonly byte[] _content = new byte[Chunk];

    public List<double> SequentialWrite { get; } = [];

    public List<double> SequentialRead { get; } = [];

    public List<double> DiskRead { get; } = [];

    public List<double> RandomWrite { get; } = [];

    public List<double> SyncMedian { get; } = [];

    public List<double> SyncTail { get; } = [];

    /// <summary>What is the same for both sides: a volume's share of the ratio is the median over the rounds.</summary>
    public Dictionary<string, List<double>> Ratios { get; } = [];

    public void Round()
    {
        double ourWrite, ourRead, ourDisk, ourMedian, ourTail;
        string file = path + ".volume";
        using (FileBlockDevice device = FileBlockDevice.Create(file, (mebibytes * 2L + 64) * 256))
        {
            Fill(device);
            Setup.Check(Volume.Create(device, Setup.Key, new Setup.Entropy(), Setup.Root, 1));
            Volume volume = Volume.Open(device, Setup.Key, new Setup.Entropy());
            ulong inode = Setup.MakeFile(volume.Files, "file");
            ourWrite = Speed(() =>
            {
                for (int i = 0; i < mebibytes; i++)
                    Setup.Check(volume.Files.Write(inode, (long)i * Chunk, _content, i, out _));
                Setup.Check(volume.Files.Synchronize());
            });
            Forget(file);
            ourRead = Speed(() =>
            {
                for (int i = 0; i < mebibytes; i++)
                    Setup.Check(volume.Files.Read(inode, (long)i * Chunk, _content, out _));
            });
            var random = new Random(1);
            void ReadBlock(int number) => Setup.Check(volume.Files.Read(inode, random.NextInt64(mebibytes * 256L) * Block, _content.AsSpan(0, Block), out _));
            Forget(file);
            ourDisk = Rate(DiskReads, ReadBlock);
            RandomWrite.Add(Rate(RandomWrites, i => Setup.Check(volume.Files.Write(inode, random.NextInt64(mebibytes * 256L) * Block, _content.AsSpan(0, Block), i, out _))) * Block / 1e6);
            Setup.Check(volume.Files.Synchronize());
            (ourMedian, ourTail) = Latency(i =>
            {
                Setup.Check(volume.Files.Write(inode, random.NextInt64(mebibytes * 256L) * Block, _content.AsSpan(0, Block), i, out _));
                Setup.Check(volume.Files.Synchronize());
            });
            volume.Abandon();
        }

        File.Delete(file);
        SequentialWrite.Add(ourWrite);
        SequentialRead.Add(ourRead);
        DiskRead.Add(1e6 / ourDisk);
        SyncMedian.Add(ourMedian);
        SyncTail.Add(ourTail);
        Baseline(ourWrite, ourRead, ourDisk, ourMedian, ourTail);
    }

    private void Baseline(double ourWrite, double ourRead, double ourDisk, double ourMedian, double ourTail)
    {
        string file = path + ".plain";
        using (FileBlockDevice device = FileBlockDevice.Create(file, mebibytes * 256L))
        {
            Fill(device);
            using var counter = new CounterCipher();
            using var xts = new XtsCipher(Setup.Key, Setup.SecondKey);
            foreach ((string name, IBlockCipher? used) in new (string, IBlockCipher?)[] { ("encrypt only", counter), ("AES-XTS", xts), ("device", null) })
            {
                double write = Speed(() => Stream(device, used, isWrite: true));
                Forget(file);
                double read = Speed(() => Stream(device, used, isWrite: false));
                Add("sequential write / " + name, ourWrite / write);
                Add("sequential read / " + name, ourRead / read);
                var random = new Random(2);
                var batch = new BlockBatch(1);
                var block = new byte[Block];
                void ReadBlock(int number)
                {
                    long at = random.NextInt64(device.BlockCount);
                    batch.Clear();
                    batch.AddRead(at, block);
                    device.Submit(batch);
                    Setup.Check(device.Wait(batch));
                    used?.Crypt(false, at, block, block);
                }

                Forget(file);
                Add("random read, disk / " + name, ourDisk / Rate(DiskReads, ReadBlock));
            }

            var sync = new BlockBatch(1);
            var places = new Random(3);
            (double median, double tail) = Latency(_ =>
            {
                sync.Clear();
                sync.AddWrite(places.NextInt64(device.BlockCount), _content.AsMemory(0, Block));
                device.Submit(sync);
                Setup.Check(device.Wait(sync));
                Setup.Check(device.Flush());
            });
            Add("fsync median / device", ourMedian / median);
            Add("fsync 99 % / device", ourTail / tail);
        }

        File.Delete(file);
    }

    // Writes everything once, so that no measurement pays for the host's allocating the file.
    private void Fill(FileBlockDevice device)
    {
        var batch = new BlockBatch(1);
        for (long block = 0; block < device.BlockCount; block += 256)
        {
            batch.Clear();
            batch.AddWrite(block, _content.AsMemory(0, (int)Math.Min(256, device.BlockCount - block) * Block));
            device.Submit(batch);
            Setup.Check(device.Wait(batch));
        }

        Setup.Check(device.Flush());
    }

    // Four chunks in flight, as the volume has.
    private void Stream(FileBlockDevice device, IBlockCipher? cipher, bool isWrite)
    {
        var batches = new BlockBatch[4];
        var buffers = new byte[batches.Length][];
        for (int i = 0; i < batches.Length; i++)
        {
            batches[i] = new BlockBatch(1);
            buffers[i] = new byte[Chunk];
        }

        for (int i = 0; i < mebibytes + batches.Length; i++)
        {
            BlockBatch batch = batches[i % batches.Length];
            byte[] buffer = buffers[i % batches.Length];
            if (i >= batches.Length)
            {
                Setup.Check(device.Wait(batch));
                if (!isWrite)
                    cipher?.Crypt(false, (i - batches.Length) * 256L, buffer, buffer);
            }

            if (i >= mebibytes)
                continue;
            batch.Clear();
            if (isWrite)
            {
                cipher?.Crypt(true, i * 256L, _content, buffer);
                batch.AddWrite(i * 256L, cipher is null ? _content : buffer);
            }
            else
            {
                batch.AddRead(i * 256L, buffer);
            }

            device.Submit(batch);
        }

        if (isWrite)
            Setup.Check(device.Flush());
    }

    private void Add(string name, double ratio)
    {
        if (!Ratios.TryGetValue(name, out List<double>? values))
            Ratios.Add(name, values = []);
        values.Add(ratio);
    }

    private double Speed(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return mebibytes * (double)Chunk / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Rate(int count, Action<int> action)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            action(i);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static (double Median, double Tail) Latency(Action<int> action)
    {
        var times = new double[Syncs];
        for (int i = 0; i < Syncs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action(i);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        return (times[Syncs / 2], times[Syncs * 99 / 100]);
    }

    // The next reads come from the disk, not from the host's cache.
    private static void Forget(string file)
    {
        using Process dd = Process.Start(new ProcessStartInfo("dd", ["of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"]))!;
        dd.WaitForExit();
    }
}

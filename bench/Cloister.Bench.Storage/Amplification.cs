using System;
using System.Diagnostics;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Host.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Bench.Storage;

/// <summary>Bytes that the device is asked to write for each byte that a program writes.</summary>
internal static class Amplification
{
    private const int Block = IBlockDevice.BlockSize;
    private const int Mounts = 5;

    // So many writes at a time until it is looked whether there was a checkpoint.
    private const int Step = 1000;

    /// <summary>Uniformly random 4 KiB writes without synchronization, into a file that was written in random order.</summary>
    public static (double Ratio, long Memory, double[] MountSeconds) WithoutSync(double gibibytes, double full, long writes)
    {
        long blocks = (long)(gibibytes * (1L << 30)) / Block;
        var device = new ForgetfulDevice(blocks);
        Setup.Check(Volume.Create(device, Setup.Key, new Setup.Entropy(), Setup.Root, 1));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Volume volume = Volume.Open(device, Setup.Key, new Setup.Entropy());
        ulong file = Setup.MakeFile(volume.Files, "file");
        long fileBlocks = (long)(blocks * full);
        var content = new byte[Block];
        // A permutation of all blocks: multiplication by a number that has no factor in common with their count.
        long factor = fileBlocks / 2 + fileBlocks / 7;
        while (GreatestCommonDivisor(factor, fileBlocks) != 1)
            factor++;
        long at = 0;
        for (long i = 0; i < fileBlocks; i++, at = (at + factor) % fileBlocks)
            Setup.Check(volume.Files.Write(file, at * Block, content, i, out _));
        Setup.Check(volume.Checkpoint());
        var random = new Random(1);
        void Write(long count)
        {
            for (long i = 0; i < count; i++)
                Setup.Check(volume.Files.Write(file, random.NextInt64(fileBlocks) * Block, content, i, out _));
        }

        BlockCounters start = device.Counters;
        Write(writes);
        Setup.Check(volume.Files.Synchronize());
        BlockCounters used = device.Counters - start;
        long memory = GC.GetTotalMemory(forceFullCollection: true) - before - DeviceMemory(device);
        // What is measured next is a mount with nearly as much to replay as there can be: the next checkpoint is due soon.
        _ = WriteUntilCheckpoint(volume, Write);
        Write(WriteUntilCheckpoint(volume, Write) * 95 / 100);
        // The last record has no data of its own.
        _ = Setup.MakeFile(volume.Files, "last");
        Setup.Check(volume.Files.Synchronize());
        volume.Abandon();
        var seconds = new double[Mounts];
        for (int i = 0; i < Mounts; i++)
        {
            // The device lies in memory, so that the time is the processor's: that of the process doesn't grow with what else the machine does.
            TimeSpan clock = Environment.CpuUsage.TotalTime;
            Volume again = Volume.Open(device, Setup.Key, new Setup.Entropy());
            seconds[i] = (Environment.CpuUsage.TotalTime - clock).TotalSeconds;
            // A crash once more: the next mount finds the same journal.
            again.Abandon();
        }

        Array.Sort(seconds);
        return (used.WrittenBytes / (double)(writes * Block), memory, seconds);
    }

    private static long WriteUntilCheckpoint(Volume volume, Action<long> write)
    {
        ulong before = volume.GetStatistics().Generation;
        long count = 0;
        for (; volume.GetStatistics().Generation == before; count += Step)
            write(Step);
        return count;
    }

    /// <summary>Random 4 KiB writes by some threads, each followed by fsync.</summary>
    public static double WithSync(IBlockDevice device, int threads, int writesEach, double full)
    {
        Setup.Check(Volume.Create(device, Setup.Key, new Setup.Entropy(), Setup.Root, 1));
        Volume volume = Volume.Open(device, Setup.Key, new Setup.Entropy(), new VolumeOptions { CreateSleeper = () => new ThreadSleeper() });
        ulong file = Setup.MakeFile(volume.Files, "file");
        long fileBlocks = (long)(device.BlockCount * full);
        var chunk = new byte[1 << 20];
        for (long offset = 0; offset + chunk.Length <= fileBlocks * Block; offset += chunk.Length)
            Setup.Check(volume.Files.Write(file, offset, chunk, 1, out _));
        Setup.Check(volume.Checkpoint());
        BlockCounters start = device.Counters;
        var workers = new Thread[threads];
        for (int t = 0; t < threads; t++)
        {
            int seed = t;
            workers[t] = new Thread(() =>
            {
                var random = new Random(seed);
                var content = new byte[Block];
                for (int i = 0; i < writesEach; i++)
                {
                    Setup.Check(volume.Files.Write(file, random.NextInt64(fileBlocks) * Block, content, i, out _));
                    Setup.Check(volume.Files.Synchronize());
                }
            });
            workers[t].Start();
        }

        foreach (Thread worker in workers)
            worker.Join();
        // The checkpoint that these writes will need is theirs.
        Setup.Check(volume.Checkpoint());
        BlockCounters used = device.Counters - start;
        volume.Abandon();
        return used.WrittenBytes / ((double)threads * writesEach * Block);
    }

    private static long DeviceMemory(ForgetfulDevice device) => device.KeptBlocks * (Block + 64L);

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}

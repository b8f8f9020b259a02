using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using Cloister.Contracts.Storage;
using Cloister.Host.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Bench.Storage;

/// <summary>
/// Random reads of 4 KiB from the host's cache, of a volume and of the same cipher without integrity, in turns of some milliseconds of
/// processor time: what else the machine does meets both. What is told is the median of the ratios of neighbours, after a warm-up.
/// </summary>
internal static class CachedReads
{
    private const int Block = IBlockDevice.BlockSize;
    private const int Reads = 2_000;
    private const int Turns = 150;

    /// <returns>Microseconds of a read of the volume and of the baseline, and the speed relative to it.</returns>
    public static (double Volume, double Plain, double Ratio) Measure(string path, int mebibytes)
    {
        string file = path + ".volume", plain = path + ".plain";
        long blocks = mebibytes * 256L;
        using FileBlockDevice device = FileBlockDevice.Create(file, blocks + blocks / 4);
        using FileBlockDevice plainDevice = FileBlockDevice.Create(plain, blocks);
        try
        {
            Setup.Check(Volume.Create(device, Setup.Key, new Setup.Entropy(), Setup.Root, 1));
            Volume volume = Volume.Open(device, Setup.Key, new Setup.Entropy());
            ulong inode = Fill(volume, plainDevice, mebibytes);
            using var cipher = new CounterCipher();
            var content = new byte[Block];
            var batch = new BlockBatch(1);
            var random = new Random(1);
            void ReadVolume() => Setup.Check(volume.Files.Read(inode, random.NextInt64(blocks) * Block, content, out _));
            void ReadPlain()
            {
                long at = random.NextInt64(blocks);
                batch.Clear();
                batch.AddRead(at, content);
                plainDevice.Submit(batch);
                Setup.Check(plainDevice.Wait(batch));
                cipher.Crypt(false, at, content, content);
            }

            (double volumeTime, double plainTime, double ratio) = Compare(ReadVolume, ReadPlain);
            volume.Abandon();
            return (volumeTime, plainTime, ratio);
        }
        finally
        {
            File.Delete(file);
            File.Delete(plain);
        }
    }

    private static ulong Fill(Volume volume, FileBlockDevice plain, int mebibytes)
    {
        var content = new byte[1 << 20];
        ulong inode = Setup.MakeFile(volume.Files, "file");
        var batch = new BlockBatch(1);
        for (int i = 0; i < mebibytes; i++)
        {
            Setup.Check(volume.Files.Write(inode, (long)i * content.Length, content, i, out _));
            batch.Clear();
            batch.AddWrite(i * 256L, content);
            plain.Submit(batch);
            Setup.Check(plain.Wait(batch));
        }

        Setup.Check(volume.Files.Synchronize());
        return inode;
    }

    private static (double First, double Second, double Ratio) Compare(Action first, Action second)
    {
        var firsts = new List<double>();
        var seconds = new List<double>();
        var ratios = new List<double>();
        for (int turn = 0; turn < Turns; turn++)
        {
            long before = ReadFromDisk();
            double one = Time(first), other = Time(second);
            // The runtime compiles what is used often for speed meanwhile; and where the host's cache has let go of something, it isn't the cache.
            if (turn < Turns / 3 || ReadFromDisk() != before)
                continue;
            firsts.Add(one);
            seconds.Add(other);
            ratios.Add(other / one);
        }

        if (ratios.Count == 0)
            throw new InvalidOperationException("The host's cache is too small for what is measured: there is too little free memory.");
        return (Median(firsts), Median(seconds), Median(ratios));
    }

    // proc(5), io: what this process had to fetch from storage.
    private static long ReadFromDisk()
    {
        foreach (string line in File.ReadLines("/proc/self/io"))
        {
            if (line.StartsWith("read_bytes: ", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(12), CultureInfo.InvariantCulture);
        }

        return 0;
    }

    private static double Time(Action action)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < Reads; i++)
            action();
        return (Environment.CpuUsage.TotalTime - start).TotalMicroseconds / Reads;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}

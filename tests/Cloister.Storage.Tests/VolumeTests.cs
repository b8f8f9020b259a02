using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Checking;
using Cloister.Storage.Devices;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>A volume's life: full, grown, in snapshots, with failing hosts, in little memory, by many threads.</summary>
public sealed class VolumeTests
{
    private const ulong Root = IFileStore.RootInode;

    [Fact]
    public void AFullVolumeSaysSoAndRecovers()
    {
        IBlockDevice device = Support.NewVolume(2048);
        Volume volume = Support.Open(device, Support.SmallOptions);
        var chunk = new byte[64 * 1024];
        for (int round = 0; round < 5; round++)
        {
            var made = new List<string>();
            Errno error = Errno.Success;
            for (int i = 0; error == Errno.Success; i++)
            {
                string name = $"f{i}";
                error = volume.Files.Create(Root, Support.Name(name), Support.FileNode, 1, out StoredAttributes attributes);
                if (error != Errno.Success)
                    break;
                made.Add(name);
                for (int part = 0; part < 4 && error == Errno.Success; part++)
                {
                    new Random((i * 4) + part).NextBytes(chunk);
                    error = volume.Files.Write(attributes.Inode, part * chunk.Length, chunk, 1, out _);
                }
            }

            Assert.Equal(Errno.ENOSPC, error);
            Assert.Null(volume.Failure);
            // Some 7.4 MiB of 8 are for files, less the journal and the reserve.
            Assert.InRange(made.Count, 24, 30);
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
            // Overwriting needs room as well, and deleting works without.
            foreach (string name in made)
                Assert.Equal(Errno.Success, volume.Files.Unlink(Root, Support.Name(name), 1));
            if (round == 2)
            {
                Assert.Equal(Errno.Success, volume.Close());
                volume = Support.Open(device, Support.SmallOptions, 10);
            }
        }

        Support.AssertSound(volume);
        Assert.Equal(Errno.Success, volume.Close());
    }

    [Fact]
    public void AFullVolumeCanBeOverwrittenInPlace()
    {
        Volume volume = Support.Open(Support.NewVolume(2048), Support.SmallOptions);
        ulong file = volume.Files.MakeFile(Root, "file");
        long size = (volume.Files.GetStatus().BlocksAvailable - 60) * 4096;
        volume.Files.WriteAll(file, 0, new byte[size]);
        var random = new Random(1);
        byte[] expected = new byte[size];
        var block = new byte[4096];
        for (int i = 0; i < 5000; i++)
        {
            int at = random.Next((int)(size / 4096)) * 4096;
            random.NextBytes(block);
            block.CopyTo(expected, at);
            volume.Files.WriteAll(file, at, block);
        }

        Assert.Equal(expected, volume.Files.ReadAll(file));
        Support.AssertSound(volume);
    }

    [Fact]
    public void SmallFilesFillAVolumeToo()
    {
        Volume volume = Support.Open(Support.NewVolume(2048), Support.SmallOptions);
        Errno error = Errno.Success;
        int made = 0;
        for (; error == Errno.Success; made++)
        {
            error = volume.Files.Create(Root, Support.Name("f" + made), Support.FileNode, 1, out StoredAttributes attributes);
            if (error == Errno.Success)
                error = volume.Files.Write(attributes.Inode, 0, new byte[1500], 1, out _);
        }

        Assert.Equal(Errno.ENOSPC, error);
        Assert.Null(volume.Failure);
        Assert.InRange(made, 1500, 6000);
        for (int i = 0; i < made - 1; i++)
            Assert.True(volume.Files.Unlink(Root, Support.Name("f" + i), 1) == Errno.Success, volume.Failure?.Message);
        Assert.Equal(Errno.Success, volume.Checkpoint());
        volume.Files.MakeFile(Root, "again");
        Support.AssertSound(volume);
    }

    [Fact]
    public void GrowsOnline()
    {
        IBlockDevice device = Support.NewVolume(1500);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(Root, "file");
        var content = Support.Pattern(1, 12 << 20);
        Assert.Equal(Errno.Success, volume.Files.Write(file, 0, content, 1, out int count));
        Assert.True(count < content.Length);
        Assert.Equal(Errno.Success, volume.Grow(8001));
        volume.Files.WriteAll(file, count, content.AsSpan(count));
        Assert.Equal(Errno.EINVAL, volume.Grow(8000));
        Assert.Equal(Errno.Success, volume.Close());
        volume = Support.Open(device, seed: 3);
        Assert.Equal(content, volume.Files.ReadAll(file));
        Assert.Equal(8001, volume.Files.GetStatus().Blocks);
        Support.AssertSound(volume);
    }

    [Fact]
    public void SnapshotsStayAsTheyWere()
    {
        IBlockDevice device = Support.NewVolume(8192);
        Volume volume = Support.Open(device, Support.SmallOptions);
        var random = new Random(5);
        var operations = new RandomOperations(random, new ModelFileSystem());
        var expected = new Dictionary<string, string>();
        for (int round = 0; round < 6; round++)
        {
            for (int step = 0; step < 150; step++)
                operations.Step(volume.Files);
            string name = "snapshot " + round;
            Assert.Equal(Errno.Success, volume.CreateSnapshot(name, round));
            expected.Add(name, operations.Model.Describe());
            if (round % 2 == 1)
            {
                string removed = "snapshot " + (round - 1);
                Assert.Equal(Errno.Success, volume.RemoveBranch(removed));
                expected.Remove(removed);
            }

            operations = new RandomOperations(random, operations.Model.Clone());
            Assert.Equal(Errno.Success, volume.Close());
            volume = Support.Open(device, Support.SmallOptions, 100 + round);
            Support.AssertSound(volume);
            Assert.Equal(expected.Count, volume.Branches.Count);
            foreach ((string snapshot, string state) in expected)
            {
                Assert.Equal(Errno.Success, volume.OpenBranch(snapshot, out IFileStore? files));
                Assert.Equal(state, ModelFileSystem.Describe(files!));
                Assert.Equal(Errno.EROFS, files!.Create(Root, "x"u8, Support.FileNode, 1, out _));
            }
        }

        Assert.Equal(Errno.EEXIST, volume.CreateSnapshot("snapshot 5", 1));
        Assert.Equal(Errno.ENOENT, volume.OpenBranch("nothing", out _));
        long free = volume.GetStatistics().FreeBlocks;
        foreach (string snapshot in expected.Keys)
            Assert.Equal(Errno.Success, volume.RemoveBranch(snapshot));
        Assert.True(volume.GetStatistics().FreeBlocks > free);
        Support.AssertSound(volume);
    }

    [Fact]
    public void AReadOnlyMountWritesNothing()
    {
        var device = new RecordingBlockDevice(CrashHarness.NewImage(1024));
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(Root, "file");
        volume.Files.WriteAll(file, 0, Support.Pattern(1, 20_000));
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        volume.Abandon();
        int log = device.LogLength;
        volume = Support.Open(device, new VolumeOptions { IsReadOnly = true });
        Assert.Equal(Support.Pattern(1, 20_000), volume.Files.ReadAll(file));
        Assert.Equal(Errno.EROFS, volume.Files.Write(file, 0, [1], 1, out _));
        Support.AssertSound(volume);
        Assert.Equal(Errno.Success, volume.Close());
        Assert.Equal(log, device.LogLength);
    }

    [Fact]
    public void KeysOfOldMountsAreForgottenWhereNothingNeedsThem()
    {
        var device = new RecordingBlockDevice(CrashHarness.NewImage(1024));
        Volume volume = Support.Open(device, CrashHarness.Options(new VolumeSwitches()), 1);
        ulong file = volume.Files.MakeFile(Root, "file");
        volume.Files.WriteAll(file, 0, Support.Pattern(1, 50_000));
        Assert.Equal(Errno.Success, volume.Close());
        for (int mount = 0; mount < 1100; mount++)
        {
            volume = Support.Open(device, CrashHarness.Options(new VolumeSwitches()), mount);
            Assert.True(volume.GetStatistics().Epochs < 1100);
            Assert.Equal(Errno.Success, volume.Close());
        }

        volume = Support.Open(device, seed: 9999);
        Assert.True(volume.GetStatistics().Epochs < 300);
        Assert.Equal(Support.Pattern(1, 50_000), volume.Files.ReadAll(file));
        Support.AssertSound(volume);
    }

    [Fact]
    public void TheKeyCanBeReplaced()
    {
        IBlockDevice device = Support.NewVolume(2048);
        Volume volume = Support.Open(device);
        volume.Files.MakeFile(Root, "file");
        var newKey = new byte[32];
        newKey[5] = 9;
        Assert.Equal(Errno.Success, volume.ChangeKey(newKey));
        Assert.Equal(Errno.Success, volume.Close());
        Assert.Equal(Errno.EKEYREJECTED, Assert.Throws<VolumeException>(() => Support.Open(device)).Error);
        volume = Volume.Open(device, newKey, new SeededEntropy(1));
        Assert.NotEqual(0UL, volume.Files.Find(Root, "file"));
    }

    [Fact]
    public void TrimGivesFreeBlocksBack()
    {
        IBlockDevice device = Support.NewVolume(8192);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(Root, "file");
        volume.Files.WriteAll(file, 0, new byte[8 << 20]);
        volume.Files.MakeFile(Root, "other");
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        Assert.Equal(Errno.Success, volume.Files.Unlink(Root, "file"u8, 1));
        Assert.Equal(Errno.Success, volume.Trim(64, out long trimmed));
        Assert.InRange(trimmed, 7000, 8192);
        Assert.Equal(trimmed * 4096, device.Counters.TrimmedBytes);
        Assert.Equal(Errno.Success, volume.Close());
        volume = Support.Open(device, seed: 3);
        Support.AssertSound(volume);
        Assert.Equal(["other"], volume.Files.List(Root));
    }

    [Fact]
    public void AFailingHostFailsTheVolumeCleanly()
    {
        byte[]?[] image = CrashHarness.NewImage(1024);
        for (int writes = 0; writes < 40; writes++)
        {
            var device = new FailingDevice(new RecordingBlockDevice(image), writes);
            try
            {
                Volume volume = Support.Open(device, CrashHarness.Options(new VolumeSwitches()));
                ulong file = 0;
                Errno error = volume.Files.Create(Root, "file"u8, Support.FileNode, 1, out StoredAttributes attributes);
                if (error == Errno.Success)
                    file = attributes.Inode;
                for (int i = 0; i < 20 && error == Errno.Success; i++)
                {
                    error = volume.Files.Write(file, i * 5000, Support.Pattern(i, 5000), 1, out _);
                    if (error == Errno.Success)
                        error = volume.Files.Synchronize();
                }

                Assert.Equal(Errno.EIO, error);
                Assert.Equal(Errno.EIO, volume.Files.Create(Root, "another"u8, Support.FileNode, 1, out _));
            }
            catch (VolumeException e)
            {
                Assert.Equal(Errno.EIO, e.Error);
            }
        }
    }

    [Fact]
    public void TheCheckFindsWhatDoesNotAgree()
    {
        Volume volume = Support.Open(Support.NewVolume(2048));
        ulong directory = volume.Files.MakeDirectory(Root, "directory");
        ulong file = volume.Files.MakeFile(directory, "file");
        volume.Files.WriteAll(file, 0, new byte[20_000]);
        Support.AssertSound(volume);
        Assert.Contains("claims 7 names and has 1", FindAfter(volume, file, inode => inode.LinkCount = 7), StringComparison.Ordinal);
        Assert.Contains("claims 3 blocks and has 5", FindAfter(volume, file, inode => inode.Blocks = 3), StringComparison.Ordinal);
        Assert.Contains("has blocks behind its end", FindAfter(volume, file, inode => inode.Size = 100), StringComparison.Ordinal);
        Assert.Contains("claims 4 entries and has 1", FindAfter(volume, directory, inode => inode.Size = 4), StringComparison.Ordinal);
        Assert.Contains("claims to be in directory 77", FindAfter(volume, directory, inode => inode.Parent = 77), StringComparison.Ordinal);
        Assert.Contains("claims 9 links and has 2", FindAfter(volume, directory, inode => inode.LinkCount = 9), StringComparison.Ordinal);
        Support.AssertSound(volume);
    }

    [Fact]
    public void AllocatingAndSeeking()
    {
        Volume volume = Support.Open(Support.NewVolume(4096));
        ulong file = volume.Files.MakeFile(Root, "sparse");
        volume.Files.WriteAll(file, 1L << 40, "far away"u8);
        Assert.Equal(Errno.Success, volume.Files.Seek(file, 0, SeekWhence.SEEK_DATA, out long found));
        Assert.Equal(1L << 40, found);
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        Assert.Equal(Errno.Success, volume.Files.Seek(file, 5, SeekWhence.SEEK_DATA, out found));
        Assert.Equal(1L << 40, found);
        Assert.Equal(Errno.Success, volume.Files.Seek(file, 5, SeekWhence.SEEK_HOLE, out found));
        Assert.Equal(5, found);
        Assert.Equal(Errno.Success, volume.Files.Seek(file, 1L << 40, SeekWhence.SEEK_HOLE, out found));
        Assert.Equal((1L << 40) + 8, found);
        Assert.Equal(Errno.ENXIO, volume.Files.Seek(file, (1L << 40) + 8, SeekWhence.SEEK_DATA, out _));
        Assert.Equal(Errno.Success, volume.Files.GetAttributes(file, out StoredAttributes attributes));
        Assert.Equal(1, attributes.Blocks);
        Assert.Equal(Errno.ENOSPC, volume.Files.Allocate(file, FallocateMode.None, 0, 1L << 30, 1));
        Assert.Equal(Errno.EFBIG, volume.Files.Write(file, IFileStore.LargestFile, [1], 1, out _));
        Assert.Equal(Errno.EOPNOTSUPP, volume.Files.Allocate(file, FallocateMode.FALLOC_FL_COLLAPSE_RANGE, 0, 4096, 1));
        volume.Files.WriteAll(file, IFileStore.LargestFile - 1, [1]);
        Assert.Equal(Errno.Success, volume.Files.SetAttributes(file, new AttributeChange { Mask = AttributeMask.Size }, 1, out _));
        Support.AssertSound(volume);
    }

    [Fact]
    public void NamesAreBytes()
    {
        Volume volume = Support.Open(Support.NewVolume(2048));
        Assert.Equal(Errno.ENAMETOOLONG, volume.Files.Create(Root, new byte[256].AsSpan(), Support.FileNode, 1, out _));
        Assert.Equal(Errno.EINVAL, volume.Files.Create(Root, "a/b"u8, Support.FileNode, 1, out _));
        Assert.Equal(Errno.EINVAL, volume.Files.Create(Root, ".."u8, Support.FileNode, 1, out _));
        Assert.Equal(Errno.EINVAL, volume.Files.Create(Root, ""u8, Support.FileNode, 1, out _));
        Assert.Equal(Errno.Success, volume.Files.Create(Root, [0xff, 0xfe, (byte)'A'], Support.FileNode, 1, out _));
        Assert.Equal(Errno.ENOENT, volume.Files.Lookup(Root, [0xff, 0xfe, (byte)'a'], out _));
        Assert.Equal(Errno.Success, volume.Files.Lookup(Root, [0xff, 0xfe, (byte)'A'], out _));
    }

    [Fact]
    public void AListingGoesOnWhereItStoppedWhateverChanges()
    {
        Volume volume = Support.Open(Support.NewVolume(8192), Support.SmallOptions);
        var stay = new HashSet<string>();
        for (int i = 0; i < 3000; i++)
            volume.Files.MakeFile(Root, (i % 3 == 0 ? "stays" : "goes") + i);
        for (int i = 0; i < 3000; i += 3)
            stay.Add("stays" + i);
        var seen = new List<string>();
        long cookie = 0;
        for (int page = 0; ; page++)
        {
            var sink = new PageSink(50);
            Assert.Equal(Errno.Success, volume.Files.ReadDirectory(Root, cookie, sink));
            if (sink.Names.Count == 0)
                break;
            seen.AddRange(sink.Names);
            cookie = sink.Cookie;
            for (int i = page * 40; i < (page + 1) * 40 && i < 3000; i++)
            {
                if (i % 3 != 0)
                    Assert.Equal(Errno.Success, volume.Files.Unlink(Root, Support.Name("goes" + i), 1));
            }
        }

        Assert.Equal(seen.Count, new HashSet<string>(seen).Count);
        Assert.Superset(stay, new HashSet<string>(seen));
    }

    [Fact]
    public void ReadingAndWritingAllocateNothing()
    {
        // The device takes memory when blocks are first written; that isn't what is measured.
        IBlockDevice device = Support.NewVolume(16384);
        var batch = new BlockBatch(1);
        batch.AddWrite(8192, new byte[8192 * 4096]);
        device.Submit(batch);
        batch.Clear();
        batch.AddWrite(1024, new byte[7168 * 4096]);
        device.Submit(batch);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(Root, "file");
        var buffer = new byte[65536];
        var random = new Random(1);
        // Everything grows to its size first: two deltas take turns. Checkpoints do allocate, but none falls into the measurement.
        Work(1000);
        Assert.Equal(Errno.Success, volume.Checkpoint());
        Work(1000);
        Assert.Equal(Errno.Success, volume.Checkpoint());
        Work(400);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(500);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);

        void Work(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                long offset = random.Next(4000) * 4096L;
                if (volume.Files.Write(file, offset, buffer.AsSpan(0, 4096), i, out _) != Errno.Success
                    || volume.Files.Read(file, offset, buffer, out _) != Errno.Success
                    || (i % 10 == 0 && volume.Files.Synchronize() != Errno.Success))
                    throw new InvalidOperationException();
            }
        }
    }

    [Fact]
    public void WorksInLittleMemory()
    {
        var options = new VolumeOptions { DeltaBytes = 4 << 20, CacheBytes = 4 << 20, PageBytes = 2 << 20, CachedInodes = 2000 };
        var device = new MemoryBlockDevice(131072);
        Assert.Equal(Errno.Success, Volume.Create(device, Support.Key, new SeededEntropy(1), Support.RootNode, 1));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Volume volume = Support.Open(device, options);
        for (int i = 0; i < 60_000; i++)
            volume.Files.MakeFile(Root, $"a file with a name of some length {i}");
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        // What the device takes is not the volume's.
        long device_ = device.Counters.WrittenBytes;
        long used = GC.GetTotalMemory(forceFullCollection: true) - before - device_;
        Assert.True(used < 64 << 20, $"{used >> 20} MiB");
        Assert.Equal(60_000, volume.Files.List(Root).Count);
        Support.AssertSound(volume);
    }

    [Fact]
    public void ManyThreadsAtOnce()
    {
        Volume volume = Support.Open(Support.NewVolume(32768), new VolumeOptions { DeltaBytes = 512 * 1024, PageBytes = 1 << 20 });
        var failures = new List<Exception>();
        var threads = new Thread[6];
        for (int t = 0; t < threads.Length; t++)
        {
            int number = t;
            threads[t] = new Thread(() =>
            {
                try
                {
                    Work(volume.Files, number);
                }
                catch (Exception e)
                {
                    lock (failures)
                        failures.Add(e);
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        Assert.Empty(failures);
        Support.AssertSound(volume);

        static void Work(IFileStore files, int number)
        {
            var random = new Random(number);
            ulong directory = files.MakeDirectory(Root, "d" + number);
            ulong file = files.MakeFile(directory, "file");
            var expected = new byte[1 << 20];
            files.WriteAll(file, 0, expected);
            var block = new byte[20_000];
            for (int i = 0; i < 400; i++)
            {
                int length = random.Next(1, block.Length);
                int offset = random.Next(expected.Length - length);
                random.NextBytes(block.AsSpan(0, length));
                block.AsSpan(0, length).CopyTo(expected.AsSpan(offset));
                files.WriteAll(file, offset, block.AsSpan(0, length));
                if (random.Next(10) == 0)
                    Assert.Equal(Errno.Success, files.Synchronize());
                if (random.Next(10) == 0)
                    Assert.Equal(expected, files.ReadAll(file));
                string name = "n" + random.Next(50);
                if (files.Create(directory, Support.Name(name), Support.FileNode, 1, out _) == Errno.EEXIST)
                    Assert.Equal(Errno.Success, files.Unlink(directory, Support.Name(name), 1));
            }
        }
    }

    [Fact]
    public void ReadersAndAWriterOfOneFile()
    {
        // Every block is all of one value; a reader must never see a mixture or anything else.
        Volume volume = Support.Open(Support.NewVolume(2048), new VolumeOptions { PageBytes = 64 * 4096 });
        ulong file = volume.Files.MakeFile(Root, "file");
        volume.Files.WriteAll(file, 0, new byte[100 * 4096]);
        bool stops = false;
        string? problem = null;
        var readers = new Thread[2];
        for (int t = 0; t < readers.Length; t++)
        {
            int seed = t;
            readers[t] = new Thread(() =>
            {
                var random = new Random(seed);
                var block = new byte[8192];
                while (!Volatile.Read(ref stops))
                {
                    Errno error = volume.Files.Read(file, random.Next(99) * 4096, block, out int count);
                    if (error != Errno.Success || count != block.Length || block.AsSpan(0, 4096).ContainsAnyExcept(block[0])
                        || block.AsSpan(4096).ContainsAnyExcept(block[4096]))
                        problem = $"{error} {count}";
                }
            });
            readers[t].Start();
        }

        var writes = new Random(9);
        var content = new byte[4096];
        for (int i = 0; i < 6000; i++)
        {
            content.AsSpan().Fill((byte)i);
            volume.Files.WriteAll(file, writes.Next(100) * 4096, content);
            if (i % 50 == 0)
                Assert.Equal(Errno.Success, volume.Files.Synchronize());
        }

        Volatile.Write(ref stops, true);
        foreach (Thread reader in readers)
            reader.Join();
        Assert.Null(problem);
    }

    private static string FindAfter(Volume volume, ulong number, Action<Cloister.Storage.Files.Inode> damage)
    {
        string all = "";
        volume.Damage(number, damage, () =>
        {
            var findings = new Findings();
            Assert.Equal(Errno.Success, volume.Check(readsData: false, findings, out _));
            all = string.Join("\n", findings.All);
        });
        return all;
    }

    private sealed class PageSink(int capacity) : IStoredEntrySink
    {
        public List<string> Names { get; } = [];

        public long Cookie { get; private set; }

        public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name)
        {
            if (Names.Count == capacity)
                return false;
            Names.Add(System.Text.Encoding.UTF8.GetString(name));
            Cookie = entry.NextCookie;
            return true;
        }
    }

    // The host refuses all writes after some.
    private sealed class FailingDevice(IBlockDevice inner, int writes) : IBlockDevice
    {
        private int _left = writes;

        public long BlockCount => inner.BlockCount;

        public BlockCounters Counters => inner.Counters;

        public void Submit(BlockBatch batch)
        {
            bool isWrite = batch.Count > 0 && batch.Requests[0].IsWrite;
            if (isWrite && _left-- <= 0)
                batch.Result = Errno.EIO;
            else
                inner.Submit(batch);
        }

        public Errno Wait(BlockBatch batch) => batch.Result;

        public Errno Flush() => inner.Flush();

        public Errno Trim(long firstBlock, long count) => inner.Trim(firstBlock, count);

        public Errno Grow(long blockCount) => inner.Grow(blockCount);
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>
/// Large numbers of one kind. What they cost is counted, in searches of the index and blocks of the device, so that the tests say the same on
/// any machine: ten times as many may cost little more than ten times as much.
/// </summary>
public sealed class CostTests
{
    private const int Few = 4_000;
    private const int Many = 10 * Few;

    private static readonly bool s_isNightly = Campaign.IsNightly;

    [Fact]
    public void AFileOfManyExtentsIsRemoved()
    {
        AssertLinear(extents =>
        {
            IBlockDevice device = Support.NewVolume(1 << 18);
            Volume volume = Support.Open(device);
            ulong file = volume.Files.MakeFile(1, "file");
            var page = new byte[4096];
            for (int i = 0; i < extents; i++)
                volume.Files.WriteAll(file, i * 2L * page.Length, page);
            Assert.Equal(Errno.Success, volume.Files.Seek(file, 1, SeekWhence.SEEK_HOLE, out long hole));
            Assert.Equal(page.Length, hole);
            long before = Cost(volume, device);
            Assert.Equal(Errno.Success, volume.Files.Unlink(1, "file"u8, 1));
            Assert.Equal(Errno.Success, volume.Compact());
            long cost = Cost(volume, device) - before;
            Support.AssertSound(volume);
            Assert.InRange(volume.GetStatistics().IndexBlocks, 0, 2);
            return cost;
        });
    }

    [Fact]
    public void AFileOfManyAttributesIsRemovedInSteps()
    {
        AssertLinear(attributes =>
        {
            RecordingBlockDevice device = MakeAttributes(attributes, out Volume volume, out _);
            Assert.Equal(Errno.Success, volume.Files.Unlink(1, "file"u8, 1));
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
            return Cost(volume, device);
        });
    }

    // Wherever the power fails: the name is there, or all of it goes at the next mount.
    [Fact]
    public void TheRemovalOfAFileOfManyAttributesIsEndedByTheNextMount()
    {
        var random = new Random(1);
        AssertLinear(attributes =>
        {
            RecordingBlockDevice device = MakeAttributes(attributes, out Volume volume, out ulong file);
            int before = device.LogLength;
            Assert.Equal(Errno.Success, volume.Files.Unlink(1, "file"u8, 1));
            Assert.Equal(Errno.ENOENT, volume.Files.GetAttributes(file, out _));
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
            Support.AssertSound(volume);
            // Where the power fails before anything was written, the mount does nothing.
            long most = 4 * attributes;
            for (int i = 0; i < (s_isNightly ? 20 : 3); i++)
            {
                var image = new RecordingBlockDevice(device.CrashImage(random.Next(before, device.LogLength), _ => random.Next(2) == 0));
                Volume crashed = Support.Open(image);
                most = Math.Max(most, Cost(crashed, image));
                Support.AssertSound(crashed);
                Assert.Equal(crashed.Files.Find(1, "file") == 0, crashed.Files.GetAttributes(file, out _) == Errno.ENOENT);
                crashed.Abandon();
            }

            return most;
        });
    }

    [Fact]
    public void ManyOrphansAreClearedAway()
    {
        AssertLinear(orphans =>
        {
            IBlockDevice device = Support.NewVolume(1 << 16);
            Volume volume = Support.Open(device);
            for (int i = 0; i < orphans; i++)
                Assert.Equal(Errno.Success, volume.Files.CreateTemporary(Support.FileNode, 1, out _));
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
            volume.Abandon();
            long before = device.Counters.ReadBytes / IBlockDevice.BlockSize;
            volume = Support.Open(device, seed: 3);
            long cost = Cost(volume, device) - before;
            Assert.Equal(1, volume.Files.GetStatus().Inodes);
            Support.AssertSound(volume);
            return cost;
        });
    }

    [Fact]
    public void ADirectoryThatWasLargeIsListed()
    {
        AssertLinear(files =>
        {
            IBlockDevice device = Support.NewVolume(1 << 16);
            Volume volume = Support.Open(device, Support.SmallOptions);
            for (int i = 0; i < files; i++)
                volume.Files.MakeFile(1, "f" + i);
            volume.Files.MakeFile(1, "last");
            Assert.Equal(Errno.Success, volume.Checkpoint());
            for (int i = 0; i < files; i++)
                Assert.Equal(Errno.Success, volume.Files.Unlink(1, Support.Name("f" + i), 1));
            Assert.Equal(["last"], volume.Files.List(1));
            return Cost(volume, device);
        });
    }

    // An overwritten block takes as much room in the newer table as in the older one: nothing is won by merging them so soon.
    [Fact]
    public void OverwrittenBlocksDoNotMakeTheTableBeWrittenAnew()
    {
        IBlockDevice device = Support.NewVolume(1 << 17);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(1, "file");
        var chunk = new byte[1 << 20];
        for (int i = 0; i < 256; i++)
            volume.Files.WriteAll(file, (long)i * chunk.Length, chunk);
        Assert.Equal(Errno.Success, volume.Checkpoint());
        long table = volume.GetStatistics().IndexBlocks;
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
            volume.Files.WriteAll(file, random.Next(1 << 16) * 4096L, chunk.AsSpan(0, 4096));
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        long before = device.Counters.WrittenBytes;
        Assert.Equal(Errno.Success, volume.Checkpoint());
        Assert.InRange((device.Counters.WrittenBytes - before) / IBlockDevice.BlockSize, 1, table / 2);
        // A hole is small, but makes the old table worth nothing.
        Assert.Equal(Errno.Success, volume.Files.SetAttributes(file, new AttributeChange { Mask = AttributeMask.Size, Size = 0 }, 1, out _));
        Assert.Equal(Errno.Success, volume.Checkpoint());
        Assert.InRange(volume.GetStatistics().IndexBlocks, 1, 2);
        Support.AssertSound(volume);
    }

    // A journal of 256 KiB, into which the removal of all at once doesn't fit.
    private static RecordingBlockDevice MakeAttributes(int attributes, out Volume volume, out ulong file)
    {
        var device = new RecordingBlockDevice(4096);
        Assert.Equal(Errno.Success, Volume.Create(device, Support.Key, new SeededEntropy(1), Support.RootNode, 1));
        volume = Support.Open(device);
        file = volume.Files.MakeFile(1, "file");
        for (int i = 0; i < attributes; i++)
            Assert.Equal(Errno.Success, volume.Files.SetExtendedAttribute(file, Support.Name("user." + i), "x"u8, XattrFlags.None, 1));
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        return device;
    }

    // A search takes time that grows with the logarithm; some steps are larger where more tables are merged.
    private static void AssertLinear(Func<int, long> costOf)
    {
        long few = costOf(Few), many = costOf(Many);
        Assert.True(many <= 15 * few, $"{Few} cost {few}, and {Many} cost {many}.");
        if (s_isNightly)
            costOf(15 * Few);
    }

    private static long Cost(Volume volume, IBlockDevice device) =>
        volume.IndexSearches + (device.Counters.ReadBytes + device.Counters.WrittenBytes) / IBlockDevice.BlockSize;
}

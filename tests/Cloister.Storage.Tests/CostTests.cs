using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Large numbers of one kind: where a cost grew with their square, these would take minutes.</summary>
public sealed class CostTests
{
    [Fact]
    public void AFileOfManyExtentsIsRemoved()
    {
        const int extents = 200_000;
        IBlockDevice device = Support.NewVolume(1 << 19);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(1, "file");
        var page = new byte[4096];
        for (int i = 0; i < extents; i++)
            volume.Files.WriteAll(file, i * 2L * page.Length, page);
        Assert.Equal(Errno.Success, volume.Files.Seek(file, 1, SeekWhence.SEEK_HOLE, out long hole));
        Assert.Equal(page.Length, hole);
        Assert.Equal(Errno.Success, volume.Files.Unlink(1, "file"u8, 1));
        Assert.Equal(Errno.Success, volume.Compact());
        Support.AssertSound(volume);
        Assert.InRange(volume.GetStatistics().IndexBlocks, 0, 2);
    }

    [Fact]
    public void AFileOfManyAttributesIsRemovedInSteps()
    {
        // The check after each crash takes its time; with all of them it is a matter of minutes.
        int attributes = System.Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1" ? 60_000 : 6_000;
        // A journal of 256 KiB, into which the removal of all at once doesn't fit.
        var device = new RecordingBlockDevice(4096);
        Assert.Equal(Errno.Success, Volume.Create(device, Support.Key, new SeededEntropy(1), Support.RootNode, 1));
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(1, "file");
        for (int i = 0; i < attributes; i++)
            Assert.Equal(Errno.Success, volume.Files.SetExtendedAttribute(file, Support.Name("user." + i), "x"u8, XattrFlags.None, 1));
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        int before = device.LogLength;
        Assert.Equal(Errno.Success, volume.Files.Unlink(1, "file"u8, 1));
        Assert.Equal(Errno.ENOENT, volume.Files.GetAttributes(file, out _));
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        Support.AssertSound(volume);
        // Wherever the power fails: the name is there, or all of it goes at the next mount.
        var random = new Random(1);
        for (int i = 0; i < 8; i++)
        {
            Volume crashed = Support.Open(new RecordingBlockDevice(device.CrashImage(random.Next(before, device.LogLength), _ => random.Next(2) == 0)));
            Support.AssertSound(crashed);
            Assert.Equal(crashed.Files.Find(1, "file") == 0, crashed.Files.GetAttributes(file, out _) == Errno.ENOENT);
            crashed.Abandon();
        }
    }

    [Fact]
    public void ManyOrphansAreClearedAway()
    {
        const int orphans = 50_000;
        IBlockDevice device = Support.NewVolume(1 << 16);
        Volume volume = Support.Open(device);
        for (int i = 0; i < orphans; i++)
            Assert.Equal(Errno.Success, volume.Files.CreateTemporary(Support.FileNode, 1, out _));
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        volume.Abandon();
        volume = Support.Open(device, seed: 3);
        Assert.Equal(1, volume.Files.GetStatus().Inodes);
        Support.AssertSound(volume);
    }
}

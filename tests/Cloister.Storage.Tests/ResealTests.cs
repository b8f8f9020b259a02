using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Keys that become too many, and keys that somebody may have: what they sealed is sealed anew.</summary>
public sealed class ResealTests
{
    private static readonly int s_mounts = Campaign.Size(byDay: 1_000, byNight: 100_000);

    [Fact]
    public void MountsNeverRunOut()
    {
        var random = new Random(Campaign.Seed + 1);
        var device = new RecordingBlockDevice(2048);
        Assert.Equal(Errno.Success, Volume.Create(device, Support.Key, new SeededEntropy(1), Support.RootNode, 1));
        var contents = new Dictionary<string, byte[]>();
        int most = 0;
        for (int mount = 0; mount < s_mounts; mount++)
        {
            Volume volume = Support.Open(device, Support.SmallOptions, mount + 2);
            most = Math.Max(most, volume.GetStatistics().Epochs);
            string name = "log" + mount % 50;
            byte[] content = Support.Pattern(mount, random.Next(1, 6000));
            ulong file = volume.Files.Find(1, name);
            if (file == 0)
                file = volume.Files.MakeFile(1, name);
            volume.Files.SetAttributes(file, new AttributeChange { Mask = AttributeMask.Size, Size = 0 }, 1, out _);
            volume.Files.WriteAll(file, 0, content);
            contents[name] = content;
            if (mount % 100 == 50)
                Assert.Equal(Errno.Success, volume.CreateSnapshot("s", 1));
            if (mount % 100 == 99)
                Assert.Equal(Errno.Success, volume.RemoveBranch("s"));
            Assert.Equal(Errno.Success, random.Next(2) == 0 ? volume.Close() : volume.Files.Synchronize());
            volume.Abandon();
            // A device that remembers all its writes would fill the memory.
            device = new RecordingBlockDevice(device.Image);
        }

        Volume last = Support.Open(device);
        foreach ((string name, byte[] content) in contents)
            Assert.Equal(content, last.Files.ReadAll(last.Files.Find(1, name)));
        Support.AssertSound(last);
        Assert.InRange(most, 100, Checkpoint.MostEpochs);
    }

    [Fact]
    public void EverythingIsEncryptedAnewWhileItIsUsed()
    {
        IBlockDevice device = Support.NewVolume(8192);
        Volume volume = Support.Open(device, Support.SmallOptions);
        var model = new ModelFileSystem();
        var operations = new RandomOperations(new Random(3), model);
        for (int i = 0; i < 300; i++)
            operations.Step(volume.Files);
        string then = model.Describe();
        Assert.Equal(Errno.Success, volume.CreateSnapshot("s", 1));
        for (int i = 0; i < 100; i++)
            operations.Step(volume.Files);
        byte[] key = new byte[32];
        Assert.Equal(Errno.Success, volume.BeginReencryption(key));
        ulong before = volume.GetStatistics().NextSequence;
        for (int step = 0; volume.ReencryptionProgress < 1; step++)
        {
            Assert.True(step < 1000);
            Assert.Equal(Errno.Success, volume.Reencrypt());
            for (int i = 0; i < 5; i++)
                operations.Step(volume.Files);
            if (step % 3 != 1)
                continue;
            // Interrupted, and gone on with.
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
            volume.Abandon();
            volume = Volume.Open(device, key, new SeededEntropy(step + 10), Support.SmallOptions);
            operations = new RandomOperations(new Random(step), model);
        }

        Assert.InRange(volume.GetStatistics().Epochs, 1, 400);
        Assert.Equal(model.Describe(), ModelFileSystem.Describe(volume.Files));
        Support.AssertSound(volume);
        Assert.Equal(Errno.Success, volume.OpenBranch("s", out IFileStore? files));
        Assert.Equal(then, ModelFileSystem.Describe(files!));
        Assert.True(volume.OldestEpoch >= before - 1);
        Assert.Equal(Errno.Success, volume.Close());
        Assert.Equal(Errno.EKEYREJECTED, Assert.Throws<VolumeException>(() => Support.Open(device)).Error);
        volume = Volume.Open(device, key, new SeededEntropy(9));
        Assert.Equal(Errno.Success, volume.RemoveBranch("s"));
        Support.AssertSound(volume);
    }

    [Fact]
    public void ACrashWhileTheMasterKeyIsReplacedLeavesOneThatFits()
    {
        var random = new Random(8);
        for (int round = 0; round < 100; round++)
        {
            byte[]?[] image = CrashHarness.NewImage(1024);
            var device = new RecordingBlockDevice(image);
            Volume volume = Support.Open(device);
            ulong file = volume.Files.MakeFile(1, "file");
            volume.Files.WriteAll(file, 0, Support.Pattern(1, 20_000));
            Assert.Equal(Errno.Success, volume.Checkpoint());
            int from = device.LogLength;
            byte[] key = new byte[32];
            Assert.Equal(Errno.Success, volume.BeginReencryption(key));
            while (volume.ReencryptionProgress < 1)
                Assert.Equal(Errno.Success, volume.Reencrypt());
            volume.Abandon();
            var crashed = new RecordingBlockDevice(device.CrashImage(random.Next(from, device.LogLength + 1), _ => random.Next(2) == 0));
            try
            {
                volume = Volume.Open(crashed, key, new SeededEntropy(3));
            }
            catch (VolumeException e) when (e.Error == Errno.EKEYREJECTED)
            {
                volume = Support.Open(crashed);
            }

            Assert.Equal(Support.Pattern(1, 20_000), volume.Files.ReadAll(volume.Files.Find(1, "file")));
            Support.AssertSound(volume);
            volume.Abandon();
        }
    }
}

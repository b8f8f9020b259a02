using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Clones: several sets of files in one volume, each changed by itself.</summary>
public sealed class CloneTests
{
    private const ulong Root = IFileStore.RootInode;

    [Fact]
    public void EachCloneIsWhatWasDoneToIt()
    {
        IBlockDevice device = Support.NewVolume(16384);
        var anchor = new MemoryAnchor();
        var random = new Random(8);
        var models = new Dictionary<string, ModelFileSystem> { [Volume.Main] = new() };
        var names = new List<string> { Volume.Main };
        for (int round = 0; round < 40; round++)
        {
            string name = names[random.Next(names.Count)];
            Volume volume = Support.Open(device, Options(name, anchor), 100 + round);
            Assert.Equal(models[name].Describe(), ModelFileSystem.Describe(volume.Files));
            var operations = new RandomOperations(random, models[name].Clone());
            for (int step = 0; step < 40; step++)
                operations.Step(volume.Files);
            models[name] = operations.Model.Clone();
            if (names.Count < 5 && random.Next(2) == 0)
            {
                string made = "clone " + round;
                string source = names[random.Next(names.Count)];
                // Of the mounted files, or of what another one was when it was last mounted.
                Assert.Equal(Errno.Success, volume.CreateClone(made, source, round));
                models.Add(made, models[source].Clone());
                names.Add(made);
            }
            else if (names.Count > 3 && random.Next(3) == 0)
            {
                string gone = names[random.Next(1, names.Count)];
                Errno expected = gone == name ? Errno.EBUSY : Errno.Success;
                Assert.Equal(expected, volume.RemoveBranch(gone));
                if (expected == Errno.Success)
                {
                    names.Remove(gone);
                    models.Remove(gone);
                }
            }

            Assert.Equal(names.Count - 1, volume.Branches.Count);
            Support.AssertSound(volume);
            foreach (string other in names)
            {
                Assert.Equal(Errno.Success, volume.OpenBranch(other, out IFileStore? files));
                Assert.Equal(models[other].Describe(), ModelFileSystem.Describe(files!));
            }

            Assert.Equal(Errno.Success, volume.Files.Synchronize());
            if (random.Next(2) == 0)
                volume.Abandon();
            else
                Assert.Equal(Errno.Success, volume.Close());
            Volume reader = Support.Open(device, new VolumeOptions { IsReadOnly = true, Clone = names[random.Next(names.Count)], Anchor = anchor }, 900);
            Support.AssertSound(reader);
            reader.Abandon();
        }

        Volume last = Support.Open(device, Options(null, anchor), 999);
        foreach (string name in names[1..])
            Assert.Equal(Errno.Success, last.RemoveBranch(name));
        Assert.Empty(last.Branches);
        Support.AssertSound(last);
    }

    [Fact]
    public void ACrashWhileAnotherIsMountedLosesNothing()
    {
        var device = new RecordingBlockDevice(2048);
        Assert.Equal(Errno.Success, Volume.Create(device, Support.Key, new SeededEntropy(1), Support.RootNode, 1));
        Volume volume = Support.Open(device, Support.SmallOptions);
        ulong file = volume.Files.MakeFile(Root, "file");
        volume.Files.WriteAll(file, 0, Support.Pattern(1, 50_000));
        Assert.Equal(Errno.Success, volume.CreateClone("clone", null, 1));
        volume.Files.WriteAll(file, 0, Support.Pattern(2, 30_000));
        volume.Files.MakeFile(Root, "only in main");
        // The last changes are in the journal only.
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        string main = ModelFileSystem.Describe(volume.Files);
        Assert.Equal(Errno.Success, volume.OpenBranch("clone", out IFileStore? files));
        string clone = ModelFileSystem.Describe(files!);
        volume.Abandon();

        device = new RecordingBlockDevice(device.Image);
        Support.Open(device, Options("clone", null)).Abandon();
        var random = new Random(3);
        for (int position = 0; position <= device.LogLength; position++)
        {
            for (int kind = 0; kind < 3; kind++)
            {
                byte[]?[] image = device.CrashImage(position, _ => kind == 0 || random.Next(3) < kind);
                foreach ((string? name, string state) in new[] { ("clone", clone), (Volume.Main, main), ("clone", clone) })
                {
                    var crashed = new RecordingBlockDevice(image);
                    volume = Support.Open(crashed, Options(name, null), 50 + position);
                    Assert.Equal(state, ModelFileSystem.Describe(volume.Files));
                    Support.AssertSound(volume);
                    Assert.Equal(Errno.Success, volume.Close());
                    image = crashed.Image;
                }
            }
        }
    }

    [Fact]
    public void BlocksThatNoBranchHasAreFoundWhenTheVolumeIsFull()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(device, Support.SmallOptions);
        Assert.Equal(Errno.Success, volume.CreateClone("clone", null, 1));
        ulong file = volume.Files.MakeFile(Root, "file");
        byte[] content = Support.Pattern(1, 2000 * 4096);
        volume.Files.WriteAll(file, 0, content);
        Assert.Equal(Errno.Success, volume.Close());
        // After two mounts of others nobody knows who shares what.
        Support.Open(device, Options("clone", null)).Close();
        volume = Support.Open(device, Options(null, null));
        for (int round = 0; round < 4; round++)
        {
            content = Support.Pattern(2 + round, content.Length);
            volume.Files.WriteAll(file, 0, content);
        }

        Assert.Equal(content, volume.Files.ReadAll(file));
        Support.AssertSound(volume);
    }

    [Fact]
    public void WhatNoBranchHasAnyMoreIsKnownAtTheNextMount()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(device);
        volume.Files.MakeFile(Root, "file");
        Assert.Equal(Errno.Success, volume.CreateClone("clone", null, 1));
        Assert.Equal(Errno.Success, volume.Close());
        // Each replaces the table of the index that both began with.
        foreach (string name in new[] { "clone", Volume.Main })
        {
            volume = Support.Open(device, Options(name, null));
            volume.Files.MakeFile(Root, "of " + name);
            Assert.Equal(Errno.Success, volume.Close());
            volume = Support.Open(device, new VolumeOptions { IsReadOnly = true });
            Support.AssertSound(volume);
            volume.Abandon();
        }
    }

    [Fact]
    public void WhatCannotBe()
    {
        IBlockDevice device = Support.NewVolume(2048);
        Volume volume = Support.Open(device);
        Assert.Equal(Errno.Success, volume.CreateSnapshot("snapshot", 1));
        Assert.Equal(Errno.Success, volume.CreateClone("clone", "snapshot", 1));
        Assert.Equal(Errno.EEXIST, volume.CreateClone("snapshot", null, 1));
        Assert.Equal(Errno.EEXIST, volume.CreateSnapshot("clone", 1));
        Assert.Equal(Errno.EEXIST, volume.CreateClone(Volume.Main, null, 1));
        Assert.Equal(Errno.EINVAL, volume.CreateClone("", null, 1));
        Assert.Equal(Errno.ENAMETOOLONG, volume.CreateClone(new string('x', 65), null, 1));
        Assert.Equal(Errno.ENOENT, volume.CreateClone("other", "nothing", 1));
        Assert.Equal(Errno.EPERM, volume.RemoveBranch(Volume.Main));
        Assert.Equal(Errno.ENOENT, volume.RemoveBranch("nothing"));
        Assert.Equal(Errno.Success, volume.Close());
        Assert.Equal(Errno.ENOENT, Assert.Throws<VolumeException>(() => Support.Open(device, Options("nothing", null))).Error);
        VolumeException refused = Assert.Throws<VolumeException>(() => Support.Open(device, Options("snapshot", null)));
        Assert.Equal(Errno.EROFS, refused.Error);
        Assert.Contains("make a clone", refused.Message, StringComparison.Ordinal);
        volume = Support.Open(device, Options("clone", null));
        Assert.Equal(Errno.EBUSY, volume.RemoveBranch("clone"));
        Assert.Equal(Errno.Success, volume.RemoveBranch("snapshot"));
        Assert.Equal(Errno.Success, volume.Close());
        volume = Support.Open(device, new VolumeOptions { IsReadOnly = true });
        Assert.Equal(Errno.EROFS, volume.Files.Create(Root, "x"u8, Support.FileNode, 1, out _));
        Assert.Equal(Errno.EROFS, volume.RemoveBranch("clone"));
    }

    private static VolumeOptions Options(string? name, IFreshnessAnchor? anchor) => new()
    {
        Clone = name, Anchor = anchor, DeltaBytes = 256 * 1024, CacheBytes = 1 << 20, PageBytes = 256 * 4096, DirectWriteBytes = 8192,
    };
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

public sealed class BasicTests
{
    private const ulong Root = IFileStore.RootInode;

    [Fact]
    public void FilesSurviveClosing()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(device);
        ulong directory = volume.Files.MakeDirectory(Root, "dir");
        ulong small = volume.Files.MakeFile(directory, "small");
        ulong large = volume.Files.MakeFile(directory, "large");
        byte[] content = Support.Pattern(7, 3_000_000);
        volume.Files.WriteAll(small, 0, "hello"u8);
        volume.Files.WriteAll(large, 0, content);
        Assert.Equal(content, volume.Files.ReadAll(large));
        Assert.Equal(Errno.Success, volume.Close());

        volume = Support.Open(device, seed: 3);
        Assert.Equal(["large", "small"], volume.Files.List(volume.Files.Find(Root, "dir")));
        Assert.Equal("hello"u8.ToArray(), volume.Files.ReadAll(small));
        Assert.Equal(content, volume.Files.ReadAll(large));
        Assert.Equal(Errno.Success, volume.Close());
    }

    [Fact]
    public void WhatWasSynchronizedSurvivesACrash()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(Root, "file");
        byte[] content = Support.Pattern(8, 500_000);
        volume.Files.WriteAll(file, 100, content);
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        ulong lost = volume.Files.MakeFile(Root, "lost");
        volume.Files.WriteAll(lost, 0, content);
        volume.Abandon();

        volume = Support.Open(device, seed: 3);
        Assert.Equal(["file"], volume.Files.List(Root));
        Assert.Equal(content, volume.Files.ReadAll(file).AsSpan(100).ToArray());
        Assert.Equal(Errno.Success, volume.Close());
    }

    [Fact]
    public void AWrongKeyIsRefused()
    {
        IBlockDevice device = Support.NewVolume(4096);
        var other = (byte[])Support.Key.Clone();
        other[0] ^= 1;
        VolumeException refusal = Assert.Throws<VolumeException>(() => Volume.Open(device, other, new SeededEntropy(1)));
        Assert.Equal(Errno.EKEYREJECTED, refusal.Error);
    }
}

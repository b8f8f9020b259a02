using System;
using System.Collections.Generic;
using System.Linq;
using Cloister.Abi;
using Cloister.Storage.Index;
using Cloister.Storage.Space;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>The replay of random writes, which is sorted, and places of long writes.</summary>
public sealed class ReplayedExtentsTests
{
    [Fact]
    public void AreSortedByInodeAndBlockAndThenByAge()
    {
        var random = new Random(1);
        var expected = new List<(ulong Inode, long Block, ulong Sequence)>();
        var extents = new ReplayedExtents();
        Span<byte> value = stackalloc byte[ExtentValue.Size(1)];
        while (!extents.IsFull)
        {
            (ulong inode, long block, ulong sequence) = ((ulong)random.Next(1, 4) << random.Next(60), (long)random.Next(4) << random.Next(30), (ulong)extents.Count);
            ExtentValue.WriteData(value, 1, 1, sequence);
            extents.Add(inode, block, value);
            expected.Add((inode, block, sequence));
        }

        extents.Sort();
        int index = 0;
        foreach ((ulong inode, long block, ulong sequence) in expected.OrderBy(extent => extent.Inode).ThenBy(extent => extent.Block).ThenBy(extent => extent.Sequence))
        {
            Assert.Equal((inode, block, sequence), (extents.Inode(index), extents.Block(index), ExtentValue.Sequence(extents.Value(index))));
            index++;
        }
    }

    [Fact]
    public void ShortAndLongWritesAreReplayedInTheirOrder()
    {
        const int blocks = 64;
        var random = new Random(2);
        RecordingBlockDevice device = (RecordingBlockDevice)NewDevice();
        Volume volume = Support.Open(device);
        ulong[] files = [volume.Files.MakeFile(1, "a"), volume.Files.MakeFile(1, "b")];
        byte[][] contents = [new byte[blocks * 4096], new byte[blocks * 4096]];
        for (int i = 0; i < 2000; i++)
        {
            int file = random.Next(2), block = random.Next(blocks), count = random.Next(20) == 0 ? random.Next(1, blocks - block + 1) : 1;
            byte[] bytes = Support.Pattern(i, count * 4096);
            volume.Files.WriteAll(files[file], block * 4096L, bytes);
            bytes.CopyTo(contents[file], block * 4096);
            if (random.Next(10) == 0)
                Assert.Equal(Errno.Success, volume.Commit(flush: random.Next(2) == 0));
        }

        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        volume.Abandon();
        volume = Support.Open(device, seed: 3);
        for (int file = 0; file < 2; file++)
        {
            byte[] found = volume.Files.ReadAll(files[file]);
            Assert.Equal(contents[file].AsSpan(0, found.Length).ToArray(), found);
        }

        Support.AssertSound(volume);
        volume.Abandon();
    }

    [Fact]
    public void LongWritesBeginAtAlignedPlacesWhereThereIsRoom()
    {
        var map = new FreeMap(1024);
        Assert.Equal(39, map.Allocate(39, out _));
        map.Align(256);
        Assert.Equal(32, map.Allocate(32, out long first));
        Assert.Equal(64, first);
        // Not where it would pass over blocks in use, nor for short ones.
        map.Mark(200, 1);
        map.Align(256);
        Assert.Equal(32, map.Allocate(32, out first));
        Assert.Equal(96, first);
        map.Align(16);
        Assert.Equal(1, map.Allocate(1, out first));
        Assert.Equal(128, first);
        // What was left out is found at the end.
        int left = 0;
        for (int taken; (taken = map.Allocate(32, out _)) > 0; left += taken)
        {
        }

        Assert.Equal(1024 - 39 - 32 - 32 - 1 - 1, left);
    }

    [Fact]
    public void SmallCommitsGoBackToPlacesThatWereWritten()
    {
        var map = new FreeMap(4096);
        Assert.Equal(100, map.Allocate(100, out _));
        map.Release(10, 30);
        // Less than half of what was written is free.
        map.ReturnToWritten();
        Assert.Equal(1, map.Allocate(1, out long first));
        Assert.Equal(100, first);
        map.Release(40, 30);
        map.ReturnToWritten();
        Assert.Equal(2, map.Allocate(2, out first));
        Assert.Equal(10, first);
        // Not before all of those were passed.
        map.ReturnToWritten();
        Assert.Equal(1, map.Allocate(1, out first));
        Assert.Equal(12, first);

        // What a map on the device has in use was written, and all before it may have been.
        var bytes = new byte[map.Size];
        map.Write(bytes);
        var read = new FreeMap(0);
        read.Read(bytes, 4096);
        Assert.Equal(64, read.Allocate(64, out first));
        Assert.Equal(101, first);
        read.ReturnToWritten();
        Assert.Equal(1, read.Allocate(1, out first));
        Assert.Equal(165, first);
    }

    private static Contracts.Storage.IBlockDevice NewDevice()
    {
        var device = new RecordingBlockDevice(8192);
        Assert.Equal(Errno.Success, Volume.Create(device, Support.Key, new SeededEntropy(5), Support.RootNode, 1));
        return device;
    }
}

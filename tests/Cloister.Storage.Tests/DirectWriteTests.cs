using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Devices;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Long writes, which don't go through the page buffer.</summary>
public sealed class DirectWriteTests
{
    private const ulong Root = IFileStore.RootInode;
    private const int Block = IBlockDevice.BlockSize;

    [Fact]
    public void TheLastPageOfALogIsWrittenWithoutReadingItsBlock()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(1, "log");
        byte[] content = Support.Pattern(1, 9000);
        volume.Files.WriteAll(file, 0, content.AsSpan(0, 6000));
        Assert.Equal(Errno.Success, volume.Checkpoint());
        long before = device.Counters.ReadRequests;
        volume.Files.WriteAll(file, 4096, content.AsSpan(4096, 2500));
        Assert.Equal(before, device.Counters.ReadRequests);
        // Behind the end there are zeros, whatever the page had before; and a shorter write keeps what it doesn't reach.
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        volume.Files.WriteAll(file, 4096, content.AsSpan(4096, 100));
        volume.Files.WriteAll(file, 8192, content.AsSpan(8192, 808));
        Assert.Equal([.. content.AsSpan(0, 6596), .. new byte[8192 - 6596], .. content.AsSpan(8192)], volume.Files.ReadAll(file));
        Assert.Equal(Errno.Success, volume.Close());
    }

    [Fact]
    public void WhatIsOnItsWayIsReadAfterItHasArrived()
    {
        Volume volume = Support.Open(new LazyDevice(Support.NewVolume(4096)));
        ulong file = volume.Files.MakeFile(Root, "file");
        byte[] content = Support.Pattern(1, 3 << 20);
        volume.Files.WriteAll(file, 0, content);
        Assert.Equal(content, volume.Files.ReadAll(file));
        // A part of a block, which is read to be completed.
        volume.Files.WriteAll(file, 5000, "new"u8);
        "new"u8.CopyTo(content.AsSpan(5000));
        Assert.Equal(content, volume.Files.ReadAll(file));
    }

    [Fact]
    public void WhatWasSynchronizedIsThereAfterACrash()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(new LazyDevice(device));
        ulong file = volume.Files.MakeFile(Root, "file");
        byte[] content = Support.Pattern(2, (3 << 20) + 777);
        volume.Files.WriteAll(file, 0, content);
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        volume.Abandon();
        volume = Support.Open(device);
        Assert.Equal(content, volume.Files.ReadAll(file));
        Support.AssertSound(volume);
    }

    [Fact]
    public void MoreThanTheBuffersHold()
    {
        Volume volume = Support.Open(new LazyDevice(Support.NewVolume(16384)));
        ulong file = volume.Files.MakeFile(Root, "file");
        byte[] content = Support.Pattern(3, 20 << 20);
        // Begins and ends within a block.
        volume.Files.WriteAll(file, 100, content);
        Assert.Equal(content, volume.Files.ReadAll(file)[100..]);
        Support.AssertSound(volume);
    }

    [Fact]
    public void ReplacesWhatWasWrittenInSmallPieces()
    {
        Volume volume = Support.Open(Support.NewVolume(4096));
        ulong file = volume.Files.MakeFile(Root, "file");
        byte[] content = Support.Pattern(4, 1 << 20);
        // Inline, then dirty pages, then pages and blocks, each below what replaces them.
        volume.Files.WriteAll(file, 0, content.AsSpan(0, 1000));
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        for (int at = 0; at < 200_000; at += 10_000)
            volume.Files.WriteAll(file, at, new byte[10_000]);
        volume.Files.WriteAll(file, 0, content);
        Assert.Equal(content, volume.Files.ReadAll(file));
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        Assert.Equal(content, volume.Files.ReadAll(file));
        Assert.Equal(Errno.Success, volume.Files.GetAttributes(file, out StoredAttributes attributes));
        Assert.Equal(256, attributes.Blocks);
        Support.AssertSound(volume);
    }

    [Fact]
    public void AFailedWriteIsNeverCalledDurable()
    {
        var device = new LazyDevice(Support.NewVolume(4096));
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(Root, "file");
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        device.RefusesWrites = true;
        Assert.Equal(Errno.Success, volume.Files.Write(file, 0, new byte[1 << 20], 1, out _));
        Assert.Equal(Errno.EIO, volume.Files.Synchronize());
        device.RefusesWrites = false;
        Assert.Equal(Errno.EIO, volume.Files.Synchronize());
        Assert.Equal(Errno.EIO, volume.Files.Write(file, 0, new byte[1 << 20], 1, out _));
    }

    [Fact]
    public void FillsAVolumeAndNoMore()
    {
        Volume volume = Support.Open(Support.NewVolume(2048), Support.SmallOptions);
        ulong file = volume.Files.MakeFile(Root, "file");
        var chunk = new byte[300_000];
        long size = 0;
        while (true)
        {
            Errno error = volume.Files.Write(file, size, chunk, 1, out int count);
            size += count;
            if (error != Errno.Success || count < chunk.Length)
                break;
        }

        Assert.Equal(Errno.ENOSPC, volume.Files.Write(file, size, chunk, 1, out _));
        Assert.True(size > 2048L * Block * 7 / 10, $"{size}");
        Support.AssertSound(volume);
        // Overwriting all of it over and over needs room only for what is under way.
        Assert.Equal(Errno.Success, volume.Files.SetAttributes(file, new AttributeChange { Mask = AttributeMask.Size, Size = size / 2 }, 1, out _));
        for (int round = 0; round < 5; round++)
        {
            for (long at = 0; at + chunk.Length <= size / 2; at += chunk.Length)
                volume.Files.WriteAll(file, at, chunk);
        }

        Support.AssertSound(volume);
    }

    [Fact]
    public void NoBlockIsTrimmedThatAWriterTakesMeanwhile()
    {
        var device = new HookedDevice(Support.NewVolume(4096));
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(Root, "file");
        byte[] content = Support.Pattern(5, 1 << 20);
        device.OnTrim = count =>
        {
            // The writer gets blocks of the longest run.
            if (count < 1000)
                return;
            device.OnTrim = null;
            Elsewhere(() => volume.Files.WriteAll(file, 0, content));
        };
        Assert.Equal(Errno.Success, volume.Trim(1, out long trimmed));
        Assert.True(trimmed > 1000);
        Assert.Equal(content, volume.Files.ReadAll(file));
    }

    [Fact]
    public void NoBlockIsForgottenThatAWriterTakesWhileASnapshotIsRemoved()
    {
        var device = new HookedDevice(Support.NewVolume(4096));
        Volume volume = Support.Open(device);
        ulong first = volume.Files.MakeFile(Root, "first"), second = volume.Files.MakeFile(Root, "second");
        byte[] content = Support.Pattern(6, 1 << 20);
        Assert.Equal(Errno.Success, volume.CreateSnapshot("s", 1));
        int reads = 0;
        device.OnSubmit = batch =>
        {
            // The checkpoint before has no tables to merge: what is read, the search for free blocks reads.
            if (batch.Requests[0].IsWrite || reads++ > 0)
                return;
            Elsewhere(() => volume.Files.WriteAll(first, 0, content));
        };
        Assert.Equal(Errno.Success, volume.RemoveBranch("s"));
        device.OnSubmit = null;
        Assert.True(reads > 0);
        volume.Files.WriteAll(second, 0, Support.Pattern(7, 1 << 20));
        Assert.Equal(content, volume.Files.ReadAll(first));
        Support.AssertSound(volume);
    }

    [Fact]
    public void ACheckpointKeepsNoBlocksForAWriteThatACrashEnds()
    {
        IBlockDevice inner = Support.NewVolume(4096);
        var device = new HookedDevice(inner);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(Root, "file");
        Assert.Equal(Errno.Success, volume.Checkpoint());
        device.OnSubmit = batch =>
        {
            // The blocks have places, and the index doesn't know them yet.
            device.OnSubmit = null;
            Elsewhere(() => Assert.Equal(Errno.Success, volume.Checkpoint()));
        };
        volume.Files.WriteAll(file, 0, Support.Pattern(8, 256 << 10));
        volume.Abandon();
        volume = Support.Open(inner);
        Support.AssertSound(volume);
        Assert.Empty(volume.Files.ReadAll(file));
    }

    [Fact]
    public void WritersWriteWhileTheVolumeIsTrimmedAndSnapshotsComeAndGo()
    {
        Volume volume = Support.Open(Support.NewVolume(16384), Support.SmallOptions);
        var contents = new byte[3][];
        var files = new ulong[3];
        var writers = new Thread[3];
        bool stops = false;
        for (int t = 0; t < writers.Length; t++)
        {
            int number = t;
            files[t] = volume.Files.MakeFile(Root, "file" + t);
            contents[t] = Support.Pattern(10 + t, 1 << 20);
            writers[t] = new Thread(() =>
            {
                while (!Volatile.Read(ref stops))
                    volume.Files.WriteAll(files[number], 0, contents[number]);
                volume.Files.WriteAll(files[number], 0, contents[number]);
            });
            writers[t].Start();
        }

        for (int round = 0; round < 40; round++)
        {
            Assert.Equal(Errno.Success, volume.Trim(1, out _));
            Assert.Equal(Errno.Success, volume.CreateSnapshot("s", 1));
            Assert.Equal(Errno.Success, volume.RemoveBranch("s"));
        }

        Volatile.Write(ref stops, true);
        foreach (Thread writer in writers)
            writer.Join();
        for (int t = 0; t < writers.Length; t++)
            Assert.Equal(contents[t], volume.Files.ReadAll(files[t]));
        Assert.Equal(Errno.Success, volume.Checkpoint());
        Support.AssertSound(volume);
    }

    private static void Elsewhere(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Threads that synchronise at the same time.</summary>
public sealed class GroupCommitTests
{
    private const ulong Root = IFileStore.RootInode;
    private const int Threads = 6;

    [Fact]
    public void ThreadsThatComeMeanwhileShareACommit()
    {
        using var isFlushing = new ManualResetEventSlim();
        using var goesOn = new ManualResetEventSlim();
        using var asleep = new CountdownEvent(Threads);
        var device = new LazyDevice(Support.NewVolume(4096));
        Volume volume = Support.Open(device, new VolumeOptions { CreateSleeper = () => new SemaphoreSleeper(() => asleep.Signal()) });
        int flushes = 0;
        device.OnFlush = () =>
        {
            if (Interlocked.Increment(ref flushes) == 1)
            {
                isFlushing.Set();
                goesOn.Wait(TestContext.Current.CancellationToken);
            }
        };
        List<Thread> threads = [Start(volume, 0)];
        isFlushing.Wait(TestContext.Current.CancellationToken);
        for (int t = 1; t <= Threads; t++)
            threads.Add(Start(volume, t));
        // All of them sleep until the first is done.
        asleep.Wait(TestContext.Current.CancellationToken);
        goesOn.Set();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(2, flushes);
        Assert.Equal(Threads + 1, volume.Files.List(Root).Count);
    }

    [Fact]
    public void EveryThreadLearnsOfAFailure()
    {
        var device = new LazyDevice(Support.NewVolume(4096));
        Volume volume = Support.Open(device, new VolumeOptions { CreateSleeper = () => new SemaphoreSleeper() });
        device.RefusesWrites = true;
        var results = new Errno[Threads];
        var threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int number = t;
            volume.Files.MakeFile(Root, "n" + t);
            threads[t] = new Thread(() => results[number] = volume.Files.Synchronize());
        }

        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.All(results, result => Assert.Equal(Errno.EIO, result));
    }

    [Fact]
    public void WhatEachThreadSynchronizedIsThereAfterACrash()
    {
        IBlockDevice device = Support.NewVolume(16384);
        Volume volume = Support.Open(device, new VolumeOptions { CreateSleeper = () => new SemaphoreSleeper() });
        var threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int number = t;
            threads[t] = new Thread(() =>
            {
                for (int i = 0; i < 200; i++)
                {
                    ulong file = volume.Files.MakeFile(Root, $"{number} {i}");
                    volume.Files.WriteAll(file, 0, new byte[100]);
                    Assert.Equal(Errno.Success, volume.Files.Synchronize());
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        volume.Abandon();
        volume = Support.Open(device);
        Assert.Equal(Threads * 200, volume.Files.List(Root).Count);
        Support.AssertSound(volume);
    }

    private static Thread Start(Volume volume, int number)
    {
        var thread = new Thread(() =>
        {
            volume.Files.MakeFile(Root, "file" + number);
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
        });
        thread.Start();
        return thread;
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>
/// Exceptions and refusals in any call of the device, one at a time, together with power cuts: whatever fails, the volume takes no more
/// changes, and what was synchronised is there afterwards.
/// </summary>
public sealed class FaultTests
{
    private const int StatesPerWorkload = 25;

    // With the states of CrashTests these are 100,000 by day.
    private static readonly int s_states = Campaign.Size(byDay: 40_000, byNight: 1_000_000);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void WhateverFailsNothingIsLost(int part)
    {
        byte[]?[] image = CrashHarness.NewImage(1024, taken: part == 0 ? 0 : 560);
        for (int workload = 0; workload < s_states / 2 / StatesPerWorkload; workload++)
        {
            int seed = Campaign.Seed + (workload * 2) + part;
            if (RunWorkload(image, seed, new VolumeSwitches(), StatesPerWorkload) is { } problem)
                Assert.Fail($"Workload {seed}, {problem}");
        }
    }

    [Theory]
    [InlineData(nameof(VolumeSwitches.SurvivesExceptions))]
    [InlineData(nameof(VolumeSwitches.IgnoresWriteErrors))]
    [InlineData(nameof(VolumeSwitches.IgnoresFlushErrors))]
    [InlineData(nameof(VolumeSwitches.SkipsTableFlush))]
    [InlineData(nameof(VolumeSwitches.SkipsSlotFlush))]
    public void FindsAPlantedBug(string bug)
    {
        var switches = new VolumeSwitches();
        typeof(VolumeSwitches).GetProperty(bug)!.SetValue(switches, true);
        byte[]?[] image = CrashHarness.NewImage(1024, taken: 760);
        for (int workload = 0; workload < 2000; workload++)
        {
            try
            {
                if (RunWorkload(image, workload, switches, StatesPerWorkload, synchronizeOneOf: 3) is not null)
                    return;
            }
            catch (Xunit.Sdk.XunitException)
            {
                // The files of a crash state couldn't even be listed.
                return;
            }
        }

        Assert.Fail("The planted bug wasn't found.");
    }

    [Fact]
    public void WithoutRandomNumbersNothingIsDoneByHalves()
    {
        for (int fails = 0; ; fails++)
        {
            var device = new RecordingBlockDevice(1024);
            var entropy = new FailingEntropy(fails);
            try
            {
                if (Volume.Create(device, Support.Key, entropy, Support.RootNode, 1) != Errno.Success)
                    continue;
                Volume volume = Volume.Open(device, Support.Key, entropy);
                ulong file = volume.Files.MakeFile(1, "file");
                volume.Files.WriteAll(file, 0, "content"u8);
                Assert.Equal(Errno.Success, volume.Files.Synchronize());
                byte[] next = new byte[32];
                bool isDone = volume.CreateSnapshot("s", 1) == Errno.Success && volume.ChangeKey(next) == Errno.Success
                    && volume.BeginReencryption(Support.Key) == Errno.Success && volume.Reencrypt() == Errno.Success && volume.Close() == Errno.Success;
                entropy.IsExhausted = false;
                volume.Abandon();
                volume = OpenWithAny(device, next);
                Assert.Equal("content"u8.ToArray(), volume.Files.ReadAll(volume.Files.Find(1, "file")));
                Support.AssertSound(volume);
                volume.Abandon();
                if (isDone)
                    return;
            }
            catch (InvalidOperationException)
            {
                // While it was made or opened.
            }
        }
    }

    private static Volume OpenWithAny(RecordingBlockDevice device, byte[] other)
    {
        try
        {
            return Support.Open(device);
        }
        catch (VolumeException e) when (e.Error == Errno.EKEYREJECTED)
        {
            return Volume.Open(device, other, new SeededEntropy(5));
        }
    }

    private static string? RunWorkload(byte[]?[] image, int seed, VolumeSwitches switches, int states, int synchronizeOneOf = 4)
    {
        var random = new Random(seed);
        var harness = new CrashHarness(image, switches);
        var operations = new RandomOperations(random, new ModelFileSystem()) { LargestFile = 25_000 };
        int call = 0, failing = random.Next(1, 200), kind = random.Next(4);
        harness.Device.OnCall = () => call++ != failing ? Errno.Success : kind switch
        {
            0 => Errno.EIO,
            1 => throw new OutOfMemoryException("injected"),
            2 => throw new InvalidOperationException("injected"),
            _ => throw new IndexOutOfRangeException("injected"),
        };
        for (int step = 0; step < 60; step++)
        {
            try
            {
                operations.Step(harness.Files);
            }
            catch (Exception) when (harness.Volume.HasFailed || call > failing)
            {
                // The operation was given up, but it may have become durable.
                harness.Mark(operations.Model);
                break;
            }

            harness.Mark(operations.Model);
            if (random.Next(synchronizeOneOf) == 0)
                harness.TrySynchronize(checkpoint: random.Next(2) == 0);
        }

        harness.Device.OnCall = null;
        if (harness.Volume.HasFailed && (harness.Volume.Checkpoint() == Errno.Success || harness.Files.Synchronize() == Errno.Success
            || harness.Files.Create(1, "late"u8, Support.FileNode, 1, out _) == Errno.Success))
            return "a volume that failed takes changes.";
        harness.Abandon();
        for (int state = 0; state < states; state++)
        {
            if (harness.JudgeRandom(random) is { } problem)
                return problem;
        }

        return null;
    }

    private sealed class FailingEntropy(int calls) : IEntropySource
    {
        private readonly SeededEntropy _inner = new(7);
        private int _left = calls;

        public bool IsExhausted { get; set; } = true;

        public void Fill(Span<byte> destination)
        {
            if (IsExhausted && _left-- <= 0)
                throw new InvalidOperationException("There are no random numbers.");
            _inner.Fill(destination);
        }
    }
}

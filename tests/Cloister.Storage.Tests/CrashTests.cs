using System;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Random workloads and random crash states, with a seed.</summary>
public sealed class CrashTests
{
    private const int StatesPerWorkload = 100;
    private const int Filler = 560;

    private static readonly int s_states = Campaign.Size(byDay: 60_000, byNight: 1_000_000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void EveryCrashStateIsAStateThatWas(int part)
    {
        // One part on a volume that is nearly full: what is freed is soon used again.
        byte[]?[] image = CrashHarness.NewImage(1024, taken: part > 1 ? 0 : Filler);
        for (int workload = 0; workload < s_states / 4 / StatesPerWorkload; workload++)
        {
            int seed = Campaign.Seed + (workload * 4) + part;
            if (RunWorkload(image, seed, StatesPerWorkload, null) is { } problem)
                Assert.Fail($"Workload {seed}, {problem}");
        }
    }

    [Fact]
    public void FindsAMissingFlush() => AssertFound(new VolumeSwitches { SkipsFlush = true });

    [Fact]
    public void FindsBlocksThatAreFreedTooEarly() => AssertFound(new VolumeSwitches { FreesAtOnce = true });

    [Fact]
    public void FindsAReplayThatTrustsItsData() => AssertFound(new VolumeSwitches { TrustsData = true });

    private static void AssertFound(VolumeSwitches switches)
    {
        byte[]?[] image = CrashHarness.NewImage(1024, 760);
        for (int workload = 0; workload < 400; workload++)
        {
            try
            {
                if (RunWorkload(image, workload, 60, switches, steps: 600, largestFile: 10_000, synchronizeOneOf: 40) is not null)
                    return;
            }
            catch (Xunit.Sdk.XunitException e) when (e.Message.Contains("ENOSPC", StringComparison.Ordinal))
            {
                // So long a workload may fill what the snapshot leaves.
            }
            catch (Xunit.Sdk.XunitException)
            {
                // The files of a crash state couldn't even be listed.
                return;
            }
        }

        Assert.Fail("The planted bug wasn't found.");
    }

    private static string? RunWorkload(byte[]?[] image, int seed, int states, VolumeSwitches? switches, int steps = 60, int largestFile = 25_000, int synchronizeOneOf = 5)
    {
        var random = new Random(seed);
        var harness = new CrashHarness(image, switches);
        var operations = new RandomOperations(random, new ModelFileSystem()) { LargestFile = largestFile };
        steps = random.Next(10, steps);
        for (int step = 0; step < steps; step++)
        {
            operations.Step(harness.Files);
            harness.Mark(operations.Model);
            if (random.Next(synchronizeOneOf) == 0)
                harness.Synchronize(checkpoint: random.Next(4) == 0);
            else if (random.Next(8) == 0)
                harness.CommitWithoutFlush();
        }

        harness.Abandon();
        for (int state = 0; state < states; state++)
        {
            if (harness.JudgeRandom(random) is { } problem)
                return problem;
        }

        return null;
    }
}

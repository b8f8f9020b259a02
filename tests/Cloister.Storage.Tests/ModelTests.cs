using System;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Random operations against the model, with commits, checkpoints, clean and unclean remounts in between.</summary>
public sealed class ModelTests
{
    private static readonly int s_steps = Campaign.Size(byDay: 6_000, byNight: 200_000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void BehavesLikeTheModel(int seed)
    {
        var random = new Random(seed);
        IBlockDevice device = Support.NewVolume(16384, seed);
        Volume volume = Support.Open(device, Support.SmallOptions, seed);
        var operations = new RandomOperations(random, new ModelFileSystem());
        for (int step = 0; step < s_steps; step++)
        {
            try
            {
                operations.Step(volume.Files);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"Step {step}, {operations.Last}", e);
            }

            if (volume.Failure is { } failure)
                Assert.Fail($"Step {step}, {operations.Last}: {failure.Message}");
            switch (random.Next(400))
            {
                case < 6:
                    Assert.Equal(Errno.Success, volume.Files.Synchronize());
                    break;
                case < 8:
                    Assert.Equal(Errno.Success, volume.Checkpoint());
                    break;
                case < 10:
                    Compare(operations, volume, step);
                    Support.AssertSound(volume);
                    // After a mount nobody holds anything.
                    operations = new RandomOperations(random, operations.Model.Clone());
                    if (random.Next(2) == 0)
                    {
                        Assert.Equal(Errno.Success, volume.Close());
                    }
                    else
                    {
                        Assert.Equal(Errno.Success, volume.Files.Synchronize());
                        volume.Abandon();
                    }

                    volume = Support.Open(device, Support.SmallOptions, (seed * 1000) + step);
                    Compare(operations, volume, step);
                    break;
            }
        }

        Compare(operations, volume, s_steps);
        Support.AssertSound(volume);
        Assert.Equal(Errno.Success, volume.Close());
    }

    private static void Compare(RandomOperations operations, Volume volume, int step)
    {
        string expected = operations.Model.Describe();
        string actual = ModelFileSystem.Describe(volume.Files);
        if (expected != actual)
            Assert.Fail($"Step {step}, after {operations.Last}:\n{FirstDifference(expected, actual)}");
    }

    private static string FirstDifference(string expected, string actual)
    {
        string[] left = expected.Split('\n'), right = actual.Split('\n');
        for (int i = 0; ; i++)
        {
            if (i == left.Length || i == right.Length || left[i] != right[i])
                return $"expected {(i < left.Length ? left[i] : "nothing")}\nfound    {(i < right.Length ? right[i] : "nothing")}";
        }
    }
}

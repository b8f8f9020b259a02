using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>
/// A host that changes what it stores. Whatever it does, there is an error that says so, or the files are exactly what they
/// were: never wrong data, and no alarm where nothing of the volume was touched.
/// </summary>
public sealed class AttackTests
{
    private static readonly int s_attacks = Campaign.Size(byDay: 10_000, byNight: 1_000_000);

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void EveryAttackIsDetectedOrHarmless(int seed, bool isClosed)
    {
        var random = new Random(seed);
        History history = Record(seed, isClosed);
        int detected = 0, harmless = 0;
        for (int attack = 0; attack < s_attacks / 2; attack++)
        {
            byte[]?[] image = (byte[]?[])history.Images[^1].Clone();
            string what = Attack(random, image, history);
            (bool isDetected, string? problem) = Judge(image, history);
            if (problem is not null)
                Assert.Fail($"Attack {attack}, {what}: {problem}");
            if (isDetected)
                detected++;
            else
                harmless++;
        }

        // About a third of the volume is in use, and large attacks always hit something.
        Assert.InRange(detected, s_attacks / 8, s_attacks / 2);
        Assert.True(harmless > 0);
    }

    [Fact]
    public void AnUntouchedVolumeGivesNoAlarm()
    {
        History history = Record(3, isClosed: false);
        Assert.Equal((false, null), Judge(history.Images[^1], history));
    }

    [Fact]
    public void EveryBlockInUseIsProtected()
    {
        History history = Record(4, isClosed: true);
        bool[] isUsed = UsedBlocks(history.Images[^1], history);
        for (int block = 0; block < isUsed.Length; block++)
        {
            byte[]?[] image = (byte[]?[])history.Images[^1].Clone();
            Flip(image, block, 100 + block);
            (bool isDetected, string? problem) = Judge(image, history);
            Assert.Null(problem);
            Assert.True(isDetected == isUsed[block], $"block {block}");
        }
    }

    [Fact]
    public void AnOldVolumeIsStale()
    {
        History history = Record(5, isClosed: false);
        for (int i = 0; i < history.Images.Count - 1; i++)
        {
            var device = new RecordingBlockDevice(history.Images[i]);
            VolumeException refusal = Assert.Throws<VolumeException>(() => Support.Open(device, Options(history.Anchor.Clone()), 99));
            Assert.Equal(Errno.ESTALE, refusal.Error);
        }
    }

    [Fact]
    public void AForkedVolumeIsMountedOnce()
    {
        History history = Record(6, isClosed: true);
        Volume first = Support.Open(new RecordingBlockDevice(history.Images[^1]), Options(history.Anchor), 98);
        VolumeException refusal = Assert.Throws<VolumeException>(
            () => Support.Open(new RecordingBlockDevice(history.Images[^1]), Options(history.Anchor), 99));
        Assert.Equal(Errno.ESTALE, refusal.Error);
        first.Files.MakeFile(IFileStore.RootInode, "goes on");
        Assert.Equal(Errno.Success, first.Close());
    }

    [Fact]
    public void TheSecondOfTwoThatAreMountedAtOnceIsRefused()
    {
        History history = Record(7, isClosed: true);
        var late = new LateAnchor(history.Anchor);
        Volume first = Support.Open(new RecordingBlockDevice(history.Images[^1]), Options(late), 98);
        late.MoveElsewhere();
        first.Files.MakeFile(IFileStore.RootInode, "too late");
        Assert.NotEqual(Errno.Success, first.Files.Synchronize());
        Assert.Equal(Errno.EBUSY, first.Failure!.Error);
    }

    [Fact]
    public void StrictModeMovesTheAnchorWithEverySynchronization()
    {
        var anchor = new MemoryAnchor();
        IBlockDevice device = new RecordingBlockDevice(CrashHarness.NewImage(1024));
        Volume volume = Support.Open(device, Options(anchor), 1);
        int before = anchor.Advances;
        for (int i = 0; i < 5; i++)
        {
            volume.Files.MakeFile(IFileStore.RootInode, "file" + i);
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
        }

        Assert.Equal(before + 5, anchor.Advances);
    }

    [Fact]
    public void ACutOffVolumeIsRefused()
    {
        History history = Record(8, isClosed: true);
        var device = new RecordingBlockDevice(history.Images[^1][..1000]);
        VolumeException refusal = Assert.Throws<VolumeException>(() => Support.Open(device, Options(history.Anchor), 99));
        Assert.Equal(Errno.EBADMSG, refusal.Error);
    }

    [Fact]
    public void ALongerVolumeIsFine()
    {
        History history = Record(9, isClosed: true);
        byte[]?[] image = new byte[2000][];
        history.Images[^1].CopyTo(image, 0);
        Assert.Equal((false, null), Judge(image, history));
    }

    // A volume with a past: images of it after each of some synchronizations.
    private static History Record(int seed, bool isClosed)
    {
        var random = new Random(seed);
        var anchor = new MemoryAnchor();
        var device = new RecordingBlockDevice(CrashHarness.NewImage(1024));
        Volume volume = Support.Open(device, Options(anchor), seed);
        var operations = new RandomOperations(random, new ModelFileSystem()) { LargestFile = 60_000 };
        var images = new List<byte[]?[]>();
        for (int round = 0; round < 8; round++)
        {
            for (int step = 0; step < 12; step++)
                operations.Step(volume.Files);
            Assert.Equal(Errno.Success, round % 3 == 2 ? volume.Checkpoint() : volume.Files.Synchronize());
            images.Add(device.Image);
        }

        if (isClosed)
        {
            Assert.Equal(Errno.Success, volume.Close());
            images.Add(device.Image);
        }
        else
        {
            volume.Abandon();
        }

        return new History(images, anchor, operations.Model.Describe());
    }

    private static string Attack(Random random, byte[]?[] image, History history)
    {
        int blocks = image.Length;
        int count = random.Next(4) == 0 ? random.Next(1, 200) : random.Next(1, 4);
        switch (random.Next(6))
        {
            case 0:
                for (int i = 0; i < count; i++)
                    Flip(image, random.Next(blocks), random.Next());
                return $"{count} bits flipped";
            case 1:
                for (int i = 0; i < count; i++)
                {
                    int left = random.Next(blocks), right = random.Next(blocks);
                    (image[left], image[right]) = (image[right], image[left]);
                }

                return $"{count} pairs swapped";
            case 2:
                byte[]?[] old = history.Images[random.Next(history.Images.Count)];
                for (int i = 0; i < count; i++)
                {
                    int block = random.Next(blocks);
                    image[block] = old[block];
                }

                return $"{count} blocks of an older state";
            case 3:
                old = history.Images[random.Next(history.Images.Count)];
                int first = random.Next(blocks), last = random.Next(first, blocks);
                for (int block = first; block <= last; block++)
                    image[block] = old[block];
                return $"blocks {first} to {last} of an older state";
            case 4:
                for (int i = 0; i < count; i++)
                    image[random.Next(blocks)] = null;
                return $"{count} blocks zeroed";
            default:
                old = history.Images[random.Next(history.Images.Count - 1)];
                bool[] keeps = [random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0];
                // Superblocks, checkpoints, journal, the rest: each old or new as a whole.
                for (int block = 0; block < blocks; block++)
                {
                    int part = block < 2 ? 0 : block < 34 ? 1 : block < 98 ? 2 : 3;
                    if (!keeps[part])
                        image[block] = old[block];
                }

                return "an older state of whole parts";
        }
    }

    private static void Flip(byte[]?[] image, int block, int bit)
    {
        var content = (byte[])(image[block] ?? new byte[IBlockDevice.BlockSize]).Clone();
        content[(bit / 8) & 4095] ^= (byte)(1 << (bit & 7));
        image[block] = content;
    }

    private static (bool IsDetected, string? Problem) Judge(byte[]?[] image, History history)
    {
        Volume? volume = null;
        try
        {
            VolumeException? fault = null;
            volume = Support.Open(new RecordingBlockDevice(image), Options(history.Anchor.Clone()), 42);
            volume.OnFault = e => fault = e;
            string found = ModelFileSystem.Describe(volume.Files);
            if (found != history.Final)
                return (false, "wrong data without an error");
            var findings = new Findings();
            volume.Check(readsData: true, findings, out _);
            return (findings.All.Count > 0 || fault is not null || volume.DamageFound.Count > 0, null);
        }
        catch (VolumeException e)
        {
            return e.Error is Errno.EBADMSG or Errno.ESTALE or Errno.EINVAL or Errno.EKEYREJECTED && e.Message.Length > 20
                ? (true, null)
                : (true, $"{e.Error}: {e.Message}");
        }
        catch (InvalidOperationException e)
        {
            // The description of the files came upon an error.
            return e.Message.EndsWith("EBADMSG", StringComparison.Ordinal) ? (true, null) : (true, e.Message);
        }
        finally
        {
            volume?.Abandon();
        }
    }

    // Found out by reading alone: one block after the other, without changing any.
    private static bool[] UsedBlocks(byte[]?[] image, History history)
    {
        var device = new RecordingBlockDevice(image);
        Volume volume = Volume.Open(device, Support.Key, new SeededEntropy(1), new VolumeOptions { IsReadOnly = true, Anchor = history.Anchor });
        var isUsed = new bool[image.Length];
        for (int block = 0; block < isUsed.Length; block++)
            isUsed[block] = block >= 98 && volume.IsBlockUsed(block);
        // Both copies of the superblock and of the checkpoint, which fits into a block here.
        foreach (int block in (int[])[0, 1, 2, 18])
            isUsed[block] = true;
        volume.Abandon();
        return isUsed;
    }

    private static VolumeOptions Options(IFreshnessAnchor anchor) => new()
    {
        Anchor = anchor, IsStrict = true, DeltaBytes = 64 * 1024, CacheBytes = 1, PageBytes = 256 * 4096, CachedInodes = 256,
    };

    private sealed record History(List<byte[]?[]> Images, MemoryAnchor Anchor, string Final);

    // Another mount gets hold of the anchor in between.
    private sealed class LateAnchor(MemoryAnchor inner) : IFreshnessAnchor
    {
        private FreshnessState _last;
        private byte[] _volumeId = [];

        public Errno Read(ReadOnlySpan<byte> volumeId, out FreshnessState state) => inner.Read(volumeId, out state);

        public Errno Advance(ReadOnlySpan<byte> volumeId, in FreshnessState expected, in FreshnessState next)
        {
            _volumeId = volumeId.ToArray();
            _last = next;
            return inner.Advance(volumeId, expected, next);
        }

        public void MoveElsewhere() => Assert.Equal(Errno.Success, inner.Advance(_volumeId, _last, _last with { Counter = _last.Counter + 1 }));
    }
}

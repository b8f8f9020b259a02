using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>What is stored twice and damaged once: reported, used only where nothing is lost, repaired. What is lost is said.</summary>
public sealed class DamageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(18)]
    public void ADamagedCopyIsReportedAndRepaired(int block)
    {
        RecordingBlockDevice device = NewVolume(closes: false);
        device.Tamper(block)[200 - (block < 2 ? 100 : 0)] ^= 1;
        Volume volume = Support.Open(device, new VolumeOptions { IsReadOnly = true });
        var findings = new Findings();
        Assert.Equal(Errno.Success, volume.Check(readsData: true, findings, out _));
        Assert.Single(findings.All);
        Assert.NotEqual(0UL, volume.Files.Find(1, "synchronised"));
        volume.Abandon();

        volume = Support.Open(device);
        Assert.Single(volume.DamageFound);
        Assert.NotEqual(0UL, volume.Files.Find(1, "synchronised"));
        volume.Abandon();
        volume = Support.Open(device, new VolumeOptions { IsReadOnly = true });
        Assert.Empty(volume.DamageFound);
        Support.AssertSound(volume);
    }

    [Fact]
    public void WithBothCopiesDamagedThereIsNothing()
    {
        RecordingBlockDevice device = NewVolume(closes: true);
        device.Tamper(2)[200] ^= 1;
        device.Tamper(18)[300] ^= 1;
        Assert.Equal(Errno.EBADMSG, Assert.Throws<VolumeException>(() => Support.Open(device)).Error);
    }

    [Fact]
    public void AGapInTheJournalIsNotTheEnd()
    {
        RecordingBlockDevice device = NewVolume(closes: false, synchronizations: 3);
        // The first of three records, of which the others say that it was durable.
        device.Tamper(FirstRecord(device))[100] ^= 1;
        VolumeException refusal = Assert.Throws<VolumeException>(() => Support.Open(device));
        Assert.Equal(Errno.EBADMSG, refusal.Error);
        Assert.Contains("journal", refusal.Message);
        // What is left can be read.
        Volume volume = Support.Open(device, new VolumeOptions { IsReadOnly = true });
        var findings = new Findings();
        volume.Check(readsData: true, findings, out _);
        Assert.Contains(findings.All, finding => finding.Contains("they are lost"));
    }

    [Fact]
    public void AnInterruptedChangeOfTheKeyIsEnded()
    {
        RecordingBlockDevice device = NewVolume(closes: true);
        byte[] second = [.. device[1]!];
        Volume volume = Support.Open(device);
        byte[] key = new byte[32];
        Assert.Equal(Errno.Success, volume.ChangeKey(key));
        Assert.Equal(Errno.Success, volume.Close());
        device[1] = second;
        Volume.Open(device, key, new SeededEntropy(4)).Close();
        Assert.Equal(device[0], device[1]);
        Assert.Equal(Errno.EKEYREJECTED, Assert.Throws<VolumeException>(() => Support.Open(device)).Error);
    }

    [Fact]
    public void AVolumeThatWasUsedWithoutItsAnchorIsNotOld()
    {
        var anchor = new MemoryAnchor();
        RecordingBlockDevice device = NewVolume(closes: true);
        Use(device, anchor);
        byte[]?[] old = device.Image;
        Use(device, null);
        Use(device, null);
        Use(device, anchor);
        Use(device, anchor);
        VolumeException refusal = Assert.Throws<VolumeException>(() => Support.Open(new RecordingBlockDevice(old), new VolumeOptions { Anchor = anchor }));
        Assert.Equal(Errno.ESTALE, refusal.Error);
        Assert.Contains("older", refusal.Message);
    }

    [Fact]
    public void ACrashBeforeTheAnchorMovesLeavesItBehindNobody()
    {
        var anchor = new MemoryAnchor();
        RecordingBlockDevice device = NewVolume(closes: true);
        Use(device, anchor);
        Use(device, null);
        device = new RecordingBlockDevice(device.Image);
        int moved = 0;
        RecordingBlockDevice recorded = device;
        Use(device, new ProbeAnchor(anchor.Clone(), () => moved = moved == 0 ? recorded.LogLength : moved));
        // Wherever the power failed in that mount, before it moved the anchor.
        Assert.True(moved > 0);
        for (int position = 0; position <= moved; position++)
        {
            var crashed = new RecordingBlockDevice(device.CrashImage(position, _ => true));
            Support.Open(crashed, new VolumeOptions { Anchor = anchor.Clone() }).Abandon();
        }
    }

    private sealed class ProbeAnchor(MemoryAnchor inner, Action advancing) : IFreshnessAnchor
    {
        public Errno Read(ReadOnlySpan<byte> volumeId, out FreshnessState state) => inner.Read(volumeId, out state);

        public Errno Advance(ReadOnlySpan<byte> volumeId, in FreshnessState expected, in FreshnessState next)
        {
            advancing();
            return inner.Advance(volumeId, expected, next);
        }
    }

    [Fact]
    public void AVolumeThatTookAnotherCourseIsToldApart()
    {
        var anchor = new MemoryAnchor();
        RecordingBlockDevice device = NewVolume(closes: true);
        Use(device, anchor);
        byte[]?[] old = device.Image;
        Use(device, anchor);
        var other = new RecordingBlockDevice(old);
        for (int i = 0; i < 5; i++)
            Use(other, null);
        VolumeException refusal = Assert.Throws<VolumeException>(() => Support.Open(other, new VolumeOptions { Anchor = anchor }));
        Assert.Equal(Errno.ESTALE, refusal.Error);
        Assert.Contains("another course", refusal.Message);
    }

    private static void Use(IBlockDevice device, IFreshnessAnchor? anchor)
    {
        Volume volume = Support.Open(device, new VolumeOptions { Anchor = anchor, IsStrict = anchor is not null });
        volume.Files.MakeFile(1, Guid.NewGuid().ToString());
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        Assert.Equal(Errno.Success, volume.Close());
    }

    private static RecordingBlockDevice NewVolume(bool closes, int synchronizations = 1)
    {
        var device = new RecordingBlockDevice(1024);
        Assert.Equal(Errno.Success, Volume.Create(device, Support.Key, new SeededEntropy(1), Support.RootNode, 1));
        Volume volume = Support.Open(device);
        volume.Files.MakeFile(1, "synchronised");
        for (int i = 0; i < synchronizations; i++)
        {
            volume.Files.MakeFile(1, "file" + i);
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
        }

        if (closes)
            Assert.Equal(Errno.Success, volume.Close());
        volume.Abandon();
        return device;
    }

    private static long FirstRecord(RecordingBlockDevice device)
    {
        // The first one of all is that of the volume's making, which a checkpoint has.
        for (long block = 35; ; block++)
        {
            if (device[block] is not null)
                return block;
        }
    }
}

using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>
/// Runs a workload on a recording device and judges crash states: each must mount, be sound, and be exactly what the files
/// were after some operation, not before the last that was synchronized.
/// </summary>
internal sealed class CrashHarness
{
    private readonly VolumeSwitches _switches;
    private readonly RecordingBlockDevice _device;
    private readonly Volume _volume;
    private readonly List<string> _states = [];
    private readonly List<LogMark> _marks = [];
    private int _synchronized;

    public CrashHarness(byte[]?[] image, VolumeSwitches? switches = null)
    {
        _switches = switches ?? new VolumeSwitches();
        _device = new RecordingBlockDevice(image);
        _volume = Mount(_device, 11);
        Mark(new ModelFileSystem());
    }

    public static VolumeOptions Options(VolumeSwitches switches) => new()
    {
        DeltaBytes = 64 * 1024, CacheBytes = 1, PageBytes = 256 * 4096, CachedInodes = 256, DirectWriteBytes = 8192, Switches = switches,
    };

    public IFileStore Files => _volume.Files;

    public Volume Volume => _volume;

    public RecordingBlockDevice Device => _device;

    public int States { get; private set; }

    public int LogLength => _device.LogLength;

    /// <summary>A small new volume, to start from.</summary>
    /// <param name="blocks">Its size.</param>
    /// <param name="taken">Blocks that a snapshot holds, so that the others are soon used again.</param>
    public static byte[]?[] NewImage(long blocks, int taken = 0)
    {
        var device = new RecordingBlockDevice(blocks);
        Assert.Equal(Errno.Success, Volume.Create(device, Support.Key, new SeededEntropy(5), Support.RootNode, 1));
        if (taken > 0)
        {
            Volume volume = Support.Open(device, Options(new VolumeSwitches()));
            ulong file = volume.Files.MakeFile(IFileStore.RootInode, "filler");
            volume.Files.WriteAll(file, 0, new byte[taken * IBlockDevice.BlockSize]);
            Assert.Equal(Errno.Success, volume.CreateSnapshot("full", 1));
            Assert.Equal(Errno.Success, volume.Files.Unlink(IFileStore.RootInode, "filler"u8, 1));
            Assert.Equal(Errno.Success, volume.Close());
        }

        return device.Image;
    }

    /// <summary>An operation has ended; the model is what the files are now.</summary>
    public void Mark(ModelFileSystem model)
    {
        string state = model.Describe();
        if (_states.Count == 0 || _states[^1] != state)
            _states.Add(state);
        _marks.Add(new LogMark(_device.LogLength, _states.Count - 1, _synchronized));
    }

    public void Synchronize(bool checkpoint)
    {
        Assert.Equal(Errno.Success, checkpoint ? _volume.Checkpoint() : _volume.Files.Synchronize());
        _synchronized = _states.Count - 1;
        _marks.Add(new LogMark(_device.LogLength, _states.Count - 1, _synchronized));
    }

    /// <summary>As <see cref="Synchronize"/>, where the host may fail.</summary>
    public Errno TrySynchronize(bool checkpoint)
    {
        Errno error = checkpoint ? _volume.Checkpoint() : _volume.Files.Synchronize();
        if (error == Errno.Success)
            _synchronized = _states.Count - 1;
        _marks.Add(new LogMark(_device.LogLength, _states.Count - 1, _synchronized));
        return error;
    }

    /// <summary>What happens by itself where memory for changes runs out.</summary>
    public void CommitWithoutFlush() => Assert.Equal(Errno.Success, _volume.Commit(flush: false));

    /// <summary>Judges a crash at a position of the log.</summary>
    /// <returns>What is wrong; null where nothing is.</returns>
    public string? Judge(int position, Func<int, bool> survives, Random? nested = null)
    {
        States++;
        // Operations that had ended, and those that ended with what the log holds only later: the one under way.
        int least = 0, most = 0;
        foreach (LogMark mark in _marks)
        {
            if (mark.Position <= position)
            {
                least = mark.Synchronized;
                most = mark.State;
            }
            else
            {
                most = mark.State;
                break;
            }
        }

        var device = new RecordingBlockDevice(_device.CrashImage(position, survives));
        try
        {
            Volume volume = Mount(device, 12);
            if (nested is not null)
            {
                // The power fails again while the volume is being mounted.
                volume.Abandon();
                device = new RecordingBlockDevice(device.CrashImage(nested.Next(device.LogLength + 1), _ => nested.Next(2) == 0));
                volume = Mount(device, 13);
            }

            string found = ModelFileSystem.Describe(volume.Files);
            var findings = new Findings();
            volume.Check(readsData: true, findings, out _);
            volume.Abandon();
            if (findings.All.Count > 0)
                return $"crash at {position}: {findings.All[0]}";
            for (int state = least; state <= most; state++)
            {
                if (_states[state] == found)
                    return null;
            }

            return $"crash at {position} of {_device.LogLength}{(nested is null ? "" : " and again")}: not a state from {least} to {most}:\n{found}\nbut\n{_states[least]}\n...\n{_states[most]}";
        }
        catch (Exception e) when (e is VolumeException or InvalidOperationException)
        {
            return $"crash at {position}: {e.Message}";
        }
    }

    /// <summary>Judges every prefix of the log, and at each flush's end the loss of each single block and of all.</summary>
    public string? JudgeAllPrefixes(int from)
    {
        for (int position = from; position <= _device.LogLength; position++)
        {
            if (Judge(position, _ => true) is { } problem)
                return problem;
        }

        return null;
    }

    /// <summary>Judges a crash at a random place with random blocks lost.</summary>
    public string? JudgeRandom(Random random)
    {
        int position = random.Next(_device.LogLength + 1);
        int seed = random.Next();
        // Few blocks lost, half of them, or few that survive.
        int chance = random.Next(3) switch { 0 => 90, 1 => 50, _ => 10 };
        return Judge(position, index => (uint)((seed ^ (index * 0x5bd1e995)) * 0x2545F491 >> 8) % 100 < chance, random.Next(16) == 0 ? random : null);
    }

    public void Abandon() => _volume.Abandon();

    private Volume Mount(RecordingBlockDevice device, int seed) => Support.Open(device, Options(_switches), seed);

    private readonly record struct LogMark(int Position, int State, int Synchronized);
}

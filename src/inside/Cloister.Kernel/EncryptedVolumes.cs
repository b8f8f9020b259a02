using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Hal;
using Cloister.Linux;
using Cloister.Nucleus.HostCalls;
using Cloister.Storage;
using Cloister.Storage.Volumes;
using Cloister.Vfs;

namespace Cloister.Kernel;

/// <summary>The encrypted volumes of an enclave, from their mount to their end.</summary>
internal sealed class EncryptedVolumes(HostServices host, IPlatform platform) : IKernelThreadEntry
{
    /// <summary>How long what programs wrote stays in memory only, if they don't ask for more; as Linux's dirty_writeback_centisecs.</summary>
    private const long CommitInterval = 5_000_000_000;

    private readonly List<(EncryptedMount Mount, Volume Volume)> _volumes = [];

    /// <summary>Opens and mounts a volume; gives one sentence where that fails.</summary>
    public string? Mount(VirtualFileSystem vfs, EncryptedMount mount)
    {
        Errno error = host.OpenBlocks(mount.Share, out IBlockDevice? device);
        if (error != Errno.Success)
            return $"The encrypted volume for {mount.Target} can't be opened: the host says {error}.";
        try
        {
            var volume = Volume.Open(device!, mount.Key, new PlatformEntropy(platform.Entropy), new VolumeOptions
            {
                IsReadOnly = mount.IsReadOnly,
                Clone = mount.CloneName,
                Anchor = mount.Anchor,
                IsStrict = mount.IsStrict,
                CreateSleeper = () => new ParkedSleeper(platform.Cpus.CreateParker(), platform.Clock),
            });
            _volumes.Add((mount, volume));
            error = vfs.MountStore(Encoding.UTF8.GetBytes(mount.Target), volume.Files, mount.IsReadOnly);
            return error == Errno.Success ? null : $"The encrypted volume for {mount.Target} can't be mounted there ({error}).";
        }
        catch (VolumeException failure)
        {
            return $"The encrypted volume for {mount.Target} can't be opened: {failure.Message}";
        }
    }

    /// <summary>Says in the log what the host has done to a volume, and begins to write in the background.</summary>
    public void Begin(KernelLog log)
    {
        if (_volumes.Count == 0)
            return;
        foreach ((EncryptedMount mount, Volume volume) in _volumes)
        {
            foreach (string sentence in volume.DamageFound)
                log.Write(LogLevel.Error, $"volume at {mount.Target}: {sentence}");
            volume.OnFault = failure => log.Write(LogLevel.Error, $"volume at {mount.Target}: {failure.Message}");
        }

        platform.Cpus.Start(this);
    }

    /// <inheritdoc/>
    public void Run()
    {
        IParker parker = platform.Cpus.CreateParker();
        while (true)
        {
            parker.Park(platform.Clock.MonotonicNanoseconds + CommitInterval);
            foreach ((EncryptedMount mount, Volume volume) in _volumes)
            {
                // A volume that is closed by then answers with an error, which nobody waits for.
                if (!mount.IsReadOnly)
                    volume.Files.Synchronize();
            }
        }
    }

    /// <summary>Makes everything durable; gives one sentence where that fails.</summary>
    public string? Close(VirtualFileSystem vfs)
    {
        if (_volumes.Count == 0)
            return null;
        vfs.Synchronize();
        string? problem = null;
        foreach ((EncryptedMount mount, Volume volume) in _volumes)
        {
            Errno error = volume.Close();
            if (error != Errno.Success)
                problem = $"The encrypted volume for {mount.Target} could not be written ({error}); what was synchronised before is safe.";
        }

        return problem;
    }

    private sealed class ParkedSleeper(IParker parker, IClock clock) : ISleeper
    {
        public void Sleep(long nanoseconds) => parker.Park(nanoseconds == long.MaxValue ? long.MaxValue : clock.MonotonicNanoseconds + nanoseconds);

        public void Wake() => parker.Unpark();
    }

    private sealed class PlatformEntropy(IEntropy entropy) : IEntropySource
    {
        public void Fill(Span<byte> destination) => entropy.Fill(destination);
    }
}

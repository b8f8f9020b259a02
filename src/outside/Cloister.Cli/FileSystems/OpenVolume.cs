using System;
using System.IO;
using System.Security.Cryptography;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Host;
using Cloister.Host.Storage;
using Cloister.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Cli.FileSystems;

/// <summary>Where a volume is and what opens it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Key">The key.</param>
/// <param name="Anchor">Folder of the freshness anchor; null for none.</param>
/// <param name="IsStrict">Whether what was synchronised can't be undone: the anchor moves each time.</param>
/// <param name="CloneName">The clone whose files are meant; null for the main ones.</param>
internal sealed record VolumeLocation(string Path, byte[] Key, string? Anchor, bool IsStrict, string? CloneName);

/// <summary>A volume that a command works on. What goes wrong is a sentence that names it.</summary>
internal sealed class OpenVolume : IDisposable
{
    private readonly FileBlockDevice _device;
    private readonly string _path;

    private OpenVolume(FileBlockDevice device, Cloister.Storage.Volumes.Volume volume, string path)
    {
        _device = device;
        Volume = volume;
        _path = path;
    }

    public static long Now => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    public static IEntropySource Entropy { get; } = new SystemEntropy();

    public Cloister.Storage.Volumes.Volume Volume { get; }

    public IBlockDevice Device => _device;

    public static OpenVolume Open(VolumeLocation location, bool isReadOnly)
    {
        string path = location.Path;
        FileBlockDevice device = FileBlockDevice.Open(path, isReadOnly);
        var options = new VolumeOptions
        {
            IsReadOnly = isReadOnly,
            Clone = location.CloneName,
            Anchor = OpenAnchor(location.Anchor, location.IsStrict),
            IsStrict = location.IsStrict,
            CreateSleeper = () => new ThreadSleeper(),
        };
        try
        {
            var volume = Cloister.Storage.Volumes.Volume.Open(device, location.Key, Entropy, options);
            foreach (string sentence in volume.DamageFound)
                Console.Error.WriteLine($"cloister: '{path}': {sentence}{(isReadOnly ? "" : " It was repaired.")}");
            return new OpenVolume(device, volume, path);
        }
        catch (VolumeException failure)
        {
            device.Dispose();
            throw new HostException($"'{path}' can't be opened: {failure.Message}");
        }
    }

    /// <summary>The anchor of a folder; null for none. The same for all commands.</summary>
    public static IFreshnessAnchor? OpenAnchor(string? folder, bool isStrict)
    {
        if (folder is null)
            return isStrict ? throw new HostException("'--anchor-strict' needs '--anchor DIR': there is nothing to be strict about without it.") : null;
        return Directory.Exists(folder)
            ? new FileFreshnessAnchor(folder)
            : throw new HostException($"'{folder}' is not a directory: make it first, where an attacker can't write.");
    }

    /// <summary>Throws the sentence for an error.</summary>
    public void Require(Errno error, string action)
    {
        if (error == Errno.Success)
            return;
        string reason = error switch
        {
            Errno.ENOSPC => "the volume is full; 'cloister fs grow' makes it larger",
            Errno.EBADMSG or Errno.EIO when Volume.Failure is { } failure => failure.Message.TrimEnd('.'),
            Errno.EBADMSG => "its content was changed outside",
            _ => error.ToString(),
        };
        throw new HostException($"'{_path}': {action}: {reason}.");
    }

    /// <summary>The files, or those of a snapshot.</summary>
    public IFileStore GetFiles(string? snapshot)
    {
        if (snapshot is null)
            return Volume.Files;
        Errno error = Volume.OpenBranch(snapshot, out IFileStore? files);
        return error == Errno.Success
            ? files!
            : throw new HostException($"'{_path}' has no snapshot '{snapshot}': 'cloister fs snapshot list' shows them.");
    }

    /// <summary>Makes everything durable.</summary>
    public void Close() => Require(Volume.Close(), "it could not be closed");

    public void Dispose()
    {
        Volume.Abandon();
        _device.Dispose();
    }

    private sealed class SystemEntropy : IEntropySource
    {
        public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}

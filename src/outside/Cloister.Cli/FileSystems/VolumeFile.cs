using System;
using System.IO;
using System.Security.Cryptography;
using Cloister.Abi;
using Cloister.Crypto;
using Cloister.Host;
using Cloister.Host.Storage;
using Cloister.Storage;
using Cloister.Storage.Volumes;
using StoredVolume = Cloister.Storage.Volumes.Volume;

namespace Cloister.Cli.FileSystems;

/// <summary>A volume in a file of this machine, opened for a command.</summary>
internal sealed class VolumeFile : IDisposable
{
    private const int ShortestKey = 16;
    private const int LongestKey = 4096;

    private readonly FileBlockDevice _device;

    private VolumeFile(FileBlockDevice device, StoredVolume volume)
    {
        _device = device;
        Volume = volume;
    }

    public StoredVolume Volume { get; }

    public static VolumeFile Open(string path, string keyFile, bool isReadOnly, string? anchorFolder = null, bool isStrict = false)
    {
        byte[] key = ReadKey(keyFile);
        FileBlockDevice device = FileBlockDevice.Open(path, isReadOnly);
        try
        {
            var options = new VolumeOptions
            {
                IsReadOnly = isReadOnly,
                Anchor = anchorFolder is null ? null : new FileFreshnessAnchor(anchorFolder),
                IsStrict = isStrict,
                Yield = () => System.Threading.Thread.Yield(),
            };
            return new VolumeFile(device, StoredVolume.Open(device, key, new MachineEntropy(), options));
        }
        catch (VolumeException e)
        {
            device.Dispose();
            throw new HostException($"'{path}' can't be opened: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Reads a key: all bytes of a file, such as 32 from /dev/urandom, or of /dev/fd/N.</summary>
    public static byte[] ReadKey(string path)
    {
        byte[] key;
        try
        {
            using FileStream file = File.OpenRead(path);
            var buffer = new byte[LongestKey + 1];
            int length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            key = buffer[..length];
            CryptographicOperations.ZeroMemory(buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"The key file '{path}' can't be read: make one with 'head -c 32 /dev/urandom > {path}'.", e);
        }

        return key.Length switch
        {
            < ShortestKey => throw new HostException($"The key in '{path}' has {key.Length} bytes, which is too short: 32 random bytes are good."),
            > LongestKey => throw new HostException($"'{path}' is longer than {LongestKey} bytes: is it a key file?"),
            _ => key,
        };
    }

    /// <summary>Turns an error of the volume into a sentence.</summary>
    public void Check(Errno error, string what)
    {
        if (error != Errno.Success)
            throw new HostException(Volume.Failure is { } failure ? $"{what}: {failure.Message}" : $"{what}: {Describe(error)}.");
    }

    /// <summary>Makes everything durable and closes the file.</summary>
    public void Close()
    {
        Errno error = Volume.Close();
        _device.Dispose();
        if (error != Errno.Success)
            throw new HostException($"The volume couldn't be closed cleanly ({error}); the next mount finishes what was synchronized.");
    }

    /// <summary>Closes the file without making anything durable that isn't.</summary>
    public void Dispose()
    {
        Volume.Abandon();
        _device.Dispose();
    }

    private static string Describe(Errno error) => error switch
    {
        Errno.ENOSPC => "the volume is full",
        Errno.EBADMSG => "the host returned something else than what was stored",
        Errno.ENOENT => "there is none of that name",
        Errno.EEXIST => "it exists already",
        _ => error.ToString(),
    };
}

/// <summary>The entropy of this machine, which is outside: good for volumes that are made and used here.</summary>
internal sealed class MachineEntropy : IEntropySource
{
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}

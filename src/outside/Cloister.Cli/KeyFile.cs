using System;
using System.IO;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Hal.HostProtocol;
using Cloister.Host;
using Microsoft.Win32.SafeHandles;

namespace Cloister.Cli;

/// <summary>
/// The key of a volume, as 32 bytes or as 64 hexadecimal digits, in a file or behind a descriptor. Until it comes by attestation: who
/// starts the enclave knows it.
/// </summary>
internal static class KeyFile
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyLength = 32;

    /// <summary>Reads a key from a file, or from a descriptor that the caller was started with.</summary>
    public static byte[] Read(string? path, int? descriptor, string option = "--key")
    {
        if (path is null == descriptor is null)
            throw new HostException($"An encrypted volume needs one key: give it with {option}-file FILE or with {option}-fd NUMBER.");
        string place = path is not null ? $"'{path}'" : $"descriptor {descriptor}";
        if (path is not null && HostPaths.GetTargetStatus(path, out FileRecord status) == Errno.Success
            && (status.Mode & FileModes.S_IFMT) is FileModes.S_IFDIR or FileModes.S_IFIFO or FileModes.S_IFSOCK)
            throw new HostException($"{place} is no file that a key could be read from: give a regular file, or a descriptor with {option}-fd.");
        byte[] text = new byte[256];
        int length;
        try
        {
            using Stream stream = path is not null
                ? File.OpenRead(path)
                : new FileStream(new SafeFileHandle(descriptor!.Value, ownsHandle: false), FileAccess.Read, bufferSize: 0);
            length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HostException($"The key can't be read from {place}: {failure.Message}");
        }

        ReadOnlySpan<byte> key = text.AsSpan(0, length);
        if (key.Length == KeyLength)
            return key.ToArray();
        key = key.TrimEnd("\r\n \t"u8);
        byte[] parsed = new byte[KeyLength];
        if (key.Length == 2 * KeyLength && Convert.FromHexString(key, parsed, out _, out _) == System.Buffers.OperationStatus.Done)
            return parsed;
        throw new HostException($"{char.ToUpperInvariant(place[0])}{place[1..]} holds no key: it must be 32 bytes, or 64 hexadecimal digits; 'openssl rand -hex 32' makes one.");
    }
}

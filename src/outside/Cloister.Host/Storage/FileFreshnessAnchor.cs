using System;
using System.Globalization;
using System.IO;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Host.Storage;

/// <summary>
/// An anchor in a directory of the host. It protects against nobody who can write there: it is for tests, and for keeping the
/// anchor on other hardware than the volume.
/// </summary>
public sealed class FileFreshnessAnchor(string directory) : IFreshnessAnchor
{
    /// <inheritdoc/>
    public Errno Read(ReadOnlySpan<byte> volumeId, out FreshnessState state)
    {
        state = default;
        try
        {
            string path = PathOf(volumeId);
            if (!File.Exists(path))
                return Errno.Success;
            string[] parts = File.ReadAllText(path).Trim().Split(' ');
            if (parts.Length != 3)
                return Errno.EIO;
            state = new FreshnessState(Parse(parts[0]), Parse(parts[1]), Parse(parts[2]));
            return Errno.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return Errno.EIO;
        }
    }

    /// <inheritdoc/>
    public Errno Advance(ReadOnlySpan<byte> volumeId, in FreshnessState expected, in FreshnessState next)
    {
        if (Read(volumeId, out FreshnessState now) is var error and not Errno.Success)
            return error;
        if (now != expected || next.Counter <= expected.Counter)
            return Errno.EBUSY;
        try
        {
            string path = PathOf(volumeId);
            using (FileStream file = File.Create(path + ".new"))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes($"{next.Counter:x16} {next.CommitmentHigh:x16} {next.CommitmentLow:x16}\n"));
                file.Flush(flushToDisk: true);
            }

            File.Move(path + ".new", path, overwrite: true);
            return Errno.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Errno.EIO;
        }
    }

    private static ulong Parse(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private string PathOf(ReadOnlySpan<byte> volumeId) => Path.Combine(directory, Convert.ToHexStringLower(volumeId) + ".anchor");
}

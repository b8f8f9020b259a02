using System;
using System.Collections.Generic;
using Cloister.Abi.Files;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>
/// A file on its way between a volume, a directory and a tar archive. Names, targets and attributes are bytes, as Linux has them: what
/// isn't UTF-8 arrives as it was, and different names stay different.
/// </summary>
internal sealed class TransferEntry
{
    /// <summary>Components with one '/' between them, none of which is empty, "." or ".."; empty for the root.</summary>
    public required byte[] Path { get; init; }

    /// <summary>Type and permissions.</summary>
    public required uint Mode { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public long ModificationTime { get; init; }

    public long Size { get; init; }

    /// <summary>st_rdev as Linux has it, of a device.</summary>
    public ulong Device { get; init; }

    /// <summary>Target of a symbolic link.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>Another path of the same file, which came or comes by itself; null for a file of its own.</summary>
    public byte[]? LinkTo { get; init; }

    /// <summary>Extended attributes, access control lists and capabilities among them.</summary>
    public List<(byte[] Name, byte[] Value)> Attributes { get; init; } = [];

    /// <summary>The parts of a regular file that are no holes, in order.</summary>
    public List<DataRange> Ranges { get; init; } = [];

    /// <summary>Reads content: an offset, which never goes back, and where to.</summary>
    public ContentReader? Content { get; init; }

    public uint Type => Mode & FileModes.S_IFMT;

    public bool IsDirectory => Type == FileModes.S_IFDIR;

    /// <summary>The path as text for messages.</summary>
    public string DisplayPath => Display(Path);

    /// <summary>Bytes as text for messages.</summary>
    public static string Display(ReadOnlySpan<byte> path) => path.IsEmpty ? "/" : System.Text.Encoding.UTF8.GetString(path);

    /// <summary>Passes the content on, a piece at a time.</summary>
    public void CopyTo(byte[] buffer, Action<long, ReadOnlyMemory<byte>> take)
    {
        foreach (DataRange range in Ranges)
        {
            for (long offset = range.Offset; offset < range.Offset + range.Length;)
            {
                int count = (int)Math.Min(buffer.Length, range.Offset + range.Length - offset);
                Content!(offset, buffer.AsSpan(0, count));
                take(offset, buffer.AsMemory(0, count));
                offset += count;
            }
        }
    }
}

/// <summary>Reads bytes of a file; throws a sentence where that isn't possible.</summary>
internal delegate void ContentReader(long offset, Span<byte> into);

/// <summary>A part of a file that is no hole.</summary>
internal readonly record struct DataRange(long Offset, long Length);

/// <summary>Takes files: directories before what is in them.</summary>
internal interface ITransferSink
{
    void Add(TransferEntry entry);

    /// <summary>Everything was added.</summary>
    void Finish();
}

/// <summary>st_rdev as Linux has it (makedev(3)).</summary>
internal static class DeviceNumber
{
    public static ulong Make(ulong major, ulong minor) =>
        (minor & 0xFF) | ((major & 0xFFF) << 8) | ((minor & 0xFFFF_FF00UL) << 12) | ((major & 0xFFFF_F000UL) << 32);

    public static uint Major(ulong device) => (uint)(((device >> 8) & 0xFFF) | ((device >> 32) & 0xFFFF_F000UL));

    public static uint Minor(ulong device) => (uint)((device & 0xFF) | ((device >> 12) & 0xFFFF_FF00UL));
}

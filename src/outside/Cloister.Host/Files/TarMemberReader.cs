using System;
using System.Collections.Generic;
using System.IO;

namespace Cloister.Host.Files;

/// <summary>
/// Reads the members of a tar archive - old, ustar, pax or GNU, sparse files among them - from front to back. Archives come from
/// anywhere: whatever they hold costs bounded memory, and what is wrong gives one sentence.
/// </summary>
/// <param name="stream">The plain archive; it need not be able to seek.</param>
/// <param name="path">Its path, for messages.</param>
public sealed class TarMemberReader(Stream stream, string path)
{
    /// <summary>Longest path, with its NUL (PATH_MAX of Linux).</summary>
    public const int LongestPath = 4096;

    /// <summary>Most pieces of a sparse file.</summary>
    internal const int MostPieces = 1 << 20;

    // Extended attributes are at most 64 KiB each on Linux.
    private const int LongestExtension = 1 << 20;

    private readonly byte[] _block = new byte[TarHeader.BlockLength];
    private readonly TarExtensions _global = new();
    private long _position;
    private long _next;
    private long _dataLeft;

    /// <summary>Reads the next member; null at the end of the archive.</summary>
    /// <exception cref="HostException">The archive is damaged, truncated, or has what is not supported.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public TarMember? Read()
    {
        byte[]? longName = null, longTarget = null;
        TarExtensions? own = null;
        while (true)
        {
            SkipTo(_next);
            if (!TryReadBlock())
                throw Truncated();
            var header = new TarHeader(_block);
            if (header.IsEnd)
            {
                // One block of zeros is enough; without any, the rest of the files is missing, perhaps without any other trace.
                if (own is not null || longName is not null || longTarget is not null)
                    throw Truncated();
                _next = long.MaxValue;
                return null;
            }

            if (!header.HasRightSum)
                throw NoTar("a wrong sum");
            long size = Number(header, 124, 12, "size");
            switch (header.Type)
            {
                case (byte)'L':
                    longName = ReadText(size);
                    continue;
                case (byte)'K':
                    longTarget = ReadText(size);
                    continue;
                case (byte)'x' or (byte)'X':
                    own = _global.Clone();
                    Add(own, size);
                    continue;
                case (byte)'g':
                    Add(_global, size);
                    continue;
                case (byte)'V':
                    // The label of the archive.
                    _next = _position + Padded(size);
                    continue;
                default:
                    return ReadMember(header, own ?? _global, longName, longTarget, size);
            }
        }
    }

    /// <summary>Reads the stored bytes of the member read last, from front to back; 0 at their end.</summary>
    public int ReadStored(Span<byte> into)
    {
        int wanted = (int)Math.Min(into.Length, _dataLeft);
        if (wanted == 0)
            return 0;
        int count = stream.Read(into[..wanted]);
        if (count == 0)
            throw Truncated();
        _position += count;
        _dataLeft -= count;
        return count;
    }

    private TarMember ReadMember(in TarHeader header, TarExtensions extensions, byte[]? longName, byte[]? longTarget, long size)
    {
        byte[] name = extensions.Path ?? longName ?? header.Name;
        byte[] target = extensions.LinkTarget ?? longTarget ?? header.LinkTarget;
        if (name.Length >= LongestPath || target.Length >= LongestPath)
            throw Wrong(name, "has a path that is longer than Linux allows (4,095 bytes)");
        TarMemberKind kind = KindOf(header.Type, name);
        bool hasData = kind == TarMemberKind.Regular || header.Type == (byte)'D';
        long stored = hasData ? extensions.Size ?? size : 0;
        if (stored > long.MaxValue - _position - TarHeader.BlockLength)
            throw Truncated();
        uint user = Id(extensions.UserId ?? Number(header, 108, 8, "owner"), name);
        uint group = Id(extensions.GroupId ?? Number(header, 116, 8, "group"), name);
        uint permissions = (uint)Number(header, 100, 8, "mode") & 0xFFF;
        long time = extensions.ModificationTime ?? SecondsToTime(header);
        bool isDevice = kind is TarMemberKind.CharacterDevice or TarMemberKind.BlockDevice;
        uint major = isDevice ? Id(Number(header, 329, 8, "device"), name) : 0;
        uint minor = isDevice ? Id(Number(header, 337, 8, "device"), name) : 0;
        _next = _position + Padded(stored);

        // From here on the block may be another one.
        long real = stored;
        List<TarPiece>? pieces = null;
        if (header.Type == (byte)'S')
        {
            real = Number(header, 483, 12, "real size");
            List<(long, long)> map = ReadOldMap(name);
            _next = _position + Padded(stored);
            pieces = Check(map, real, stored, name);
        }
        else if (kind == TarMemberKind.Regular && extensions.HasMapInData)
        {
            real = extensions.SparseSize ?? throw Wrong(name, "is sparse without a size");
            long begin = _position;
            List<(long, long)> map = ReadMapInData(name, stored);
            stored -= _position - begin;
            pieces = Check(map, real, stored, name);
        }
        else if (kind == TarMemberKind.Regular && extensions.SparseSize is { } sparse)
        {
            real = sparse;
            pieces = Check(extensions.Sparse, real, stored, name);
        }

        _dataLeft = kind == TarMemberKind.Regular ? stored : 0;
        return new TarMember
        {
            Kind = kind,
            Path = name,
            LinkTarget = target,
            Permissions = permissions,
            UserId = user,
            GroupId = group,
            ModificationTime = time,
            Size = kind == TarMemberKind.Regular ? real : 0,
            StoredLength = _dataLeft,
            Position = _position,
            Pieces = pieces,
            DeviceMajor = major,
            DeviceMinor = minor,
            Attributes = [.. extensions.Attributes],
        };
    }

    private TarMemberKind KindOf(byte type, byte[] name) => type switch
    {
        // A regular file of the oldest format whose name ends with a slash is a directory.
        0 or (byte)'0' or (byte)'7' => name.AsSpan().EndsWith("/"u8) ? TarMemberKind.Directory : TarMemberKind.Regular,
        (byte)'S' => TarMemberKind.Regular,
        (byte)'1' => TarMemberKind.HardLink,
        (byte)'2' => TarMemberKind.SymbolicLink,
        (byte)'3' => TarMemberKind.CharacterDevice,
        (byte)'4' => TarMemberKind.BlockDevice,
        (byte)'5' or (byte)'D' => TarMemberKind.Directory,
        (byte)'6' => TarMemberKind.Fifo,
        _ => throw Wrong(name, $"is of the unsupported kind '{(char)type}': pack it again in the pax format"),
    };

    // GNU tar's manual, "Sparse Formats", old GNU format: four pieces in the header, more in blocks behind it.
    private List<(long, long)> ReadOldMap(byte[] name)
    {
        var map = new List<(long, long)>();
        (int first, int count, int more) = (386, 4, 482);
        while (true)
        {
            var block = new TarHeader(_block);
            for (int i = 0; i < count; i++)
            {
                long offset = Number(block, first + (24 * i), 12, "map");
                long length = Number(block, first + (24 * i) + 12, 12, "map");
                if (offset != 0 || length != 0)
                    map.Add((offset, length));
            }

            if (block.At(more) == 0)
                return map;
            if (map.Count > MostPieces)
                throw Wrong(name, $"is sparse in more than {MostPieces:N0} pieces");
            if (!TryReadBlock())
                throw Truncated();
            (first, count, more) = (0, 21, 504);
        }
    }

    // Format 1.0: the number of pieces, then offset and length of each, in decimal, a line each, padded to a block.
    private List<(long, long)> ReadMapInData(byte[] name, long stored)
    {
        var numbers = new List<long>();
        long number = 0;
        int digits = 0;
        while (numbers.Count == 0 || numbers.Count < 1 + (2 * numbers[0]))
        {
            if (stored < TarHeader.BlockLength || !TryReadBlock())
                throw Truncated();
            stored -= TarHeader.BlockLength;
            foreach (byte value in _block)
            {
                if (value == (byte)'\n' && digits > 0)
                {
                    numbers.Add(number);
                    (number, digits) = (0, 0);
                    if (numbers[0] > MostPieces)
                        throw Wrong(name, $"is sparse in more than {MostPieces:N0} pieces");
                    if (numbers.Count == 1 + (2 * numbers[0]))
                        break;
                }
                else if (value is >= (byte)'0' and <= (byte)'9' && digits++ < 18)
                {
                    number = (number * 10) + value - '0';
                }
                else
                {
                    throw Wrong(name, "is sparse with a damaged map");
                }
            }
        }

        var map = new List<(long, long)>((int)numbers[0]);
        for (int i = 1; i < numbers.Count; i += 2)
            map.Add((numbers[i], numbers[i + 1]));
        return map;
    }

    private List<TarPiece> Check(IReadOnlyList<(long Offset, long Length)> map, long real, long stored, byte[] name)
    {
        var pieces = new List<TarPiece>(map.Count);
        long at = 0, end = 0;
        foreach ((long offset, long length) in map)
        {
            if (length < 0 || offset < end || length > real - offset || length > stored - at)
                throw Wrong(name, "is sparse with a damaged map");
            if (length > 0)
                pieces.Add(new TarPiece(offset, at, length));
            at += length;
            end = offset + length;
        }

        return pieces;
    }

    private void Add(TarExtensions extensions, long size)
    {
        if (size > LongestExtension)
            throw new HostException($"The tar file '{path}' has an extended header of {size:N0} bytes: more than 1 MiB can't be trusted.");
        byte[] records = ReadData((int)size);
        if (extensions.Add(records) is { } problem)
            throw new HostException($"The tar file '{path}' has an extended header with {problem}: it is damaged, export it again.");
    }

    private byte[] ReadText(long size)
    {
        if (size > LongestPath)
            throw new HostException($"The tar file '{path}' has a path of {size:N0} bytes: Linux allows 4,095.");
        byte[] text = ReadData((int)size);
        int end = text.AsSpan().IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }

    private byte[] ReadData(int size)
    {
        byte[] data = new byte[size];
        if (stream.ReadAtLeast(data, size, throwOnEndOfStream: false) < size)
            throw Truncated();
        _position += size;
        _next = _position - size + Padded(size);
        return data;
    }

    private bool TryReadBlock()
    {
        int count = stream.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false);
        _position += count;
        return count == _block.Length;
    }

    private void SkipTo(long position)
    {
        if (position == _position)
            return;
        if (stream.CanSeek)
        {
            if (position > stream.Length)
                throw Truncated();
            stream.Seek(position - _position, SeekOrigin.Current);
            _position = position;
            return;
        }

        byte[] skipped = new byte[(int)Math.Min(position - _position, 1 << 16)];
        while (_position < position)
        {
            int count = stream.Read(skipped, 0, (int)Math.Min(skipped.Length, position - _position));
            if (count == 0)
                throw Truncated();
            _position += count;
        }
    }

    private long Number(in TarHeader header, int offset, int length, string what) =>
        header.TryReadNumber(offset, length, out long value) && value >= 0 ? value : throw NoTar("an impossible " + what);

    private uint Id(long value, byte[] name) =>
        value < uint.MaxValue ? (uint)value : throw Wrong(name, $"has the number {value}, which is none that Linux has");

    private static long SecondsToTime(in TarHeader header)
    {
        const long second = 1_000_000_000;
        if (!header.TryReadNumber(136, 12, out long seconds))
            return 0;
        return Math.Clamp(seconds, long.MinValue / second, long.MaxValue / second) * second;
    }

    private static long Padded(long size) => (size + TarHeader.BlockLength - 1) / TarHeader.BlockLength * TarHeader.BlockLength;

    private HostException Wrong(byte[] name, string what) => new($"The tar file '{path}' holds '{ByteText.Decode(name)}', which {what}.");

    private HostException NoTar(string what) =>
        new($"'{path}' is not a tar file, or it is damaged ({what} in the header at byte {_position - TarHeader.BlockLength}): export it again.");

    private HostException Truncated() => new($"The tar file '{path}' is truncated: copy or export it again.");
}

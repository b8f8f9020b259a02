using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Cloister.Abi.Files;
using Cloister.Host;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>Reads a tar archive: v7, ustar, pax and GNU, sparse files in all four of their forms.</summary>
internal sealed class TarSource(Stream stream, ITransferSink sink)
{
    // Extended headers and long names that are longer are no use to anybody.
    private const int LargestHeader = 16 << 20;

    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private readonly PaxRecords _global = new();
    private PaxRecords _own = new();
    private byte[]? _longName;
    private byte[]? _longTarget;

    // Bytes of the entry's data that are still to be read, and what fills up its last block.
    private long _left;
    private long _padding;

    /// <summary>Reads all of it.</summary>
    /// <exception cref="InvalidDataException">It is no tar archive, or damaged.</exception>
    public void Run()
    {
        while (ReadHeader())
            ReadEntry();
        sink.Finish();
    }

    // False at the block of zeros that ends an archive.
    private bool ReadHeader()
    {
        if (!TryFill(_block))
            throw new InvalidDataException("it ends too early.");
        if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            return false;
        return TarHeader.IsValid(_block) ? true : throw new InvalidDataException("a header's checksum is wrong.");
    }

    private void ReadEntry()
    {
        byte type = _block[TarHeader.TypeOffset];
        long size = TarHeader.Number(_block.AsSpan()[TarHeader.Size]);
        switch ((char)type)
        {
            case 'x' or 'X':
                _own.Read(ReadAll(size));
                return;
            case 'g':
                _global.Read(ReadAll(size));
                return;
            case 'L':
                _longName = TarHeader.Text(ReadAll(size)).ToArray();
                return;
            case 'K':
                _longTarget = TarHeader.Text(ReadAll(size)).ToArray();
                return;
        }

        if (Find("size") is { } text)
            size = ParseNumber(text);
        if (size < 0)
            throw new InvalidDataException("a size is negative.");
        // Of what has no content the size means nothing: old archives have that of the directory there.
        bool hasData = type is (byte)'1' || TarHeader.ModeOf(type) is FileModes.S_IFREG or 0;
        _left = hasData ? size : 0;
        _padding = Padding(_left);
        Pass(type, size);
        Skip(_left);
        Skip(_padding);
        _own = new PaxRecords();
        _longName = null;
        _longTarget = null;
    }

    private void Pass(byte type, long size)
    {
        byte[] name = Find("GNU.sparse.name") ?? Find("path") ?? _longName ?? ReadName();
        uint mode = TarHeader.ModeOf(type);
        if (mode == 0 && type != '1')
        {
            Console.Error.WriteLine($"cloister: '{TransferEntry.Display(name)}' is left out: entries of the type '{(char)type}' are not supported.");
            return;
        }

        // So v7 has directories.
        if (mode == FileModes.S_IFREG && name.Length > 0 && name[^1] == '/')
            mode = FileModes.S_IFDIR;
        Span<byte> block = _block;
        byte[] target = Find("linkpath") ?? _longTarget ?? TarHeader.Text(block[TarHeader.LinkName]).ToArray();
        List<DataRange> ranges = mode == FileModes.S_IFREG ? FindRanges(type, ref size) : [];
        bool isDevice = mode is FileModes.S_IFCHR or FileModes.S_IFBLK;
        sink.Add(new TransferEntry
        {
            Path = Clean(name),
            Mode = (mode == 0 ? FileModes.S_IFREG : mode) | ((uint)TarHeader.Number(block[TarHeader.Mode]) & FileModes.S_IALLUGO),
            UserId = ReadId("uid", TarHeader.UserId),
            GroupId = ReadId("gid", TarHeader.GroupId),
            ModificationTime = Find("mtime") is { } time ? TarHeader.ParseTime(time) : TarHeader.FromSeconds(TarHeader.Number(block[TarHeader.ModificationTime])),
            Size = mode == FileModes.S_IFREG ? size : 0,
            Device = isDevice ? DeviceNumber.Make((uint)TarHeader.Number(block[TarHeader.Major]), (uint)TarHeader.Number(block[TarHeader.Minor])) : 0,
            LinkTo = type == '1' ? Clean(target) : null,
            Target = mode == FileModes.S_IFLNK ? target : [],
            Attributes = ReadAttributes(name),
            Ranges = ranges,
            // Ranges lie one behind the other in the archive, as they are read.
            Content = (_, into) => ReadData(into),
        });
    }

    private byte[] ReadName()
    {
        Span<byte> block = _block;
        ReadOnlySpan<byte> name = TarHeader.Text(block[TarHeader.Name]);
        // GNU has other things where ustar has the beginning of a long name.
        ReadOnlySpan<byte> prefix = block[TarHeader.Magic].StartsWith("ustar\0"u8) ? TarHeader.Text(block[TarHeader.Prefix]) : default;
        return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
    }

    private uint ReadId(string key, Range field)
    {
        long id = Find(key) is { } text ? ParseNumber(text) : TarHeader.Number(_block.AsSpan()[field]);
        return id is >= 0 and <= uint.MaxValue ? (uint)id : throw new InvalidDataException($"there is no {key} {id}.");
    }

    private List<(byte[] Name, byte[] Value)> ReadAttributes(byte[] name)
    {
        var attributes = new List<(byte[] Name, byte[] Value)>();
        foreach ((byte[] key, byte[] value) in _own.All)
        {
            if (PaxRecords.AttributeName(key) is { } own)
                attributes.Add((own, value));
            else if (AccessControlList.AttributeFor(key) is { } attribute)
                AddList(attribute, value);
        }

        return attributes;

        void AddList(byte[] attribute, byte[] text)
        {
            if (AccessControlList.TryParse(text, out byte[] list))
                attributes.Add((attribute, list));
            else
                Console.Error.WriteLine($"cloister: an access control list of '{TransferEntry.Display(name)}' is left out: it names users that only another machine knows.");
        }
    }

    // The parts of a regular file that the archive has; the size becomes the file's own.
    private List<DataRange> FindRanges(byte type, ref long size)
    {
        var ranges = new List<DataRange>();
        long stored = size;
        if (type == 'S')
        {
            ReadOldMap(ranges, ref size);
        }
        else if (Find("GNU.sparse.major") is { } major && ParseNumber(major) == 1)
        {
            size = ParseNumber(Find("GNU.sparse.realsize") ?? throw new InvalidDataException("a sparse file has no size."));
            stored -= ReadMapInData(ranges);
        }
        else if (Find("GNU.sparse.size") is { } realSize)
        {
            size = ParseNumber(realSize);
            ReadMapInRecords(ranges);
        }
        else
        {
            if (size > 0)
                ranges.Add(new DataRange(0, size));
            return ranges;
        }

        long end = 0, sum = 0;
        foreach (DataRange range in ranges)
        {
            if (range.Offset < end || range.Length < 0 || range.Offset > size - range.Length)
                throw new InvalidDataException("the map of a sparse file is malformed.");
            end = range.Offset + range.Length;
            sum += range.Length;
        }

        if (sum != stored)
            throw new InvalidDataException("the map of a sparse file doesn't fit its data.");
        ranges.RemoveAll(static range => range.Length == 0);
        return ranges;
    }

    private void ReadOldMap(List<DataRange> ranges, ref long size)
    {
        size = TarHeader.Number(_block.AsSpan()[TarHeader.SparseSize]);
        AddRanges(_block.AsSpan()[TarHeader.SparseMap]);
        bool isExtended = _block[TarHeader.SparseIsExtended] != 0;
        byte[] more = new byte[TarHeader.BlockSize];
        while (isExtended)
        {
            Fill(more);
            AddRanges(more.AsSpan(0, 504));
            isExtended = more[504] != 0;
        }

        void AddRanges(ReadOnlySpan<byte> map)
        {
            for (; map.Length >= 24 && map[0] != 0; map = map[24..])
                ranges.Add(new DataRange(TarHeader.Number(map[..12]), TarHeader.Number(map[12..24])));
        }
    }

    // Format 1.0: lines with numbers before the data, in whole blocks.
    private long ReadMapInData(List<DataRange> ranges)
    {
        byte[] block = new byte[TarHeader.BlockSize];
        int at = block.Length;
        long read = 0;
        long count = Next();
        if (count is < 0 or > LargestHeader)
            throw new InvalidDataException("the map of a sparse file is malformed.");
        for (long i = 0; i < count; i++)
            ranges.Add(new DataRange(Next(), Next()));
        return read;

        long Next()
        {
            long number = 0;
            while (true)
            {
                if (at == block.Length)
                {
                    ReadData(block);
                    read += block.Length;
                    at = 0;
                }

                byte digit = block[at++];
                if (digit == '\n')
                    return number;
                if (digit is < (byte)'0' or > (byte)'9' || number > long.MaxValue / 16)
                    throw new InvalidDataException("the map of a sparse file is malformed.");
                number = number * 10 + (digit - '0');
            }
        }
    }

    // Formats 0.0 and 0.1.
    private void ReadMapInRecords(List<DataRange> ranges)
    {
        if (Find("GNU.sparse.map") is { } map)
        {
            string[] numbers = map.Length == 0 ? [] : Encoding.ASCII.GetString(map).Split(',');
            for (int i = 0; i + 1 < numbers.Length; i += 2)
                ranges.Add(new DataRange(ParseNumber(Encoding.ASCII.GetBytes(numbers[i])), ParseNumber(Encoding.ASCII.GetBytes(numbers[i + 1]))));
            return;
        }

        long offset = 0;
        foreach ((byte[] key, byte[] value) in _own.All)
        {
            if (key.AsSpan().SequenceEqual("GNU.sparse.offset"u8))
                offset = ParseNumber(value);
            else if (key.AsSpan().SequenceEqual("GNU.sparse.numbytes"u8))
                ranges.Add(new DataRange(offset, ParseNumber(value)));
        }
    }

    // An empty value takes a global one back.
    private byte[]? Find(string key) => (_own.Find(key) ?? _global.Find(key)) is { Length: > 0 } value ? value : null;

    private static long ParseNumber(ReadOnlySpan<byte> text) =>
        long.TryParse(Encoding.ASCII.GetString(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new InvalidDataException("an extended header has no number where one should be.");

    // Names that would lead out of the volume are refused, not shortened.
    private static byte[] Clean(ReadOnlySpan<byte> name)
    {
        if (name.Contains((byte)0))
            throw new InvalidDataException("a name has a NUL in it.");
        var path = new List<byte>();
        foreach (Range range in name.Split((byte)'/'))
        {
            ReadOnlySpan<byte> part = name[range];
            if (part.IsEmpty || part.SequenceEqual("."u8))
                continue;
            if (part.SequenceEqual(".."u8))
                throw new HostException($"The entry '{TransferEntry.Display(name)}' would lead out of the volume: nothing behind it was copied.");
            if (path.Count > 0)
                path.Add((byte)'/');
            path.AddRange(part);
        }

        return [.. path];
    }

    private byte[] ReadAll(long size)
    {
        if (size is < 0 or > LargestHeader)
            throw new InvalidDataException("an extended header is too long.");
        byte[] bytes = new byte[size];
        Fill(bytes);
        Skip(Padding(size));
        return bytes;
    }

    private void ReadData(Span<byte> into)
    {
        if (into.Length > _left)
            throw new InvalidDataException("the data of a file is too short.");
        Fill(into);
        _left -= into.Length;
    }

    private static long Padding(long size) => (TarHeader.BlockSize - (size & (TarHeader.BlockSize - 1))) & (TarHeader.BlockSize - 1);

    private void Skip(long count)
    {
        byte[] buffer = new byte[Math.Min(count, 1 << 16)];
        for (; count > 0; count -= buffer.Length)
            Fill(buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)));
    }

    private bool TryFill(Span<byte> into) => stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false) == into.Length;

    private void Fill(Span<byte> into)
    {
        if (!TryFill(into))
            throw new InvalidDataException("it ends too early.");
    }
}

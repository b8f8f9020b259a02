using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Unicode;
using Cloister.Abi.Files;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>Writes a tar archive in the pax format, with sparse files as GNU tar 1.0 has them.</summary>
internal sealed class TarSink(Stream stream) : ITransferSink
{
    private readonly byte[] _buffer = new byte[1 << 20];

    public void Add(TransferEntry entry)
    {
        char type = TypeOf(entry);
        if (type == '\0')
        {
            Console.Error.WriteLine($"cloister: '{entry.DisplayPath}' is left out: sockets have no place in a tar file.");
            return;
        }

        byte[] name = [.. "./"u8, .. entry.Path, .. entry.IsDirectory && entry.Path.Length > 0 ? "/"u8 : default];
        byte[] target = entry.LinkTo is { } first ? [.. "./"u8, .. first] : entry.Target;
        byte[] header = new byte[TarHeader.BlockSize];
        var records = new PaxRecords();
        if (!Utf8.IsValid(name) || !Utf8.IsValid(target))
            records.Add("hdrcharset", "BINARY");
        bool isSparse = IsSparse(entry);
        byte[] map = isSparse ? MakeMap(entry) : [];
        long size = type != '0' ? 0 : isSparse ? map.Length + Sum(entry) : entry.Size;
        if (isSparse)
        {
            records.Add("GNU.sparse.major", "1");
            records.Add("GNU.sparse.minor", "0");
            records.Add("GNU.sparse.name", name);
            records.Add("GNU.sparse.realsize", Format(entry.Size));
            name = [.. "./GNUSparseFile.0/"u8, .. entry.Path.AsSpan(entry.Path.AsSpan().LastIndexOf((byte)'/') + 1)];
        }

        Text(header, TarHeader.Name, name, "path", records);
        Text(header, TarHeader.LinkName, target, "linkpath", records);
        TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.Mode], entry.Mode & FileModes.S_IALLUGO);
        Number(header, TarHeader.UserId, entry.UserId, "uid", records);
        Number(header, TarHeader.GroupId, entry.GroupId, "gid", records);
        Number(header, TarHeader.Size, size, "size", records);
        Time(header, entry.ModificationTime, records);
        bool isDevice = type is '3' or '4';
        TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.Major], isDevice ? DeviceNumber.Major(entry.Device) : 0);
        TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.Minor], isDevice ? DeviceNumber.Minor(entry.Device) : 0);
        foreach ((byte[] attribute, byte[] value) in entry.Attributes)
            records.AddAttribute(attribute, value);
        if (records.All.Count > 0)
            WriteRecords(records);
        WriteHeader(header, type);
        stream.Write(map);
        if (type == '0')
            entry.CopyTo(_buffer, (_, bytes) => stream.Write(bytes.Span));
        Pad(size);
    }

    /// <summary>Two blocks of zeros end an archive.</summary>
    public void Finish()
    {
        stream.Write(new byte[2 * TarHeader.BlockSize]);
        stream.Flush();
    }

    private static char TypeOf(TransferEntry entry) => entry.LinkTo is not null ? '1' : entry.Type switch
    {
        FileModes.S_IFREG => '0',
        FileModes.S_IFLNK => '2',
        FileModes.S_IFCHR => '3',
        FileModes.S_IFBLK => '4',
        FileModes.S_IFDIR => '5',
        FileModes.S_IFIFO => '6',
        _ => '\0',
    };

    private static bool IsSparse(TransferEntry entry) =>
        entry is { LinkTo: null, Type: FileModes.S_IFREG, Size: > 0 } && !(entry.Ranges is [{ Offset: 0 } whole] && whole.Length == entry.Size);

    private static long Sum(TransferEntry entry)
    {
        long sum = 0;
        foreach (DataRange range in entry.Ranges)
            sum += range.Length;
        return sum;
    }

    // A last part without bytes tells where the file ends, as GNU tar does it.
    private static byte[] MakeMap(TransferEntry entry)
    {
        var ranges = new List<DataRange>(entry.Ranges) { new(entry.Size, 0) };
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{ranges.Count}\n");
        foreach (DataRange range in ranges)
            text.Append(CultureInfo.InvariantCulture, $"{range.Offset}\n{range.Length}\n");
        byte[] bytes = new byte[(text.Length + TarHeader.BlockSize - 1) / TarHeader.BlockSize * TarHeader.BlockSize];
        Encoding.ASCII.GetBytes(text.ToString(), bytes);
        return bytes;
    }

    private static void Text(byte[] header, Range field, byte[] text, string key, PaxRecords records)
    {
        Span<byte> into = header.AsSpan()[field];
        text.AsSpan(0, Math.Min(text.Length, into.Length)).CopyTo(into);
        // Others take what isn't ASCII in a header for the character set that they like.
        if (text.Length > into.Length || text.AsSpan().ContainsAnyInRange((byte)0x80, (byte)0xFF))
            records.Add(key, text);
    }

    private static void Number(byte[] header, Range field, long value, string key, PaxRecords records)
    {
        if (!TarHeader.TryWriteNumber(header.AsSpan()[field], value))
            records.Add(key, Format(value));
    }

    private static void Time(byte[] header, long nanoseconds, PaxRecords records)
    {
        const long second = 1_000_000_000;
        long seconds = nanoseconds / second - (nanoseconds % second < 0 ? 1 : 0);
        if (!TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.ModificationTime], seconds) || nanoseconds % second != 0)
            records.Add("mtime", ((decimal)nanoseconds / second).ToString("0.#########", CultureInfo.InvariantCulture));
    }

    private static string Format(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void WriteRecords(PaxRecords records)
    {
        byte[] bytes = records.ToBytes();
        byte[] header = new byte[TarHeader.BlockSize];
        "./PaxHeaders/entry"u8.CopyTo(header);
        TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.Mode], 0x1A4);
        TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.UserId], 0);
        TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.GroupId], 0);
        TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.Size], bytes.Length);
        TarHeader.TryWriteNumber(header.AsSpan()[TarHeader.ModificationTime], 0);
        WriteHeader(header, 'x');
        stream.Write(bytes);
        Pad(bytes.Length);
    }

    private void WriteHeader(byte[] header, char type)
    {
        header[TarHeader.TypeOffset] = (byte)type;
        "ustar\u000000"u8.CopyTo(header.AsSpan()[TarHeader.Magic]);
        TarHeader.WriteChecksum(header);
        stream.Write(header);
    }

    private void Pad(long size)
    {
        int rest = (int)(size & (TarHeader.BlockSize - 1));
        if (rest != 0)
            stream.Write(new byte[TarHeader.BlockSize - rest]);
    }
}

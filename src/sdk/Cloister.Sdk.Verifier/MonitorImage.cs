using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
using Cloister.Crypto;

namespace Cloister.Sdk.Verifier;

/// <summary>A monitor's ELF file: which measurement the first stage will make of it.</summary>
public static class MonitorImage
{
    private const int HeaderSize = 64, ProgramHeaderSize = 56, SectionHeaderSize = 64, SymbolSize = 24;
    private const uint Load = 1, SymbolTable = 2;

    /// <summary>Measures a monitor, from its beginning to the symbol monitor_measured_end.</summary>
    /// <exception cref="InvalidDataException">The file isn't a monitor.</exception>
    public static byte[] Measure(ReadOnlySpan<byte> file)
    {
        byte[] measurement = new byte[Sha3_512.HashSizeInBytes];
        try
        {
            Sha3_512.HashData(Memory(file), measurement);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("The file is no monitor: it is damaged.", exception);
        }

        return measurement;
    }

    // The image as it is in memory before anything has run.
    internal static byte[] Memory(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderSize || BinaryPrimitives.ReadUInt32BigEndian(file) != 0x7F454C46 || file[4] != 2)
            throw new InvalidDataException("The file is no monitor: it is no ELF file of 64 bits.");
        long start = Symbol(file, "cl_image_start"), end = Symbol(file, "monitor_measured_end");
        if (end <= start || end - start > 2 << 20)
            throw new InvalidDataException("The file is no monitor: its image has no size that a monitor can have.");
        byte[] memory = new byte[end - start];
        int headers = Number(file, 32), count = BinaryPrimitives.ReadUInt16LittleEndian(file[56..]);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = file.Slice(headers + i * ProgramHeaderSize, ProgramHeaderSize);
            long at = BinaryPrimitives.ReadInt64LittleEndian(header[16..]) - start;
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Load || at < 0 || at >= memory.Length)
                continue;
            int size = (int)Math.Min(BinaryPrimitives.ReadInt64LittleEndian(header[32..]), memory.Length - at);
            file.Slice(Number(header, 8), size).CopyTo(memory.AsSpan((int)at));
        }

        return memory;
    }

    private static int Number(ReadOnlySpan<byte> bytes, int offset) => checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]));

    private static long Symbol(ReadOnlySpan<byte> file, string name)
    {
        ReadOnlySpan<byte> wanted = Encoding.ASCII.GetBytes(name + "\0");
        int sections = Number(file, 40), count = BinaryPrimitives.ReadUInt16LittleEndian(file[60..]);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> section = file.Slice(sections + i * SectionHeaderSize, SectionHeaderSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != SymbolTable)
                continue;
            int strings = BinaryPrimitives.ReadInt32LittleEndian(section[40..]);
            int names = Number(file.Slice(sections + strings * SectionHeaderSize, SectionHeaderSize), 24);
            ReadOnlySpan<byte> symbols = file.Slice(Number(section, 24), Number(section, 32));
            for (; symbols.Length >= SymbolSize; symbols = symbols[SymbolSize..])
                if (file[(names + BinaryPrimitives.ReadInt32LittleEndian(symbols))..].StartsWith(wanted))
                    return BinaryPrimitives.ReadInt64LittleEndian(symbols[8..]);
        }

        throw new InvalidDataException($"The file is no monitor: it has no symbol {name}.");
    }
}

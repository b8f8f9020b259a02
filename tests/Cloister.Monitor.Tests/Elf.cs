using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace Cloister.Monitor.Tests;

/// <summary>What the tests want of an image's file.</summary>
internal static class Elf
{
    /// <summary>The monitor's memory before anything has run, up to monitor_measured_end.</summary>
    public static byte[] Measured(byte[] file)
    {
        Dictionary<string, ulong> symbols = Symbols(file);
        ulong start = symbols["cl_image_start"];
        byte[] memory = new byte[symbols["monitor_measured_end"] - start];
        long headers = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(32));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(56));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = file.AsSpan((int)headers + i * 56, 56);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != 1)
                continue;
            int offset = (int)BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
            long at = (long)(BinaryPrimitives.ReadUInt64LittleEndian(header[16..]) - start);
            int size = (int)Math.Min(BinaryPrimitives.ReadInt64LittleEndian(header[32..]), memory.Length - at);
            if (size > 0)
                file.AsSpan(offset, size).CopyTo(memory.AsSpan((int)at));
        }

        return memory;
    }

    public static Dictionary<string, ulong> Symbols(byte[] file)
    {
        var symbols = new Dictionary<string, ulong>();
        long sections = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(40));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(60));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> section = file.AsSpan((int)sections + i * 64, 64);
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != 2)
                continue;
            int names = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan((int)sections + BinaryPrimitives.ReadInt32LittleEndian(section[40..]) * 64 + 24));
            int offset = (int)BinaryPrimitives.ReadInt64LittleEndian(section[24..]), size = (int)BinaryPrimitives.ReadInt64LittleEndian(section[32..]);
            for (int at = offset; at < offset + size; at += 24)
            {
                int name = names + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
                symbols[Encoding.ASCII.GetString(file.AsSpan(name, file.AsSpan(name).IndexOf((byte)0)))] = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 8));
            }
        }

        return symbols;
    }
}

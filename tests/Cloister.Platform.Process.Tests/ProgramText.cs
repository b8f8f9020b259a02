using System;
using System.Collections.Generic;
using System.IO;
using Iced.Intel;

namespace Cloister.Platform.Process.Tests;

/// <summary>The executable segment of an ELF file, with what a disassembler finds in its sections.</summary>
internal sealed class ProgramText
{
    private const int SegmentHeaderSize = 56;
    private const int SectionHeaderSize = 64;
    private const uint LoadSegment = 1;
    private const uint Executable = 1;
    private const ulong ExecutableSection = 4;

    private ProgramText(byte[] bytes, ulong address, List<Iced.Intel.Instruction> instructions)
    {
        Bytes = bytes;
        Address = address;
        Instructions = instructions;
    }

    public byte[] Bytes { get; }

    public ulong Address { get; }

    /// <summary>All valid instructions of a linear sweep.</summary>
    public List<Iced.Intel.Instruction> Instructions { get; }

    public static ProgramText Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int segments = (int)BitConverter.ToUInt64(file, 32);
        int count = BitConverter.ToUInt16(file, 56);
        for (int i = 0; i < count; i++)
        {
            int at = segments + i * SegmentHeaderSize;
            if (BitConverter.ToUInt32(file, at) != LoadSegment || (BitConverter.ToUInt32(file, at + 4) & Executable) == 0)
                continue;
            int offset = (int)BitConverter.ToUInt64(file, at + 8);
            ulong address = BitConverter.ToUInt64(file, at + 16);
            int length = (int)BitConverter.ToUInt64(file, at + 32);
            return new ProgramText(file[offset..(offset + length)], address, Sweep(file));
        }

        throw new InvalidDataException(path);
    }

    private static List<Iced.Intel.Instruction> Sweep(byte[] file)
    {
        var all = new List<Iced.Intel.Instruction>();
        int sections = (int)BitConverter.ToUInt64(file, 40);
        int count = BitConverter.ToUInt16(file, 60);
        for (int i = 0; i < count; i++)
        {
            int at = sections + i * SectionHeaderSize;
            if ((BitConverter.ToUInt64(file, at + 8) & ExecutableSection) == 0)
                continue;
            ulong address = BitConverter.ToUInt64(file, at + 16);
            int offset = (int)BitConverter.ToUInt64(file, at + 24);
            int length = (int)BitConverter.ToUInt64(file, at + 32);
            var reader = new ByteArrayCodeReader(file, offset, length);
            var decoder = Decoder.Create(64, reader, address);
            while (reader.CanReadByte)
            {
                decoder.Decode(out Iced.Intel.Instruction instruction);
                if (!instruction.IsInvalid)
                {
                    all.Add(instruction);
                }
                else if (decoder.IP < address + (ulong)length)
                {
                    // Data: on with the next byte.
                    decoder.IP = instruction.IP + 1;
                    reader.Position = (int)(instruction.IP + 1 - address);
                }
            }
        }

        return all;
    }
}

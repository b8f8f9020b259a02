using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Processes;

/// <summary>One PT_LOAD segment.</summary>
internal readonly record struct ElfSegment(ulong Address, ulong FileOffset, ulong FileSize, ulong MemorySize, Protection Protection);

/// <summary>Headers of an ELF64 program or interpreter checked (elf(5)).</summary>
internal sealed class ElfImage
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int MostProgramHeaders = 65536 / ProgramHeaderSize;
    private const ushort TypeExecutable = 2;
    private const ushort TypeDynamic = 3;
    private const uint Load = 1;
    private const uint Interpreter = 3;
    private const uint ProgramHeaders = 6;
    private const uint GnuStack = 0x6474e551;
    private const int LongestPath = 4096;
    private const ulong PageMask = FrameExtent.FrameSize - 1;

    private ElfImage()
    {
    }

    /// <summary>Whether it can be loaded anywhere.</summary>
    public bool IsPositionIndependent { get; private init; }

    /// <summary>Entry point, not relocated.</summary>
    public ulong Entry { get; private init; }

    /// <summary>Number of program headers.</summary>
    public int HeaderCount { get; private init; }

    /// <summary>Address of the program headers in memory, not relocated; 0 where no segment holds them.</summary>
    public ulong HeadersAddress { get; private set; }

    /// <summary>Path of the interpreter; null for static programs.</summary>
    public byte[]? InterpreterPath { get; private set; }

    /// <summary>Whether the stack shall be executable (PT_GNU_STACK).</summary>
    public bool HasExecutableStack { get; private set; }

    /// <summary>Largest alignment of a segment.</summary>
    public ulong Alignment { get; private set; } = FrameExtent.FrameSize;

    /// <summary>What to load, in the order of the headers.</summary>
    public List<ElfSegment> Segments { get; } = [];

    /// <summary>Lowest page.</summary>
    public ulong Start { get; private set; } = ulong.MaxValue;

    /// <summary>End of the highest page.</summary>
    public ulong End { get; private set; }

    /// <summary>Reads and checks the headers.</summary>
    /// <returns>ENOEXEC for what is no such file; ELIBBAD is left to the caller; EIO for a cut file.</returns>
    public static Errno Read(LinuxThread thread, IOpenFile file, ReadOnlySpan<byte> head, out ElfImage image)
    {
        image = null!;
        if (head.Length < HeaderSize || !head.StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F']) || head[4] != 2 || head[5] != 1)
            return Errno.ENOEXEC;
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(head[16..]);
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(head[18..]);
        ushort headerSize = BinaryPrimitives.ReadUInt16LittleEndian(head[54..]);
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(head[56..]);
        if (machine != thread.Cpu.ElfMachine || type is not (TypeExecutable or TypeDynamic) || headerSize != ProgramHeaderSize ||
            count is 0 or > MostProgramHeaders)
            return Errno.ENOEXEC;

        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(head[32..]);
        byte[] headers = new byte[count * ProgramHeaderSize];
        if (offset > long.MaxValue || ReadFully(thread, file, headers, (long)offset) != Errno.Success)
            return Errno.ENOEXEC;

        image = new ElfImage
        {
            IsPositionIndependent = type == TypeDynamic,
            Entry = BinaryPrimitives.ReadUInt64LittleEndian(head[24..]),
            HeaderCount = count,
        };
        for (int i = 0; i < count; i++)
        {
            Errno error = image.AddHeader(thread, file, headers.AsSpan(i * ProgramHeaderSize, ProgramHeaderSize), offset);
            if (error != Errno.Success)
                return error;
        }

        return image.Segments.Count == 0 ? Errno.ENOEXEC : Errno.Success;
    }

    /// <summary>Reads a whole buffer from a file.</summary>
    public static Errno ReadFully(LinuxThread thread, IOpenFile file, byte[] into, long offset)
    {
        var buffer = new KernelBuffer(into);
        while (buffer.Remaining > 0)
        {
            SyscallResult result = file.ReadAt(thread, buffer, offset + into.Length - buffer.Remaining);
            if (result.IsError)
                return result.Errno;
            if (result.Value == 0)
                return Errno.EIO;
        }

        return Errno.Success;
    }

    private Errno AddHeader(LinuxThread thread, IOpenFile file, ReadOnlySpan<byte> header, ulong tableOffset)
    {
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        ulong fileSize = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        ulong memorySize = BinaryPrimitives.ReadUInt64LittleEndian(header[40..]);
        ulong alignment = BinaryPrimitives.ReadUInt64LittleEndian(header[48..]);
        switch (type)
        {
            case Load:
                // Where nothing is mapped from the file, its position means nothing.
                bool isAligned = fileSize == 0 || (address & PageMask) == (offset & PageMask);
                if (fileSize > memorySize || !isAligned || address + memorySize < address ||
                    address + memorySize > 1UL << 47 || offset + fileSize < offset || offset + fileSize > long.MaxValue)
                    return Errno.ENOEXEC;
                if (memorySize == 0)
                    break;
                Protection protection = ((flags & 4) != 0 ? Protection.Read : 0) | ((flags & 2) != 0 ? Protection.Write : 0) |
                    ((flags & 1) != 0 ? Protection.Execute : 0);
                Segments.Add(new ElfSegment(address, offset, fileSize, memorySize, protection));
                Start = Math.Min(Start, address & ~PageMask);
                End = Math.Max(End, (address + memorySize + PageMask) & ~PageMask);
                if (tableOffset >= offset && tableOffset < offset + fileSize && HeadersAddress == 0)
                    HeadersAddress = address + (tableOffset - offset);
                if (System.Numerics.BitOperations.IsPow2(alignment) && alignment <= 1 << 30)
                    Alignment = Math.Max(Alignment, alignment);
                break;
            case Interpreter:
                if (InterpreterPath is not null || fileSize is < 2 or > LongestPath)
                    return Errno.ENOEXEC;
                byte[] path = new byte[fileSize];
                if (ReadFully(thread, file, path, (long)offset) != Errno.Success || path[^1] != 0)
                    return Errno.ENOEXEC;
                InterpreterPath = path[..path.AsSpan().IndexOf((byte)0)];
                break;
            case ProgramHeaders:
                HeadersAddress = address;
                break;
            case GnuStack:
                HasExecutableStack = (flags & 1) != 0;
                break;
            default:
                break;
        }

        return Errno.Success;
    }
}

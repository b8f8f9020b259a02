using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Signals;
using Cloister.Nucleus;

namespace Cloister.Linux.CoreDumps;

/// <summary>
/// Writes a core file (elf(5), ET_CORE): a header, notes of the process and its threads, and the memory, with holes where nobody has touched it.
/// A file that reaches RLIMIT_CORE ends there.
/// </summary>
internal sealed class CoreFile(LinuxThread thread, IOpenFile file, ulong limit)
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int SectionHeaderSize = 64;
    private const uint LoadedSegment = 1;
    private const uint NoteSegment = 4;
    private const ushort CoreType = 4;

    /// <summary>PN_XNUM: the count stands in the first section header.</summary>
    private const int TooManySegments = 0xFFFF;

    private readonly KernelBuffer _buffer = new();
    private ulong _written;

    /// <summary>Writes all that fits.</summary>
    public void Write(in SignalInfo info, List<CoreThread> others)
    {
        AddressSpace space = thread.Process.AddressSpace;
        CoreContents wanted = thread.Process.CoreContents;
        List<CoreSegment> segments = space.DescribeForDump(wanted);
        if (thread.Kernel.Platform.Mmu.Vdso is { } vdso)
            segments.Add(CoreSegment.Of(vdso));
        try
        {
            foreach (CoreSegment segment in segments)
                segment.Decide(thread, space, wanted);
            byte[] notes = new CoreNotes(thread, info).Make(CoreThread.Capture(thread), others, segments);
            byte[] head = MakeHead(segments, notes, out ulong start, out ulong end);
            if (!TryWrite(head, 0) || !TryWrite(notes, (ulong)head.Length))
                return;
            ulong at = start;
            foreach (CoreSegment segment in segments)
            {
                if (!TryWriteMemory(space, segment, at))
                    return;
                at += segment.FileLength;
            }

            // A hole at the end counts too.
            file.Truncate(thread, (long)end);
            if (segments.Count + 1 >= TooManySegments)
                TryWrite(MakeSectionHeader(segments.Count + 1), end);
        }
        finally
        {
            foreach (CoreSegment segment in segments)
                segment.Release();
        }
    }

    private byte[] MakeHead(List<CoreSegment> segments, byte[] notes, out ulong start, out ulong end)
    {
        const ulong pageSize = FrameExtent.FrameSize;
        int count = segments.Count + 1;
        byte[] head = new byte[HeaderSize + count * ProgramHeaderSize];
        start = ((ulong)(head.Length + notes.Length) + pageSize - 1) & ~(pageSize - 1);
        end = start;
        WriteProgramHeader(head.AsSpan(HeaderSize), NoteSegment, 0, (ulong)head.Length, 0, (ulong)notes.Length, 0, 4);
        for (int i = 0; i < segments.Count; i++)
        {
            CoreSegment segment = segments[i];
            Span<byte> entry = head.AsSpan(HeaderSize + (i + 1) * ProgramHeaderSize);
            WriteProgramHeader(entry, LoadedSegment, FlagsOf(segment.Protection), end, segment.Start, segment.FileLength, segment.Length, pageSize);
            end += segment.FileLength;
        }

        bool hasTooMany = count >= TooManySegments;
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(head); // 64 bits, little-endian, version 1
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(16), CoreType);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(18), thread.Cpu.ElfMachine);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(32), HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(40), hasTooMany ? end : 0);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(52), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(54), ProgramHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(56), (ushort)Math.Min(count, TooManySegments));
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(58), hasTooMany ? (ushort)SectionHeaderSize : (ushort)0);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(60), hasTooMany ? (ushort)1 : (ushort)0);
        return head;
    }

    private static void WriteProgramHeader(
        Span<byte> into, uint type, uint flags, ulong offset, ulong address, ulong fileLength, ulong length, ulong alignment)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, type);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(into[8..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(into[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(into[32..], fileLength);
        BinaryPrimitives.WriteUInt64LittleEndian(into[40..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(into[48..], alignment);
    }

    private static byte[] MakeSectionHeader(int programHeaders)
    {
        byte[] header = new byte[SectionHeaderSize];
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(32), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(44), (uint)programHeaders);
        return header;
    }

    private static uint FlagsOf(Protection protection) =>
        ((protection & Protection.Read) != 0 ? 4u : 0) | ((protection & Protection.Write) != 0 ? 2u : 0) | ((protection & Protection.Execute) != 0 ? 1u : 0);

    private bool TryWriteMemory(AddressSpace space, CoreSegment segment, ulong offset)
    {
        if (segment.Vdso is { } vdso)
            return TryWrite(vdso.Content, offset);
        ulong end = segment.Start + segment.FileLength;
        for (ulong at = segment.Start; at < end && space.TryFindContent(segment, at, end, out ulong start, out ulong length); at = start + length)
        {
            for (ulong done = 0; done < length;)
            {
                Span<byte> bytes = _buffer.Bytes[..(int)Math.Min(length - done, (ulong)_buffer.Bytes.Length)];
                int read = space.ReadForcibly(start + done, bytes);
                if (read > 0 && !TryWriteBuffer(read, offset + (start + done - segment.Start)))
                    return false;

                // What can't be read, such as what lies behind the end of a file, is a hole.
                ulong next = start + done + (ulong)read;
                done = read == bytes.Length ? done + (ulong)read : ((next | (FrameExtent.FrameSize - 1)) + 1) - start;
            }
        }

        return true;
    }

    private bool TryWrite(ReadOnlySpan<byte> bytes, ulong offset)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, _buffer.Bytes.Length);
            bytes[..count].CopyTo(_buffer.Bytes);
            if (!TryWriteBuffer(count, offset))
                return false;
            bytes = bytes[count..];
            offset += (ulong)count;
        }

        return true;
    }

    /// <summary>Writes what is in the buffer.</summary>
    /// <returns>False at the limit, where the file can't be written, or where the process is killed meanwhile.</returns>
    private bool TryWriteBuffer(int count, ulong offset)
    {
        if (_written + (ulong)count > limit || thread.IsExiting)
            return false;
        _written += (ulong)count;
        _buffer.Reset(count);
        while (_buffer.Remaining > 0)
        {
            SyscallResult result = file.WriteAt(thread, _buffer, (long)offset + _buffer.Position);
            if (result.IsError || result.Value == 0)
                return false;
        }

        return true;
    }
}

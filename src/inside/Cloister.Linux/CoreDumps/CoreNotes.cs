using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Linux.Time;

namespace Cloister.Linux.CoreDumps;

/// <summary>The notes of a core file (elf(5), "Notes"; linux/elfcore.h): what a debugger knows of the process beside its memory.</summary>
internal sealed class CoreNotes(LinuxThread dumper, SignalInfo info)
{
    private const uint Status = 1;          // NT_PRSTATUS
    private const uint FloatingPoint = 2;   // NT_PRFPREG
    private const uint ProcessInfo = 3;     // NT_PRPSINFO
    private const uint AuxiliaryVector = 6; // NT_AUXV
    private const uint ExtendedState = 0x202;
    private const uint SignalInformation = 0x5349_4749;
    private const uint MappedFiles = 0x4649_4C45;

    /// <summary>Where the registers are in struct elf_prstatus.</summary>
    private const int RegistersAt = 112;

    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>In the order of Linux: the thread that took the signal first, which debuggers show.</summary>
    public byte[] Make(CoreThread first, List<CoreThread> others, List<CoreSegment> segments)
    {
        AddStatus(first);
        AddProcess();
        MemoryMarshal.Write(Add("CORE"u8, SignalInformation, 128), in info);
        byte[] auxiliary = dumper.Process.AddressSpace.Program.AuxiliaryVector;
        auxiliary.CopyTo(Add("CORE"u8, AuxiliaryVector, auxiliary.Length));
        AddFiles(segments);
        AddVectors(first);
        foreach (CoreThread other in others)
        {
            AddStatus(other);
            AddVectors(other);
        }

        return _bytes[.._length];
    }

    /// <summary>Room for a note's content, all zero.</summary>
    private Span<byte> Add(ReadOnlySpan<byte> name, uint type, int size)
    {
        const int headerSize = 12;
        int nameSize = (name.Length + 1 + 3) & ~3;
        int start = _length;
        _length += headerSize + nameSize + ((size + 3) & ~3);
        if (_length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_length, _bytes.Length * 2));
        Span<byte> note = _bytes.AsSpan(start, _length - start);
        BinaryPrimitives.WriteInt32LittleEndian(note, name.Length + 1);
        BinaryPrimitives.WriteInt32LittleEndian(note[4..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(note[8..], type);
        name.CopyTo(note[headerSize..]);
        return note.Slice(headerSize + nameSize, size);
    }

    /// <summary>struct elf_prstatus.</summary>
    private void AddStatus(CoreThread state)
    {
        LinuxThread thread = state.Thread;
        LinuxProcess process = thread.Process;
        Span<byte> note = Add("CORE"u8, Status, (RegistersAt + state.General.Length + sizeof(int) + 7) & ~7);
        BinaryPrimitives.WriteInt32LittleEndian(note, info.Signal);
        BinaryPrimitives.WriteInt16LittleEndian(note[12..], (short)info.Signal);
        using (process.SignalLock.Enter())
            BinaryPrimitives.WriteUInt64LittleEndian(note[16..], thread.Pending.Mask);
        BinaryPrimitives.WriteUInt64LittleEndian(note[24..], thread.SignalMask);
        AddFamily(note[32..], process, thread.ThreadId);
        WriteTime(note[48..], thread.CpuNanoseconds);
        WriteTime(note[80..], process.ChildrenUsage.UserTime);
        state.General.CopyTo(note[RegistersAt..]);
        BinaryPrimitives.WriteInt32LittleEndian(note[(RegistersAt + state.General.Length)..], state.Vectors.Length > 0 ? 1 : 0);
    }

    /// <summary>struct elf_prpsinfo.</summary>
    private void AddProcess()
    {
        const int argumentsAt = 56;
        const int argumentsSize = 80;
        LinuxProcess process = dumper.Process;
        Span<byte> note = Add("CORE"u8, ProcessInfo, argumentsAt + argumentsSize);
        note[1] = (byte)'R';
        note[3] = (byte)dumper.Scheduling.Nice;
        BinaryPrimitives.WriteUInt32LittleEndian(note[16..], dumper.Identity.UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(note[20..], dumper.Identity.GroupId);
        AddFamily(note[24..], process, process.ProcessId);
        dumper.Name.Bytes.CopyTo(note[40..argumentsAt]);
        ProgramLayout program = process.AddressSpace.Program;
        Span<byte> arguments = note.Slice(argumentsAt, (int)Math.Min((ulong)argumentsSize - 1, program.ArgumentsEnd - program.ArgumentsStart));
        int length = process.AddressSpace.ReadForcibly(program.ArgumentsStart, arguments);
        foreach (ref byte each in arguments[..length])
        {
            if (each == 0)
                each = (byte)' ';
        }
    }

    private static void AddFamily(Span<byte> into, LinuxProcess process, int id)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, id);
        BinaryPrimitives.WriteInt32LittleEndian(into[4..], process.Parent?.ProcessId ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], process.GroupId);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], process.SessionId);
    }

    private static void WriteTime(Span<byte> into, long nanoseconds)
    {
        BinaryPrimitives.WriteInt64LittleEndian(into, nanoseconds / Timespec.PerSecond);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], nanoseconds % Timespec.PerSecond / 1000);
    }

    private void AddVectors(CoreThread state)
    {
        if (state.Vectors.Length == 0)
            return;
        Tracing.TraceFormat format = dumper.Cpu.Trace;
        state.Vectors.AsSpan(0, format.FloatingPointSize).CopyTo(Add("CORE"u8, FloatingPoint, format.FloatingPointSize));
        if (format.HasLegacyRequests)
            state.Vectors.CopyTo(Add("LINUX"u8, ExtendedState, state.Vectors.Length));
    }

    /// <summary>Which files are mapped where: count, unit of offsets, ranges, and names.</summary>
    private void AddFiles(List<CoreSegment> segments)
    {
        int count = 0;
        int names = 0;
        foreach (CoreSegment segment in segments)
        {
            if (segment.Name.Length == 0)
                continue;
            count++;
            names += segment.Name.Length + 1;
        }

        int nameAt = (2 + count * 3) * sizeof(ulong);
        Span<byte> note = Add("CORE"u8, MappedFiles, nameAt + names);
        BinaryPrimitives.WriteUInt64LittleEndian(note, (ulong)count);
        BinaryPrimitives.WriteUInt64LittleEndian(note[8..], FrameExtent.FrameSize);
        int at = 16;
        foreach (CoreSegment segment in segments)
        {
            if (segment.Name.Length == 0)
                continue;
            BinaryPrimitives.WriteUInt64LittleEndian(note[at..], segment.Start);
            BinaryPrimitives.WriteUInt64LittleEndian(note[(at + 8)..], segment.End);
            BinaryPrimitives.WriteUInt64LittleEndian(note[(at + 16)..], (ulong)segment.Offset / FrameExtent.FrameSize);
            segment.Name.CopyTo(note[nameAt..]);
            at += 24;
            nameAt += segment.Name.Length + 1;
        }
    }
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Cloister.Host;

namespace Cloister.Cli.Preflight;

/// <summary>
/// Looks for system calls in an ELF file without running it: places where a number is loaded and "syscall" follows, and functions that it
/// imports from a C library, which are called as the system calls are that they make.
/// </summary>
internal sealed class ElfScan
{
    private const int HeaderLength = 64;
    private const int SegmentLength = 56;
    private const int SectionLength = 64;
    private const int SymbolLength = 24;
    private const uint DynamicSymbols = 11; // SHT_DYNSYM
    private const uint ExecutableFlag = 1; // PF_X
    private const int Window = 32;

    private readonly byte[] _file;

    private ElfScan(byte[] file) => _file = file;

    /// <summary>Opens a file.</summary>
    /// <exception cref="HostException">It is no program or library for x86-64.</exception>
    public static ElfScan Open(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be read ({e.Message.TrimEnd('.')}).", e);
        }

        const int machineAt = 18;
        const int x64 = 62; // EM_X86_64
        bool isElf = file.Length >= HeaderLength && file.AsSpan().StartsWith("\u007FELF\u0002\u0001"u8)
            && BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(machineAt)) == x64;
        return isElf ? new ElfScan(file) : throw new HostException($"'{path}' is not a program or library for x86-64 Linux.");
    }

    /// <summary>Numbers of system calls that stand before a "syscall" instruction.</summary>
    public IEnumerable<int> Numbers
    {
        get
        {
            foreach ((int start, int end) in ExecutableRanges())
            {
                for (int i = start; i + 1 < end; i++)
                {
                    if (_file[i] == 0x0F && _file[i + 1] == 0x05 && NumberBefore(start, i) is { } number)
                        yield return number;
                }
            }
        }
    }

    /// <summary>Names of functions that come from other files.</summary>
    public IEnumerable<string> Imports
    {
        get
        {
            (long sections, int count) = (Read64(40), Read16(60));
            for (int i = 0; i < count; i++)
            {
                long section = sections + ((long)i * SectionLength);
                if (!IsInside(section, SectionLength) || Read32(section + 4) != DynamicSymbols)
                    continue;
                (long symbols, long length) = (Read64(section + 24), Read64(section + 32));
                long stringSection = sections + (Read32(section + 40) * SectionLength);
                if (!IsInside(stringSection, SectionLength) || !IsInside(symbols, length))
                    continue;
                long strings = Read64(stringSection + 24);
                for (long symbol = symbols; symbol + SymbolLength <= symbols + length; symbol += SymbolLength)
                {
                    // Undefined here: section 0.
                    if (Read16(symbol + 6) == 0 && ReadName(strings + Read32(symbol)) is { Length: > 0 } name)
                        yield return name;
                }
            }
        }
    }

    // mov eax, imm32 (B8), the nearest before: so do compilers and C libraries write it.
    private int? NumberBefore(int start, int site)
    {
        const int instruction = 5;
        for (int i = site - instruction; i >= Math.Max(start, site - Window); i--)
        {
            if (_file[i] == 0xB8 && BinaryPrimitives.ReadInt32LittleEndian(_file.AsSpan(i + 1)) is var number and >= 0 and < 512)
                return number;
        }

        return null;
    }

    private IEnumerable<(int Start, int End)> ExecutableRanges()
    {
        (long segments, int count) = (Read64(32), Read16(56));
        for (int i = 0; i < count; i++)
        {
            long segment = segments + ((long)i * SegmentLength);
            if (!IsInside(segment, SegmentLength) || Read32(segment) != 1 || (Read32(segment + 4) & ExecutableFlag) == 0)
                continue;
            (long offset, long length) = (Read64(segment + 8), Read64(segment + 32));
            if (IsInside(offset, length))
                yield return ((int)offset, (int)(offset + length));
        }
    }

    private string ReadName(long at)
    {
        if (at < 0 || at >= _file.Length)
            return "";
        ReadOnlySpan<byte> rest = _file.AsSpan((int)at);
        int end = rest.IndexOf((byte)0);
        return end < 0 ? "" : Encoding.Latin1.GetString(rest[..end]);
    }

    private bool IsInside(long offset, long length) => offset >= 0 && length >= 0 && length <= _file.Length && offset <= _file.Length - length;

    private ushort Read16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan((int)at));

    private uint Read32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan((int)at));

    private long Read64(long at) => BinaryPrimitives.ReadInt64LittleEndian(_file.AsSpan((int)at));
}

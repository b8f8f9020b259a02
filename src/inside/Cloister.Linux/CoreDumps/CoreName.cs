using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;

namespace Cloister.Linux.CoreDumps;

/// <summary>How core files are called (core(5), "Naming of core dump files"): /proc/sys/kernel/core_pattern and core_uses_pid.</summary>
internal sealed class CoreName
{
    /// <summary>CORENAME_MAX_SIZE of Linux, which cuts a longer pattern.</summary>
    private const int LongestPattern = 127;

    private byte[] _pattern = "core"u8.ToArray();
    private bool _usesProcessId;

    /// <summary>The pattern. Any thread.</summary>
    public ReadOnlySpan<byte> Pattern => Volatile.Read(ref _pattern);

    /// <summary>Whether the process id is added to a name that doesn't have it. Any thread.</summary>
    public bool UsesProcessId
    {
        get => Volatile.Read(ref _usesProcessId);
        set => Volatile.Write(ref _usesProcessId, value);
    }

    /// <summary>Changes the pattern.</summary>
    /// <returns>EINVAL for a program that dumps would be piped to: the kernel starts none.</returns>
    public Errno SetPattern(ReadOnlySpan<byte> pattern)
    {
        if (pattern.StartsWith("|"u8))
            return Errno.EINVAL;
        Volatile.Write(ref _pattern, pattern[..Math.Min(pattern.Length, LongestPattern)].ToArray());
        return Errno.Success;
    }

    /// <summary>The name for a process that dies now; empty for none.</summary>
    public byte[] Make(LinuxThread thread, int signal, ulong limit)
    {
        byte[] pattern = Volatile.Read(ref _pattern);
        var name = new List<byte>(pattern.Length + 32);
        bool hasProcessId = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%')
            {
                name.Add(pattern[i]);
                continue;
            }

            if (++i == pattern.Length)
                break; // a single one at the end is dropped
            hasProcessId |= pattern[i] == 'p';
            Add(name, thread, pattern[i], signal, limit);
        }

        if (pattern.Length > 0 && !hasProcessId && UsesProcessId)
        {
            name.Add((byte)'.');
            AddNumber(name, (ulong)thread.Process.ProcessId);
        }

        return name.ToArray();
    }

    private static void Add(List<byte> name, LinuxThread thread, byte kind, int signal, ulong limit)
    {
        LinuxProcess process = thread.Process;
        switch ((char)kind)
        {
            case '%':
                name.Add(kind);
                break;
            case 'p' or 'P':
                AddNumber(name, (ulong)process.ProcessId);
                break;
            case 'i' or 'I':
                AddNumber(name, (ulong)thread.ThreadId);
                break;
            case 'u':
                AddNumber(name, thread.Identity.UserId);
                break;
            case 'g':
                AddNumber(name, thread.Identity.GroupId);
                break;
            case 'd':
                AddNumber(name, (ulong)process.Dumpable);
                break;
            case 's':
                AddNumber(name, (ulong)signal);
                break;
            case 't':
                AddNumber(name, (ulong)(thread.Kernel.Platform.Clock.RealtimeNanoseconds / 1_000_000_000));
                break;
            case 'c':
                AddNumber(name, limit);
                break;
            case 'h':
                AddPart(name, thread.Kernel.HostName);
                break;
            case 'e':
                AddPart(name, thread.Name.Bytes);
                break;
            case 'f':
                AddPart(name, LastPart(Executable(process)));
                break;
            case 'E':
                AddPart(name, Executable(process));
                break;
            default:
                break; // dropped, as unknown ones are
        }
    }

    private static byte[] Executable(LinuxProcess process)
    {
        byte[] path = new byte[4096];
        int length = process.Executable?.GetPath(null, path) ?? 0;
        return path[..Math.Max(0, length)];
    }

    private static ReadOnlySpan<byte> LastPart(ReadOnlySpan<byte> path) => path[(path.LastIndexOf((byte)'/') + 1)..];

    private static void AddNumber(List<byte> name, ulong value)
    {
        Span<byte> digits = stackalloc byte[20];
        value.TryFormat(digits, out int length);
        foreach (byte digit in digits[..length])
            name.Add(digit);
    }

    /// <summary>Text becomes one component of a path, whatever a program calls itself (cn_esc_printf of Linux).</summary>
    private static void AddPart(List<byte> name, ReadOnlySpan<byte> text)
    {
        bool leads = text.SequenceEqual("."u8) || text.SequenceEqual(".."u8);
        if (text.IsEmpty)
            name.Add((byte)'!');
        for (int i = 0; i < text.Length; i++)
            name.Add(text[i] == '/' || (leads && i == 0) ? (byte)'!' : text[i]);
    }
}

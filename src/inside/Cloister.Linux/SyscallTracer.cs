using System;
using System.Text;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux;

/// <summary>Prints system calls in the manner of strace.</summary>
public sealed class SyscallTracer(ILogWriter writer, string filter)
{
    private readonly bool _excludes = filter.StartsWith('!');
    private readonly string[] _names = filter.TrimStart('!').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    internal void OnEntry(LinuxThread thread, int number, in SyscallArguments arguments)
    {
        if (!IsWanted(number))
            return;
        // Calls that don't come back are printed before; the others when the result is known.
        const int exit = 60;
        const int exitGroup = 231;
        if (number is exit or exitGroup)
            Print(thread, number, arguments, " = ?");
    }

    internal void OnExit(LinuxThread thread, int number, in SyscallArguments arguments, SyscallResult result)
    {
        if (!IsWanted(number))
            return;
        var line = new StringBuilder();
        line.Append('[').Append(thread.ThreadId).Append("] ");
        var reader = new Reader(thread);
        SyscallTable.FormatEntry(reader, number, arguments, line);
        SyscallTable.FormatExit(reader, number, arguments, result.Value, line);
        writer.WriteLine(line.ToString());
    }

    internal void OnSignal(LinuxThread thread, in SignalInfo info) =>
        writer.WriteLine($"[{thread.ThreadId}] --- signal {info.Signal} code {info.Code} address 0x{info.Address:x} ---");

    private void Print(LinuxThread thread, int number, in SyscallArguments arguments, string end)
    {
        var line = new StringBuilder();
        line.Append('[').Append(thread.ThreadId).Append("] ");
        SyscallTable.FormatEntry(new Reader(thread), number, arguments, line);
        writer.WriteLine(line.Append(end).ToString());
    }

    private bool IsWanted(int number)
    {
        if (_names is [] or ["all"])
            return true;
        string? name = SyscallCatalog.NameOf(number);
        return name is not null && Array.IndexOf(_names, name) >= 0 != _excludes;
    }

    /// <summary>Reads the program's strings for the trace.</summary>
    private sealed class Reader(LinuxThread thread) : IStraceReader
    {
        public int ReadString(ulong address, Span<byte> into)
        {
            int count = thread.Memory.Space.Mmu.CopyString(address, into, out AccessFault _);
            return count;
        }
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux;

/// <summary>How much the log tells.</summary>
public enum LogLevel
{
    /// <summary>Defects of the kernel, exhausted memory.</summary>
    Error,

    /// <summary>Calls that are not implemented, programs that crashed.</summary>
    Warning,

    /// <summary>Starts and ends of programs.</summary>
    Information,

    /// <summary>Everything.</summary>
    Debug,
}

/// <summary>Writes lines of the log to wherever the launcher shows them.</summary>
public interface ILogWriter
{
    /// <summary>Writes one line, without its end.</summary>
    void WriteLine(string line);
}

/// <summary>The kernel's log.</summary>
public sealed class KernelLog(ILogWriter writer, LogLevel level)
{
    // Of what is named once, a program could make as many kinds as it likes.
    private const int MostReported = 1000;

    private readonly KernelLock _lock = new(LockLevel.Log);
    private readonly HashSet<(long Number, ulong Site)> _reported = [];

    /// <summary>Writes a message of a level, on one line.</summary>
    public void Write(LogLevel messageLevel, string message)
    {
        if (messageLevel <= level)
            writer.WriteLine("cloister: " + Escape(message));
    }

    /// <summary>Text without what a terminal acts on: names of programs are the programs'.</summary>
    internal static string Escape(string text)
    {
        ReadOnlySpan<char> all = text;
        if (!all.ContainsAnyInRange('\0', '\x1F') && !all.ContainsAnyInRange('\x7F', '\x9F') && !all.ContainsAnyInRange('\u2028', '\u202E'))
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (char value in text)
        {
            if (value is < ' ' or (>= '\x7F' and <= '\x9F'))
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)value:x2}");
            else if (value is >= '\u2028' and <= '\u202E')
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)value:x4}");
            else
                escaped.Append(value);
        }

        return escaped.ToString();
    }

    /// <summary>Names a call that isn't implemented, once for each call site.</summary>
    internal void Unimplemented(LinuxThread thread, int number, string? name)
    {
        // The C libraries ask for some at every start, each time at another address, and do without: not worth a warning.
        bool isOptional = IsOptional(number);
        ulong site = thread.InstructionPointer;
        if (!IsFirst(number, isOptional ? 0 : site))
            return;
        string call = name ?? thread.Cpu.ToProgramNumber(number).ToString(CultureInfo.InvariantCulture);
        Write(isOptional ? LogLevel.Debug : LogLevel.Warning,
            $"{thread.Process.Describe()}: system call {call} is not implemented (at 0x{site:x}); the program gets ENOSYS.");
    }

    /// <summary>Names a flag or request that isn't implemented, once.</summary>
    public void Unsupported(LinuxThread thread, string what)
    {
        if (IsFirst(what.GetHashCode(StringComparison.Ordinal), 0))
            Write(LogLevel.Warning, $"{thread.Process.Describe()}: {what} is not implemented.");
    }

    private static bool IsOptional(int number)
    {
        foreach (SyscallDescription call in SyscallCatalog.All)
        {
            if (call.Number == number)
                return call.IsOptional;
        }

        return false;
    }

    private bool IsFirst(long number, ulong site)
    {
        using (_lock.Enter())
        {
            if (_reported.Count >= MostReported || !_reported.Add((number, site)))
                return false;
            if (_reported.Count < MostReported)
                return true;
        }

        Write(LogLevel.Warning, $"{MostReported} things were named that are not implemented: no more are.");
        return false;
    }

    /// <summary>A program died of a fault.</summary>
    internal void Fault(LinuxThread thread, in SignalInfo info) =>
        Write(LogLevel.Information, $"{thread.Process.Describe()}: killed by signal {info.Signal} at 0x{thread.InstructionPointer:x}, address 0x{info.Address:x}.");

    /// <summary>The kernel itself failed; the call returned EIO.</summary>
    internal void Defect(LinuxThread thread, Exception defect) =>
        WriteDefect(Escape(thread.Process.Describe()), (int)thread.CurrentSyscall, defect);

    // Of many lines, which are the kernel's own.
    private void WriteDefect(string process, long number, Exception defect)
    {
        if (LogLevel.Error <= level)
            writer.WriteLine($"cloister: {process}: defect of the kernel in system call {number}: {defect}");
    }
}

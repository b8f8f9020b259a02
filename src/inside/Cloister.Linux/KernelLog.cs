using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using Cloister.Linux.Signals;
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
    private readonly KernelLock _lock = new(LockLevel.Log);
    private readonly HashSet<(int Number, ulong Site)> _reported = [];

    /// <summary>Writes a message of a level.</summary>
    public void Write(LogLevel messageLevel, string message)
    {
        if (messageLevel <= level)
            writer.WriteLine("cloister: " + message);
    }

    /// <summary>Names a call that isn't implemented, once for each call site.</summary>
    internal void Unimplemented(LinuxThread thread, int number, string? name)
    {
        ulong site = thread.Context.Registers.Rip;
        using (_lock.Enter())
        {
            if (!_reported.Add((number, site)))
                return;
        }

        // The C libraries ask for these at every start and do without: not worth a warning.
        LogLevel importance = name is "rseq" ? LogLevel.Debug : LogLevel.Warning;
        string call = name ?? number.ToString(CultureInfo.InvariantCulture);
        Write(importance, $"{thread.Process.Describe()}: system call {call} is not implemented (at 0x{site:x}); the program gets ENOSYS.");
    }

    /// <summary>Names a flag or request that isn't implemented, once.</summary>
    public void Unsupported(LinuxThread thread, string what)
    {
        using (_lock.Enter())
        {
            if (!_reported.Add((what.GetHashCode(StringComparison.Ordinal), 0)))
                return;
        }

        Write(LogLevel.Warning, $"{thread.Process.Describe()}: {what} is not implemented.");
    }

    /// <summary>A program died of a fault.</summary>
    internal void Fault(LinuxThread thread, in SignalInfo info) =>
        Write(LogLevel.Information, $"{thread.Process.Describe()}: killed by signal {info.Signal} at 0x{thread.Context.Registers.Rip:x}, address 0x{info.Address:x}.");

    /// <summary>The kernel itself failed; the call returned EIO.</summary>
    internal void Defect(LinuxThread thread, Exception defect) =>
        Write(LogLevel.Error, $"{thread.Process.Describe()}: defect of the kernel in system call {thread.CurrentSyscall}: {defect}");
}

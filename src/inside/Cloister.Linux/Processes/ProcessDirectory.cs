using System;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Machine;
using Cloister.Nucleus;

namespace Cloister.Linux.Processes;

/// <summary>What procfs shows of this kernel.</summary>
public sealed class ProcessDirectory(LinuxKernel kernel) : IProcessDirectory
{
    private readonly long _bootTime = kernel.Platform.Clock.RealtimeNanoseconds;
    private readonly long _start = kernel.Platform.Clock.MonotonicNanoseconds;

    /// <summary>Monotonic time of the start, which procfs counts from.</summary>
    internal long Start => _start;

    /// <inheritdoc/>
    public int NextProcess(int processId)
    {
        int best = 0;
        foreach (LinuxProcess process in kernel.Processes.Snapshot())
        {
            if (process.ProcessId > processId && (best == 0 || process.ProcessId < best))
                best = process.ProcessId;
        }

        return best;
    }

    /// <inheritdoc/>
    public bool TryGetProcess(int processId, out IProcessInformation? process)
    {
        LinuxProcess? found = kernel.Processes.Find(processId) ?? kernel.Processes.FindThread(processId)?.Process;
        process = found is null ? null : new ProcessInformation(this, found);
        return found is not null;
    }

    /// <inheritdoc/>
    public void WriteCorePattern(IByteSink sink) => sink.Append(kernel.CoreName.Pattern);

    /// <inheritdoc/>
    public Errno SetCorePattern(ReadOnlySpan<byte> pattern) => kernel.CoreName.SetPattern(pattern);

    /// <inheritdoc/>
    public bool CoreUsesProcessId
    {
        get => kernel.CoreName.UsesProcessId;
        set => kernel.CoreName.UsesProcessId = value;
    }

    /// <inheritdoc/>
    public SystemStatus GetSystemStatus()
    {
        EnclaveMemory memory = kernel.Memory;
        int threads = 0;
        long cpu = 0;
        foreach (LinuxProcess process in kernel.Processes.Snapshot())
        {
            threads += process.ThreadCount;
            cpu += process.CpuNanoseconds;
        }

        return new SystemStatus
        {
            TotalMemory = memory.Total,
            FreeMemory = memory.FreeBytes,
            CachedMemory = memory.CachedBytes,
            CommittedMemory = kernel.Commit.Taken,
            Cpus = kernel.Platform.Cpus.Count,
            MostThreads = kernel.Users.MostTasks,
            BootTime = _bootTime,
            Uptime = kernel.Platform.Clock.MonotonicNanoseconds - _start,
            UserTime = cpu,
            Created = kernel.Processes.LastId,
            Running = 1,
            Threads = threads,
            LastProcessId = kernel.Processes.LastId,
        };
    }

    /// <inheritdoc/>
    public void WriteRelease(IByteSink sink) => sink.Append(Encoding.ASCII.GetBytes(SystemSyscalls.Release));

    /// <inheritdoc/>
    public void WriteVersion(IByteSink sink) => sink.Append(Encoding.ASCII.GetBytes(SystemSyscalls.Version));

    /// <inheritdoc/>
    public void WriteHostName(IByteSink sink) => sink.Append(kernel.Names.Host);

    /// <inheritdoc/>
    public void WriteDomainName(IByteSink sink) => sink.Append(kernel.Names.Domain);

    /// <inheritdoc/>
    public void WriteSystemV(SystemVKind kind, IByteSink sink) => kernel.Ipc.Write(kind, sink);
}

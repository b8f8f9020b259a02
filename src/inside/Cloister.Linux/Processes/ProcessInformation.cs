using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Processes;

/// <summary>One process, as procfs shows it.</summary>
internal sealed class ProcessInformation(ProcessDirectory directory, LinuxProcess process) : IProcessInformation
{
    private const MappingAccess AllRights = MappingAccess.Read | MappingAccess.Write | MappingAccess.Execute;
    private const int LongestPath = 4096;
    private const int MostArgumentBytes = 2 << 20;

    /// <summary>The process itself.</summary>
    internal LinuxProcess Process => process;

    /// <inheritdoc/>
    public int ProcessId => process.ProcessId;

    /// <inheritdoc/>
    public IDescriptorTable? Descriptors => process.IsZombie ? null : process.Descriptors;

    /// <inheritdoc/>
    public IFileSystemContext? FileSystemContext => process.IsZombie ? null : process.FileSystemContext;

    /// <inheritdoc/>
    public IOpenFile? Executable => process.Executable;

    /// <inheritdoc/>
    public int OutOfMemoryAdjustment
    {
        get => process.OutOfMemoryAdjustment;
        set => process.OutOfMemoryAdjustment = value;
    }

    /// <inheritdoc/>
    public int CoreContents
    {
        get => (int)process.CoreContents;
        set => process.CoreContents = (Cloister.Linux.CoreDumps.CoreContents)value & Cloister.Linux.CoreDumps.CoreContents.All;
    }

    /// <inheritdoc/>
    public int NextThread(int threadId)
    {
        int best = 0;
        foreach (LinuxThread thread in process.SnapshotThreads())
        {
            if (thread.ThreadId > threadId && (best == 0 || thread.ThreadId < best))
                best = thread.ThreadId;
        }

        return best;
    }

    /// <inheritdoc/>
    public bool TryGetStatus(int threadId, out ProcessStatus status, bool withMemory = false)
    {
        status = default;
        LinuxThread? thread = Find(threadId);
        if (thread is null && (threadId != 0 || !process.IsZombie))
            return false;
        status.State = process.IsZombie ? 'Z'
            : thread is { Trace.IsStopped: true } ? 't'
            : process.IsStopping ? 'T'
            : process.IsInit || thread!.IsSleeping ? 'S'
            : 'R';
        status.ParentId = process.Parent?.ProcessId ?? 0;
        status.TracerId = thread?.Trace?.Tracer.ProcessId ?? 0;
        status.ProcessGroup = process.GroupId;
        status.Session = process.SessionId;
        ITerminal? terminal = process.Kernel.Jobs.TerminalOf(process);
        status.HasTerminal = terminal is not null;
        status.TerminalDevice = terminal?.Device ?? 0;
        status.TerminalGroup = status.HasTerminal ? terminal!.ForegroundGroup : -1;
        status.Threads = process.ThreadCount;
        status.StartTime = Math.Max(0, process.StartTime - directory.Start);
        status.UserTime = threadId == 0 ? process.CpuNanoseconds : thread?.CpuNanoseconds ?? 0;
        status.ChildrenUserTime = process.ChildrenUsage.UserTime;
        status.IsDumpable = process.Dumpable == 1;
        status.ExitSignal = process.ExitSignal;
        status.ExitCode = process.IsZombie ? process.ExitStatus : 0;
        int cpus = process.Kernel.Platform.Cpus.Count;
        status.AllowedCpus = thread?.Scheduling.Processors?[0] ?? (cpus >= 64 ? ulong.MaxValue : (1UL << cpus) - 1);
        status.QueuedSignalsLimit = process.Limits[ResourceLimits.PendingSignals].Soft;
        if (thread is not null)
        {
            status.SeccompMode = thread.Seccomp is not { } filter ? 0 : filter.IsStrict ? 1 : 2;
            status.SeccompFilters = thread.Seccomp?.Count ?? 0;
            status.Nice = thread.Scheduling.Nice;
            SetIdentity(ref status, thread.Identity);
            SetSignals(ref status, thread);
        }

        if (withMemory && !process.IsZombie)
            SetMemory(ref status);
        return true;
    }

    /// <inheritdoc/>
    public void WriteName(int threadId, IByteSink sink)
    {
        if (Find(threadId) is { } thread)
            sink.Append(thread.Name.Bytes);
        else
            sink.Append(process.LastName);
    }

    /// <inheritdoc/>
    public Errno SetName(ICaller caller, int threadId, ReadOnlySpan<byte> name)
    {
        if (caller.ProcessId != process.ProcessId)
            return Errno.EINVAL;
        Find(threadId)?.Name.Set(name);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno GetTimerSlack(ICaller caller, out long slack)
    {
        slack = 0;
        if (!MaySeeTimerSlack(caller))
            return Errno.EPERM;
        if (Find(process.ProcessId) is not { } thread)
            return Errno.ESRCH;
        slack = thread.TimerSlack;
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno SetTimerSlack(ICaller caller, long slack)
    {
        if (!MaySeeTimerSlack(caller))
            return Errno.EPERM;
        if (Find(process.ProcessId) is not { } thread)
            return Errno.ESRCH;
        thread.TimerSlack = slack == 0 ? LinuxThread.DefaultTimerSlack : slack;
        return Errno.Success;
    }

    private bool MaySeeTimerSlack(ICaller caller) =>
        caller.ProcessId == process.ProcessId || caller.Credentials.Has(Identity.Capability.SysNice);

    /// <inheritdoc/>
    public void WriteCommandLine(IByteSink sink)
    {
        ProgramLayout program = process.AddressSpace.Program;
        WriteRange(sink, program.ArgumentsStart, program.ArgumentsEnd);
    }

    /// <inheritdoc/>
    public void WriteEnvironment(IByteSink sink)
    {
        ProgramLayout program = process.AddressSpace.Program;
        WriteRange(sink, program.EnvironmentStart, program.EnvironmentEnd);
    }

    /// <inheritdoc/>
    public void WriteAuxiliaryVector(IByteSink sink) => sink.Append(process.AddressSpace.Program.AuxiliaryVector);

    /// <inheritdoc/>
    public int GetGroups(Span<uint> groups)
    {
        uint[] all = process.Leader?.Identity.Groups ?? [];
        all.AsSpan(0, Math.Min(all.Length, groups.Length)).CopyTo(groups);
        return all.Length;
    }

    /// <inheritdoc/>
    public void WriteMemoryMap(IMemoryMapSink sink)
    {
        if (process.IsZombie)
            return;
        // Collected first: the sink may do anything, and the space's lock is held during the visit.
        var mappings = new List<(MappingInformation Mapping, byte[] Name)>();
        byte[] path = new byte[LongestPath];
        AddressSpace space = process.AddressSpace;
        space.Visit(region => mappings.Add((Describe(space, region), NameOf(region, path))));
        foreach ((MappingInformation mapping, byte[] name) in mappings)
            sink.Add(mapping, name);
        if (process.Kernel.Platform.Mmu.Vdso is { } vdso)
            sink.Add(new MappingInformation(vdso.Address, vdso.Address + vdso.Length, MappingAccess.Read | MappingAccess.Execute, 0, 0, 0, 0, AllRights), "[vdso]"u8);
    }

    /// <inheritdoc/>
    public void GetLimit(int resource, out ulong soft, out ulong hard)
    {
        ResourceLimit limit = process.Limits[resource];
        soft = limit.Soft;
        hard = limit.Hard;
    }

    /// <inheritdoc/>
    public IProcessMemory OpenMemory() => new ProcessMemory(process.AddressSpace, isForced: true);

    private LinuxThread? Find(int threadId)
    {
        if (threadId == 0)
            return process.Leader;
        LinuxThread? thread = process.Kernel.Processes.FindThread(threadId);
        return thread?.Process == process ? thread : null;
    }

    private static void SetIdentity(ref ProcessStatus status, Identity.Identity identity)
    {
        status.UserId = identity.UserId;
        status.EffectiveUserId = identity.EffectiveUserId;
        status.SavedUserId = identity.SavedUserId;
        status.FileUserId = identity.FileUserId;
        status.GroupId = identity.GroupId;
        status.EffectiveGroupId = identity.EffectiveGroupId;
        status.SavedGroupId = identity.SavedGroupId;
        status.FileGroupId = identity.FileGroupId;
        status.Inheritable = identity.Inheritable;
        status.Permitted = identity.Permitted;
        status.Effective = identity.Effective;
        status.Bounding = identity.Bounding;
        status.Ambient = identity.Ambient;
        status.NoNewPrivileges = identity.NoNewPrivileges;
    }

    private void SetSignals(ref ProcessStatus status, LinuxThread thread)
    {
        using (process.SignalLock.Enter())
        {
            status.PendingSignals = thread.Pending.Mask;
            status.SharedPendingSignals = process.Pending.Mask;
            status.QueuedSignals = process.Pending.Count + thread.Pending.Count;
            for (int signal = 1; signal <= Signal.Last; signal++)
            {
                ulong handler = process.Actions[signal].Handler;
                if (handler == SignalAction.Ignore)
                    status.IgnoredSignals |= Signal.Bit(signal);
                else if (handler != SignalAction.Default)
                    status.CaughtSignals |= Signal.Bit(signal);
            }
        }

        status.BlockedSignals = thread.SignalMask;
    }

    private void SetMemory(ref ProcessStatus status)
    {
        AddressSpace space = process.AddressSpace;
        long stack = 0;
        long data = 0;
        long libraries = 0;
        space.Visit(region =>
        {
            long length = (long)region.Length;
            if (region.Kind == RegionKind.Stack)
                stack += length;
            else if ((region.Protection & Protection.Write) != 0 && !region.IsShared)
                data += length;
            else if ((region.Protection & Protection.Execute) != 0)
                libraries += length;
        });
        status.VirtualBytes = (long)space.TotalBytes;
        status.PeakVirtualBytes = (long)space.PeakBytes;
        MemoryUse use = space.Measure();
        status.ResidentBytes = (long)use.Resident;
        status.PeakResidentBytes = (long)space.PeakResidentBytes;
        status.SharedBytes = (long)(use.Resident - use.Private);
        status.LockedBytes = (long)space.LockedBytes;
        status.StackBytes = stack;
        status.DataBytes = data;
        status.TextBytes = (long)(space.Program.CodeEnd - space.Program.CodeStart);
        status.LibraryBytes = Math.Max(0, libraries - status.TextBytes);
        status.StartCode = space.Program.CodeStart;
        status.EndCode = space.Program.CodeEnd;
        status.StartStack = space.Program.StackStart;
    }

    private void WriteRange(IByteSink sink, ulong start, ulong end)
    {
        if (end <= start)
            return;
        byte[] bytes = new byte[Math.Min(end - start, MostArgumentBytes)];
        sink.Append(bytes.AsSpan(0, new ProcessMemory(process.AddressSpace).Read(start, bytes)));
    }

    private static MappingInformation Describe(AddressSpace space, Region region)
    {
        var access = (MappingAccess)region.Protection | (region.IsShared ? MappingAccess.Shared : MappingAccess.None);
        return new MappingInformation(
            region.Start,
            region.End,
            access,
            region.File is null ? 0 : (ulong)region.Offset,
            region.File?.Device ?? 0,
            region.File?.Inode ?? 0,
            (long)space.Measure(region).Resident,
            (MappingAccess)region.MostProtection);
    }

    private static byte[] NameOf(Region region, byte[] path)
    {
        if (region.File is not null)
            return path[..Math.Max(0, region.File.File.GetPath(null, path))];
        return region.Kind switch
        {
            RegionKind.Heap => "[heap]"u8.ToArray(),
            RegionKind.Stack => "[stack]"u8.ToArray(),
            RegionKind.Vdso => "[vdso]"u8.ToArray(),
            _ => region.IsShared ? "/dev/zero (deleted)"u8.ToArray() : [],
        };
    }
}

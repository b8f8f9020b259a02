using System;
using Cloister.Abi;

namespace Cloister.Contracts.Files;

/// <summary>Takes bytes of a generated file.</summary>
public interface IByteSink
{
    /// <summary>Appends bytes.</summary>
    void Append(ReadOnlySpan<byte> bytes);
}

/// <summary>What procfs shows: the processes and the system. Implemented by the Linux personality.</summary>
public interface IProcessDirectory
{
    /// <summary>Lowest process id above <paramref name="processId"/>, or 0: to list all, start with 0.</summary>
    int NextProcess(int processId);

    /// <summary>Finds a process, zombies too. A thread's id finds its process, as /proc/TID does on Linux.</summary>
    bool TryGetProcess(int processId, out IProcessInformation? process);

    /// <summary>Numbers of the system.</summary>
    SystemStatus GetSystemStatus();

    /// <summary>Release as in uname(2), such as "6.1.0".</summary>
    void WriteRelease(IByteSink sink);

    /// <summary>Version as in uname(2), such as "#1 SMP".</summary>
    void WriteVersion(IByteSink sink);

    /// <summary>Host name.</summary>
    void WriteHostName(IByteSink sink);

    /// <summary>Domain name.</summary>
    void WriteDomainName(IByteSink sink);

    /// <summary>How core files are called (/proc/sys/kernel/core_pattern).</summary>
    void WriteCorePattern(IByteSink sink);

    /// <summary>Changes it; EINVAL for programs that dumps would be piped to.</summary>
    Errno SetCorePattern(ReadOnlySpan<byte> pattern);

    /// <summary>Whether names of core files end with the process id (/proc/sys/kernel/core_uses_pid).</summary>
    bool CoreUsesProcessId { get; set; }

    /// <summary>A table of /proc/sysvipc.</summary>
    void WriteSystemV(SystemVKind kind, IByteSink sink);
}

/// <summary>Kinds of System V IPC (sysvipc(7)).</summary>
public enum SystemVKind
{
    /// <summary>Segments of shmget(2).</summary>
    SharedMemory,

    /// <summary>Sets of semget(2).</summary>
    Semaphores,

    /// <summary>Queues of msgget(2).</summary>
    MessageQueues,
}

/// <summary>Numbers of the system. Times are nanoseconds.</summary>
public struct SystemStatus
{
    /// <summary>Enclave memory, in bytes.</summary>
    public long TotalMemory;

    /// <summary>Memory that nobody uses.</summary>
    public long FreeMemory;

    /// <summary>Memory of files that could be given back.</summary>
    public long CachedMemory;

    /// <summary>Memory promised to programs (Committed_AS).</summary>
    public long CommittedMemory;

    /// <summary>CPUs.</summary>
    public int Cpus;

    /// <summary>Threads that there can be.</summary>
    public long MostThreads;

    /// <summary>Wall-clock time of the start, since 1970.</summary>
    public long BootTime;

    /// <summary>Time since the start.</summary>
    public long Uptime;

    /// <summary>CPU time that programs used.</summary>
    public long UserTime;

    /// <summary>Processes and threads ever created.</summary>
    public long Created;

    /// <summary>Threads that run.</summary>
    public int Running;

    /// <summary>Threads in all.</summary>
    public int Threads;

    /// <summary>Latest process id.</summary>
    public int LastProcessId;
}

/// <summary>One process.</summary>
public interface IProcessInformation
{
    /// <summary>The process's id.</summary>
    int ProcessId { get; }

    /// <summary>Its open files; null where it has ended.</summary>
    IDescriptorTable? Descriptors { get; }

    /// <summary>Root and working directory; null where it has ended.</summary>
    IFileSystemContext? FileSystemContext { get; }

    /// <summary>Its program; null where it has ended. No reference is counted: it is used for the path and the inode only.</summary>
    IOpenFile? Executable { get; }

    /// <summary>Lowest thread id above <paramref name="threadId"/>, or 0.</summary>
    int NextThread(int threadId);

    /// <summary>Numbers of the process, or of one of its threads. False where the thread has ended.</summary>
    /// <param name="threadId">The thread; 0 for the process as a whole.</param>
    /// <param name="status">The numbers.</param>
    /// <param name="withMemory">Whether those of its memory too, for which pages have to be counted.</param>
    bool TryGetStatus(int threadId, out ProcessStatus status, bool withMemory = false);

    /// <summary>Name of the process or of a thread (comm).</summary>
    void WriteName(int threadId, IByteSink sink);

    /// <summary>Changes the name of a thread (a write to comm). EINVAL where the thread isn't of the caller's process.</summary>
    Cloister.Abi.Errno SetName(ICaller caller, int threadId, ReadOnlySpan<byte> name);

    /// <summary>Arguments, each ended by NUL, as they are in memory now.</summary>
    void WriteCommandLine(IByteSink sink);

    /// <summary>Environment, each entry ended by NUL, as it was at the start of the program.</summary>
    void WriteEnvironment(IByteSink sink);

    /// <summary>Auxiliary vector, with AT_NULL.</summary>
    void WriteAuxiliaryVector(IByteSink sink);

    /// <summary>Supplementary groups into a span; returns how many there are.</summary>
    int GetGroups(Span<uint> groups);

    /// <summary>Memory map, in order of addresses.</summary>
    void WriteMemoryMap(IMemoryMapSink sink);

    /// <summary>A resource limit (RLIMIT_*); ulong.MaxValue is unlimited.</summary>
    void GetLimit(int resource, out ulong soft, out ulong hard);

    /// <summary>Timer slack of the first thread, in nanoseconds (timerslack_ns). EPERM for who may not look at another process's.</summary>
    Cloister.Abi.Errno GetTimerSlack(ICaller caller, out long slack);

    /// <summary>Changes it; 0 stands for the default.</summary>
    Cloister.Abi.Errno SetTimerSlack(ICaller caller, long slack);

    /// <summary>oom_score_adj: kept and shown; nothing follows from it.</summary>
    int OutOfMemoryAdjustment { get; set; }

    /// <summary>What goes into its core file (/proc/PID/coredump_filter).</summary>
    int CoreContents { get; set; }

    /// <summary>The memory that the process has now, for /proc/PID/mem: after its execve that one stays the old.</summary>
    IProcessMemory OpenMemory();
}

/// <summary>Memory of a process, whether it still has it or not.</summary>
public interface IProcessMemory
{
    /// <summary>Reads; 0 where nobody uses the memory any more, EIO where an address isn't mapped.</summary>
    Cloister.Abi.SyscallResult Read(ICaller caller, ulong address, IIoBuffer buffer);

    /// <summary>Writes.</summary>
    Cloister.Abi.SyscallResult Write(ICaller caller, ulong address, IIoBuffer buffer);
}

/// <summary>Takes a memory map.</summary>
public interface IMemoryMapSink
{
    /// <summary>Adds a mapping.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="name">Path, or "[heap]", "[stack]" and the like; empty for anonymous memory.</param>
    void Add(in MappingInformation mapping, ReadOnlySpan<byte> name);
}

/// <summary>One mapping of a process.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">End.</param>
/// <param name="Access">Rights; <see cref="MappingAccess.Shared"/> for MAP_SHARED.</param>
/// <param name="Offset">Offset in the file.</param>
/// <param name="Device">st_dev of the file, 0 for anonymous memory.</param>
/// <param name="Inode">st_ino of the file.</param>
/// <param name="ResidentBytes">Bytes in memory, for smaps.</param>
/// <param name="Allowed">Rights that mprotect(2) may give.</param>
public readonly record struct MappingInformation(
    ulong Start, ulong End, MappingAccess Access, ulong Offset, ulong Device, ulong Inode, long ResidentBytes, MappingAccess Allowed);

/// <summary>Numbers of a process or thread. Times are nanoseconds, memory is bytes.</summary>
public struct ProcessStatus
{
    /// <summary>R, S, D, T, t, Z or X.</summary>
    public char State;

    /// <summary>Parent.</summary>
    public int ParentId;

    /// <summary>Process that traces it; 0 for none.</summary>
    public int TracerId;

    /// <summary>Process group.</summary>
    public int ProcessGroup;

    /// <summary>Session.</summary>
    public int Session;

    /// <summary>Whether the session has the terminal as controlling terminal.</summary>
    public bool HasTerminal;

    /// <summary>Device number of that terminal, or 0.</summary>
    public ulong TerminalDevice;

    /// <summary>Foreground group of that terminal, or -1.</summary>
    public int TerminalGroup;

    /// <summary>Threads.</summary>
    public int Threads;

    /// <summary>Real user.</summary>
    public uint UserId;

    /// <summary>Effective user.</summary>
    public uint EffectiveUserId;

    /// <summary>Saved user.</summary>
    public uint SavedUserId;

    /// <summary>File-system user.</summary>
    public uint FileUserId;

    /// <summary>Real group.</summary>
    public uint GroupId;

    /// <summary>Effective group.</summary>
    public uint EffectiveGroupId;

    /// <summary>Saved group.</summary>
    public uint SavedGroupId;

    /// <summary>File-system group.</summary>
    public uint FileGroupId;

    /// <summary>Start, since the start of the system.</summary>
    public long StartTime;

    /// <summary>CPU time in user mode.</summary>
    public long UserTime;

    /// <summary>CPU time in the kernel.</summary>
    public long SystemTime;

    /// <summary>User time of children that were waited for.</summary>
    public long ChildrenUserTime;

    /// <summary>System time of children that were waited for.</summary>
    public long ChildrenSystemTime;

    /// <summary>Minor page faults.</summary>
    public long MinorFaults;

    /// <summary>Nice value.</summary>
    public int Nice;

    /// <summary>Address space in use.</summary>
    public long VirtualBytes;

    /// <summary>Largest address space.</summary>
    public long PeakVirtualBytes;

    /// <summary>Memory in use.</summary>
    public long ResidentBytes;

    /// <summary>Most memory in use.</summary>
    public long PeakResidentBytes;

    /// <summary>Of it: file and shared pages.</summary>
    public long SharedBytes;

    /// <summary>Size of the program's code.</summary>
    public long TextBytes;

    /// <summary>Size of libraries' code.</summary>
    public long LibraryBytes;

    /// <summary>Private writable memory.</summary>
    public long DataBytes;

    /// <summary>The first thread's stack.</summary>
    public long StackBytes;

    /// <summary>Locked memory.</summary>
    public long LockedBytes;

    /// <summary>Address of the program's code.</summary>
    public ulong StartCode;

    /// <summary>Its end.</summary>
    public ulong EndCode;

    /// <summary>Bottom of the stack.</summary>
    public ulong StartStack;

    /// <summary>Pending signals of the thread.</summary>
    public ulong PendingSignals;

    /// <summary>Pending signals of the process.</summary>
    public ulong SharedPendingSignals;

    /// <summary>Blocked signals.</summary>
    public ulong BlockedSignals;

    /// <summary>Ignored signals.</summary>
    public ulong IgnoredSignals;

    /// <summary>Caught signals.</summary>
    public ulong CaughtSignals;

    /// <summary>Queued signals.</summary>
    public int QueuedSignals;

    /// <summary>Limit of queued signals.</summary>
    public ulong QueuedSignalsLimit;

    /// <summary>Inheritable capabilities.</summary>
    public ulong Inheritable;

    /// <summary>Permitted capabilities.</summary>
    public ulong Permitted;

    /// <summary>Effective capabilities.</summary>
    public ulong Effective;

    /// <summary>Bounding set.</summary>
    public ulong Bounding;

    /// <summary>Ambient capabilities.</summary>
    public ulong Ambient;

    /// <summary>PR_SET_NO_NEW_PRIVS.</summary>
    public bool NoNewPrivileges;

    /// <summary>Mode of seccomp(2): 0 none, 1 strict, 2 filters.</summary>
    public int SeccompMode;

    /// <summary>How many filters.</summary>
    public int SeccompFilters;

    /// <summary>Whether others of the same user may look into it (PR_SET_DUMPABLE).</summary>
    public bool IsDumpable;

    /// <summary>Signal that the parent gets at the end.</summary>
    public int ExitSignal;

    /// <summary>CPU it ran on last.</summary>
    public int Processor;

    /// <summary>CPUs it may run on, one bit each.</summary>
    public ulong AllowedCpus;

    /// <summary>Wait status of a zombie.</summary>
    public int ExitCode;

    /// <summary>Voluntary context switches.</summary>
    public long VoluntarySwitches;

    /// <summary>Involuntary context switches.</summary>
    public long InvoluntarySwitches;
}

using System;

namespace Cloister.Linux.Ipc;

/// <summary>Flags of shmget(2), semget(2), msgget(2) and of the calls that may wait; the mode is below them.</summary>
[Flags]
internal enum IpcFlags
{
    IPC_CREAT = 0x200,
    IPC_EXCL = 0x400,
    IPC_NOWAIT = 0x800,
    SHM_HUGETLB = 0x800,
    SHM_NORESERVE = 0x1000,
    MSG_NOERROR = 0x1000,
    MSG_EXCEPT = 0x2000,
    MSG_COPY = 0x4000,
}

/// <summary>Flags of shmat(2).</summary>
[Flags]
internal enum AttachFlags
{
    SHM_RDONLY = 0x1000,
    SHM_RND = 0x2000,
    SHM_REMAP = 0x4000,
    SHM_EXEC = 0x8000,
}

/// <summary>Commands of shmctl(2).</summary>
internal enum SharedMemoryCommand
{
    IPC_RMID = 0,
    IPC_SET = 1,
    IPC_STAT = 2,
    IPC_INFO = 3,
    SHM_LOCK = 11,
    SHM_UNLOCK = 12,
    SHM_STAT = 13,
    SHM_INFO = 14,
    SHM_STAT_ANY = 15,
}

/// <summary>Commands of semctl(2).</summary>
internal enum SemaphoreCommand
{
    IPC_RMID = 0,
    IPC_SET = 1,
    IPC_STAT = 2,
    IPC_INFO = 3,
    GETPID = 11,
    GETVAL = 12,
    GETALL = 13,
    GETNCNT = 14,
    GETZCNT = 15,
    SETVAL = 16,
    SETALL = 17,
    SEM_STAT = 18,
    SEM_INFO = 19,
    SEM_STAT_ANY = 20,
}

/// <summary>Commands of msgctl(2).</summary>
internal enum MessageCommand
{
    IPC_RMID = 0,
    IPC_SET = 1,
    IPC_STAT = 2,
    IPC_INFO = 3,
    MSG_STAT = 11,
    MSG_INFO = 12,
    MSG_STAT_ANY = 13,
}

/// <summary>What Linux limits System V IPC to where nobody changes it (/proc/sys/kernel).</summary>
internal static class IpcLimits
{
    /// <summary>SHMMAX and SHMALL: 2^64 - 2^24.</summary>
    public const ulong MostSharedBytes = ulong.MaxValue - (1UL << 24);

    /// <summary>SHMMNI.</summary>
    public const int Segments = 4096;

    /// <summary>SEMMNI.</summary>
    public const int SemaphoreSets = 32000;

    /// <summary>SEMMSL.</summary>
    public const int SemaphoresOfSet = 32000;

    /// <summary>SEMMNS.</summary>
    public const int Semaphores = SemaphoreSets * SemaphoresOfSet;

    /// <summary>SEMOPM.</summary>
    public const int Operations = 500;

    /// <summary>SEMVMX.</summary>
    public const int SemaphoreValue = 32767;

    /// <summary>SEMUSZ: as Linux tells it.</summary>
    public const int UndoSize = 20;

    /// <summary>MSGMAX.</summary>
    public const int MessageBytes = 8192;

    /// <summary>MSGMNB.</summary>
    public const int QueueBytes = 16384;

    /// <summary>MSGMNI.</summary>
    public const int Queues = 32000;
}

using System.Runtime.InteropServices;

namespace Cloister.Abi.Files;

/// <summary>Commands of fcntl(2), x86-64.</summary>
public enum FcntlCommand
{
    F_DUPFD = 0,
    F_GETFD = 1,
    F_SETFD = 2,
    F_GETFL = 3,
    F_SETFL = 4,
    F_GETLK = 5,
    F_SETLK = 6,
    F_SETLKW = 7,
    F_SETOWN = 8,
    F_GETOWN = 9,
    F_SETSIG = 10,
    F_GETSIG = 11,
    F_SETOWN_EX = 15,
    F_GETOWN_EX = 16,
    F_OFD_GETLK = 36,
    F_OFD_SETLK = 37,
    F_OFD_SETLKW = 38,
    F_SETLEASE = 1024,
    F_GETLEASE = 1025,
    F_NOTIFY = 1026,
    F_DUPFD_CLOEXEC = 1030,
    F_SETPIPE_SZ = 1031,
    F_GETPIPE_SZ = 1032,
    F_ADD_SEALS = 1033,
    F_GET_SEALS = 1034,
    F_GET_RW_HINT = 1035,
    F_SET_RW_HINT = 1036,
    F_GET_FILE_RW_HINT = 1037,
    F_SET_FILE_RW_HINT = 1038,
}

/// <summary>Kinds of record lock (fcntl(2)).</summary>
public enum RecordLockType : short
{
    /// <summary>Shared.</summary>
    F_RDLCK = 0,

    /// <summary>Exclusive.</summary>
    F_WRLCK = 1,

    /// <summary>None: unlocks, or says that nothing is in the way.</summary>
    F_UNLCK = 2,
}

/// <summary>struct flock.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Flock
{
    public short Type;
    public short Whence;
    public long Start;
    public long Length;
    public int ProcessId;
    private int _padding;
}

/// <summary>Operations of flock(2).</summary>
[System.Flags]
public enum FlockOperation
{
    LOCK_SH = 1,
    LOCK_EX = 2,
    LOCK_NB = 4,
    LOCK_UN = 8,
}

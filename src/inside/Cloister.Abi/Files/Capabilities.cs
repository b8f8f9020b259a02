namespace Cloister.Abi.Files;

/// <summary>Numbers of the capabilities that file calls ask for (capabilities(7)).</summary>
public static class FileCapabilities
{
    public const int CAP_CHOWN = 0;
    public const int CAP_DAC_OVERRIDE = 1;
    public const int CAP_DAC_READ_SEARCH = 2;
    public const int CAP_FOWNER = 3;
    public const int CAP_FSETID = 4;
    public const int CAP_LINUX_IMMUTABLE = 9;
    public const int CAP_SYS_CHROOT = 18;
    public const int CAP_NET_ADMIN = 12;
    public const int CAP_SYS_ADMIN = 21;
    public const int CAP_SYS_RESOURCE = 24;
    public const int CAP_SYS_TTY_CONFIG = 26;
    public const int CAP_MKNOD = 27;
    public const int CAP_LEASE = 28;
    public const int CAP_SETFCAP = 31;
}

/// <summary>Numbers of the signals that file calls send (signal(7)).</summary>
public static class FileSignals
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGPIPE = 13;
    public const int SIGTSTP = 20;
    public const int SIGWINCH = 28;
    public const int SIGXFSZ = 25;
    public const int SIGTTIN = 21;
    public const int SIGTTOU = 22;
    public const int SIGURG = 23;
    public const int SIGIO = 29;
}

/// <summary>Limits that the calls state (include/uapi/linux/limits.h).</summary>
public static class FileLimits
{
    /// <summary>PATH_MAX: bytes of a path with its NUL.</summary>
    public const int PATH_MAX = 4096;

    /// <summary>NAME_MAX: bytes of a component.</summary>
    public const int NAME_MAX = 255;

    /// <summary>Most bytes that one read or write moves (read(2), NOTES).</summary>
    public const long MAX_RW_COUNT = 0x7ffff000;

    /// <summary>Most symbolic links in one resolution (path_resolution(7)).</summary>
    public const int MaximumSymbolicLinks = 40;

    /// <summary>Largest file size of the file systems in memory (MAX_LFS_FILESIZE).</summary>
    public const long LargestFile = long.MaxValue;

    /// <summary>PIPE_BUF: writes up to here are atomic.</summary>
    public const int PIPE_BUF = 4096;
}

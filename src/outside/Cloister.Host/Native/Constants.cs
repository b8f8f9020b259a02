namespace Cloister.Host.Native;

/// <summary>Values of Linux on x86-64 and, where not marked, on every CPU of ours (fcntl.h, stat.h, ioctls.h).</summary>
internal static class Constants
{
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_REMOVEDIR = 0x200;
    public const int AT_SYMLINK_FOLLOW = 0x400;
    public const int AT_EMPTY_PATH = 0x1000;

    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_ACCMODE = 3;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_APPEND = 0x400;
    public const int O_NONBLOCK = 0x800;
    public const int O_DIRECTORY = 0x10000; // x86-64
    public const int O_NOFOLLOW = 0x20000; // x86-64
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;

    public const ulong RESOLVE_NO_MAGICLINKS = 2;
    public const ulong RESOLVE_NO_SYMLINKS = 4;
    public const ulong RESOLVE_BENEATH = 8;

    public const uint S_IFMT = 0xF000;
    public const uint S_IFIFO = 0x1000;
    public const uint S_IFCHR = 0x2000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFBLK = 0x6000;
    public const uint S_IFREG = 0x8000;
    public const uint S_IFLNK = 0xA000;
    public const uint S_IFSOCK = 0xC000;

    public const uint S_ISUID = 0x800;
    public const uint S_ISGID = 0x400;

    public const uint RENAME_EXCHANGE = 2;

    public const uint STATX_BASIC_STATS = 0x7FF;
    public const long UTIME_OMIT = 0x3FFFFFFE;

    public const int F_GETFD = 1;
    public const int F_GETFL = 3;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int FD_CLOEXEC = 1;
    public const int POLLIN = 1;
    public const int POLLOUT = 4;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 0x800;

    public const int TCGETS = 0x5401;
    public const int TCSETS = 0x5402;
    public const int TCFLSH = 0x540B;
    public const int TIOCGWINSZ = 0x5413;
    public const int TIOCSWINSZ = 0x5414;
    public const int FIONREAD = 0x541B;

    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MAP_NORESERVE = 0x4000;

    public const int SIGSTOP = 19;

    public const int AF_UNIX = 1;
    public const int SOCK_STREAM = 1;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1;
    public const int SO_PEERCRED = 17;
    public const int SCM_RIGHTS = 1;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;
    public const int TIOCSCTTY = 0x540E;
    public const int TIOCSPTLCK = 0x40045431;
    public const int TIOCGPTPEER = 0x5441;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;
}

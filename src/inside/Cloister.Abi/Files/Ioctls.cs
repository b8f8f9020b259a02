using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloister.Abi.Files;

/// <summary>Numbers of ioctl(2) that are known here (include/uapi/asm-generic/ioctls.h).</summary>
public static class Ioctls
{
    public const uint TCGETS = 0x5401;
    public const uint TCSETS = 0x5402;
    public const uint TCSETSW = 0x5403;
    public const uint TCSETSF = 0x5404;
    public const uint TCSBRK = 0x5409;
    public const uint TCXONC = 0x540A;
    public const uint TCFLSH = 0x540B;
    public const uint TIOCEXCL = 0x540C;
    public const uint TIOCNXCL = 0x540D;
    public const uint TIOCSCTTY = 0x540E;
    public const uint TIOCGPGRP = 0x540F;
    public const uint TIOCSPGRP = 0x5410;
    public const uint TIOCOUTQ = 0x5411;
    public const uint TIOCGWINSZ = 0x5413;
    public const uint TIOCSWINSZ = 0x5414;
    public const uint FIONREAD = 0x541B;
    public const uint TIOCNOTTY = 0x5422;
    public const uint FIONBIO = 0x5421;
    public const uint TIOCGSID = 0x5429;
    public const uint TIOCGPTN = 0x80045430;
    public const uint TIOCSPTLCK = 0x40045431;
    public const uint TIOCGPTLCK = 0x80045439;
    public const uint TIOCGPTPEER = 0x5441;
    public const uint FIONCLEX = 0x5450;
    public const uint FIOCLEX = 0x5451;
    public const uint FIOASYNC = 0x5452;
    public const uint FIOQSIZE = 0x5460;
    public const uint FS_IOC_GETFLAGS = 0x80086601;
    public const uint FS_IOC_SETFLAGS = 0x40086602;
    public const uint FICLONE = 0x40049409;
    public const uint RNDGETENTCNT = 0x80045200;
    public const uint SIOCATMARK = 0x8905;
    public const uint TIOCSTI = 0x5412;
}

/// <summary>Characters of c_cc.</summary>
[InlineArray(19)]
public struct TermiosCharacters
{
    private byte _first;
}

/// <summary>struct termios of the kernel (include/uapi/asm-generic/termbits.h), 36 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Termios
{
    public uint InputFlags;
    public uint OutputFlags;
    public uint ControlFlags;
    public uint LocalFlags;
    public byte Line;
    public TermiosCharacters Characters;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 36;
}

/// <summary>struct winsize.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct WindowSize
{
    public ushort Rows;
    public ushort Columns;
    public ushort XPixels;
    public ushort YPixels;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 8;
}

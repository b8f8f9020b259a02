using System.Runtime.InteropServices;

namespace Cloister.Abi.Files;

/// <summary>Numbers of ioctl(2) that are known here (include/uapi/asm-generic/ioctls.h).</summary>
public static class Ioctls
{
    public const uint TCGETS = 0x5401;
    public const uint TCSETS = 0x5402;
    public const uint TCSETSW = 0x5403;
    public const uint TCSETSF = 0x5404;
    public const uint TCGETA = 0x5405;
    public const uint TCSETA = 0x5406;
    public const uint TCSETAW = 0x5407;
    public const uint TCSETAF = 0x5408;
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
    public const uint FIOSETOWN = 0x8901;
    public const uint SIOCSPGRP = 0x8902;
    public const uint FIOGETOWN = 0x8903;
    public const uint SIOCGPGRP = 0x8904;
    public const uint SIOCATMARK = 0x8905;
    public const uint SIOCGSTAMP = 0x8906;
    public const uint SIOCGSTAMPNS = 0x8907;
    public const uint SIOCGIFNAME = 0x8910;
    public const uint SIOCGIFCONF = 0x8912;
    public const uint SIOCGIFFLAGS = 0x8913;
    public const uint SIOCGIFADDR = 0x8915;
    public const uint SIOCGIFDSTADDR = 0x8917;
    public const uint SIOCGIFBRDADDR = 0x8919;
    public const uint SIOCGIFNETMASK = 0x891B;
    public const uint SIOCGIFMETRIC = 0x891D;
    public const uint SIOCGIFMTU = 0x8921;
    public const uint SIOCGIFHWADDR = 0x8927;
    public const uint SIOCGIFSLAVE = 0x8929;
    public const uint SIOCGIFINDEX = 0x8933;
    public const uint SIOCGIFTXQLEN = 0x8942;
    public const uint SIOCETHTOOL = 0x8946;
    public const uint SIOCGIFMAP = 0x8970;
    public const uint TIOCSTI = 0x5412;
    public const uint TIOCPKT = 0x5420;
    public const uint TIOCGPKT = 0x80045438;
    public const uint TIOCGEXCL = 0x80045440;
    public const uint TCGETS2 = 0x802C542A;
    public const uint TCSETS2 = 0x402C542B;
    public const uint TCSETSW2 = 0x402C542C;
    public const uint TCSETSF2 = 0x402C542D;
    public const uint TCSBRKP = 0x5425;
}

/// <summary>Layout of struct termios of the kernel (include/uapi/asm-generic/termbits.h).</summary>
public static class Termios
{
    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 36;

    /// <summary>Size of struct termios2, which has c_ispeed and c_ospeed besides.</summary>
    public const int LongSize = 44;

    /// <summary>Offset of c_iflag.</summary>
    public const int InputFlagsAt = 0;

    /// <summary>Offset of c_oflag.</summary>
    public const int OutputFlagsAt = 4;

    /// <summary>Offset of c_cflag.</summary>
    public const int ControlFlagsAt = 8;

    /// <summary>Offset of c_lflag.</summary>
    public const int LocalFlagsAt = 12;

    /// <summary>Offset of c_cc, 19 characters.</summary>
    public const int CharactersAt = 17;
}

/// <summary>Bits of c_iflag.</summary>
[System.Flags]
public enum TerminalInputFlags : uint
{
    ISTRIP = 0x20,
    INLCR = 0x40,
    IGNCR = 0x80,
    ICRNL = 0x100,
    IUCLC = 0x200,
    IXON = 0x400,
    IXANY = 0x800,
    IMAXBEL = 0x2000,
    IUTF8 = 0x4000,
}

/// <summary>Bits of c_oflag.</summary>
[System.Flags]
public enum TerminalOutputFlags : uint
{
    OPOST = 0x1,
    OLCUC = 0x2,
    ONLCR = 0x4,
    OCRNL = 0x8,
    ONOCR = 0x10,
    ONLRET = 0x20,
    XTABS = 0x1800,
}

/// <summary>Bits of c_lflag.</summary>
[System.Flags]
public enum TerminalLocalFlags : uint
{
    ISIG = 0x1,
    ICANON = 0x2,
    ECHO = 0x8,
    ECHOE = 0x10,
    ECHOK = 0x20,
    ECHONL = 0x40,
    NOFLSH = 0x80,
    TOSTOP = 0x100,
    ECHOCTL = 0x200,
    ECHOPRT = 0x400,
    ECHOKE = 0x800,
    IEXTEN = 0x8000,
}

/// <summary>Places in c_cc.</summary>
public static class ControlCharacters
{
    public const int VINTR = 0;
    public const int VQUIT = 1;
    public const int VERASE = 2;
    public const int VKILL = 3;
    public const int VEOF = 4;
    public const int VTIME = 5;
    public const int VMIN = 6;
    public const int VSTART = 8;
    public const int VSTOP = 9;
    public const int VSUSP = 10;
    public const int VEOL = 11;
    public const int VREPRINT = 12;
    public const int VWERASE = 14;
    public const int VLNEXT = 15;
    public const int VEOL2 = 16;
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

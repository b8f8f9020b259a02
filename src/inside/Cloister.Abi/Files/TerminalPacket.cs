using System;

namespace Cloister.Abi.Files;

/// <summary>The status byte of a pseudoterminal in packet mode (ioctl_tty(2), TIOCPKT).</summary>
[Flags]
public enum TerminalPacket : byte
{
    TIOCPKT_DATA = 0,
    TIOCPKT_FLUSHREAD = 1,
    TIOCPKT_FLUSHWRITE = 2,
    TIOCPKT_STOP = 4,
    TIOCPKT_START = 8,
    TIOCPKT_NOSTOP = 16,
    TIOCPKT_DOSTOP = 32,
    TIOCPKT_IOCTL = 64,
}

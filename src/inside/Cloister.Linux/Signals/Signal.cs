namespace Cloister.Linux.Signals;

/// <summary>Signal numbers of x86-64 (signal(7)).</summary>
internal static class Signal
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int IllegalInstruction = 4;
    public const int Trap = 5;
    public const int Abort = 6;
    public const int Bus = 7;
    public const int FloatingPoint = 8;
    public const int Kill = 9;
    public const int User1 = 10;
    public const int SegmentationFault = 11;
    public const int User2 = 12;
    public const int Pipe = 13;
    public const int Alarm = 14;
    public const int Terminate = 15;
    public const int StackFault = 16;
    public const int Child = 17;
    public const int Continue = 18;
    public const int Stop = 19;
    public const int TerminalStop = 20;
    public const int TerminalInput = 21;
    public const int TerminalOutput = 22;
    public const int Urgent = 23;
    public const int CpuLimit = 24;
    public const int FileSizeLimit = 25;
    public const int VirtualAlarm = 26;
    public const int Profiling = 27;
    public const int WindowChanged = 28;
    public const int Io = 29;
    public const int Power = 30;
    public const int BadSystemCall = 31;

    /// <summary>First real-time signal as the kernel counts; the C library keeps two of them.</summary>
    public const int FirstRealTime = 32;

    /// <summary>Highest signal number.</summary>
    public const int Last = 64;

    /// <summary>SIGKILL and SIGSTOP: can't be caught, blocked or ignored.</summary>
    public const ulong Unblockable = (1UL << (Kill - 1)) | (1UL << (Stop - 1));

    /// <summary>Bit of a signal in a mask.</summary>
    public static ulong Bit(int signal) => 1UL << (signal - 1);

    /// <summary>Signals that stop a process by default.</summary>
    public const ulong StopSignals = (1UL << (Stop - 1)) | (1UL << (TerminalStop - 1)) | (1UL << (TerminalInput - 1)) | (1UL << (TerminalOutput - 1));

    /// <summary>Signals that are ignored by default.</summary>
    public const ulong IgnoredByDefault = (1UL << (Child - 1)) | (1UL << (Continue - 1)) | (1UL << (Urgent - 1)) | (1UL << (WindowChanged - 1));

    /// <summary>Signals whose default action dumps core.</summary>
    public const ulong CoreSignals = (1UL << (Quit - 1)) | (1UL << (IllegalInstruction - 1)) | (1UL << (Trap - 1)) | (1UL << (Abort - 1)) |
        (1UL << (Bus - 1)) | (1UL << (FloatingPoint - 1)) | (1UL << (SegmentationFault - 1)) | (1UL << (CpuLimit - 1)) |
        (1UL << (FileSizeLimit - 1)) | (1UL << (BadSystemCall - 1));

    /// <summary>Faults, which are delivered before other signals.</summary>
    public const ulong Synchronous = (1UL << (SegmentationFault - 1)) | (1UL << (Bus - 1)) | (1UL << (IllegalInstruction - 1)) |
        (1UL << (Trap - 1)) | (1UL << (FloatingPoint - 1)) | (1UL << (BadSystemCall - 1));
}

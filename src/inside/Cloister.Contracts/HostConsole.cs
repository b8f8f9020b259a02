using System;
using Cloister.Abi;

namespace Cloister.Contracts;

/// <summary>
/// Standard input (0), output (1) and error (2) of the launcher, and as further streams the other descriptors that it was started
/// with. No call waits for the other end of a stream: where
/// Linux would block, the answer is EAGAIN.
/// </summary>
/// <remarks>
/// To wait: enlist in the queue that was subscribed for the stream, try again, sleep. A try that gives EAGAIN makes
/// the host watch the stream; the queue is woken once when it has become ready. Untrusted, as <see cref="IHostFiles"/>:
/// EIO where the host gave an answer that can't be right. Everything may be called by several threads at once.
/// </remarks>
public interface IHostConsole
{
    /// <summary>Reads what there is. Success with 0 bytes is the end of the stream.</summary>
    Errno TryRead(int stream, Span<byte> into, out int count);

    /// <summary>Writes what fits. EPIPE where the reader has gone.</summary>
    Errno TryWrite(int stream, ReadOnlySpan<byte> from, out int count);

    /// <summary>Readiness now, as poll(2); also makes the host watch what is not ready.</summary>
    PollEvents Poll(int stream);

    /// <summary>Sets the queue that is woken when the stream becomes ready; one per stream.</summary>
    void Subscribe(int stream, IWaitQueue queue);

    /// <summary>Sets who is told of the launcher's signals.</summary>
    void Subscribe(IHostEvents events);

    /// <summary>Whether the stream is a terminal (isatty(3)).</summary>
    bool IsTerminal(int stream);

    /// <summary>Status of what the stream is connected to (fstat(2)); EBADF where the launcher was started without it.</summary>
    Errno GetStatus(int stream, out HostFileStatus status);

    /// <summary>Moves the position (lseek(2)), which the launcher's other users of the open file share. ESPIPE where it has none.</summary>
    /// <param name="origin">SEEK_SET (0), SEEK_CUR (1), SEEK_END (2).</param>
    Errno Seek(int stream, long offset, int origin, out long position);

    /// <summary>Sets the length where the stream is a regular file (ftruncate(2)).</summary>
    Errno Truncate(int stream, long length);

    /// <summary>Bytes that can be read now (FIONREAD).</summary>
    Errno GetReadable(int stream, out int count);

    /// <summary>Terminal settings: the kernel's <c>struct termios</c> of ioctl_tty(2), TCGETS. ENOTTY where it isn't a terminal.</summary>
    /// <param name="termios"><see cref="HostTerminal.TermiosLength"/> bytes.</param>
    Errno GetTermios(int stream, Span<byte> termios);

    /// <summary>Changes terminal settings; the launcher restores them when it ends.</summary>
    /// <param name="when">TCSETS, TCSETSW or TCSETSF. The last two wait until output has been sent, as on Linux.</param>
    /// <param name="termios"><see cref="HostTerminal.TermiosLength"/> bytes.</param>
    Errno SetTermios(int stream, HostTermiosAction when, ReadOnlySpan<byte> termios);

    /// <summary>Discards data not read or not sent (TCFLSH).</summary>
    /// <param name="queue">TCIFLUSH (0), TCOFLUSH (1), TCIOFLUSH (2).</param>
    Errno Flush(int stream, int queue);

    /// <summary>Size of the terminal's window (TIOCGWINSZ).</summary>
    Errno GetWindowSize(int stream, out HostWindowSize size);

    /// <summary>Sets the size of the terminal's window (TIOCSWINSZ).</summary>
    Errno SetWindowSize(int stream, HostWindowSize size);

    /// <summary>
    /// Stops the launcher as Ctrl-Z stops an ordinary program, and returns when it has been continued. For the kernel
    /// to call when its foreground process group has stopped and nobody inside would continue it.
    /// </summary>
    void Suspend();
}

/// <summary>How many streams there are.</summary>
public static class HostStreams
{
    /// <summary>The standard ones, which have the lowest numbers.</summary>
    public const int Standard = 3;

    /// <summary>Those of the first program: the standard ones and what else the launcher was started with.</summary>
    public const int Inherited = 48;

    /// <summary>Programs that may have joined at a time, numbered from 1.</summary>
    public const int Programs = 63;

    /// <summary>All that an enclave may have: those of the first program, and the standard ones of each that has joined.</summary>
    public const int Most = Inherited + (Programs * Standard);

    /// <summary>The first of the three streams of a program that has joined.</summary>
    public static int FirstOf(int program) => Inherited + ((program - 1) * Standard);
}

/// <summary>Sizes of the terminal ABI.</summary>
public static class HostTerminal
{
    /// <summary>Bytes of the kernel's <c>struct termios</c> (include/uapi/asm-generic/termbits.h): four flag words, the line discipline, 19 control characters.</summary>
    public const int TermiosLength = 36;
}

/// <summary>When new terminal settings take effect.</summary>
public enum HostTermiosAction
{
    /// <summary>TCSETS: now.</summary>
    Now = 0,

    /// <summary>TCSETSW: when all output has been sent.</summary>
    Drain = 1,

    /// <summary>TCSETSF: when all output has been sent; discards input that was not read.</summary>
    Flush = 2,
}

/// <summary>Size of a terminal's window (struct winsize).</summary>
/// <param name="Rows">Lines of text.</param>
/// <param name="Columns">Characters in a line.</param>
/// <param name="PixelWidth">Width in pixels, mostly 0.</param>
/// <param name="PixelHeight">Height in pixels, mostly 0.</param>
public readonly record struct HostWindowSize(ushort Rows, ushort Columns, ushort PixelWidth, ushort PixelHeight);

/// <summary>Signals that the launcher passes on (signal(7)): those that others send, not those of faults, of the runtime, or of background reads.</summary>
public static class HostSignals
{
    private const ulong Passed = (1UL << 1) | (1UL << 2) | (1UL << 3) | (1UL << 10) | (1UL << 12) | (1UL << 14) | (1UL << 15) | (1UL << 16)
        | (1UL << 18)
        | (1UL << 20) | (1UL << 23) | (1UL << 24) | (1UL << 25) | (1UL << 26) | (1UL << 27) | (1UL << 28) | (1UL << 29) | (1UL << 30);

    // The runtime and the C library have the first real-time signals for themselves, the process platform one of the last.
    private const int FirstRealTime = 36;
    private const int LastRealTime = 60;

    /// <summary>Whether a signal is passed on.</summary>
    public static bool IsPassed(int signal) => signal is > 0 and < 32 ? (Passed >> signal & 1) != 0 : signal is >= FirstRealTime and <= LastRealTime;

    /// <summary>Whether the terminal, or who minds it, sends a signal to a group: SIGHUP, SIGINT, SIGQUIT, SIGCONT, SIGTSTP, SIGWINCH.</summary>
    public static bool IsOfTerminal(int signal) => signal is 1 or 2 or 3 or 18 or 20 or 28;
}

/// <summary>What the kernel wants to know of the launcher. Called on a kernel thread; must not wait.</summary>
public interface IHostEvents
{
    /// <summary>
    /// The launcher got a signal that is meant for the programs inside.
    /// </summary>
    /// <param name="program">The first program (0), or one that has joined.</param>
    /// <param name="signal">1 to 64.</param>
    /// <param name="isOfTerminal">Whether it is for the group in the foreground of the terminal, not for the program alone.</param>
    void OnSignal(int program, int signal, bool isOfTerminal);
}

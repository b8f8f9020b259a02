using System;
using Cloister.Host.Native;

namespace Cloister.Host.Terminal;

/// <summary>
/// Messages of the launcher itself, on standard error. Not System.Console, which takes milliseconds to start and
/// changes the terminal.
/// </summary>
public static unsafe class LauncherOutput
{
    /// <summary>Writes text to standard error; what can't be written is lost.</summary>
    public static void WriteError(string text) => Write(2, text);

    /// <summary>Writes text to standard output; what can't be written is lost.</summary>
    public static void WriteOutput(string text) => Write(1, text);

    private static void Write(int descriptor, string text) => Write(descriptor, ByteText.Encode(text));

    /// <summary>Writes bytes to one of the two; false where they can't be written.</summary>
    public static bool Write(int descriptor, ReadOnlySpan<byte> rest)
    {
        using FileDescriptor stream = FileDescriptor.Borrow(descriptor);
        // What exec would have closed is no stream of the caller's: it was closed, and something else has the number.
        if ((Libc.FCntl(stream, Constants.F_GETFD, 0) & Constants.FD_CLOEXEC) != 0)
            return false;
        fixed (byte* start = rest)
        {
            for (int done = 0; done < rest.Length;)
            {
                nint count = Libc.Write(stream, start + done, rest.Length - done);
                if (count < 0 && Failure.WasInterrupted)
                    continue;
                if (count <= 0)
                    return false;
                done += (int)count;
            }
        }

        return true;
    }
}

using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Pipes;

/// <summary>open(2) of a FIFO: waits for the other end (fifo(7)).</summary>
internal static class FifoOpen
{
    /// <summary>Opens an end.</summary>
    /// <param name="caller">Who opens.</param>
    /// <param name="pipe">The bytes.</param>
    /// <param name="waits">False for a pipe by way of /proc/PID/fd, which never waits (fifo_open of Linux, is_pipe).</param>
    /// <param name="path">Where.</param>
    /// <param name="flags">Flags of open(2).</param>
    /// <param name="file">The end.</param>
    public static Errno Open(ICaller caller, Pipe pipe, bool waits, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        bool isNonBlocking = (flags & OpenFlags.O_NONBLOCK) != 0;
        bool isReader = (flags & OpenFlags.O_ACCMODE) is OpenFlags.O_RDONLY or OpenFlags.O_RDWR;
        bool isWriter = (flags & OpenFlags.O_ACCMODE) is OpenFlags.O_WRONLY or OpenFlags.O_RDWR;
        if (!isReader && !isWriter)
            return Errno.EINVAL;
        bool needsReader = waits && isNonBlocking && !isReader;
        if (!pipe.TryAddEnds(isReader, isWriter, needsReader, out PipeEnds seen))
            return Errno.ENXIO;
        if (waits && !isNonBlocking && isReader != isWriter)
        {
            Errno error = pipe.WaitForOtherEnd(caller, forWriter: isReader, seen);
            if (error != Errno.Success)
            {
                pipe.RemoveEnds(isReader, isWriter);
                return error;
            }
        }

        // Who opens before any writer doesn't see a hang-up until the first one has come and gone.
        bool waitsForWriters = waits && isNonBlocking && !isWriter && seen.Writers == 0;
        file = new PipeFile(pipe, waitsForWriters ? seen.WriterOpens : -1);
        file.Begin(path, flags);
        return Errno.Success;
    }
}

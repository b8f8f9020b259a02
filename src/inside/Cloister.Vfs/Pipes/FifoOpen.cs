using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Pipes;

/// <summary>open(2) of a FIFO: waits for the other end (fifo(7)).</summary>
internal static class FifoOpen
{
    public static Errno Open(ICaller caller, Pipe pipe, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        bool isNonBlocking = (flags & OpenFlags.O_NONBLOCK) != 0;
        bool isReader = (flags & OpenFlags.O_ACCMODE) is OpenFlags.O_RDONLY or OpenFlags.O_RDWR;
        bool isWriter = (flags & OpenFlags.O_ACCMODE) is OpenFlags.O_WRONLY or OpenFlags.O_RDWR;
        if (isWriter && !isReader && isNonBlocking && pipe.Readers == 0)
            return Errno.ENXIO;

        // Counted before this end is there: whoever opens the other end from now on is seen, even if it closes it again.
        int readerOpens = pipe.ReaderOpens;
        int writerOpens = pipe.WriterOpens;
        pipe.AddEnds(isReader, isWriter);
        Errno error = Errno.Success;
        if (!isNonBlocking && isReader != isWriter)
            error = isReader ? WaitForWriter(caller, pipe, writerOpens) : WaitForReader(caller, pipe, readerOpens);
        if (error != Errno.Success)
        {
            pipe.RemoveEnds(isReader, isWriter);
            return error;
        }

        file = new PipeFile(pipe);
        file.Begin(path, flags);
        return Errno.Success;
    }

    private static Errno WaitForWriter(ICaller caller, Pipe pipe, int opens)
    {
        if (pipe.Writers > 0)
            return Errno.Success;
        caller.Watch(pipe.Readable);
        try
        {
            while (pipe.Writers == 0 && pipe.WriterOpens == opens)
            {
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }

            return Errno.Success;
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private static Errno WaitForReader(ICaller caller, Pipe pipe, int opens)
    {
        if (pipe.Readers > 0)
            return Errno.Success;
        caller.Watch(pipe.Writable);
        try
        {
            while (pipe.Readers == 0 && pipe.ReaderOpens == opens)
            {
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }

            return Errno.Success;
        }
        finally
        {
            caller.StopWatching();
        }
    }
}

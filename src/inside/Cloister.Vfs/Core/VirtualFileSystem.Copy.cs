using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Vfs.Core;
using Cloister.Vfs.Pipes;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    /// <inheritdoc/>
    public SyscallResult Copy(ICaller caller, IOpenFile from, ref long fromOffset, IOpenFile to, ref long toOffset, ulong count, CopyKind kind)
    {
        var source = (OpenFile)from;
        var target = (OpenFile)to;
        Errno error = CheckCopy(source, fromOffset, target, toOffset, ref count, kind);
        if (error != Errno.Success)
            return error;
        long wanted = (long)Math.Min(count, (ulong)FileLimits.MAX_RW_COUNT);
        KernelBuffer buffer = Pools.Transfers.Take();
        try
        {
            if (kind is CopyKind.Tee or CopyKind.TeeNonBlocking)
                return Tee(caller, (PipeFile)source, (PipeFile)target, wanted, kind == CopyKind.TeeNonBlocking, buffer);
            if (source is PipeFile pipe)
                return CopyFromPipe(caller, pipe, target, ref toOffset, wanted, kind == CopyKind.SpliceNonBlocking, buffer);
            return CopyFromFile(caller, source, ref fromOffset, target, ref toOffset, wanted, kind, buffer);
        }
        finally
        {
            Pools.Transfers.Give(buffer);
        }
    }

    private static Errno CheckCopy(OpenFile source, long fromOffset, OpenFile target, long toOffset, ref ulong count, CopyKind kind)
    {
        // copy_file_range looks at types before access modes, the others at modes first.
        if (kind == CopyKind.CopyFileRange && (source.Type == FileModes.S_IFDIR || target.Type == FileModes.S_IFDIR))
            return Errno.EISDIR;
        if (kind == CopyKind.CopyFileRange && (source.Type != FileModes.S_IFREG || target.Type != FileModes.S_IFREG))
            return Errno.EINVAL;
        if (!source.CanRead || !target.CanWrite)
            return Errno.EBADF;
        return kind switch
        {
            CopyKind.SendFile => CheckSendFile(source, fromOffset, target, count),
            CopyKind.CopyFileRange => CheckCopyRange(source, fromOffset, target, toOffset, ref count),
            CopyKind.Tee or CopyKind.TeeNonBlocking =>
                source is PipeFile first && target is PipeFile second && first.Pipe != second.Pipe ? Errno.Success : Errno.EINVAL,
            _ => CheckSplice(source, fromOffset, target, toOffset, count),
        };
    }

    private static Errno CheckSendFile(OpenFile source, long fromOffset, OpenFile target, ulong count)
    {
        if (fromOffset >= 0 && source.Type is FileModes.S_IFIFO or FileModes.S_IFSOCK)
            return Errno.ESPIPE;
        Errno error = CheckRange(fromOffset >= 0 ? fromOffset : source.Position, count);
        if (error != Errno.Success)
            return error;

        // Linux wants a source that can seek, so that nothing that the target doesn't take is lost; a socket may feed a pipe.
        bool isSeekable = source.Type is FileModes.S_IFREG or FileModes.S_IFBLK or FileModes.S_IFCHR;
        if (!isSeekable && !(source.Type == FileModes.S_IFSOCK && target is PipeFile))
            return Errno.EINVAL;
        if (!source.IsSpliceSource || !target.IsSpliceTarget)
            return Errno.EINVAL;
        return (target.Flags & OpenFlags.O_APPEND) != 0 ? Errno.EINVAL : Errno.Success;
    }

    // generic_copy_file_checks of Linux: only a sum that wraps is too large; the count ends with the source.
    private static Errno CheckCopyRange(OpenFile source, long fromOffset, OpenFile target, long toOffset, ref ulong count)
    {
        if ((target.Flags & OpenFlags.O_APPEND) != 0)
            return Errno.EBADF;
        if (source.Inode.FileSystem != target.Inode.FileSystem)
            return Errno.EXDEV;
        long from = fromOffset >= 0 ? fromOffset : source.Position;
        long to = toOffset >= 0 ? toOffset : target.Position;
        if ((ulong)from + count < (ulong)from || (ulong)to + count < (ulong)to)
            return Errno.EOVERFLOW;
        count = Math.Min(count, (ulong)Math.Max(0, source.Length - from));
        bool overlaps = source.Inode == target.Inode && from < to + (long)count && to < from + (long)count;
        if (overlaps && count > 0)
            return Errno.EINVAL;
        return CheckRange(to, count) == Errno.Success ? Errno.Success : Errno.EFBIG;
    }

    private static Errno CheckSplice(OpenFile source, long fromOffset, OpenFile target, long toOffset, ulong count)
    {
        if (source is PipeFile fromPipe)
        {
            if (fromOffset >= 0 || (target is PipeFile && toOffset >= 0))
                return Errno.ESPIPE;
            if (target is PipeFile toPipe)
                return fromPipe.Pipe == toPipe.Pipe ? Errno.EINVAL : Errno.Success;
            if ((target.Flags & OpenFlags.O_APPEND) != 0 || !target.IsSpliceTarget)
                return Errno.EINVAL;
            return CheckRange(toOffset >= 0 ? toOffset : target.Position, count);
        }

        if (target is not PipeFile)
            return Errno.EINVAL;
        if (toOffset >= 0)
            return Errno.ESPIPE;

        // eventfd and its like have no type and can't be spliced from; directories neither.
        if (source.Type is 0 or FileModes.S_IFDIR || !source.IsSpliceSource || (source.Type == FileModes.S_IFSOCK && fromOffset >= 0))
            return Errno.EINVAL;
        return CheckRange(fromOffset >= 0 ? fromOffset : source.Position, count);
    }

    /// <summary>Offsets and their ends are positive (rw_verify_area of Linux).</summary>
    private static Errno CheckRange(long offset, ulong count) =>
        count > long.MaxValue || offset > long.MaxValue - (long)count ? Errno.EINVAL : Errno.Success;

    private static SyscallResult CopyFromFile(
        ICaller caller, OpenFile source, ref long fromOffset, OpenFile target, ref long toOffset, long wanted, CopyKind kind, KernelBuffer buffer)
    {
        bool hasPosition = source.Seek(caller, 0, SeekWhence.SEEK_CUR) is { IsError: false } && source.Type != FileModes.S_IFCHR;
        if (fromOffset >= 0 && !hasPosition && source.Type != FileModes.S_IFCHR)
            return Errno.ESPIPE;
        bool movesPosition = fromOffset < 0 && hasPosition;
        long offset = fromOffset >= 0 ? fromOffset : source.Position;
        bool isNonBlocking = kind == CopyKind.SpliceNonBlocking || target.IsNonBlocking;
        long done = 0;
        SyscallResult result = 0;
        while (done < wanted)
        {
            int part = (int)Math.Min(KernelBuffer.TransferSize, wanted - done);
            if (target is PipeFile sink)
            {
                // A source that isn't a file with positions must not lose what the pipe can't take.
                part = (int)Math.Min(part, RoomOf(caller, sink, isNonBlocking || done > 0, out result));
                if (part == 0)
                    break;
            }

            buffer.Reset(part);
            result = hasPosition ? source.ReadAt(caller, buffer, offset) : source.Read(caller, buffer);
            if (result.Value <= 0)
                break;
            int read = (int)result.Value;
            result = WriteTo(caller, target, ref toOffset, buffer.Reset(read), kind == CopyKind.SpliceNonBlocking);
            if (result.IsError)
                break;
            done += result.Value;
            offset += result.Value;
            if (result.Value < read)
                break;

            // splice returns what it got; a terminal or socket may not have more for a long time.
            if (!hasPosition && kind != CopyKind.SendFile)
                break;
        }

        if (movesPosition && done > 0)
            source.Seek(caller, offset, SeekWhence.SEEK_SET);
        if (fromOffset >= 0)
            fromOffset = offset;
        return done > 0 ? done : result;
    }

    private static SyscallResult CopyFromPipe(
        ICaller caller, PipeFile source, OpenFile target, ref long toOffset, long wanted, bool isNonBlocking, KernelBuffer buffer)
    {
        long done = 0;
        SyscallResult result = 0;
        while (done < wanted)
        {
            int part = (int)Math.Min(KernelBuffer.TransferSize, wanted - done);
            if (target is PipeFile sink)
            {
                part = (int)Math.Min(part, RoomOf(caller, sink, isNonBlocking || sink.IsNonBlocking || done > 0, out result));
                if (part == 0)
                    break;
            }

            result = source.Pipe.Read(caller, buffer.Reset(part), isNonBlocking || source.IsNonBlocking || done > 0);
            if (result.Value <= 0)
                break;
            int read = (int)result.Value;
            result = WriteTo(caller, target, ref toOffset, buffer.Reset(read), isNonBlocking);
            int written = (int)Math.Max(0, result.Value);
            done += written;
            if (written < read)
            {
                source.Pipe.Unread(buffer.Bytes[written..read]);
                break;
            }
        }

        return done > 0 ? done : result;
    }

    private static SyscallResult Tee(ICaller caller, PipeFile source, PipeFile target, long wanted, bool isNonBlocking, KernelBuffer buffer)
    {
        while (true)
        {
            if (source.Pipe.Count == 0)
            {
                // A read of nothing waits for data without taking any.
                if (source.Pipe.Writers == 0)
                    return 0;
                if (isNonBlocking || source.IsNonBlocking)
                    return Errno.EAGAIN;
                Errno error = WaitFor(caller, source, PollEvents.In | PollEvents.HangUp);
                if (error != Errno.Success)
                    return error;
                continue;
            }

            long room = RoomOf(caller, target, isNonBlocking, out SyscallResult result);
            if (room == 0)
                return result;
            int count = source.Pipe.Peek(buffer.Bytes[..(int)Math.Min(KernelBuffer.TransferSize, Math.Min(wanted, room))]);
            if (count > 0)
                return target.Pipe.Write(caller, buffer.Reset(count), isNonBlocking, false);
        }
    }

    private static SyscallResult WriteTo(ICaller caller, OpenFile target, ref long toOffset, KernelBuffer buffer, bool isNonBlocking)
    {
        SyscallResult result;
        if (toOffset >= 0)
        {
            result = target.WriteAt(caller, buffer, toOffset);
            if (result.Value > 0)
                toOffset += result.Value;
        }
        else
        {
            result = target is PipeFile pipe
                ? pipe.Pipe.Write(caller, buffer, isNonBlocking || pipe.IsNonBlocking, false)
                : target.Write(caller, buffer);
        }

        return result;
    }

    /// <summary>Room in a pipe, waiting for some unless told not to; 0 with the result to return.</summary>
    private static long RoomOf(ICaller caller, PipeFile pipe, bool isNonBlocking, out SyscallResult result)
    {
        result = 0;
        while (true)
        {
            if (pipe.Pipe.Readers == 0)
            {
                caller.RaiseSignal(FileSignals.SIGPIPE);
                result = Errno.EPIPE;
                return 0;
            }

            int room = pipe.Pipe.Room;
            if (room > 0)
                return room;
            if (isNonBlocking)
            {
                result = Errno.EAGAIN;
                return 0;
            }

            Errno error = WaitFor(caller, pipe, PollEvents.Out | PollEvents.Error);
            if (error != Errno.Success)
            {
                result = error;
                return 0;
            }
        }
    }

    private static Errno WaitFor(ICaller caller, PipeFile pipe, PollEvents events)
    {
        bool isReader = (events & PollEvents.In) != 0;
        caller.Watch(isReader ? pipe.Pipe.Readable : pipe.Pipe.Writable);
        try
        {
            while ((pipe.Pipe.Poll(isReader, !isReader) & events) == 0)
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

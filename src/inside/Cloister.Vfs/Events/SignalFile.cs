using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>signalfd (signalfd(2)).</summary>
internal sealed class SignalFile(ISignalSource source, ulong initialMask) : OpenFile, ISignalFile
{
    /// <summary>struct signalfd_siginfo.</summary>
    private const int RecordSize = 128;

    private ulong _mask = initialMask;

    public override bool IsPollable => true;

    public void SetMask(ulong mask) => Volatile.Write(ref _mask, mask);

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (buffer.Remaining < RecordSize)
            return Errno.EINVAL;
        SyscallResult result = TryRead(caller, buffer);
        if (result.Errno != Errno.EAGAIN || IsNonBlocking)
            return result;
        caller.Watch(source.QueueOf(caller));
        try
        {
            while (true)
            {
                result = TryRead(caller, buffer);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence) => SeekNowhere;

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(source.SignalQueue);
        return source.IsPending(Volatile.Read(ref _mask)) ? PollEvents.In | PollEvents.ReadNormal : PollEvents.None;
    }

    public override void DescribeDetails(ByteWriter writer) =>
        writer.Write("sigmask:\t"u8).Hexadecimal(Volatile.Read(ref _mask), 16).Write('\n');

    private SyscallResult TryRead(ICaller caller, IIoBuffer buffer)
    {
        long done = 0;
        Span<byte> record = stackalloc byte[RecordSize];
        while (buffer.Remaining >= RecordSize && source.TryTake(caller, Volatile.Read(ref _mask), record))
        {
            if (buffer.Store(record) < RecordSize)
                return done > 0 ? done : Errno.EFAULT;
            done += RecordSize;
        }

        return done > 0 ? done : Errno.EAGAIN;
    }
}

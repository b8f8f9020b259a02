using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus;

namespace Cloister.Linux.AsyncIo;

/// <summary>What a request does (IOCB_CMD_*).</summary>
internal enum AsyncCommand : ushort
{
    PREAD = 0,
    PWRITE = 1,
    FSYNC = 2,
    FDSYNC = 3,
    PREADV = 7,
    PWRITEV = 8,
}

/// <summary>struct iocb.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AsyncRequest
{
    public ulong Data;
    public uint Key;
    public ReadWriteFlags TransferFlags;
    public AsyncCommand Command;
    public short Priority;
    public int Descriptor;
    public ulong Buffer;
    public ulong Length;
    public long Offset;
    public ulong Reserved;
    public uint Flags;
    public int EventDescriptor;

    public const ulong KeyAt = 8;

    private const uint SignalsEventFile = 1;

    /// <summary>Does what is asked, at once, as Linux does for all but direct I/O; the result is an event.</summary>
    /// <returns>Errors of the request itself, which has no event then.</returns>
    public readonly Errno Submit(LinuxThread thread, AsyncContext context, UserAddress address)
    {
        if (Reserved != 0 || (long)Length < 0)
            return Errno.EINVAL;
        if (!context.HasRoom)
            return Errno.EAGAIN;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(Descriptor);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        bool hasEventFile = (Flags & SignalsEventFile) != 0;
        using BorrowedFile events = hasEventFile ? thread.Process.Descriptors.Borrow(EventDescriptor) : default;
        if (hasEventFile && events.File is null)
            return Errno.EBADF;
        if (hasEventFile && events.File is not IEventCounter)
            return Errno.EINVAL;
        if (!thread.Memory.TryWrite(address.Offset(KeyAt), 0u))
            return Errno.EFAULT;
        Errno error = Execute(thread, file, out SyscallResult result);
        if (error != Errno.Success)
            return error;

        // It can't be made again, as others may have been made since (aio_rw_done of Linux).
        if (LinuxThread.IsRestart(result.Errno))
            result = Errno.EINTR;
        context.Add(new AsyncEvent(Data, address.Value, result.Value, 0));
        if (hasEventFile)
            EventFiles.Signal(thread, events.File!);
        return Errno.Success;
    }

    private readonly Errno Execute(LinuxThread thread, IOpenFile file, out SyscallResult result)
    {
        result = default;
        switch (Command)
        {
            case AsyncCommand.PREAD:
            case AsyncCommand.PREADV:
                return Transfer(thread, file, writes: false, out result);
            case AsyncCommand.PWRITE:
            case AsyncCommand.PWRITEV:
                return Transfer(thread, file, writes: true, out result);
            case AsyncCommand.FSYNC:
            case AsyncCommand.FDSYNC:
                if (Buffer != 0 || Offset != 0 || Length != 0 || TransferFlags != 0)
                    return Errno.EINVAL;
                Errno error = file.Synchronize(thread, dataOnly: Command == AsyncCommand.FDSYNC);
                result = error;
                return error == Errno.EINVAL ? error : Errno.Success;
            default:
                return Errno.EINVAL;
        }
    }

    private readonly Errno Transfer(LinuxThread thread, IOpenFile file, bool writes, out SyscallResult result)
    {
        const uint priorityFlag = 2;
        result = default;
        if ((TransferFlags & ~ReadWriteFlags.RWF_SUPPORTED) != 0)
            return Errno.EOPNOTSUPP;
        if ((Flags & priorityFlag) != 0 && Priority < 0)
            return Errno.EINVAL;
        if ((file.Flags & OpenFlags.O_ACCMODE) == (writes ? OpenFlags.O_RDONLY : OpenFlags.O_WRONLY) || (file.Flags & OpenFlags.O_PATH) != 0)
            return Errno.EBADF;
        if (file.Type == FileModes.S_IFDIR)
            return Errno.EINVAL;
        IIoBuffer buffer;
        if (Command is AsyncCommand.PREADV or AsyncCommand.PWRITEV)
        {
            Errno error = thread.Vector(new UserAddress(Buffer), Length, out buffer);
            if (error != Errno.Success)
                return error;
        }
        else
        {
            if (Buffer + Length < Buffer || Buffer + Length > thread.Memory.Space.Mmu.Highest)
                return Errno.EFAULT;
            buffer = thread.Buffer(new UserAddress(Buffer), Length);
        }

        if (Offset < 0)
            return Errno.EINVAL;
        if (file.Seek(thread, 0, SeekWhence.SEEK_CUR).Errno == Errno.ESPIPE)
            result = writes ? file.Write(thread, buffer) : file.Read(thread, buffer);
        else if (TransferFlags != ReadWriteFlags.None)
            result = file.Transfer(thread, buffer, Offset, TransferFlags, writes);
        else
            result = writes ? file.WriteAt(thread, buffer, Offset) : file.ReadAt(thread, buffer, Offset);
        return Errno.Success;
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Devices;

/// <summary>What /dev/null, zero and full share (null(4), full(4)): any position, no length.</summary>
internal abstract class MemoryDeviceFile : OpenFile
{
    public override SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset) => Read(caller, buffer);

    public override SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset) => Write(caller, buffer);

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence) => SeekNowhere;
}

/// <summary>/dev/null.</summary>
internal sealed class NullFile : MemoryDeviceFile
{
    public override bool IsSpliceSource => false;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => CanRead ? 0 : Errno.EBADF;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => CanWrite ? buffer.Remaining : Errno.EBADF;
}

/// <summary>/dev/zero.</summary>
internal sealed class ZeroFile : MemoryDeviceFile
{
    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => CanRead ? Zeros.Store(buffer) : Errno.EBADF;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => CanWrite ? buffer.Remaining : Errno.EBADF;

    public override Errno GetMapping(ICaller caller, MappingAccess access, out FileMapping mapping)
    {
        // A mapping of /dev/zero is anonymous memory.
        mapping = new FileMapping(null, Inode.FileSystem.Device, Inode.Number, false);
        return CanRead ? Errno.Success : Errno.EACCES;
    }
}

/// <summary>/dev/full.</summary>
internal sealed class FullFile : MemoryDeviceFile
{
    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => CanRead ? Zeros.Store(buffer) : Errno.EBADF;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => CanWrite ? Errno.ENOSPC : Errno.EBADF;
}

internal static class Zeros
{
    public static SyscallResult Store(IIoBuffer buffer)
    {
        long wanted = buffer.Remaining;
        long stored = buffer.StoreZeros(wanted);
        return stored == 0 && wanted != 0 ? Errno.EFAULT : stored;
    }
}

/// <summary>/dev/random and /dev/urandom (random(4)): never blocks, since the platform's entropy is there from the start.</summary>
internal sealed class RandomFile : MemoryDeviceFile
{
    /// <summary>Only random can be waited for; urandom never needs it (drivers/char/random.c of Linux).</summary>
    public override bool IsPollable => DeviceNumbers.Minor(Inode.RawDevice) == 8;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (!CanRead)
            return Errno.EBADF;
        Span<byte> block = stackalloc byte[256];
        long done = 0;
        while (buffer.Remaining > 0)
        {
            Span<byte> part = block[..(int)Math.Min(block.Length, buffer.Remaining)];
            Vfs.Services.Entropy.Fill(part);
            int stored = buffer.Store(part);
            done += stored;
            if (stored < part.Length)
                return done == 0 ? Errno.EFAULT : done;
        }

        block.Clear();
        return done;
    }

    // What programs write is mixed into the pool on Linux, without counting as entropy; here the platform's source takes nothing.
    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => CanWrite ? buffer.Remaining : Errno.EBADF;

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        if (request != Ioctls.RNDGETENTCNT)
            return base.Control(caller, request, argument, data);
        BitConverter.TryWriteBytes(data, 256);
        return 0;
    }
}

using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Memory;

namespace Cloister.Linux.Processes;

/// <summary>
/// A process's memory as others see it. It counts as a user for the time of each access only, and finds nothing once all
/// real users are gone, whatever lies at the addresses then (mem_rw of Linux: mmget_not_zero).
/// </summary>
/// <param name="space">The memory.</param>
/// <param name="isForced">Whether the rights of its pages don't matter, as for /proc/PID/mem.</param>
internal sealed class ProcessMemory(AddressSpace space, bool isForced = false) : IProcessMemory
{
    private const int ChunkSize = 4096;

    private readonly UserMemory _memory = new(space);

    /// <inheritdoc/>
    public SyscallResult Read(ICaller caller, ulong address, IIoBuffer buffer)
    {
        if (!space.TryAddUser())
            return 0;
        try
        {
            byte[] chunk = new byte[ChunkSize];
            long done = 0;
            while (buffer.Remaining > 0)
            {
                int wanted = (int)Math.Min(buffer.Remaining, chunk.Length);
                Span<byte> part = chunk.AsSpan(0, wanted);
                int read = isForced ? space.ReadForcibly(address + (ulong)done, part) : _memory.CopyInPartially(address + (ulong)done, part);
                int stored = buffer.Store(chunk.AsSpan(0, read));
                done += stored;
                if (stored < read)
                    return done > 0 ? done : Errno.EFAULT;
                if (read < wanted)
                    break;
            }

            return done > 0 ? done : Errno.EIO;
        }
        finally
        {
            space.RemoveUser();
        }
    }

    /// <inheritdoc/>
    public SyscallResult Write(ICaller caller, ulong address, IIoBuffer buffer)
    {
        if (!space.TryAddUser())
            return 0;
        try
        {
            byte[] chunk = new byte[ChunkSize];
            long done = 0;
            while (buffer.Remaining > 0)
            {
                int wanted = (int)Math.Min(buffer.Remaining, chunk.Length);
                int fetched = buffer.Fetch(chunk.AsSpan(0, wanted));
                Span<byte> part = chunk.AsSpan(0, fetched);
                int written = isForced ? space.WriteForcibly(address + (ulong)done, part) : _memory.CopyOutPartially(address + (ulong)done, part);
                done += written;
                if (written < wanted)
                    break;
            }

            return done > 0 ? done : Errno.EIO;
        }
        finally
        {
            space.RemoveUser();
        }
    }

    /// <summary>Reads into the kernel.</summary>
    /// <returns>How many bytes could be read.</returns>
    public int Read(ulong address, Span<byte> into)
    {
        if (!space.TryAddUser())
            return 0;
        try
        {
            return _memory.CopyInPartially(address, into);
        }
        finally
        {
            space.RemoveUser();
        }
    }
}

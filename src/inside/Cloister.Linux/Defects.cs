using System;
using System.Threading;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux;

/// <summary>What becomes of exceptions that reach a thread's border: one program suffers, not all.</summary>
/// <remarks>
/// An exhausted heap is no exception from that. A part of it is kept, and given up when an allocation fails for the first time:
/// so the paths on which calls fail and programs end can run.
/// </remarks>
internal sealed class Defects(KernelLog log)
{
    private const int ReserveSize = 1 << 20;

    private byte[]? _reserve = Reserve();

    /// <summary>Whether only the program suffers whose call it was: a lock out of order is everybody's danger, and must be seen.</summary>
    public static bool ConcernOneProgram(Exception defect) => defect is not LockOrderException;

    /// <summary>Notes an exception.</summary>
    /// <param name="thread">Whose call or end it was; null for the kernel's own threads.</param>
    /// <param name="defect">The exception.</param>
    public void Note(LinuxThread? thread, Exception defect)
    {
        bool isOutOfMemory = defect is OutOfMemoryException;
        if (isOutOfMemory)
            Volatile.Write(ref _reserve, null);
        try
        {
            if (thread is not null && !isOutOfMemory)
                log.Defect(thread, defect);
            else
                log.Write(LogLevel.Error, isOutOfMemory ? "the kernel's heap is exhausted; the call that needed more has failed." : "defect of the kernel: " + defect);
        }
        catch (OutOfMemoryException)
        {
            // There is nothing left to say it with.
        }
    }

    /// <summary>Keeps a reserve again, where it was given up; called when a program has ended.</summary>
    public void Restore()
    {
        if (Volatile.Read(ref _reserve) is not null)
            return;
        try
        {
            Volatile.Write(ref _reserve, Reserve());
        }
        catch (OutOfMemoryException)
        {
            // The next program that ends may leave enough.
        }
    }

    /// <summary>Addresses and the heap's permission to use them, not memory: nobody touches it, so it isn't cleared either.</summary>
    private static byte[] Reserve() => GC.AllocateUninitializedArray<byte>(ReserveSize);
}

using System;
using Cloister.Abi;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>An open file or directory of a tree that is filled or read by <see cref="ConfinedTree"/> and <see cref="SourceTree"/>.</summary>
public sealed unsafe class ConfinedFile : IDisposable
{
    private const int SEEK_DATA = 3;
    private const int SEEK_HOLE = 4;

    internal ConfinedFile(FileDescriptor descriptor) => Descriptor = descriptor;

    internal FileDescriptor Descriptor { get; }

    /// <summary>Writes bytes at an offset.</summary>
    public Errno Write(long offset, ReadOnlySpan<byte> from)
    {
        fixed (byte* bytes = from)
        {
            for (int done = 0; done < from.Length;)
            {
                nint count = Libc.PWrite(Descriptor, bytes + done, from.Length - done, offset + done);
                if (count < 0 && !Failure.WasInterrupted)
                    return Failure.Last;
                done += (int)Math.Max(0, count);
            }
        }

        return Errno.Success;
    }

    /// <summary>Reads bytes at an offset, as many as there are.</summary>
    public Errno Read(long offset, Span<byte> into, out int count)
    {
        count = 0;
        fixed (byte* bytes = into)
        {
            while (count < into.Length)
            {
                nint part = Libc.PRead(Descriptor, bytes + count, into.Length - count, offset + count);
                if (part < 0 && Failure.WasInterrupted)
                    continue;
                if (part < 0)
                    return Failure.Last;
                if (part == 0)
                    break;
                count += (int)part;
            }
        }

        return Errno.Success;
    }

    /// <summary>Sets the size.</summary>
    public Errno Resize(long size) => Failure.From(Libc.FTruncate(Descriptor, size));

    /// <summary>The next data from an offset on.</summary>
    /// <returns>False where none follows.</returns>
    public bool TryFindData(long offset, long size, out long start, out long end)
    {
        start = Libc.LSeek(Descriptor, offset, SEEK_DATA);
        end = size;
        if (start < 0)
        {
            // Nothing but a hole (ENXIO); a file system without this has data everywhere.
            bool isHole = Failure.Last == Errno.ENXIO;
            start = offset;
            return !isHole && offset < size;
        }

        long hole = Libc.LSeek(Descriptor, start, SEEK_HOLE);
        end = hole < 0 ? size : Math.Min(size, hole);
        return start < end;
    }

    /// <summary>Sets an extended attribute.</summary>
    public Errno SetExtendedAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        byte[] text = new byte[name.Length + 1];
        name.CopyTo(text);
        fixed (byte* key = text)
        fixed (byte* bytes = value)
            return Failure.From(Libc.FSetXAttr(Descriptor, key, bytes, value.Length, 0));
    }

    /// <summary>Sets owner, permissions and time, in the order that keeps set-ID bits.</summary>
    /// <param name="owner">Null to leave it.</param>
    /// <param name="mode">Permissions.</param>
    /// <param name="time">Nanoseconds since 1970.</param>
    public Errno SetAttributes((uint User, uint Group)? owner, uint mode, long time)
    {
        if (owner is { } ids && Libc.FChOwn(Descriptor, ids.User, ids.Group) != 0)
            return Failure.Last;
        if (Libc.FChMod(Descriptor, mode) != 0)
            return Failure.Last;
        TimeSpec* times = stackalloc TimeSpec[2];
        FillTimes(times, time);
        return Failure.From(Libc.FUTimeNs(Descriptor, times));
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    // Access and modification.
    internal static void FillTimes(TimeSpec* times, long nanoseconds)
    {
        long seconds = Math.DivRem(nanoseconds, 1_000_000_000, out long rest);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + 1_000_000_000);
        times[0] = times[1] = new TimeSpec { Seconds = seconds, Nanoseconds = rest };
    }
}

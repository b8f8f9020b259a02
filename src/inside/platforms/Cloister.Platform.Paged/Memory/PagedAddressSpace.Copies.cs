using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Memory;

// Copies walk the page table and use the frames where the kernel has them mapped: user addresses are never touched, so the kernel never faults
// and needs no exception to SMAP.
internal sealed partial class PagedAddressSpace<TEntry>
{
    private const int PageMask = FrameExtent.FrameSize - 1;

    /// <inheritdoc/>
    public int CopyIn(ulong address, Span<byte> into, out AccessFault fault)
    {
        fault = default;
        int done = 0;
        while (done < into.Length)
        {
            if (!TryReach(address + (ulong)done, false, into.Length - done, out Span<byte> bytes))
            {
                fault = new AccessFault(address + (ulong)done, false);
                break;
            }

            bytes.CopyTo(into[done..]);
            done += bytes.Length;
        }

        return done;
    }

    /// <inheritdoc/>
    public int CopyOut(ulong address, ReadOnlySpan<byte> from, out AccessFault fault)
    {
        fault = default;
        int done = 0;
        while (done < from.Length)
        {
            if (!TryReach(address + (ulong)done, true, from.Length - done, out Span<byte> bytes))
            {
                fault = new AccessFault(address + (ulong)done, true);
                break;
            }

            from.Slice(done, bytes.Length).CopyTo(bytes);
            done += bytes.Length;
        }

        return done;
    }

    /// <inheritdoc/>
    public long Clear(ulong address, long length, out AccessFault fault)
    {
        fault = default;
        long done = 0;
        while (done < length)
        {
            if (!TryReach(address + (ulong)done, true, (int)long.Min(length - done, FrameExtent.FrameSize), out Span<byte> bytes))
            {
                fault = new AccessFault(address + (ulong)done, true);
                break;
            }

            bytes.Clear();
            done += bytes.Length;
        }

        return done;
    }

    /// <inheritdoc/>
    public bool TryLoad(ulong address, out uint value)
    {
        bool isThere = TryReach(address, false, sizeof(uint), out Span<byte> bytes);
        value = isThere ? Volatile.Read(ref MemoryMarshal.AsRef<uint>(bytes)) : 0;
        return isThere;
    }

    /// <inheritdoc/>
    public bool TryCompareExchange(ulong address, uint expected, uint desired, out uint found)
    {
        bool isThere = TryReach(address, true, sizeof(uint), out Span<byte> bytes);
        found = isThere ? Interlocked.CompareExchange(ref MemoryMarshal.AsRef<uint>(bytes), desired, expected) : 0;
        return isThere;
    }

    /// <inheritdoc/>
    public int CopyString(ulong address, Span<byte> into, out AccessFault fault)
    {
        fault = default;
        int done = 0;
        while (done < into.Length)
        {
            if (!TryReach(address + (ulong)done, false, into.Length - done, out Span<byte> bytes))
            {
                fault = new AccessFault(address + (ulong)done, false);
                return -1;
            }

            int end = bytes.IndexOf((byte)0);
            if (end >= 0)
                bytes = bytes[..end];
            bytes.CopyTo(into[done..]);
            done += bytes.Length;
            if (end >= 0)
                return done;
        }

        return done;
    }

    /// <summary>The bytes behind an address, up to the end of its page, if the program itself could use them now.</summary>
    private bool TryReach(ulong address, bool isWrite, int count, out Span<byte> bytes)
    {
        bytes = default;
        if (address >= TEntry.UserEnd)
            return false;
        TEntry entry = _table.Read(address);
        if (!entry.IsMapped || !PageEntries.Allows(entry.Rights, isWrite, isExecute: false) || (isWrite && entry.Copies))
            return false;
        int offset = (int)(address & PageMask);
        bytes = LinearMemory.Bytes(new FrameExtent(entry.Frame, 1)).Slice(offset, int.Min(count, FrameExtent.FrameSize - offset));
        return true;
    }
}

using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// Copies between kernel and user memory. The host's page protections are those that the kernel asked for, so they need no
// walk: the emitted code runs into the same refusal as the program would, and reports it.
internal sealed unsafe partial class ProcessAddressSpace
{
    private const int CopyChunk = 1 << 20;
    private const ulong NoFault = ulong.MaxValue;

    /// <inheritdoc/>
    public int CopyIn(ulong address, Span<byte> into, out AccessFault fault)
    {
        fault = default;
        using Access access = Pin();
        int limit = Clip(access, address, into.Length);
        fixed (byte* to = into)
        {
            int done = 0;
            while (done < limit)
            {
                int count = Math.Min(limit - done, CopyChunk);
                ulong at = NoFault;
                // SAFETY: the target is pinned; the source is a user address, where faults are caught.
                nint left = _stubs.Copy(to + done, (byte*)address + done, count, &at);
                if (at != NoFault)
                {
                    done += count - (int)left;
                    done += CopyBytewise(to + done, (byte*)address + done, (int)left, ref at);
                    fault = new AccessFault(at, false);
                    return done;
                }

                done += count;
            }
        }

        if (limit < into.Length)
            fault = new AccessFault(address + (ulong)limit, false);
        return limit;
    }

    /// <inheritdoc/>
    public int CopyOut(ulong address, ReadOnlySpan<byte> from, out AccessFault fault)
    {
        fault = default;
        using Access access = Pin();
        int limit = Clip(access, address, from.Length);
        fixed (byte* source = from)
        {
            int done = 0;
            while (done < limit)
            {
                int count = Math.Min(limit - done, CopyChunk);
                ulong at = NoFault;
                // SAFETY: the source is pinned; the target is a user address, where faults are caught.
                nint left = _stubs.Copy((byte*)address + done, source + done, count, &at);
                if (at != NoFault)
                {
                    done += count - (int)left;
                    done += CopyBytewise((byte*)address + done, source + done, (int)left, ref at);
                    fault = new AccessFault(at, true);
                    return done;
                }

                done += count;
            }
        }

        if (limit < from.Length)
            fault = new AccessFault(address + (ulong)limit, true);
        return limit;
    }

    /// <inheritdoc/>
    public bool TryLend(ulong address, int length, IMemoryUser user, out int moved)
    {
        moved = 0;
        using Access access = Pin();
        int limit = Clip(access, address, length);
        if (limit == 0)
            return false;

        // SAFETY: only the host's kernel touches it, which refuses (EFAULT) where the program's access would be refused.
        moved = user.Use(new Span<byte>((void*)address, limit));
        return true;
    }

    /// <inheritdoc/>
    public long Clear(ulong address, long length, out AccessFault fault)
    {
        fault = default;
        using Access access = Pin();
        long limit = access.IsRefused ? 0 : Clip(address, length);
        long done = 0;
        while (done < limit)
        {
            nint count = (nint)Math.Min(limit - done, CopyChunk);
            ulong at = NoFault;
            // SAFETY: a user address, where faults are caught.
            nint left = _stubs.Clear((byte*)address + done, count, 0, &at);
            if (at != NoFault)
            {
                fault = new AccessFault(at, true);
                return done + count - left;
            }

            done += count;
        }

        if (limit < length)
            fault = new AccessFault(address + (ulong)limit, true);
        return limit;
    }

    /// <inheritdoc/>
    public bool TryLoad(ulong address, out uint value)
    {
        using Access access = Pin();
        uint result = 0;
        ulong at = NoFault;
        // SAFETY: a user address, where faults are caught.
        if (Clip(access, address, sizeof(uint)) == sizeof(uint))
            _stubs.Load32((byte*)address, &result, 0, &at);
        else
            at = address;
        value = result;
        return at == NoFault;
    }

    /// <inheritdoc/>
    public bool TryCompareExchange(ulong address, uint expected, uint desired, out uint found)
    {
        using Access access = Pin();
        uint word = expected;
        ulong at = NoFault;
        // SAFETY: a user address, where faults are caught.
        if (Clip(access, address, sizeof(uint)) == sizeof(uint))
            _stubs.CompareExchange32((byte*)address, &word, desired, &at);
        else
            at = address;
        found = word;
        return at == NoFault;
    }

    /// <inheritdoc/>
    public int CopyString(ulong address, Span<byte> into, out AccessFault fault)
    {
        fault = default;
        using Access access = Pin();
        int limit = Clip(access, address, into.Length);
        ulong at = NoFault;
        nint left;
        fixed (byte* to = into)
        {
            // SAFETY: the target is pinned; the source is a user address, where faults are caught.
            left = _stubs.CopyString(to, (byte*)address, limit, &at);
        }

        if (at != NoFault)
        {
            fault = new AccessFault(at, false);
            return -1;
        }

        if (left >= 0 && limit > 0)
            return limit - (int)left - 1;
        if (limit == into.Length)
            return limit;
        fault = new AccessFault(address + (ulong)limit, false);
        return -1;
    }

    /// <summary>
    /// Small copies use overlapping moves, so a refusal tells nothing about how many bytes could have been copied: find out.
    /// </summary>
    private int CopyBytewise(byte* to, byte* from, int count, ref ulong at)
    {
        const int largestSmallCopy = 16;
        if (count > largestSmallCopy)
            return 0;
        ulong fault = NoFault;
        int done = 0;
        // SAFETY: as the copy that has just been refused, byte by byte.
        while (done < count && _stubs.Copy(to + done, from + done, 1, &fault) == 0)
            done++;
        if (fault != NoFault)
            at = fault;
        return done;
    }

    /// <summary>Bytes from an address on that lie where this space may have pages at all: elsewhere are those of others.</summary>
    private int Clip(in Access access, ulong address, int length) => access.IsRefused ? 0 : (int)Clip(address, (long)length);

    private long Clip(ulong address, long length)
    {
        if (address < UserAddressRange.Lowest || address >= UserAddressRange.Highest)
            return 0;
        ulong wanted = Math.Min((ulong)length, UserAddressRange.Highest - address);
        ulong count = 0;
        while (count < wanted && HasEntered(UserAddressRange.ArenaOf(address + count)))
            count = Math.Min(wanted, ((address + count) & ~(UserAddressRange.ArenaSize - 1)) + UserAddressRange.ArenaSize - address);
        return (long)count;
    }
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>An address space is a part of this process's: the host's mmap is the MMU.</summary>
/// <remarks>
/// Private anonymous memory is the host's private anonymous memory: its page faults cost half of a memfd's, and huge
/// pages work. Frames are mapped from the memfd. A page that isn't mapped is PROT_NONE, never a hole that CoreCLR's
/// allocations could fall into.
/// The host's page protections are those of the kernel's region tree, so copies need no walk: the emitted copy code
/// runs into the same refusal as the program would, and reports it.
/// </remarks>
internal sealed unsafe class ProcessAddressSpace : IAddressSpace
{
    private const ulong MadvDontNeed = 4;
    private const ulong MadvHugePage = 14;
    private const ulong MadvNoHugePage = 15;
    private const ulong MadvPopulateRead = 22;
    private const ulong MadvPopulateWrite = 23;
    private const ulong MremapMayMove = 1;
    private const ulong MremapFixed = 2;
    private const int CopyChunk = 1 << 20;
    private const ulong NoFault = ulong.MaxValue;

    private readonly Stubs _stubs;
    private readonly ProcessFrames _frames;
    private readonly UserAddressRange _addresses;
    private readonly int _home;
    private readonly List<(ulong Start, ulong Length)> _large = [];
    private readonly CallSites _callSites;

    public ProcessAddressSpace(Stubs stubs, ProcessFrames frames, UserAddressRange addresses)
    {
        _stubs = stubs;
        _frames = frames;
        _addresses = addresses;
        _home = addresses.TakeHome();
        _callSites = new CallSites();
    }

    /// <inheritdoc/>
    public ulong Lowest => UserAddressRange.Lowest;

    /// <inheritdoc/>
    public ulong Highest => UserAddressRange.Highest;

    /// <inheritdoc/>
    public (ulong Start, ulong End) HomeRange => _home < 0 ? (0, 0) : (UserAddressRange.HomeStart(_home), UserAddressRange.HomeEnd(_home));

    /// <inheritdoc/>
    public bool TryReserve(ulong length, out ulong address)
    {
        if (!_addresses.TryTakeLarge(length, out address))
            return false;
        _large.Add((address, length));
        return true;
    }

    /// <inheritdoc/>
    public bool MayUse(ulong address, ulong length)
    {
        ulong end = address + length;
        if (address < Lowest || end < address || end > Highest)
            return false;
        if (end <= UserAddressRange.LowEnd)
            return true;
        if (address >= HomeRange.Start && end <= HomeRange.End)
            return true;
        foreach ((ulong start, ulong size) in _large)
        {
            if (address >= start && end <= start + size)
                return true;
        }

        return false;
    }

    /// <summary>Makes this space's pages the resident ones.</summary>
    public void Activate()
    {
    }

    /// <inheritdoc/>
    public Errno MapAnonymous(ulong address, ulong length, Protection protection) =>
        Map(address, length, ToHost(protection), Host.MapPrivate | Host.MapAnonymous | Host.MapFixed | Host.MapNoReserve, ulong.MaxValue, 0);

    /// <inheritdoc/>
    public Errno MapFrames(ulong address, FrameExtent extent, Protection protection, bool copyOnWrite) =>
        Map(address, (ulong)extent.Length, ToHost(protection),
            (copyOnWrite ? Host.MapPrivate : Host.MapShared) | Host.MapFixed | Host.MapNoReserve,
            (ulong)_frames.Descriptor, (ulong)ProcessFrames.OffsetOf(extent));

    /// <inheritdoc/>
    public Errno Unmap(ulong address, ulong length) => MapAnonymous(address, length, Protection.None);

    /// <inheritdoc/>
    public Errno Protect(ulong address, ulong length, Protection protection) =>
        ToErrno(_stubs.ShortHostCall(Host.Mprotect, address, length, (ulong)ToHost(protection), 0, 0, 0));

    /// <inheritdoc/>
    public Errno Move(ulong from, ulong length, ulong to)
    {
        long result = _stubs.ShortHostCall(Host.Mremap, from, length, length, MremapMayMove | MremapFixed, to, 0);
        if (result == (long)to)
            return Unmap(from, length);
        if (length == FrameExtent.FrameSize)
            return ToErrno(result);

        // The host may hold the range as several mappings, which it doesn't move in one call: halve until it does.
        ulong half = length / 2 & ~(ulong)(FrameExtent.FrameSize - 1);
        if (half == 0)
            half = FrameExtent.FrameSize;
        Errno error = Move(from, half, to);
        return error != Errno.Success ? error : Move(from + half, length - half, to + half);
    }

    /// <inheritdoc/>
    public Errno Discard(ulong address, ulong length) =>
        ToErrno(_stubs.ShortHostCall(Host.Madvise, address, length, MadvDontNeed, 0, 0, 0));

    /// <inheritdoc/>
    public void AdviseHugePages(ulong address, ulong length, bool wanted) =>
        _stubs.ShortHostCall(Host.Madvise, address, length, wanted ? MadvHugePage : MadvNoHugePage, 0, 0, 0);

    /// <inheritdoc/>
    public void Prefault(ulong address, ulong length, bool write) =>
        _stubs.HostCall(Host.Madvise, address, length, write ? MadvPopulateWrite : MadvPopulateRead, 0, 0, 0);

    /// <inheritdoc/>
    public void GetResidence(ulong address, ulong length, Span<byte> pages)
    {
        fixed (byte* vector = pages)
        {
            // SAFETY: one byte a page; the caller's span has that many.
            _stubs.ShortHostCall(Host.Mincore, address, length, (ulong)vector, 0, 0, 0);
        }
    }

    /// <inheritdoc/>
    public int FindSystemCalls(ulong address, ulong length)
    {
        // SAFETY: the kernel has just mapped these pages readable, and holds its mapping lock.
        return _callSites.Find(new ReadOnlySpan<byte>((void*)address, (int)length), address);
    }

    /// <inheritdoc/>
    public Errno PatchSystemCalls(ulong address, ulong length, Protection protection, ulong stubs, ulong stubsLength)
    {
        Errno error = MapAnonymous(stubs, stubsLength, Protection.Read | Protection.Write);
        if (error == Errno.Success)
            error = Protect(address, length, Protection.Read | Protection.Write);
        if (error != Errno.Success)
            return error;
        // SAFETY: both ranges are mapped writable by the lines above; no thread runs them yet.
        _callSites.Patch(new Span<byte>((void*)address, (int)length), address, new Span<byte>((void*)stubs, (int)stubsLength), stubs);
        error = Protect(stubs, stubsLength, Protection.Read | Protection.Execute);
        return error == Errno.Success ? Protect(address, length, protection) : error;
    }

    /// <inheritdoc/>
    public ulong ToProgramAddress(ulong instructionPointer) => _callSites.ToProgramAddress(instructionPointer);

    /// <inheritdoc/>
    public ulong FromProgramAddress(ulong instructionPointer) => _callSites.FromProgramAddress(instructionPointer);

    /// <inheritdoc/>
    public int CopyIn(ulong address, Span<byte> into, out AccessFault fault)
    {
        fault = default;
        int limit = Clip(address, into.Length);
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
        int limit = Clip(address, from.Length);
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
    public long Clear(ulong address, long length, out AccessFault fault)
    {
        fault = default;
        long limit = Clip(address, length);
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
        uint result = 0;
        ulong at = NoFault;
        // SAFETY: a user address, where faults are caught.
        if (Clip(address, sizeof(uint)) == sizeof(uint))
            _stubs.Load32((byte*)address, &result, 0, &at);
        else
            at = address;
        value = result;
        return at == NoFault;
    }

    /// <inheritdoc/>
    public bool TryCompareExchange(ulong address, uint expected, uint desired, out uint found)
    {
        uint word = expected;
        ulong at = NoFault;
        // SAFETY: a user address, where faults are caught.
        if (Clip(address, sizeof(uint)) == sizeof(uint))
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
        int limit = Clip(address, into.Length);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_home >= 0)
        {
            Unmap(HomeRange.Start, HomeRange.End - HomeRange.Start);
            _addresses.GiveHome(_home);
        }

        foreach ((ulong start, ulong length) in _large)
        {
            Unmap(start, length);
            _addresses.GiveLarge(start, length);
        }
    }

    /// <summary>Bytes from an address on that lie in the range of user addresses at all.</summary>
    private static int Clip(ulong address, int length) => (int)Clip(address, (long)length);

    private static long Clip(ulong address, long length)
    {
        if (address < UserAddressRange.Lowest || address >= UserAddressRange.Highest)
            return 0;
        return (long)Math.Min((ulong)length, UserAddressRange.Highest - address);
    }

    private Errno Map(ulong address, ulong length, int protection, int flags, ulong descriptor, ulong offset) =>
        ToErrno(_stubs.ShortHostCall(Host.Mmap, address, length, (ulong)protection, (ulong)flags, descriptor, offset));

    private static Errno ToErrno(long result) => result is < 0 and >= -4095 ? (Errno)(int)-result : Errno.Success;

    private static int ToHost(Protection protection) => (int)protection;
}

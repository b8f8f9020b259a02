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
    private readonly LowPages _lowPages = new();
    private readonly List<ProcessUserContext> _contexts = [];
    private volatile bool _usesLow;
    private int _foreignPins;

    public ProcessAddressSpace(Stubs stubs, ProcessFrames frames, UserAddressRange addresses, CallSiteStatistics statistics)
    {
        _stubs = stubs;
        _frames = frames;
        _addresses = addresses;
        _home = addresses.TakeHome();
        _callSites = new CallSites(statistics);
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

    /// <inheritdoc/>
    public bool ShouldUse(ulong address, ulong length) =>
        MayUse(address, length) && (address >= UserAddressRange.LowEnd || !_addresses.Residency.HasOtherUsers(this));

    /// <inheritdoc/>
    public Errno MapAnonymous(ulong address, ulong length, Protection protection)
    {
        _callSites.Remove(address, length);
        using LowAccess access = BeginLow(address);
        if (access.IsLow)
            _lowPages.Add(address, address + length);
        return MapNothing(address, length, protection);
    }

    /// <inheritdoc/>
    public Errno MapFrames(ulong address, FrameExtent extent, Protection protection, bool copyOnWrite)
    {
        using LowAccess access = BeginLow(address);
        if (access.IsLow)
            _lowPages.Add(address, address + (ulong)extent.Length);
        return Map(address, (ulong)extent.Length, ToHost(protection),
            (copyOnWrite ? Host.MapPrivate : Host.MapShared) | Host.MapFixed | Host.MapNoReserve,
            (ulong)_frames.Descriptor, (ulong)ProcessFrames.OffsetOf(extent));
    }

    /// <inheritdoc/>
    public Errno Unmap(ulong address, ulong length)
    {
        _callSites.Remove(address, length);
        using LowAccess access = BeginLow(address);
        if (access.IsLow)
            _lowPages.Remove(address, address + length);
        return MapNothing(address, length, Protection.None);
    }

    /// <inheritdoc/>
    public Errno Protect(ulong address, ulong length, Protection protection)
    {
        using LowAccess access = BeginLow(address);
        if (access.IsLow)
            _lowPages.Split(address, address + length);
        return ToErrno(_stubs.ShortHostCall(Host.Mprotect, address, length, (ulong)ToHost(protection), 0, 0, 0));
    }

    /// <inheritdoc/>
    public Errno Move(ulong from, ulong length, ulong to)
    {
        _callSites.Remove(from, length);
        // One pin does for both: it keeps all low pages in place.
        using LowAccess access = BeginLow(Math.Min(from, to));
        if (from < UserAddressRange.LowEnd)
            _lowPages.Remove(from, from + length);
        if (to < UserAddressRange.LowEnd)
            _lowPages.Add(to, to + length);
        Errno error = MoveInHost(from, length, to);
        return error == Errno.Success ? MapNothing(from, length, Protection.None) : error;
    }

    /// <inheritdoc/>
    public Errno Discard(ulong address, ulong length)
    {
        using LowAccess access = BeginLow(address);
        return ToErrno(_stubs.ShortHostCall(Host.Madvise, address, length, MadvDontNeed, 0, 0, 0));
    }

    /// <inheritdoc/>
    public void AdviseHugePages(ulong address, ulong length, bool wanted)
    {
        using LowAccess access = BeginLow(address);
        _stubs.ShortHostCall(Host.Madvise, address, length, wanted ? MadvHugePage : MadvNoHugePage, 0, 0, 0);
    }

    /// <inheritdoc/>
    public void Prefault(ulong address, ulong length, bool write)
    {
        using LowAccess access = BeginLow(address);
        _stubs.HostCall(Host.Madvise, address, length, write ? MadvPopulateWrite : MadvPopulateRead, 0, 0, 0);
    }

    /// <inheritdoc/>
    public void GetResidence(ulong address, ulong length, Span<byte> pages)
    {
        using LowAccess access = BeginLow(address);
        fixed (byte* vector = pages)
        {
            // SAFETY: one byte a page; the caller's span has that many.
            _stubs.ShortHostCall(Host.Mincore, address, length, (ulong)vector, 0, 0, 0);
        }
    }

    /// <inheritdoc/>
    public int FindSystemCalls(ulong address, ulong length)
    {
        // Text that may only be executed can't be read where the host has protection keys (mmap(2), PROT_EXEC alone).
        bool isReadable = TryLoad(address, out _);
        using LowAccess access = BeginLow(address);
        if (!isReadable && Protect(address, length, Protection.Read | Protection.Execute) != Errno.Success)
            return 0;
        // SAFETY: the kernel has just mapped these pages, and holds its mapping lock; they are readable now.
        int stubsLength = _callSites.Find(new ReadOnlySpan<byte>((void*)address, (int)length));
        if (!isReadable)
            Protect(address, length, Protection.Execute);
        return stubsLength;
    }

    /// <inheritdoc/>
    public Errno PatchSystemCalls(ulong address, ulong length, Protection protection, ulong stubs, ulong stubsLength)
    {
        Errno error = MapAnonymous(stubs, stubsLength, Protection.Read | Protection.Write);
        if (error == Errno.Success)
            error = Protect(address, length, Protection.Read | Protection.Write);
        if (error != Errno.Success)
            return error;
        using LowAccess access = BeginLow(address);
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
        using LowAccess access = BeginLow(address);
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
        using LowAccess access = BeginLow(address);
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
    public long Clear(ulong address, long length, out AccessFault fault)
    {
        fault = default;
        using LowAccess access = BeginLow(address);
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
        using LowAccess access = BeginLow(address);
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
        using LowAccess access = BeginLow(address);
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
        using LowAccess access = BeginLow(address);
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
        if (_usesLow)
            _addresses.Residency.Remove(this);
        if (_home >= 0)
        {
            MapNothing(HomeRange.Start, HomeRange.End - HomeRange.Start, Protection.None);
            _addresses.GiveHome(_home);
        }

        foreach ((ulong start, ulong length) in _large)
        {
            MapNothing(start, length, Protection.None);
            _addresses.GiveLarge(start, length);
        }
    }

    /// <summary>Whether an instruction is one that a replaced system call has and the program's text doesn't.</summary>
    internal bool IsWithinCall(ulong instructionPointer) => _callSites.IsWithinCall(instructionPointer);

    /// <summary>A number of its own, above 0.</summary>
    internal int Number => _home + 2;

    /// <summary>Whether the low pages are in place. Written by <see cref="Residency"/>.</summary>
    internal bool IsResident { get; set; }

    /// <summary>Whether low pages exist and are not in place.</summary>
    internal bool MustBeMadeResident => _usesLow && !IsResident;

    /// <summary>Brings the low pages in place.</summary>
    internal void MakeResident() => _addresses.Residency.MakeResident(this);

    /// <summary>Whether a thread of this space is in user mode or copies.</summary>
    internal bool IsPinned
    {
        get
        {
            if (Volatile.Read(ref _foreignPins) != 0)
                return true;
            lock (_contexts)
            {
                foreach (ProcessUserContext context in _contexts)
                {
                    if (context.IsPinned)
                        return true;
                }

                return false;
            }
        }
    }

    /// <summary>Takes all threads of this space out of user mode.</summary>
    internal void KickAll()
    {
        lock (_contexts)
        {
            foreach (ProcessUserContext context in _contexts)
            {
                if (context.IsPinned)
                    context.Kick();
            }
        }
    }

    internal void Add(ProcessUserContext context)
    {
        lock (_contexts)
            _contexts.Add(context);
    }

    internal void Remove(ProcessUserContext context)
    {
        lock (_contexts)
            _contexts.Remove(context);
    }

    /// <summary>Moves the low pages to or from their parking place. Called by <see cref="Residency"/>.</summary>
    internal void MoveLowPages(bool fromParking)
    {
        ulong parking = UserAddressRange.Parking(_home);
        foreach ((ulong start, ulong end) in _lowPages.Ranges)
        {
            ulong from = fromParking ? start + parking : start;
            ulong to = fromParking ? start : start + parking;
            if (MoveInHost(from, end - start, to) != Errno.Success)
                throw new InvalidOperationException($"The host can't move the pages at 0x{start:x}; the program there is lost.");
        }

        if (_lowPages.Ranges.Count == 0)
            return;

        // Moving leaves holes, where allocations of CoreCLR could come to lie: reserve the whole range again.
        ulong first = _lowPages.Ranges[0].Start;
        ulong last = _lowPages.Ranges[^1].End;
        MapNothing(fromParking ? first + parking : first, last - first, Protection.None);
    }

    /// <summary>Gives the low pages back, wherever they are. Called by <see cref="Residency"/>.</summary>
    internal void RemoveLowPages()
    {
        ulong offset = IsResident ? 0 : UserAddressRange.Parking(_home);
        foreach ((ulong start, ulong end) in _lowPages.Ranges)
            MapNothing(start + offset, end - start, Protection.None);
        _lowPages.Clear();
        IsResident = false;
    }

    /// <summary>Pins the low pages while one of them is mapped or copied; does nothing for other addresses.</summary>
    private LowAccess BeginLow(ulong address) => address < UserAddressRange.LowEnd ? BeginLow() : default;

    private LowAccess BeginLow()
    {
        byte* block = _stubs.ReadGsBase();
        if (block is null || *(int*)(block + ContextLayout.SpaceNumber) != Number)
            return BeginForeignLow();
        int* pins = (int*)(block + ContextLayout.Pins);
        while (true)
        {
            Volatile.Write(ref *pins, *pins + 1);
            if (_usesLow && IsResident)
                return new LowAccess(pins);
            *pins -= 1;
            _usesLow = true;
            MakeResident();
        }
    }

    /// <summary>For threads that run in another space, or in none: /proc, signals of the terminal.</summary>
    private LowAccess BeginForeignLow()
    {
        while (true)
        {
            Interlocked.Increment(ref _foreignPins);
            if (_usesLow && IsResident)
                return new LowAccess(this);
            Interlocked.Decrement(ref _foreignPins);
            _usesLow = true;
            MakeResident();
        }
    }

    private Errno MapNothing(ulong address, ulong length, Protection protection) =>
        Map(address, length, ToHost(protection), Host.MapPrivate | Host.MapAnonymous | Host.MapFixed | Host.MapNoReserve, ulong.MaxValue, 0);

    private Errno MoveInHost(ulong from, ulong length, ulong to)
    {
        long result = _stubs.ShortHostCall(Host.Mremap, from, length, length, MremapMayMove | MremapFixed, to, 0);
        if (result == (long)to)
            return Errno.Success;
        if (length == FrameExtent.FrameSize)
            return ToErrno(result);

        // The host may hold the range as several mappings, which it doesn't move in one call: halve until it does.
        ulong half = length / 2 & ~(ulong)(FrameExtent.FrameSize - 1);
        if (half == 0)
            half = FrameExtent.FrameSize;
        Errno error = MoveInHost(from, half, to);
        return error != Errno.Success ? error : MoveInHost(from + half, length - half, to + half);
    }

    /// <summary>The time in which low pages stay in place.</summary>
    private readonly ref struct LowAccess
    {
        private readonly int* _pins;
        private readonly ProcessAddressSpace? _foreign;

        public LowAccess(int* pins)
        {
            _pins = pins;
            IsLow = true;
        }

        public LowAccess(ProcessAddressSpace foreign)
        {
            _foreign = foreign;
            IsLow = true;
        }

        public bool IsLow { get; }

        public void Dispose()
        {
            if (_pins is not null)
                Volatile.Write(ref *_pins, *_pins - 1);
            else if (_foreign is not null)
                Interlocked.Decrement(ref _foreign._foreignPins);
        }
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

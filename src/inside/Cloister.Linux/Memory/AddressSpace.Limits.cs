using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;

namespace Cloister.Linux.Memory;

/// <summary>What a caller's memory may grow to (getrlimit(2)), in bytes.</summary>
/// <param name="AddressSpace">RLIMIT_AS.</param>
/// <param name="Data">RLIMIT_DATA.</param>
/// <param name="Locked">RLIMIT_MEMLOCK; unlimited with CAP_IPC_LOCK.</param>
internal readonly record struct MemoryLimits(ulong AddressSpace, ulong Data, ulong Locked)
{
    /// <summary>For what the kernel maps itself.</summary>
    public static MemoryLimits None => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Whether memory may be locked at all: EPERM where not (can_do_mlock of Linux).</summary>
    public bool MayLock => Locked != 0;

    public static MemoryLimits Of(LinuxThread thread)
    {
        ResourceLimits limits = thread.Process.Limits;
        return new MemoryLimits(limits[ResourceLimits.AddressSpace].Soft, limits[ResourceLimits.Data].Soft,
            thread.Identity.Has(Capability.IpcLock) ? ulong.MaxValue : limits[ResourceLimits.LockedMemory].Soft);
    }
}

/// <summary>Memory that pages of a space take.</summary>
/// <param name="Resident">Bytes present.</param>
/// <param name="Private">Those that belong to the space.</param>
internal readonly record struct MemoryUse(ulong Resident, ulong Private);

// What a space has, against limits and for those who ask.
internal sealed partial class AddressSpace
{
    /// <summary>Pages given up at once from here on may have been the most there were: worth a look before they go.</summary>
    private const ulong WorthMeasuring = 16 << 20;

    /// <summary>Looks that are left out where no more is mapped than at the last one: a look costs a tenth of what giving up costs.</summary>
    private const int LeftOut = 16;

    /// <summary>Data of a file up to this size counts as resident where it is mapped: most of it is written when a program starts.</summary>
    private const ulong LeastMeasured = 64 << 10;

    private ulong _peakResident;
    private ulong _measuredTotal;
    private int _leftOut;

    /// <summary>Bytes in all regions.</summary>
    public ulong TotalBytes { get; private set; }

    /// <summary>Largest <see cref="TotalBytes"/> so far.</summary>
    public ulong PeakBytes { get; private set; }

    /// <summary>Bytes of private writable regions, without stacks.</summary>
    public ulong DataBytes { get; private set; }

    /// <summary>Bytes of locked regions (mlock(2)).</summary>
    public ulong LockedBytes { get; private set; }

    /// <summary>Most bytes that were resident whenever somebody looked: VmHWM, ru_maxrss.</summary>
    public ulong PeakResidentBytes
    {
        get
        {
            using (_lock.Enter())
                return Math.Max(_peakResident, MeasureLocked(0, ulong.MaxValue).Resident);
        }
    }

    /// <summary>What is resident in all regions.</summary>
    public MemoryUse Measure()
    {
        using (_lock.Enter())
            return MeasureLocked(0, ulong.MaxValue);
    }

    /// <summary>What is resident in a region. With the lock held: within <see cref="Visit"/>.</summary>
    public MemoryUse Measure(Region region) => MeasureLocked(region.Start, region.End);

    private MemoryUse MeasureLocked(ulong start, ulong end)
    {
        Span<PageRun> runs = stackalloc PageRun[64];
        ulong resident = 0;
        ulong owned = 0;
        if (_isGone)
            return default;
        end = Math.Min(end, Mmu.Highest);
        while (start < end)
        {
            int count = Mmu.FindPresent(start, end, runs);
            foreach (PageRun run in runs[..count])
            {
                resident += run.Length;
                owned += run.IsPrivate ? run.Length : 0;
                start = run.End;
            }

            if (count < runs.Length)
                break;
        }

        if (resident > _peakResident)
            _peakResident = resident;
        return new MemoryUse(resident, owned);
    }

    /// <summary>
    /// Takes what is resident at the end into account: what can be written exactly, of the rest all that is mapped. To look at each page
    /// of text costs a short program a tenth of its life.
    /// </summary>
    private void EstimatePeakLocked()
    {
        ulong resident = 0;
        for (int i = 0; i < _regions.Count; i++)
        {
            Region region = _regions[i];
            bool isWritable = (region.Protection & Protection.Write) != 0;
            if (isWritable && (region.Length > LeastMeasured || !region.IsPaged))
            {
                resident += MeasureLocked(region.Start, region.End).Resident;
                continue;
            }

            for (ulong at = region.Start; region.Protection != Protection.None && Mmu.TryFindMapped(at, region.End, out PageRun run); at = run.End)
                resident += run.Length;
        }

        _peakResident = Math.Max(_peakResident, resident);
    }

    /// <summary>To be called before memory is given up.</summary>
    private void NotePeak(ulong length)
    {
        if (Math.Min(length, TotalBytes) < Math.Max(WorthMeasuring, _peakResident / 8))
            return;
        if (TotalBytes <= _measuredTotal && ++_leftOut < LeftOut)
            return;
        _leftOut = 0;
        _measuredTotal = TotalBytes;
        MeasureLocked(0, ulong.MaxValue);
    }

    private void Count(Region region, int sign)
    {
        ulong change = sign > 0 ? region.Length : 0 - region.Length;
        TotalBytes += change;
        if (region.IsData)
            DataBytes += change;
        if (region.IsLocked)
            LockedBytes += change;
        PeakBytes = Math.Max(PeakBytes, TotalBytes);
    }

    /// <summary>Whether so much more may be mapped (may_expand_vm of Linux).</summary>
    private bool MayGrow(ulong more, bool isData, in MemoryLimits limits) =>
        TotalBytes + more <= limits.AddressSpace && (!isData || DataBytes + more <= limits.Data);

    /// <summary>The same for a mapping that replaces others.</summary>
    private bool MayReplace(ulong start, ulong end, bool isData, in MemoryLimits limits)
    {
        if (MayGrow(end - start, isData, limits))
            return true;
        ulong replaced = 0;
        for (int i = _regions.FirstEndingAfter(start); i < _regions.Count && _regions[i].Start < end; i++)
            replaced += Math.Min(end, _regions[i].End) - Math.Max(start, _regions[i].Start);
        return MayGrow(end - start - replaced, isData, limits);
    }

    private bool MayLockMore(ulong more, in MemoryLimits limits) => limits.Locked == ulong.MaxValue || LockedBytes + more <= limits.Locked;
}

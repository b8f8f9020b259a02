using System.Collections.Generic;
using System.Threading;

namespace Cloister.Platform.Process;

/// <summary>
/// Decides whose pages are in the low range. Programs that are linked to the same fixed addresses are rivals: the pages
/// of one are in place, those of the others parked, and they take turns (docs/process-platform.md, "Rivals").
/// </summary>
/// <remarks>
/// A thread pins its space while it is in user mode or copies to or from low addresses: a plain counter in its context
/// block, followed by a plain read of <see cref="ProcessAddressSpace.IsResident"/>. Whoever takes the range first
/// clears that, then makes all processors pass a barrier (membarrier(2)), then waits for the pins: so the common path
/// has no fence.
/// Lock order: an address space's lock of the kernel, then <see cref="_lock"/>. Nobody waits for a lock while pinned.
/// </remarks>
internal sealed class Residency
{
    /// <summary>How long a space stays in place while its threads have work, in nanoseconds.</summary>
    private const long TimeSlice = 4_000_000;

    private readonly Lock _lock = new();
    private readonly ProcessCpus _cpus;
    private readonly HashSet<ProcessAddressSpace> _users = [];
    private readonly HostClock _clock = new();
    private ProcessAddressSpace? _resident;
    private long _since;

    public Residency(ProcessCpus cpus) => _cpus = cpus;

    /// <summary>Whether another space has pages in the low range.</summary>
    public bool HasOtherUsers(ProcessAddressSpace space)
    {
        lock (_lock)
            return _users.Count > (_users.Contains(space) ? 1 : 0);
    }

    /// <summary>Brings a space's low pages in place, for the first time or again.</summary>
    public void MakeResident(ProcessAddressSpace space)
    {
        lock (_lock)
        {
            _users.Add(space);
            if (_resident == space)
                return;
            if (_resident is { } other)
            {
                WaitForSlice(other);
                Evict(other);
            }

            space.MoveLowPages(fromParking: true);
            _resident = space;
            _since = _clock.MonotonicNanoseconds;
            space.IsResident = true;
        }
    }

    /// <summary>A space goes; its threads are gone already.</summary>
    public void Remove(ProcessAddressSpace space)
    {
        lock (_lock)
        {
            _users.Remove(space);
            space.RemoveLowPages();
            if (_resident == space)
                _resident = null;
        }
    }

    private void WaitForSlice(ProcessAddressSpace space)
    {
        // At once when nothing of it runs; else when it has had its time.
        while (space.IsPinned && _clock.MonotonicNanoseconds - _since < TimeSlice)
            Thread.Sleep(0);
    }

    private void Evict(ProcessAddressSpace space)
    {
        space.IsResident = false;
        _cpus.Synchronize(instructions: false);
        while (space.IsPinned)
        {
            space.KickAll();
            Thread.Yield();
        }

        space.MoveLowPages(fromParking: false);
    }
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// Spaces that fork has made alike: where they have mapped the same ever since, they share one set of the host's mappings, in
/// which the pages of one are, and differ in the content of writable private pages only, which the others have saved.
/// </summary>
/// <remarks>
/// Most children of fork execute another program or exit at once. To map everything anew for them, and to move it to and from
/// parking places run by run (8 us each), costs milliseconds; to copy the 50 or 500 pages that such programs have written
/// costs some ten microseconds. A member that maps, unmaps or protects something takes these addresses out first
/// (<see cref="Residency.Diverge"/>), and each has mappings of its own there. Pages that can't be written are the same for all.
/// All is guarded by <see cref="Residency"/>, but for <see cref="Extras"/>.
/// </remarks>
internal sealed class ForkFamily(ProcessAddressSpace founder, PageRange[] ranges, HostMappingBudget hostMappings)
{
    // Never changed, only replaced: the loaded member reads them without a lock.
    private ProcessAddressSpace[] _members = [founder];
    private PageRange[] _ranges = ranges;
    private int _reservedForExtras;

    /// <summary>Whose pages are in the host's mappings.</summary>
    public ProcessAddressSpace Loaded { get; set; } = founder;

    /// <summary>
    /// Frames that the loaded member has mapped by faults since it was loaded; the others have the same regions there. Only that
    /// member's mapping calls add to it, which the kernel serialises, while its pages are in place.
    /// </summary>
    public List<HostMapping> Extras { get; } = [];

    /// <summary>All of them.</summary>
    public ReadOnlySpan<ProcessAddressSpace> Members => _members;

    /// <summary>Where members are mapped alike, in order of address.</summary>
    public ReadOnlySpan<PageRange> Ranges => _ranges;

    /// <summary>Members whose pages aren't in the host's mappings.</summary>
    public int Waiting => _members.Length - 1;

    /// <summary>
    /// Adds to <see cref="Extras"/>, and keeps room in the host for it: it is the members' as soon as <see cref="ShareExtras"/>
    /// tells them, and then they keep it.
    /// </summary>
    public void AddExtra(in HostMapping mapping)
    {
        Extras.Add(mapping);
        int mappings = MappingsOfExtra * Waiting;
        hostMappings.ChangeReserved(mappings);
        Interlocked.Add(ref _reservedForExtras, mappings);
        if (Waiting == 0)
            GiveExtrasBack();
    }

    /// <summary>A run in the middle of another, or with a hole behind it.</summary>
    public const int MappingsOfExtra = 4;

    /// <summary>A member other than one.</summary>
    public ProcessAddressSpace OtherThan(ProcessAddressSpace member) => _members[0] == member ? _members[1] : _members[0];

    /// <summary>Adds a member.</summary>
    public void Add(ProcessAddressSpace member) => _members = [.. _members, member];

    /// <summary>Removes a member; one alone is no family.</summary>
    public void Remove(ProcessAddressSpace member)
    {
        member.Family = null;
        _members = Array.FindAll(_members, other => other != member);
        if (Waiting == 0)
        {
            _members[0].Family = null;
            GiveExtrasBack();
        }
    }

    /// <summary>The host's mappings, which are everybody's, are gone.</summary>
    public void LoseAll()
    {
        foreach (ProcessAddressSpace member in _members)
            member.SetLost();
    }

    /// <summary>Whether what lies in a range is alike for all members.</summary>
    public bool Covers(ulong start, ulong end)
    {
        foreach (PageRange range in _ranges)
        {
            if (start >= range.Start && end <= range.End)
                return Array.TrueForAll(_members, member => member.IsHosted(start, end));
        }

        return false;
    }

    /// <summary>Whether anything in a range is alike.</summary>
    public bool Overlaps(ulong start, ulong end)
    {
        foreach (PageRange range in _ranges)
        {
            if (range.Start < end && range.End > start)
                return true;
        }

        return false;
    }

    /// <summary>Takes a range out of what is alike.</summary>
    public void Carve(ulong start, ulong end)
    {
        var rest = new List<PageRange>(_ranges.Length + 1);
        foreach (PageRange range in _ranges)
        {
            if (range.Start < Math.Min(start, range.End))
                rest.Add(new PageRange(range.Start, Math.Min(start, range.End)));
            if (Math.Max(end, range.Start) < range.End)
                rest.Add(new PageRange(Math.Max(end, range.Start), range.End));
        }

        _ranges = rest.ToArray();
    }

    /// <summary>Lets all members have what the loaded one has mapped.</summary>
    public void ShareExtras()
    {
        if (Extras.Count == 0)
            return;
        foreach (ProcessAddressSpace member in _members)
        {
            if (member != Loaded)
                member.Inherit(Extras);
        }

        Extras.Clear();
        GiveExtrasBack();
    }

    private void GiveExtrasBack() => hostMappings.ChangeReserved(-Interlocked.Exchange(ref _reservedForExtras, 0));
}

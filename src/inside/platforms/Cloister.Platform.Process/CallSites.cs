using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// Replaces SYSCALL instructions in program text by jumps to stubs that leave user mode without a trap: 60 ns instead
/// of 1,450.
/// </summary>
/// <remarks>
/// <para>A jump takes 5 bytes, SYSCALL only 2, so neighbours have to move (<see cref="CallSiteFinder"/> chooses them):</para>
/// <code>
/// mov eax, number; syscall         jmp stub; (syscall stays)      the move is in the stub
/// syscall; cmp rax, -4095          jmp stub; nop                  the compare is in the stub
/// mov eax, ebx; syscall; ret       jmp stub                       all are
/// </code>
/// <para>
/// Stubs hold a real SYSCALL right before the address where the call returns to, so restarting a call by going back
/// two bytes works as for any other. Calls of one address space are made with its lock held, but those that translate
/// addresses, which come from its threads at any time.
/// </para>
/// </remarks>
internal sealed class CallSites(CallSiteStatistics statistics, KnownTexts texts)
{
    private FoundSites _found = new([], 0, default);
    private readonly List<(ulong Start, ulong Length)> _unused = [];

    // Never changed, only replaced: translations take no lock.
    private Area[] _byText = [];
    private Area[] _byStubs = [];

    /// <summary>Finds sites; returns the bytes of stubs they need, as whole pages.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        _found = texts.Find(text);
        // Text without a site that can be patched isn't looked at again.
        if (_found.Sites.Length == 0)
            statistics.Add(_found.Counts);
        return _found.StubPages * FrameExtent.FrameSize;
    }

    /// <summary>Writes the stubs of the sites last found, and the jumps to them.</summary>
    public FoundSites Patch(Span<byte> text, ulong address, Span<byte> stubs, ulong stubsAddress)
    {
        stubs.Fill(0xCC);
        foreach (CallSite site in _found.Sites)
            site.Write(text, address, stubs, stubsAddress);
        Add(_found, address, stubsAddress);
        return _found;
    }

    /// <summary>Learns of a text that has been patched, here or in another space.</summary>
    public void Add(FoundSites found, ulong address, ulong stubsAddress)
    {
        statistics.Add(found.Counts);
        Replace([.. _byText, new Area(address, stubsAddress, (ulong)(found.StubPages * FrameExtent.FrameSize), found.Sites)]);
    }

    /// <summary>Forgets the sites of a range whose text goes.</summary>
    public void Remove(ulong address, ulong length)
    {
        if (_byText.Length == 0 || !Overlaps(address, length))
            return;
        var kept = new List<Area>(_byText.Length);
        foreach (Area area in _byText)
        {
            Area? rest = area.Without(address, length);
            if (rest is not null)
                kept.Add(rest);
            else
                _unused.Add((area.Stubs, area.StubsLength));
        }

        Replace([.. kept]);
    }

    /// <summary>Stubs whose text is gone: their memory can go too.</summary>
    public bool TryTakeUnused(out ulong stubs, out ulong length)
    {
        bool exists = _unused.Count > 0;
        (stubs, length) = exists ? _unused[^1] : default;
        if (exists)
            _unused.RemoveAt(_unused.Count - 1);
        return exists;
    }

    /// <summary>As another space's, whose text and stubs this one has at the same addresses.</summary>
    public void CopyFrom(CallSites other) => Replace(other._byText);

    /// <summary>Where a thread stopped in a stub is, in terms of the unpatched text: unwinders know nothing of stubs.</summary>
    public ulong ToProgramAddress(ulong rip) =>
        TryFindStub(rip, out Area area, out CallSite site, out int inStub) ? area.Text + (ulong)site.ToText(inStub) : rip;

    /// <summary>Whether an address in a stub has no counterpart in the unpatched text: there is a step too many.</summary>
    public bool IsWithinCall(ulong rip) => TryFindStub(rip, out _, out CallSite site, out int inStub) && site.IsExtraStep(inStub);

    /// <summary>The reverse of <see cref="ToProgramAddress"/>: a handler returns to an instruction that a jump has replaced.</summary>
    public ulong FromProgramAddress(ulong rip)
    {
        Area[] areas = Volatile.Read(ref _byText);
        int index = LastAtOrBelow(areas, rip, area => area.Text);
        if (index < 0 || rip - areas[index].Text > int.MaxValue)
            return rip;
        int offset = (int)(rip - areas[index].Text);
        CallSite? site = areas[index].LastSite(offset, site => site.Start);
        return site is { } found && found.Replaces(offset) ? areas[index].Stubs + (ulong)(found.Stub + found.ToStub(offset)) : rip;
    }

    private bool TryFindStub(ulong rip, out Area area, out CallSite site, out int inStub)
    {
        Area[] areas = Volatile.Read(ref _byStubs);
        int index = LastAtOrBelow(areas, rip, area => area.Stubs);
        area = index < 0 ? null! : areas[index];
        site = default;
        inStub = 0;
        if (index < 0 || rip - area.Stubs >= area.StubsLength || area.LastSite((int)(rip - area.Stubs), site => site.Stub) is not { } found)
            return false;
        site = found;
        inStub = (int)(rip - area.Stubs) - found.Stub;
        return true;
    }

    private bool Overlaps(ulong address, ulong length)
    {
        int index = LastAtOrBelow(_byText, address + length - 1, area => area.Text);
        // Texts don't overlap each other.
        return index >= 0 && _byText[index].TextEnd > address;
    }

    private void Replace(Area[] areas)
    {
        areas = (Area[])areas.Clone();
        Array.Sort(areas, (a, b) => a.Text.CompareTo(b.Text));
        var byStubs = (Area[])areas.Clone();
        Array.Sort(byStubs, (a, b) => a.Stubs.CompareTo(b.Stubs));
        Volatile.Write(ref _byText, areas);
        Volatile.Write(ref _byStubs, byStubs);
    }

    private static int LastAtOrBelow(Area[] areas, ulong address, Func<Area, ulong> key)
    {
        int low = 0;
        int high = areas.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (key(areas[middle]) <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>The sites of one text and their stubs.</summary>
    private sealed class Area(ulong text, ulong stubs, ulong stubsLength, CallSite[] sites)
    {
        public ulong Text => text;

        /// <summary>Behind the last byte that was replaced.</summary>
        public ulong TextEnd => text + (ulong)Math.Max(sites[^1].End, sites[^1].Start + CallSite.JumpSize);

        public ulong Stubs => stubs;

        public ulong StubsLength => stubsLength;

        /// <summary>The last site whose start is not behind an offset.</summary>
        public CallSite? LastSite(int offset, Func<CallSite, int> key)
        {
            int low = 0;
            int high = sites.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (key(sites[middle]) <= offset)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low == 0 ? null : sites[low - 1];
        }

        /// <summary>This without the sites in a range; null where none is left.</summary>
        public Area? Without(ulong address, ulong length)
        {
            CallSite[] rest = Array.FindAll(sites, site => text + (ulong)site.Start >= address + length || text + (ulong)site.End <= address);
            return rest.Length == sites.Length ? this : rest.Length == 0 ? null : new Area(text, stubs, stubsLength, rest);
        }
    }
}

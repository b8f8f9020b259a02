using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// Replaces SYSCALL instructions in program text by jumps to stubs that leave user mode without a trap: 60 ns instead
/// of 1,450.
/// </summary>
/// <remarks>
/// <para>A jump takes 5 bytes, SYSCALL only 2, so a neighbour has to move:</para>
/// <code>
/// mov eax, number; syscall         jmp stub; (syscall stays)
/// syscall; cmp rax, -4095          jmp stub; nop          the compare is repeated in the stub
/// syscall; cmp eax, -4095          the same
/// </code>
/// <para>
/// That is 506 of the 526 sites of Debian's libc.so.6. Its sigreturn trampoline stays, since unwinders know it by its
/// bytes. The byte patterns are long enough (7 and 8 bytes) that they don't occur by chance. A site is left alone, and stays a
/// trap, where any branch in the text could land in its moved bytes; every byte is taken for a possible branch, so the
/// check errs on the safe side.
/// </para>
/// <para>
/// Stubs hold a real SYSCALL right before the address where the call returns to, so restarting a call by going back
/// two bytes works as for any other.
/// </para>
/// </remarks>
internal sealed class CallSites
{
    /// <summary>Bytes of one stub.</summary>
    private const int StubSize = 32;

    private const int JumpSize = 5;

    /// <summary>A branch with 8 bits reaches 128 bytes back and 127 on, from behind its own two.</summary>
    private const int NearBranchReach = 130;

    // Within a stub that repeats a compare; see WriteCompareStub.
    private const int SyscallInStub = 15;
    private const int ReturnInStub = 17;

    private readonly Lock _lock = new();
    private readonly List<Area> _areas = [];
    private List<Site> _found = [];

    private static ReadOnlySpan<byte> Syscall => [0x0F, 0x05];

    /// <summary>Finds sites; returns the bytes of stubs they need, as whole pages.</summary>
    public int Find(ReadOnlySpan<byte> text, ulong address)
    {
        _found = [];
        int from = 0;
        while (true)
        {
            int at = text[from..].IndexOf(Syscall);
            if (at < 0)
                break;
            at += from;
            from = at + 2;
            int compare = CompareLength(text[(at + 2)..]);
            if (compare > 0)
                _found.Add(new Site(at, 2 + compare, IsCompare: true));
            else if (at >= 5 && text[at - 5] == 0xB8 && BinaryPrimitives.ReadUInt32LittleEndian(text[(at - 4)..]) < 512
                     && (_found.Count == 0 || _found[^1].Offset + _found[^1].Length <= at - 5))
                _found.Add(new Site(at - 5, 5, IsCompare: false));
        }

        if (_found.Count > 0)
            RemoveBranchTargets(text);
        return (_found.Count * StubSize + FrameExtent.FrameSize - 1) & ~(FrameExtent.FrameSize - 1);
    }

    /// <summary>Writes the stubs of the sites last found, and the jumps to them.</summary>
    public void Patch(Span<byte> text, ulong address, Span<byte> stubs, ulong stubsAddress)
    {
        stubs.Fill(0xCC);
        for (int i = 0; i < _found.Count; i++)
        {
            Site site = _found[i];
            ulong stub = stubsAddress + (ulong)(i * StubSize);
            ulong siteAddress = address + (ulong)site.Offset;
            Span<byte> code = stubs.Slice(i * StubSize, StubSize);
            Span<byte> original = text.Slice(site.Offset, site.Length);
            if (site.IsCompare)
                WriteCompareStub(code, stub, original[2..], siteAddress + (ulong)site.Length);
            else
                WriteMoveStub(code, stub, original, siteAddress + 7);
            WriteJump(original, siteAddress, stub);
            if (site.IsCompare)
            {
                // One instruction that does nothing, of the two or three bytes left.
                ReadOnlySpan<byte> nop = site.Length == 8 ? [0x0F, 0x1F, 0x00] : [0x66, 0x90];
                nop.CopyTo(original[JumpSize..]);
            }
        }

        lock (_lock)
            _areas.Add(new Area(stubsAddress, address, [.. _found]));
    }

    /// <summary>Where a thread stopped in a stub is, in terms of the unpatched text: unwinders know nothing of stubs.</summary>
    public ulong ToProgramAddress(ulong rip)
    {
        foreach (Area area in Snapshot())
        {
            ulong offset = rip - area.Stubs;
            if (rip < area.Stubs || offset >= (ulong)(area.Sites.Length * StubSize))
                continue;
            Site site = area.Sites[(int)offset / StubSize];
            int inStub = (int)offset % StubSize;
            ulong start = area.Text + (ulong)site.Offset;
            if (!site.IsCompare)
                return start;
            return inStub <= SyscallInStub ? start : inStub < ReturnInStub + site.Length - 2 ? start + 2 : start + (ulong)site.Length;
        }

        return rip;
    }

    /// <summary>The reverse: a handler returns to an instruction that a jump has replaced.</summary>
    public ulong FromProgramAddress(ulong rip)
    {
        foreach (Area area in Snapshot())
        {
            if (rip < area.Text || rip - area.Text > int.MaxValue)
                continue;
            int offset = (int)(rip - area.Text);
            // The only inner address that ToProgramAddress makes is the moved compare's.
            int index = Array.BinarySearch(area.Offsets, offset - 2);
            if (index >= 0 && area.Sites[index].IsCompare)
                return area.Stubs + (ulong)(index * StubSize) + ReturnInStub;
        }

        return rip;
    }

    private Area[] Snapshot()
    {
        lock (_lock)
            return [.. _areas];
    }

    /// <summary>lea rcx, [return]; jmp gs:[LeaveAddress]; syscall; return: cmp rax, -4095; jmp back.</summary>
    private static void WriteCompareStub(Span<byte> code, ulong stub, ReadOnlySpan<byte> compare, ulong back)
    {
        WriteLeave(code, ReturnInStub - 7);
        code[SyscallInStub] = 0x0F;
        code[SyscallInStub + 1] = 0x05;
        compare.CopyTo(code[ReturnInStub..]);
        int end = ReturnInStub + compare.Length;
        WriteJump(code[end..], stub + (ulong)end, back);
    }

    /// <summary>Length of the compare with -4095 or -4096 (both are in use) that a C library tests for errors with; 0 if there is none.</summary>
    private static int CompareLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 6)
            return 0;
        bool isWide = text[0] == 0x48;
        ReadOnlySpan<byte> compare = isWide ? text[1..] : text;
        bool matches = compare[0] == 0x3D && compare[1] <= 1 && compare[2..5].SequenceEqual((ReadOnlySpan<byte>)[0xF0, 0xFF, 0xFF]);
        return !matches ? 0 : isWide ? 6 : 5;
    }

    /// <summary>mov eax, number; lea rcx, [behind the site's syscall]; jmp gs:[LeaveAddress].</summary>
    private static void WriteMoveStub(Span<byte> code, ulong stub, ReadOnlySpan<byte> move, ulong back)
    {
        move[..5].CopyTo(code);
        WriteLeave(code[5..], checked((int)((long)back - (long)(stub + 12))));
    }

    private static void WriteLeave(Span<byte> code, int displacement)
    {
        // lea rcx, [rip + displacement]
        code[0] = 0x48;
        code[1] = 0x8D;
        code[2] = 0x0D;
        BinaryPrimitives.WriteInt32LittleEndian(code[3..], displacement);
        // jmp qword gs:[LeaveAddress]
        code[7] = 0x65;
        code[8] = 0xFF;
        code[9] = 0x24;
        code[10] = 0x25;
        BinaryPrimitives.WriteInt32LittleEndian(code[11..], ContextLayout.LeaveAddress);
    }

    private static void WriteJump(Span<byte> code, ulong at, ulong target)
    {
        code[0] = 0xE9;
        BinaryPrimitives.WriteInt32LittleEndian(code[1..], checked((int)((long)target - (long)(at + JumpSize))));
    }

    /// <summary>Drops the sites that a branch may enter behind their first byte.</summary>
    /// <remarks>
    /// Libraries have more than a megabyte of text, and each start of a program comes through here. So the bytes of far
    /// branches are found 16 at a time, and near branches are looked for only where they can reach a site from.
    /// </remarks>
    private void RemoveBranchTargets(ReadOnlySpan<byte> text)
    {
        var targets = new BranchTargets(_found);
        foreach (Site site in _found)
        {
            int end = Math.Min(site.Offset + site.Length + NearBranchReach, text.Length - 1);
            for (int i = Math.Max(site.Offset - NearBranchReach, 0); i < end; i++)
            {
                // jcc, jmp, loop and jrcxz with 8 bits.
                if ((text[i] & 0xF0) == 0x70 || text[i] == 0xEB || (text[i] & 0xFC) == 0xE0)
                    targets.Add(i, i + 2 + (sbyte)text[i + 1]);
            }
        }

        int at = 0;
        for (; at + Vector128<byte>.Count + 6 <= text.Length; at += Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.Create(text[at..]);
            Vector128<byte> next = Vector128.Create(text[(at + 1)..]);
            Vector128<byte> calls = Vector128.Equals(bytes & Vector128.Create((byte)0xFE), Vector128.Create((byte)0xE8));
            Vector128<byte> conditions = Vector128.Equals(bytes, Vector128.Create((byte)0x0F))
                & Vector128.Equals(next & Vector128.Create((byte)0xF0), Vector128.Create((byte)0x80));
            for (uint found = (calls | conditions).ExtractMostSignificantBits(); found != 0; found &= found - 1)
                AddFarBranch(targets, text, at + BitOperations.TrailingZeroCount(found));
        }

        for (; at < text.Length; at++)
            AddFarBranch(targets, text, at);
        if (targets.Hits.Count == 0)
            return;
        var kept = new List<Site>(_found.Count);
        for (int i = 0; i < _found.Count; i++)
        {
            if (!targets.Hits.Contains(i))
                kept.Add(_found[i]);
        }

        _found = kept;
    }

    /// <summary>call and jmp with 32 bits, or jcc with 32 bits.</summary>
    private static void AddFarBranch(BranchTargets targets, ReadOnlySpan<byte> text, int at)
    {
        int length = (text[at] & 0xFE) == 0xE8 ? 5 : 6;
        if (at + length > text.Length || (length == 6 && (text[at] != 0x0F || (text[at + 1] & 0xF0) != 0x80)))
            return;
        targets.Add(at, at + length + BinaryPrimitives.ReadInt32LittleEndian(text[(at + length - 4)..]));
    }

    private readonly record struct Site(int Offset, int Length, bool IsCompare)
    {
        public bool Contains(int offset) => offset >= Offset && offset < Offset + Length;
    }

    /// <summary>Which of the sites are branched into. A coarse map answers for nearly all of the branches.</summary>
    private sealed class BranchTargets
    {
        private const int GranuleShift = 6;

        private readonly List<Site> _sites;
        private readonly int _first;
        private readonly ulong[] _granules;

        public BranchTargets(List<Site> sites)
        {
            _sites = sites;
            _first = sites[0].Offset;
            _granules = new ulong[((sites[^1].Offset + sites[^1].Length - _first) >> (GranuleShift + 6)) + 1];
            foreach (Site site in sites)
            {
                MarkGranule(site.Offset + 1 - _first);
                MarkGranule(site.Offset + site.Length - 1 - _first);
            }
        }

        /// <summary>Indexes of the sites with a branch from elsewhere behind their first byte.</summary>
        public HashSet<int> Hits { get; } = [];

        public void Add(int from, int target)
        {
            uint offset = (uint)(target - _first);
            uint granule = offset >> GranuleShift;
            if (granule >> 6 >= _granules.Length || (_granules[granule >> 6] >> (int)(granule & 63) & 1) == 0)
                return;
            int index = LastStartingBefore(target);
            // Behind "mov eax" the syscall itself stays, so it may be a target; it isn't of the site's length.
            if (index >= 0 && _sites[index].Contains(target) && !_sites[index].Contains(from))
                Hits.Add(index);
        }

        private void MarkGranule(int offset)
        {
            int granule = offset >> GranuleShift;
            _granules[granule >> 6] |= 1UL << (granule & 63);
        }

        private int LastStartingBefore(int target)
        {
            int low = 0;
            int high = _sites.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (_sites[middle].Offset < target)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low - 1;
        }
    }

    private sealed class Area
    {
        public Area(ulong stubs, ulong text, Site[] sites)
        {
            Stubs = stubs;
            Text = text;
            Sites = sites;
            Offsets = Array.ConvertAll(sites, site => site.Offset);
        }

        public ulong Stubs { get; }

        public ulong Text { get; }

        public Site[] Sites { get; }

        public int[] Offsets { get; }
    }
}

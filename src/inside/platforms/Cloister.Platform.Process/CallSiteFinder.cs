using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cloister.Platform.Process;

/// <summary>Finds the SYSCALL instructions of a text, and what can move with each.</summary>
/// <remarks>
/// <para>
/// Text has data in it, and the bytes of SYSCALL occur within other instructions. So what is an instruction is told by
/// decoding from 16 adjacent bytes some way ahead. One of them starts a real instruction, since none is longer than 15 bytes,
/// and decodings soon fall into step. Where all agree, that is where instructions begin; where they don't, the site
/// stays a trap. Data between functions may pass that: so what has not the usual look of a system call must stand among usual
/// instructions, in a text that has system calls with that look.
/// </para>
/// <para>
/// No branch may lead behind the first byte of what moves. Libraries have more than a megabyte of text, and each start of a
/// program comes through here. So bytes that look like far branches are found 16 at a time, near ones are looked for only
/// where they can reach a site from, and only what would hit one is decoded.
/// </para>
/// <para>A hostile text can fool this to its own harm only: whatever is patched, the program runs with its own rights.</para>
/// </remarks>
internal ref partial struct CallSiteFinder
{
    /// <summary>A branch with 8 bits reaches 128 bytes back and 127 on, from behind its own two.</summary>
    private const int NearBranchReach = 130;

    /// <summary>Decoding starts this far ahead of what is asked for; a bit of a word for each byte.</summary>
    private const int Window = 64;

    /// <summary>Adjacent bytes of which one starts an instruction.</summary>
    private const int Starts = 16;

    /// <summary>Bytes that may move on either side. Enough for every jump, and the stubs stay small.</summary>
    private const int Reach = 16;

    /// <summary>The longest instruction.</summary>
    private const int MostInstruction = 15;

    /// <summary>Instructions ahead that must look usual.</summary>
    private const int LeastUsual = 6;

    /// <summary>Bytes of text that are looked at together: a bit of a word for each.</summary>
    private const int Block = 64;

    /// <summary>How many instructions are decoded behind a SYSCALL.</summary>
    private const int MostAfter = 4;

    private readonly ReadOnlySpan<byte> _text;
    private readonly List<CallSite> _sites = [];
    private int _stubs;

    public CallSiteFinder(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>The sites that can be patched, by address.</summary>
    public readonly List<CallSite> Sites => _sites;

    /// <summary>Bytes of stubs.</summary>
    public readonly int StubsLength => _stubs;

    /// <summary>What became of all sites.</summary>
    public CallSiteCounts Counts;

    private static ReadOnlySpan<byte> Syscall => [0x0F, 0x05];

    /// <summary>Finds them.</summary>
    public void Run()
    {
        bool hasClear = false;
        var found = new List<(int At, ulong Before)>();
        for (int at = 0; ; at += 2)
        {
            int next = _text[at..].IndexOf(Syscall);
            if (next < 0)
                break;
            at += next;
            switch (BoundariesBefore(at, out ulong before))
            {
                case Agreement.All when IsClear(at):
                    hasClear = true;
                    found.Add((at, before));
                    break;
                case Agreement.All when IsAmongUsual(at, before):
                    found.Add((at, before));
                    break;
                case Agreement.All:
                case Agreement.Some:
                    Counts.Sites++;
                    Counts.Uncertain++;
                    break;
                default:
                    break;
            }
        }

        if (!hasClear)
        {
            Counts.Sites += found.Count;
            Counts.Uncertain += found.Count;
            return;
        }

        Choose(found);
    }

    /// <summary>Places all sites as if there were no branches, and those anew that a branch leads into.</summary>
    private void Choose(List<(int At, ulong Before)> found)
    {
        HashSet<int> none = [];
        var first = new List<CallSite>(found.Count);
        int end = 0;
        foreach ((int at, ulong before) in found)
        {
            // Unwinders know the return from signal handlers by its bytes.
            bool isPlaced = TryPlace(at, before, end, none, out CallSite site) && !IsSignalReturn(at);
            first.Add(isPlaced ? site : default);
            if (isPlaced)
                end = Math.Max(site.End, site.Start + CallSite.JumpSize);
        }

        List<Branch> branches = FindBranches(found.ConvertAll(site => (site.At - Reach, site.At + Reach + MostInstruction)));
        HashSet<int> targets = [];
        AddTargets(targets, branches, first.ConvertAll(site => (site.Start + 1, site.End)));
        var others = new List<(int Start, int End)>();
        for (int i = 0; i < first.Count; i++)
        {
            if (HasTarget(targets, first[i].Start, first[i].End))
                others.Add((found[i].At - Reach, found[i].At + Reach + MostInstruction));
        }

        AddTargets(targets, branches, others);
        end = 0;
        for (int i = 0; i < first.Count; i++)
        {
            CallSite site = first[i];
            (int at, ulong before) = found[i];
            Counts.Sites++;
            bool isBranchedInto = site.End > 0 && HasTarget(targets, site.Start, site.End);
            if (IsSignalReturn(at))
                Counts.SignalReturns++;
            else if (isBranchedInto && !TryPlace(at, before, end, targets, out site))
                Counts.BranchedInto++;
            else if (site.End == 0 || site.Start < end || (i + 1 < first.Count && first[i + 1].End > 0 && site.End > first[i + 1].Start))
                Counts.WithoutRoom++;
            else
                end = Add(site);
        }
    }

    private int Add(CallSite site)
    {
        _sites.Add(site with { Stub = _stubs });
        // Aligned, so that a stub is fetched at once.
        _stubs = (_stubs + site.LargestStub + 15) & ~15;
        Counts.Patched++;
        return Math.Max(site.End, site.Start + CallSite.JumpSize);
    }

    /// <summary>Chooses what moves: rather what follows, since only that leaves SYSCALL's own address to branches.</summary>
    private readonly bool TryPlace(int at, ulong before, int previousEnd, HashSet<int> targets, out CallSite site)
    {
        Span<int> ends = stackalloc int[MostAfter + 1];
        int count = FindEnds(at, ends);
        for (int start = at; start >= previousEnd && at - start < Reach; start--)
        {
            if (start < at && (before >> (Window - (at - start)) & 1) == 0)
                continue;
            if (start < at && !MayMove(start))
                break;
            // Enough room ahead of the SYSCALL: it stays, and may be branched to.
            if (at - start >= CallSite.JumpSize)
            {
                site = new CallSite(start, at, at, 0);
                if (!HasTarget(targets, start, at))
                    return true;
            }

            for (int i = 0; i < count; i++)
            {
                if (ends[i] - start < CallSite.JumpSize)
                    continue;
                site = new CallSite(start, ends[i], at, 0);
                if (!HasTarget(targets, start, ends[i]))
                    return true;
                break;
            }
        }

        site = default;
        return false;
    }

    /// <summary>Where what moves may end: behind the SYSCALL, and behind each of the instructions that follow.</summary>
    private readonly int FindEnds(int at, Span<int> ends)
    {
        int count = 0;
        int end = at + CallSite.SyscallSize;
        ends[count++] = end;
        bool isOver = false;
        while (count < ends.Length && end - at < Reach)
        {
            Instruction next = InstructionDecoder.Decode(_text[end..]);
            if (next.Length == 0 || !next.ReachesFromStub
                || next.Kind is InstructionKind.Call or InstructionKind.OtherBranch or InstructionKind.Leaves)
                break;
            // Behind a return only padding may be overwritten.
            if (isOver && next.Kind != InstructionKind.Nop)
                break;
            end += next.Length;
            ends[count++] = end;
            if (next.IsRelativeBranch)
                break;
            isOver |= next.Kind == InstructionKind.End;
        }

        return count;
    }

    private readonly bool MayMove(int start)
    {
        Instruction instruction = InstructionDecoder.Decode(_text[start..]);
        return instruction.Length != 0 && instruction.ReachesFromStub && instruction.Kind is InstructionKind.Plain or InstructionKind.Nop;
    }

    private static bool HasTarget(HashSet<int> targets, int start, int end)
    {
        for (int i = start + 1; i < end; i++)
        {
            if (targets.Contains(i))
                return true;
        }

        return false;
    }

    /// <summary>
    /// A number in front that is loaded as a system call's, or the compare for an error behind: 7 and more bytes that no data has by chance.
    /// </summary>
    private readonly bool IsClear(int at)
    {
        ReadOnlySpan<byte> before = _text[..at];
        if (before.Length >= 5 && (before[^5] == 0xB8 || (before.Length >= 6 && before[^6] == 0xC7 && before[^5] == 0xC0))
            && BinaryPrimitives.ReadUInt32LittleEndian(before[^4..]) < 512)
            return true;
        ReadOnlySpan<byte> after = _text[(at + CallSite.SyscallSize)..];
        if (after.Length > 0 && after[0] == 0x48)
            after = after[1..];
        // cmp rax, -4095 or -4096, both of which are in use.
        return after.Length >= 5 && after[0] == 0x3D && after[1] <= 1 && after[2..5].SequenceEqual((ReadOnlySpan<byte>)[0xF0, 0xFF, 0xFF]);
    }

    /// <summary>Whether the instructions ahead are of the kind that programs have.</summary>
    private readonly bool IsAmongUsual(int at, ulong before)
    {
        int count = 0;
        for (; before != 0; before &= before - 1, count++)
        {
            if (InstructionDecoder.IsUnusual(_text[(at - Window + BitOperations.TrailingZeroCount(before))..]))
                return false;
        }

        return count >= LeastUsual;
    }

    /// <summary>mov rax, 15 or mov eax, 15 in front.</summary>
    private readonly bool IsSignalReturn(int at) =>
        _text[..at].EndsWith((ReadOnlySpan<byte>)[0xC7, 0xC0, 15, 0, 0, 0]) || _text[..at].EndsWith((ReadOnlySpan<byte>)[0xB8, 15, 0, 0, 0]);

    /// <summary>Adds where branches lead to within areas; a few outside may be among them.</summary>
    private readonly void AddTargets(HashSet<int> targets, List<Branch> branches, List<(int Start, int End)> areas)
    {
        areas.RemoveAll(area => area.End <= area.Start);
        if (areas.Count == 0)
            return;
        var map = new AreaMap(areas);
        foreach (Branch branch in branches)
        {
            if (map.MayHave(branch.Target) && !targets.Contains(branch.Target) && IsBranch(branch.From, branch.Target))
                targets.Add(branch.Target);
        }
    }

    /// <summary>All that looks like a branch into areas, which are in order; a few of them may lead beside one.</summary>
    private readonly List<Branch> FindBranches(List<(int Start, int End)> areas)
    {
        List<Branch> found = [];
        var map = new AreaMap(areas);
        int searched = 0;
        foreach ((int start, int areaEnd) in areas)
        {
            // Areas overlap by what a branch reaches; what has been looked at for one would say the same again.
            int from = Math.Max(start - NearBranchReach, searched);
            searched = Math.Max(Math.Min(areaEnd + NearBranchReach, _text.Length - 1), searched);
            AddNearBranches(found, map, from, searched);
        }

        AddFarBranches(found, map);
        return found;
    }

    /// <summary>jcc, jmp, loop and jrcxz with 8 bits, whose first byte lies in a range.</summary>
    private readonly void AddNearBranches(List<Branch> found, AreaMap areas, int from, int end)
    {
        for (; from < end; from += Vector128<byte>.Count)
        {
            uint starts;
            if (from + Vector128<byte>.Count <= _text.Length)
            {
                Vector128<byte> bytes = Vector128.Create(_text[from..]);
                starts = (Vector128.Equals(bytes & Vector128.Create((byte)0xF0), Vector128.Create((byte)0x70))
                    | Vector128.Equals(bytes, Vector128.Create((byte)0xEB))
                    | Vector128.Equals(bytes & Vector128.Create((byte)0xFC), Vector128.Create((byte)0xE0))).ExtractMostSignificantBits();
            }
            else
            {
                starts = uint.MaxValue;
            }

            if (end - from < Vector128<byte>.Count)
                starts &= (1U << (end - from)) - 1;
            for (; starts != 0; starts &= starts - 1)
            {
                int at = from + BitOperations.TrailingZeroCount(starts);
                if ((_text[at] & 0xF0) == 0x70 || _text[at] == 0xEB || (_text[at] & 0xFC) == 0xE0)
                    Add(found, areas, at, at + 2 + (sbyte)_text[at + 1]);
            }
        }
    }

    /// <summary>call and jmp with 32 bits, and jcc with 32 bits.</summary>
    /// <remarks>
    /// One byte in fifteen of a text looks like one, so what costs is the processor's wrong guesses. Hence 64 bytes at a time, one loop for
    /// all lengths, and nothing in it that depends on the bytes but the look into the map, which nearly always says no.
    /// </remarks>
    private readonly void AddFarBranches(List<Branch> found, AreaMap areas)
    {
        const int longest = 6;
        int position = 0;
        for (; position + Block + longest <= _text.Length; position += Block)
        {
            ReadOnlySpan<byte> block = _text.Slice(position, Block + longest);
            ulong starts = FarBranches(block) | (ulong)FarBranches(block[16..]) << 16
                | (ulong)FarBranches(block[32..]) << 32 | (ulong)FarBranches(block[48..]) << 48;
            for (; starts != 0; starts &= starts - 1)
            {
                int offset = BitOperations.TrailingZeroCount(starts);
                int length = 5 + (block[offset] == 0x0F ? 1 : 0);
                int target = position + offset + length + BinaryPrimitives.ReadInt32LittleEndian(block.Slice(offset + length - 4, 4));
                Add(found, areas, position + offset, target);
            }
        }

        for (; position < _text.Length; position++)
        {
            int length = (_text[position] & 0xFE) == 0xE8 ? 5 : longest;
            bool isBranch = position + length <= _text.Length
                && (length == 5 || (_text[position] == 0x0F && (_text[position + 1] & 0xF0) == 0x80));
            if (isBranch)
                Add(found, areas, position, position + length + BinaryPrimitives.ReadInt32LittleEndian(_text[(position + length - 4)..]));
        }
    }

    /// <summary>Which of 16 bytes may begin a far branch, a bit for each.</summary>
    private static uint FarBranches(ReadOnlySpan<byte> text)
    {
        Vector128<byte> bytes = Vector128.Create(text);
        Vector128<byte> calls = Vector128.Equals(bytes & Vector128.Create((byte)0xFE), Vector128.Create((byte)0xE8));
        Vector128<byte> conditions = Vector128.Equals(bytes, Vector128.Create((byte)0x0F))
            & Vector128.Equals(Vector128.Create(text[1..]) & Vector128.Create((byte)0xF0), Vector128.Create((byte)0x80));
        return (calls | conditions).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(List<Branch> found, AreaMap areas, int from, int target)
    {
        if (areas.MayHave(target))
            found.Add(new Branch(from, target));
    }

    /// <summary>Bytes that look like a branch.</summary>
    private readonly record struct Branch(int From, int Target);

    /// <summary>Areas of the text, in order. Answers for nearly all branches that they lead elsewhere.</summary>
    private readonly struct AreaMap
    {
        private const int GranuleShift = 2;

        private readonly int _first;
        private readonly ulong[] _granules;

        public AreaMap(List<(int Start, int End)> areas)
        {
            _first = areas[0].Start;
            _granules = new ulong[((areas[^1].End - _first) >> (GranuleShift + 6)) + 1];
            foreach ((int start, int end) in areas)
            {
                for (int granule = (start - _first) >> GranuleShift; granule <= (end - 1 - _first) >> GranuleShift; granule++)
                    _granules[granule >> 6] |= 1UL << (granule & 63);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MayHave(int target)
        {
            uint granule = (uint)(target - _first) >> GranuleShift;
            return granule >> 6 < _granules.Length && (_granules[granule >> 6] >> (int)(granule & 63) & 1) != 0;
        }
    }
}

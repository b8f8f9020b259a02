using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Numerics;
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
internal ref struct CallSiteFinder
{
    /// <summary>A branch with 8 bits reaches 128 bytes back and 127 on, from behind its own two.</summary>
    private const int NearBranchReach = 130;

    /// <summary>Decoding starts this far ahead of what is asked for; a bit of a word for each byte.</summary>
    private const int Window = 64;

    /// <summary>Adjacent bytes of which one starts an instruction.</summary>
    private const int Starts = 16;

    /// <summary>Bytes that may move on either side. Enough for every jump, and the stubs stay small.</summary>
    private const int Reach = 16;

    /// <summary>Instructions ahead that must look usual.</summary>
    private const int LeastUsual = 6;

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

        HashSet<int> targets = FindBranchTargets(found);
        int end = 0;
        foreach ((int at, ulong before) in found)
        {
            Counts.Sites++;
            if (IsSignalReturn(at))
            {
                // Unwinders know the trampoline by its bytes.
                Counts.SignalReturns++;
            }
            else if (TryPlace(at, before, end, targets, out CallSite site))
            {
                _sites.Add(site);
                // Aligned, so that a stub is fetched at once.
                _stubs = (_stubs + site.LargestStub + 15) & ~15;
                end = Math.Max(site.End, site.Start + CallSite.JumpSize);
                Counts.Patched++;
            }
        }
    }

    /// <summary>Chooses what moves: rather what follows, since only that leaves SYSCALL's own address to branches.</summary>
    private bool TryPlace(int at, ulong before, int previousEnd, HashSet<int> targets, out CallSite site)
    {
        Span<int> ends = stackalloc int[MostAfter + 1];
        int count = FindEnds(at, ends);
        bool isBranchedInto = false;
        for (int start = at; start >= previousEnd && at - start < Reach; start--)
        {
            if (start < at && (before >> (Window - (at - start)) & 1) == 0)
                continue;
            if (start < at && !MayMove(start))
                break;
            // Enough room ahead of the SYSCALL: it stays, and may be branched to.
            if (at - start >= CallSite.JumpSize)
            {
                site = new CallSite(start, at, at, _stubs);
                if (!HasTarget(targets, start, at))
                    return true;
                isBranchedInto = true;
            }

            for (int i = 0; i < count; i++)
            {
                if (ends[i] - start < CallSite.JumpSize)
                    continue;
                site = new CallSite(start, ends[i], at, _stubs);
                if (!HasTarget(targets, start, ends[i]))
                    return true;
                isBranchedInto = true;
                break;
            }
        }

        if (isBranchedInto)
            Counts.BranchedInto++;
        else
            Counts.WithoutRoom++;
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
            if (next.Length == 0 || !next.ReachesFromStub || next.Kind is InstructionKind.Call or InstructionKind.OtherBranch or InstructionKind.Leaves)
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

    /// <summary>A number in front that is loaded as a system call's, or the compare for an error behind: 7 and more bytes that no data has by chance.</summary>
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

    private enum Agreement
    {
        None,
        Some,
        All,
    }

    /// <summary>Whether an instruction starts at an offset, and where those before it start.</summary>
    /// <param name="at">The offset.</param>
    /// <param name="common">Starts that all decodings share: bit i stands for 64 - i bytes ahead of <paramref name="at"/>.</param>
    private readonly Agreement BoundariesBefore(int at, out ulong common)
    {
        Span<byte> lengths = stackalloc byte[Window];
        lengths.Clear();
        common = ulong.MaxValue;
        int hits = 0;
        int misses = 0;
        int origin = at - Window;
        int first = Math.Max(0, -origin);
        for (int start = first; start < Math.Min(first + Starts, Window - Starts); start++)
        {
            ulong passed = 0;
            int position = start;
            while (position < Window && TryStep(origin, position, lengths, out int length))
            {
                passed |= 1UL << position;
                position += length;
            }

            if (position == Window)
            {
                hits++;
                common &= passed;
            }
            else if (position > Window)
            {
                misses++;
            }
        }

        return hits == 0 ? Agreement.None : misses == 0 ? Agreement.All : Agreement.Some;
    }

    private readonly bool TryStep(int origin, int position, Span<byte> lengths, out int length)
    {
        const byte dead = 255;
        if (lengths[position] == 0)
        {
            int decoded = InstructionDecoder.Decode(_text[(origin + position)..]).Length;
            lengths[position] = decoded == 0 ? dead : (byte)decoded;
        }

        length = lengths[position];
        return length != dead;
    }

    /// <summary>Whether bytes that look like a branch may be one. Only where all decodings see something else they are none.</summary>
    private readonly bool IsBranch(int from, int target)
    {
        Span<byte> lengths = stackalloc byte[Window];
        lengths.Clear();
        int others = 0;
        int origin = from - Window;
        int first = Math.Max(0, -origin);
        for (int start = first; start < Math.Min(first + Starts, Window - Starts); start++)
        {
            int position = start;
            int length = 0;
            while (position + length <= Window)
            {
                position += length;
                if (position == Window || !TryStep(origin, position, lengths, out length))
                    break;
            }

            // The instruction that has the byte at the end of the window in it.
            if (position < Window && position + length <= Window)
                continue;
            Instruction covering = InstructionDecoder.Decode(_text[(origin + position)..]);
            if (covering.IsRelativeBranch && origin + position + covering.Length + covering.Displacement == target)
                return true;
            others++;
        }

        return others == 0;
    }

    /// <summary>Offsets near the sites that branches lead to.</summary>
    private readonly HashSet<int> FindBranchTargets(List<(int At, ulong Before)> found)
    {
        var targets = new BranchTargets(found, Reach);
        foreach ((int at, _) in found)
        {
            int end = Math.Min(at + Reach + NearBranchReach, _text.Length - 1);
            for (int i = Math.Max(at - Reach - NearBranchReach, 0); i < end; i++)
            {
                // jcc, jmp, loop and jrcxz with 8 bits.
                if ((_text[i] & 0xF0) == 0x70 || _text[i] == 0xEB || (_text[i] & 0xFC) == 0xE0)
                    Add(targets, i, i + 2 + (sbyte)_text[i + 1]);
            }
        }

        int position = 0;
        for (; position + Vector128<byte>.Count + 6 <= _text.Length; position += Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.Create(_text[position..]);
            Vector128<byte> next = Vector128.Create(_text[(position + 1)..]);
            Vector128<byte> calls = Vector128.Equals(bytes & Vector128.Create((byte)0xFE), Vector128.Create((byte)0xE8));
            Vector128<byte> conditions = Vector128.Equals(bytes, Vector128.Create((byte)0x0F))
                & Vector128.Equals(next & Vector128.Create((byte)0xF0), Vector128.Create((byte)0x80));
            for (uint bits = (calls | conditions).ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
                AddFarBranch(targets, position + BitOperations.TrailingZeroCount(bits));
        }

        for (; position < _text.Length; position++)
            AddFarBranch(targets, position);
        return targets.Found;
    }

    private readonly void Add(BranchTargets targets, int from, int target)
    {
        if (targets.IsNearSite(target) && !targets.Found.Contains(target) && IsBranch(from, target))
            targets.Found.Add(target);
    }

    /// <summary>call and jmp with 32 bits, or jcc with 32 bits.</summary>
    private readonly void AddFarBranch(BranchTargets targets, int at)
    {
        int length = (_text[at] & 0xFE) == 0xE8 ? 5 : 6;
        if (at + length > _text.Length || (length == 6 && (_text[at] != 0x0F || (_text[at + 1] & 0xF0) != 0x80)))
            return;
        Add(targets, at, at + length + BinaryPrimitives.ReadInt32LittleEndian(_text[(at + length - 4)..]));
    }

    /// <summary>The targets found so far, and a map that answers for nearly all branches that they lead elsewhere.</summary>
    private sealed class BranchTargets
    {
        private const int GranuleShift = 4;

        private readonly int _first;
        private readonly ulong[] _granules;

        public BranchTargets(List<(int At, ulong Before)> sites, int reach)
        {
            _first = sites[0].At - reach;
            _granules = new ulong[((sites[^1].At + reach - _first) >> (GranuleShift + 6)) + 1];
            foreach ((int at, _) in sites)
            {
                for (int offset = at - reach; offset <= at + reach; offset += 1 << GranuleShift)
                    _granules[(offset - _first) >> (GranuleShift + 6)] |= 1UL << ((offset - _first) >> GranuleShift & 63);
            }
        }

        public HashSet<int> Found { get; } = [];

        public bool IsNearSite(int target)
        {
            uint granule = (uint)(target - _first) >> GranuleShift;
            return granule >> 6 < _granules.Length && (_granules[granule >> 6] >> (int)(granule & 63) & 1) != 0;
        }
    }
}

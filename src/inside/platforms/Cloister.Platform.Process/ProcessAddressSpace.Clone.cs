using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// fork: the child's pages wait in their parking places until it runs.
internal sealed unsafe partial class ProcessAddressSpace
{
    /// <inheritdoc/>
    public Errno Clone(ReadOnlySpan<PageRange> ranges, IAddressSpace into)
    {
        var child = (ProcessAddressSpace)into;
        PageRange[] copied = ranges.ToArray();
        child.Adopt(this);
        child._callSites.CopyFrom(_callSites);
        if (Family is not null && OwnLength() > MostOwnCopied && Diverge(0, ulong.MaxValue) is var error and not Errno.Success)
            return error;
        return _addresses.Residency.WithoutThreads(this, () =>
        {
            if (TryShareMappings(copied, child, out Errno shared))
                return shared;
            foreach (PageRange range in copied)
            {
                for (ulong at = range.Start; _mappings.TryFind(at, range.End, out HostMapping part); at = part.End)
                {
                    Errno error = ClonePart(part, child);
                    if (error != Errno.Success)
                        return error;
                }
            }

            return Errno.Success;
        });
    }

    /// <summary>Maps the same for the child, arena by arena, and copies what is private.</summary>
    private Errno ClonePart(in HostMapping part, ProcessAddressSpace child)
    {
        if (part.Kind == MappingKind.Charged && !_budget.TryTake(part.Length))
            return Errno.ENOMEM;
        for (ulong at = part.Start; at < part.End;)
        {
            int arena = UserAddressRange.ArenaOf(at);
            HostMapping piece = part.Clip(at, UserAddressRange.StartOf(arena) + UserAddressRange.ArenaSize);
            ulong distance = 0;
            Errno error = !HasRoom() ? Errno.ENOMEM
                : piece.IsInHost ? child.PrepareParked(arena, out distance)
                : HasEntered(arena) ? _addresses.Residency.EnterParked(child, arena, isInHost: false) : Errno.Success;
            if (error != Errno.Success)
            {
                if (part.Kind == MappingKind.Charged)
                    _budget.Give(part.End - at);
                return error;
            }

            child.Change(piece);
            error = piece.IsInHost ? CopyPiece(piece, piece.Start, piece.Start + distance, copiesPrivate: true) : Errno.Success;
            at = piece.End;
            if (error == Errno.Success)
                continue;
            if (part.Kind == MappingKind.Charged)
                _budget.Give(part.End - at);
            return error;
        }

        return Errno.Success;
    }

    /// <summary>Maps in the host what is at one place at another too.</summary>
    /// <param name="piece">What it is.</param>
    /// <param name="from">Where it is.</param>
    /// <param name="to">Where it shall be.</param>
    /// <param name="copiesPrivate">Whether private pages are copied; else they read as when first mapped.</param>
    private Errno CopyPiece(in HostMapping piece, ulong from, ulong to, bool copiesPrivate)
    {
        const Protection readWrite = Protection.Read | Protection.Write;
        if (piece.Kind == MappingKind.Shared)
            return MapFrames(to, piece, piece.Protection, Host.MapShared);
        Protection first = copiesPrivate ? readWrite : piece.Protection;
        Errno error = piece.Kind == MappingKind.CopyOnWrite
            ? MapFrames(to, piece, first, Host.MapPrivate)
            : MapNothing(to, piece.Length, first);
        if (error == Errno.Success && copiesPrivate)
            error = CopyPrivate(piece, from, to);
        if (error == Errno.Success && piece.Protection != first)
            error = ToErrno(_stubs.ShortHostCall(Host.Mprotect, to, piece.Length, (ulong)ToHost(piece.Protection), 0, 0, 0));
        return error;
    }

    private Errno CopyPrivate(in HostMapping piece, ulong from, ulong to)
    {
        Span<PageRun> runs = stackalloc PageRun[32];
        ulong end = from + piece.Length;
        for (ulong at = from; at < end;)
        {
            int count = _pageMap.Find(at, end, runs);
            foreach (PageRun run in runs[..count])
            {
                Errno error = run.IsPrivate ? CopyRun(piece, run, to - from) : Errno.Success;
                if (error != Errno.Success)
                    return error;
                at = run.End;
            }

            if (count < runs.Length)
                break;
        }

        return Errno.Success;
    }

    private Errno MapFrames(ulong to, in HostMapping piece, Protection protection, int flags) =>
        Map(to, piece.Length, ToHost(protection), flags | Host.MapFixed | Host.MapNoReserve, (ulong)_frames.Descriptor, (ulong)piece.Offset);

    private Errno CopyRun(in HostMapping piece, PageRun run, ulong distance)
    {
        // Nobody runs in the space, so making its pages readable for a moment shows them to nobody.
        bool isReadable = (piece.Protection & Protection.Read) != 0;
        if (!isReadable)
        {
            Errno error = ToErrno(_stubs.ShortHostCall(Host.Mprotect, run.Start, run.Length, Host.ProtRead, 0, 0, 0));
            if (error != Errno.Success)
                return error;
        }

        _stubs.Call(Host.Madvise, run.Start + distance, run.Length, Host.MadvPopulateWrite);
        ulong fault = NoFault;
        for (ulong done = 0; done < run.Length && fault == NoFault; done += CopyChunk)
        {
            // SAFETY: both ranges are mapped by the lines before; a refusal would be caught all the same.
            _stubs.Copy((byte*)(run.Start + distance + done), (byte*)(run.Start + done), (nint)Math.Min(CopyChunk, run.Length - done), &fault);
        }

        if (!isReadable)
            _stubs.ShortHostCall(Host.Mprotect, run.Start, run.Length, (ulong)ToHost(piece.Protection), 0, 0, 0);
        return fault == NoFault ? Errno.Success : Errno.ENOMEM;
    }

    /// <summary>Makes this space a user of an arena, in which it isn't in place, and has a parking place for its pages.</summary>
    private Errno PrepareParked(int arena, out ulong distance)
    {
        Errno error = _addresses.Residency.EnterParked(this, arena, isInHost: true);
        distance = 0;
        if (error != Errno.Success)
            return error;
        _parked.Add(arena);
        distance = _parking[arena] - UserAddressRange.StartOf(arena);
        return Errno.Success;
    }
}

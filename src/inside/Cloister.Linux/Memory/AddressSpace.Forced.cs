using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Linux.Memory;

// Memory as debuggers see it: rights that the program doesn't have itself don't matter (FOLL_FORCE of Linux).
internal sealed partial class AddressSpace
{
    /// <summary>Whether text stays as the file has it, system calls as slow as they are: whoever debugs it looks at it and changes it.</summary>
    public bool KeepsText { get; set; }

    /// <summary>Reads also what the program itself may not.</summary>
    /// <returns>How many bytes could be read.</returns>
    public int ReadForcibly(ulong address, Span<byte> into)
    {
        int done = 0;
        while (done < into.Length)
        {
            Span<byte> part = into.Slice(done, PartInPage(address + (ulong)done, into.Length - done));
            int count = Mmu.CopyIn(address + (ulong)done, part, out AccessFault fault);
            if (count < part.Length && ResolveFault(fault.Address, isWrite: false, isExecute: false) == Errno.Success)
                count = Mmu.CopyIn(address + (ulong)done, part, out _);
            if (count < part.Length && !TryAccess(address + (ulong)done, Protection.Read, part.Length, default, part))
                return done;
            done += part.Length;
        }

        return done;
    }

    /// <summary>Writes also what the program itself may not, into copies of its own; what others share stays as it is.</summary>
    /// <returns>How many bytes could be written.</returns>
    public int WriteForcibly(ulong address, ReadOnlySpan<byte> from)
    {
        int done = 0;
        while (done < from.Length)
        {
            ReadOnlySpan<byte> part = from.Slice(done, PartInPage(address + (ulong)done, from.Length - done));
            int count = Mmu.CopyOut(address + (ulong)done, part, out AccessFault fault);
            for (int tries = 0; count < part.Length && tries < 2 && ResolveFault(fault.Address, isWrite: true, isExecute: false) == Errno.Success; tries++)
                count = Mmu.CopyOut(address + (ulong)done, part, out fault);
            if (count < part.Length && !TryAccess(address + (ulong)done, Protection.Read | Protection.Write, part.Length, part, default))
                return done;
            done += part.Length;
        }

        return done;
    }

    private static int PartInPage(ulong address, int length) => (int)Math.Min((ulong)length, PageSize - (address & (PageSize - 1)));

    /// <summary>Gives one page more rights for the time of a copy.</summary>
    private bool TryAccess(ulong address, Protection needed, int length, ReadOnlySpan<byte> from, Span<byte> into)
    {
        ulong page = address & ~(PageSize - 1);

        // Brought in with the rights that it has: there is a page for the copy to be made of.
        Errno error = ResolveFault(page, isWrite: false, isExecute: false);
        if (error is not (Errno.Success or Errno.EACCES))
            return false;
        using (_lock.Enter())
        {
            Region? region = _regions.Find(address);
            bool isAllowed = region is not null && region.Kind != RegionKind.Hidden &&
                (needed & region.MostProtection) == needed && !(region.IsShared && (needed & ~region.Protection & Protection.Write) != 0);
            if (!isAllowed || !Mmu.TryFindMapped(page, page + PageSize, out _))
                return false;
            if (Mmu.Protect(page, PageSize, region!.Protection | needed) != Errno.Success)
                return false;
            Mmu.ResolveFault(page, (needed & Protection.Write) != 0, isExecute: false);
            int done = into.IsEmpty ? Mmu.CopyOut(address, from, out _) : Mmu.CopyIn(address, into, out _);
            Mmu.Protect(page, PageSize, region.Protection);
            return done == length;
        }
    }
}

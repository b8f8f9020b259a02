using Cloister.Abi;
using Cloister.Hal;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Memory;

// Pages come into being, and are copied, when they are touched.
internal sealed partial class PagedAddressSpace<TEntry>
{
    /// <inheritdoc/>
    public Errno Prefault(ulong address, ulong length, bool write)
    {
        ulong end = address + length;
        for (ulong at = address; _demand.TryFind(at, end, out DemandRange part); at = part.End)
        {
            if (!PageEntries.Allows(part.Protection, write, isExecute: false))
                continue;
            for (ulong page = part.Start; page < part.End; page += FrameExtent.FrameSize)
            {
                if (ResolveFault(page, write, isExecute: false) == Errno.ENOMEM)
                    return Errno.ENOMEM;
            }
        }

        for (ulong at = address; write && _table.TryFindNext(ref at, end, out TEntry entry); at += FrameExtent.FrameSize)
        {
            if ((entry.Rights & Protection.Write) != 0 && entry.Copies && MakeWritable(at, entry) != Errno.Success)
                return Errno.ENOMEM;
        }

        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno ResolveFault(ulong address, bool isWrite, bool isExecute)
    {
        address &= ~(ulong)(FrameExtent.FrameSize - 1);
        TEntry entry = _table.Read(address);
        if (entry.IsMapped)
        {
            if (!PageEntries.Allows(entry.Rights, isWrite, isExecute))
                return Errno.EACCES;
            if (isWrite && entry.Copies)
                return MakeWritable(address, entry);
            // Another thread was faster.
            _table.Forget(address, address + FrameExtent.FrameSize);
            return Errno.Success;
        }

        if (!_demand.TryFind(address, out DemandRange range))
            return Errno.EFAULT;
        if (!PageEntries.Allows(range.Protection, isWrite, isExecute))
            return Errno.EACCES;
        if (!range.IsPromised && !_budget.TryTake(FrameExtent.FrameSize))
            return Errno.ENOMEM;
        int frame = _table.TryPrepare(address) ? _frames.TakePage(isCleared: true, !range.IsPromised) : 0;
        if (frame == 0)
        {
            if (!range.IsPromised)
                _budget.Give(FrameExtent.FrameSize);
            return Errno.ENOMEM;
        }

        _table.Write(address, TEntry.Make(frame, range.Protection, isPrivate: true, copies: false));
        return Errno.Success;
    }

    /// <summary>Gives the space a page of its own, if others have it too.</summary>
    private Errno MakeWritable(ulong address, TEntry entry)
    {
        if (entry.IsPrivate && _frames.IsExclusive(entry.Frame))
        {
            _table.Write(address, entry.With(copies: false));
        }
        else
        {
            int copy = _frames.TakePage(isCleared: false, IsCharged(entry));
            if (copy == 0)
                return Errno.ENOMEM;
            LinearMemory.Copy(copy, entry.Frame);
            if (entry.IsPrivate)
                _frames.RemoveUser(entry.Frame);
            _table.Write(address, TEntry.Make(copy, entry.Rights, isPrivate: true, copies: false));
        }

        _table.Forget(address, address + FrameExtent.FrameSize);
        return Errno.Success;
    }
}

using Cloister.Abi;

namespace Cloister.Linux.Memory;

// Segments of shmat(2): a program names one by the address where it is attached.
internal sealed partial class AddressSpace
{
    /// <summary>shmdt(2): unmaps what is left of the attachment that began at an address (ksys_shmdt of Linux).</summary>
    /// <returns>EINVAL where there is none.</returns>
    public Errno Detach(ulong address, out IMappingObserver? segment)
    {
        segment = null;
        using (_lock.Enter())
        {
            ulong end = ulong.MaxValue;
            for (int i = _regions.FirstEndingAfter(address); i < _regions.Count && _regions[i].End <= end;)
            {
                Region region = _regions[i];

                // Parts of it may be gone, or be regions of their own after mprotect: they are where they were.
                bool isPart = region.File?.Observer is { } found && (segment is null || found == segment) &&
                    region.Start >= address && region.Start - address == (ulong)region.Offset;
                if (!isPart)
                {
                    i++;
                    continue;
                }

                if (segment is null)
                {
                    segment = region.File!.Observer;
                    end = address + ((ulong)region.File.File.Length + PageSize - 1 & ~(PageSize - 1));
                }

                Errno error = UnmapLocked(region.Start, region.End);
                if (error != Errno.Success)
                    return error;
            }

            return segment is null ? Errno.EINVAL : Errno.Success;
        }
    }
}

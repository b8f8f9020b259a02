using System.Threading;
using Cloister.Hal;
using Cloister.Linux.AsyncIo;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

// Contexts of asynchronous I/O belong to the memory that their rings are mapped in (mm->ioctx_table of Linux).
internal sealed partial class AddressSpace
{
    private AsyncContexts? _asyncContexts;

    /// <summary>The contexts; null where there have never been any.</summary>
    public AsyncContexts? AsyncContexts => Volatile.Read(ref _asyncContexts);

    public AsyncContexts MakeAsyncContexts(AsyncQuota quota)
    {
        if (AsyncContexts is { } made)
            return made;
        Interlocked.CompareExchange(ref _asyncContexts, new AsyncContexts(quota), null);
        return AsyncContexts!;
    }

    /// <summary>The object whose beginning is mapped at an address, where the program may read it.</summary>
    public MemoryObject? FindObject(ulong address)
    {
        using (_lock.Enter())
        {
            Region? region = _regions.Find(address);
            bool isBeginning = region is not null && region.Start == address && region.Offset == 0 && (region.Protection & Protection.Read) != 0;
            return isBeginning ? region!.Memory : null;
        }
    }
}

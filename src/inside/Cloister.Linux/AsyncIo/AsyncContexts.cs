using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.AsyncIo;

/// <summary>How many requests all contexts together may have (fs.aio-max-nr).</summary>
internal sealed class AsyncQuota
{
    public const long Most = 65_536;

    private long _taken;

    public bool TryTake(long requests)
    {
        if (Interlocked.Add(ref _taken, requests) <= Most)
            return true;
        Give(requests);
        return false;
    }

    public void Give(long requests) => Interlocked.Add(ref _taken, -requests);
}

/// <summary>The contexts of an address space, which are known by the address of their ring.</summary>
internal sealed class AsyncContexts(AsyncQuota quota)
{
    private readonly KernelLock _lock = new(LockLevel.Ring);
    private readonly List<AsyncContext> _all = [];
    private uint _nextId;

    /// <summary>io_setup(2).</summary>
    public Errno Create(LinuxThread thread, uint requests, out ulong address)
    {
        // As many events as all processors' batches take, twice (ioctx_alloc of Linux).
        const int perProcessor = 4;
        const uint most = 0x1000_0000 / AsyncEvent.Size;
        address = 0;
        uint events = unchecked(System.Math.Max(requests, (uint)thread.Kernel.Platform.Cpus.Count * perProcessor) * 2);
        if (events > most)
            return Errno.EINVAL;
        if (events == 0 || requests > AsyncQuota.Most || !quota.TryTake(requests))
            return Errno.EAGAIN;
        AsyncContext? context = AsyncContext.TryCreate(thread, requests, events + 2, Interlocked.Increment(ref _nextId) - 1);
        if (context is null)
        {
            quota.Give(requests);
            return Errno.ENOMEM;
        }

        const Protection rights = Protection.Read | Protection.Write;
        var attributes = new MappingAttributes(rights, rights | Protection.Execute, IsShared: true, IsAccounted: false) { Memory = context.Pages };
        Errno error = thread.Memory.Space.Map(0, context.Length, attributes, 0, MemoryLimits.Of(thread), out address);
        if (error != Errno.Success)
        {
            context.Close();
            quota.Give(requests);
            return error;
        }

        using (_lock.Enter())
            _all.Add(context);
        return Errno.Success;
    }

    /// <summary>The context whose ring is mapped at an address, and readable there; null for none.</summary>
    public AsyncContext? Find(LinuxThread thread, ulong address)
    {
        if (thread.Memory.Space.FindObject(address) is not { } pages)
            return null;
        using (_lock.Enter())
        {
            foreach (AsyncContext context in _all)
            {
                if (context.Pages == pages)
                    return context;
            }
        }

        return null;
    }

    /// <summary>io_destroy(2).</summary>
    /// <returns>False where somebody else has done it.</returns>
    public bool TryEnd(AsyncContext context)
    {
        using (_lock.Enter())
        {
            if (!_all.Remove(context))
                return false;
        }

        context.Close();
        quota.Give(context.Requests);
        return true;
    }

    /// <summary>The memory goes.</summary>
    public void EndAll()
    {
        while (true)
        {
            AsyncContext last;
            using (_lock.Enter())
            {
                if (_all.Count == 0)
                    return;
                last = _all[^1];
            }

            TryEnd(last);
        }
    }
}

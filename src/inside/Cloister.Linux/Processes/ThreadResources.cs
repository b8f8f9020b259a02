using System.Collections.Generic;
using System.Threading;
using Cloister.Hal;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Processes;

/// <summary>What a thread needs and the next thread can use again: threads come and go more often than one would think.</summary>
internal sealed class ThreadResources(IParker parker)
{
    private const int PathSize = 4096;

    public IParker Parker => parker;

    public byte[] Path { get; } = new byte[PathSize];

    public byte[]? SecondPath { get; set; }

    /// <summary>How often each system call was made.</summary>
    public long[] SyscallCounts { get; } = new long[512];

    /// <summary>Registers and vector state that the thread starts with.</summary>
    public byte[] InitialState { get; set; } = [];
}

/// <summary>Resources of ended threads. A late wake-up of the old owner only wakes the new one for no reason.</summary>
internal sealed class ThreadResourcePool(ICpus cpus)
{
    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Stack<ThreadResources> _free = new();

    public ThreadResources Take()
    {
        using (_lock.Enter())
        {
            if (_free.TryPop(out ThreadResources? resources))
                return resources;
        }

        return new ThreadResources(cpus.CreateParker());
    }

    public void Give(ThreadResources resources)
    {
        System.Array.Clear(resources.SyscallCounts);
        using (_lock.Enter())
            _free.Push(resources);
    }
}

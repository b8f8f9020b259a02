using System.Collections.Generic;
using System.Threading;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Import;

/// <summary>Numbers for handles of host files, shared by all that use one <see cref="Contracts.IHostFiles"/>.</summary>
internal sealed class HostHandles
{
    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Stack<uint> _free = [];
    private uint _next = 1;

    public uint Take()
    {
        using (_lock.Enter())
            return _free.TryPop(out uint handle) ? handle : _next++;
    }

    public void Give(uint handle)
    {
        using (_lock.Enter())
            _free.Push(handle);
    }
}

using System.Collections.Generic;
using System.Threading;

namespace Cloister.Vfs.Import;

/// <summary>Numbers for handles of host files, shared by all that use one <see cref="Contracts.IHostFiles"/>.</summary>
internal sealed class HostHandles
{
    private readonly Lock _lock = new();
    private readonly Stack<uint> _free = [];
    private uint _next = 1;

    public uint Take()
    {
        lock (_lock)
            return _free.TryPop(out uint handle) ? handle : _next++;
    }

    public void Give(uint handle)
    {
        lock (_lock)
            _free.Push(handle);
    }
}

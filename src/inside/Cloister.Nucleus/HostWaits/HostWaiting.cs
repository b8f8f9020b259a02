using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus.HostCalls;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus.HostWaits;

/// <summary>Waiting for sockets of the host on the thread that waits, where the host port is direct.</summary>
public sealed class HostWaiting : IHostWaiting
{
    // Each has a descriptor of the host.
    private const int MostKept = 256;

    private readonly IDirectHost _host;
    private readonly HostSocketsClient _sockets;
    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Stack<HostSleep> _free = new(MostKept);
    private uint _lastGroup;

    internal HostWaiting(IDirectHost host, HostSocketsClient sockets)
    {
        _host = host;
        _sockets = sockets;
    }

    /// <summary>Makes a group. The host is asked.</summary>
    /// <param name="queue">Who waits for it.</param>
    /// <param name="group">The group.</param>
    public Errno CreateGroup(WaitQueue queue, out HostGroup? group)
    {
        uint handle = Interlocked.Increment(ref _lastGroup);
        Errno error = _sockets.OpenGroup(handle);
        group = error == Errno.Success ? new HostGroup(this, _sockets, handle, queue) : null;
        return error;
    }

    /// <summary>Takes a place to sleep; null where the host has none.</summary>
    internal HostSleep? Rent()
    {
        using (_lock.Enter())
        {
            if (_free.TryPop(out HostSleep? sleep))
                return sleep;
        }

        return _host.CreateWait() is { } wait ? new HostSleep(wait, _sockets) : null;
    }

    /// <summary>Gives it back. A late wake-up of it ends the next sleep there without a reason.</summary>
    internal void Return(HostSleep sleep)
    {
        using (_lock.Enter())
        {
            if (_free.Count < MostKept)
            {
                _free.Push(sleep);
                return;
            }
        }

        sleep.Dispose();
    }
}

using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Net;

/// <summary>The sockets that the host has for the enclave, by handle.</summary>
internal sealed class HostLinks : IHostSocketEvents
{
    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Dictionary<uint, HostLink> _links = [];
    private readonly IHostSockets _host;
    private uint _lastHandle;
    private bool _isSubscribed;

    public HostLinks(IHostSockets host) => _host = host;

    /// <summary>Makes a socket of the host.</summary>
    public Errno Open(bool isV6, bool isStream, int published, WaitQueue changed, out HostLink? link)
    {
        link = Reserve(changed);
        Errno error = _host.Open(link.Handle, isV6, isStream, published);
        if (error != Errno.Success)
        {
            Forget(link);
            link = null;
        }

        return error;
    }

    /// <summary>A link whose socket is about to be made.</summary>
    public HostLink Reserve(WaitQueue changed)
    {
        Subscribe();
        using (_lock.Enter())
        {
            // A number comes again after four billion sockets: one that is still in use is passed over.
            do
                _lastHandle = _lastHandle == uint.MaxValue ? 1 : _lastHandle + 1;
            while (_links.ContainsKey(_lastHandle));
            var link = new HostLink(_host, _lastHandle, changed);
            _links.Add(_lastHandle, link);
            return link;
        }
    }

    /// <summary>With the first link: most programs have none, and the host needs a thread to tell of them.</summary>
    private void Subscribe()
    {
        using (_lock.Enter())
        {
            if (_isSubscribed)
                return;
            _isSubscribed = true;
        }

        _host.Subscribe(this);
    }

    /// <summary>Forgets a link without a socket.</summary>
    public void Forget(HostLink link)
    {
        using (_lock.Enter())
            _links.Remove(link.Handle);
    }

    /// <summary>Closes the host's socket.</summary>
    public void Close(HostLink link)
    {
        link.Detach();
        Forget(link);
        _host.Close(link.Handle);
    }

    /// <inheritdoc/>
    public void OnReady(uint handle, PollEvents events)
    {
        HostLink? link;
        using (_lock.Enter())
            _links.TryGetValue(handle, out link);
        link?.OnReady(events);
    }
}

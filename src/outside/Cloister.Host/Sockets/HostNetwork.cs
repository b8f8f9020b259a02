using System;
using System.Collections.Generic;
using Cloister.Abi;

namespace Cloister.Host.Sockets;

/// <summary>What an enclave may have of the host's network, apart from what it allows itself.</summary>
public sealed class HostNetwork : IDisposable
{
    private readonly List<HostSocket?> _published = [];

    /// <summary>Whether the enclave may make sockets; else it has only the published ports.</summary>
    public bool AllowsSockets { get; init; }

    internal HostSocket? TakePublished(int number)
    {
        lock (_published)
        {
            if ((uint)number >= (uint)_published.Count)
                return null;
            HostSocket? socket = _published[number];
            _published[number] = null;
            return socket;
        }
    }

    internal void Publish(HostSocket socket)
    {
        lock (_published)
            _published.Add(socket);
    }

    /// <summary>Closes the published ports that nobody has taken.</summary>
    public void Dispose()
    {
        lock (_published)
        {
            foreach (HostSocket? socket in _published)
                socket?.Dispose();
            _published.Clear();
        }
    }
}

using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>The abstract namespace of AF_UNIX (unix(7)).</summary>
internal sealed class AbstractNames : IEqualityComparer<byte[]>
{
    private readonly KernelLock _lock = new(LockLevel.SocketNames);
    private readonly Dictionary<byte[], UnixSocket> _sockets;
    private uint _nextAutomatic;

    public AbstractNames() => _sockets = new Dictionary<byte[], UnixSocket>(this);

    public Errno Add(byte[] name, UnixSocket socket)
    {
        using (_lock.Enter())
            return _sockets.TryAdd(name, socket) ? Errno.Success : Errno.EADDRINUSE;
    }

    /// <summary>Gives a socket a name of five hexadecimal digits (unix(7), autobind).</summary>
    public byte[] AddAutomatic(UnixSocket socket)
    {
        using (_lock.Enter())
        {
            while (true)
            {
                byte[] name = new ByteWriter().Write((byte)0).Hexadecimal(_nextAutomatic++ & 0xFFFFF, 5).ToArray();
                if (_sockets.TryAdd(name, socket))
                    return name;
            }
        }
    }

    public UnixSocket? Find(ReadOnlySpan<byte> name)
    {
        using (_lock.Enter())
            return _sockets.GetValueOrDefault(name.ToArray());
    }

    public void Remove(byte[] name)
    {
        using (_lock.Enter())
            _sockets.Remove(name);
    }

    bool IEqualityComparer<byte[]>.Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    int IEqualityComparer<byte[]>.GetHashCode(byte[] name) => (int)NameHash.Compute(name, 0);
}

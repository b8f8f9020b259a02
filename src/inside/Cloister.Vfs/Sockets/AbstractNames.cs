using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>The abstract namespace of AF_UNIX (unix(7)), one for each type of socket.</summary>
internal sealed class AbstractNames : IEqualityComparer<AbstractNames.Key>
{
    private readonly KernelLock _lock = new(LockLevel.SocketNames);
    private readonly Dictionary<Key, UnixSocket> _sockets;
    private uint _nextAutomatic;

    public AbstractNames() => _sockets = new Dictionary<Key, UnixSocket>(this);

    public Errno Add(byte[] name, UnixSocket socket)
    {
        using (_lock.Enter())
            return _sockets.TryAdd(new Key(name, socket.Kind), socket) ? Errno.Success : Errno.EADDRINUSE;
    }

    /// <summary>Gives a socket a name of five hexadecimal digits (unix(7), autobind).</summary>
    public byte[] AddAutomatic(UnixSocket socket)
    {
        using (_lock.Enter())
        {
            while (true)
            {
                byte[] name = new ByteWriter().Write((byte)0).Hexadecimal(_nextAutomatic++ & 0xFFFFF, 5).ToArray();
                if (_sockets.TryAdd(new Key(name, socket.Kind), socket))
                    return name;
            }
        }
    }

    public UnixSocket? Find(ReadOnlySpan<byte> name, SocketType kind)
    {
        using (_lock.Enter())
            return _sockets.GetValueOrDefault(new Key(name.ToArray(), kind));
    }

    /// <summary>Gives a name free, where it is this socket's: connections that a listener accepts show it too.</summary>
    public void Remove(byte[] name, UnixSocket socket)
    {
        using (_lock.Enter())
        {
            var key = new Key(name, socket.Kind);
            if (_sockets.GetValueOrDefault(key) == socket)
                _sockets.Remove(key);
        }
    }

    bool IEqualityComparer<Key>.Equals(Key x, Key y) => x.Kind == y.Kind && x.Name.AsSpan().SequenceEqual(y.Name);

    int IEqualityComparer<Key>.GetHashCode(Key key) => (int)(NameHash.Compute(key.Name, 0) ^ (uint)key.Kind);

    /// <summary>A name and a type.</summary>
    internal readonly record struct Key(byte[] Name, SocketType Kind);
}

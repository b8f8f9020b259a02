using System.Threading;
using Cloister.Vfs.Pipes;
using Cloister.Vfs.Sockets;

namespace Cloister.Vfs.Core;

/// <summary>A FIFO or socket in a directory: a name for something that lives in the kernel.</summary>
internal interface ISpecialInode
{
    /// <summary>What it is a name for.</summary>
    SpecialContent Content { get; }
}

/// <summary>What a FIFO or a socket in a directory is a name for, whatever the file system.</summary>
internal sealed class SpecialContent
{
    private Pipe? _pipe;

    /// <summary>The socket that is bound here. Guarded by the lock of the sockets.</summary>
    public UnixSocket? Socket { get; set; }

    /// <summary>The pipe of a FIFO, made at the first open.</summary>
    public Pipe Pipe => _pipe ?? Interlocked.CompareExchange(ref _pipe, new Pipe(), null) ?? _pipe;
}

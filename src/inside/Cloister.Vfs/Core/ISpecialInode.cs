using Cloister.Vfs.Pipes;
using Cloister.Vfs.Sockets;

namespace Cloister.Vfs.Core;

/// <summary>A FIFO or socket in a directory: a name for something that lives in the kernel.</summary>
internal interface ISpecialInode
{
    /// <summary>The socket that is bound here. Guarded by the lock of the sockets.</summary>
    UnixSocket? Socket { get; set; }

    /// <summary>The pipe of a FIFO, made at the first open.</summary>
    Pipe Pipe { get; }
}

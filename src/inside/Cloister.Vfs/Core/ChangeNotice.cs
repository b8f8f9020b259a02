using System.Threading;
using Cloister.Nucleus;

namespace Cloister.Vfs.Core;

/// <summary>Tells those who poll a generated file that its content has changed since they opened or polled it (proc_pid_mounts(5)).</summary>
internal sealed class ChangeNotice
{
    private int _version;

    /// <summary>How often something has changed.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Woken at each change.</summary>
    public WaitQueue Changed { get; } = new();

    /// <summary>Something has changed.</summary>
    public void Note()
    {
        Interlocked.Increment(ref _version);
        Changed.WakeAll();
    }
}

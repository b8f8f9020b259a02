using Cloister.Abi.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>What one inotify instance wants to hear of one inode. Guarded by the VFS's lock of watches.</summary>
internal sealed class InodeWatch(InotifyFile instance, int descriptor, Inode inode, InotifyFlags mask)
{
    public InotifyFile Instance { get; } = instance;

    /// <summary>The number that events carry (wd).</summary>
    public int Descriptor { get; } = descriptor;

    public Inode Inode { get; } = inode;

    /// <summary>Events wanted, with IN_ONESHOT and IN_EXCL_UNLINK.</summary>
    public InotifyFlags Mask { get; set; } = mask;

    /// <summary>Next watch of the same inode.</summary>
    public InodeWatch? Next { get; set; }
}

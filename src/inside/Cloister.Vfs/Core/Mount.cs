using System.Threading;
using Cloister.Abi.Files;

namespace Cloister.Vfs.Core;

/// <summary>A file system, or a part of one, attached to the tree.</summary>
/// <remarks>Changed with the lock of <see cref="MountTable"/> held; read without.</remarks>
internal sealed class Mount(int id, FileSystem fileSystem, Dentry root, Mount? parent, Dentry? mountPoint, MountFlags flags, byte[] source)
{
    /// <summary>What says when times of access change; MS_RELATIME is the default.</summary>
    public const MountFlags TimeFlags =
        MountFlags.MS_NOATIME | MountFlags.MS_NODIRATIME | MountFlags.MS_RELATIME | MountFlags.MS_STRICTATIME;

    public int Id { get; } = id;

    public FileSystem FileSystem { get; } = fileSystem;

    public Dentry Root { get; } = root;

    /// <summary>Null for the first root and for mounts outside the tree.</summary>
    public Mount? Parent { get; set; } = parent;

    public Dentry? MountPoint { get; set; } = mountPoint;

    public MountFlags Flags { get; set; } = (flags & TimeFlags) == 0 ? flags | MountFlags.MS_RELATIME : flags;

    /// <summary>First field of /proc/mounts.</summary>
    public byte[] Source { get; } = source;

    /// <summary>Next mount on the same entry.</summary>
    public Mount? NextOnEntry { get; set; }

    /// <summary>Open files there; counted for mounts that can be taken away only.</summary>
    public int Opens => Volatile.Read(ref _opens);

    private int _opens;

    public void AddOpen() => Interlocked.Increment(ref _opens);

    public void RemoveOpen() => Interlocked.Decrement(ref _opens);

    public bool IsReadOnly => (Flags & MountFlags.MS_RDONLY) != 0 || FileSystem.IsReadOnly;

    public bool Has(MountFlags flag) => (Flags & flag) != 0;
}

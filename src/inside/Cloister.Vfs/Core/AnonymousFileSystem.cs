using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;

namespace Cloister.Vfs.Core;

/// <summary>Holds files that no path leads to: pipes, sockets, eventfd, epoll, memfd.</summary>
internal sealed class AnonymousFileSystem : FileSystem
{
    /// <summary>ANON_INODE_FS_MAGIC.</summary>
    private const long AnonymousMagic = 0x09041934;

    private readonly Mount _mount;

    public AnonymousFileSystem(VirtualFileSystem vfs)
        : base(vfs, "anon_inodefs"u8.ToArray(), AnonymousMagic)
    {
        Root = new Dentry(new AnonymousInode(this, FileModes.S_IFDIR, 0, 0));
        _mount = MountTable.Detached(this);
    }

    /// <summary>A place for a file: the name is what /proc/PID/fd shows.</summary>
    public VfsPath CreatePlace(Inode inode, ReadOnlySpan<byte> name) => new(_mount, new Dentry(inode, name.ToArray()));
}

/// <summary>A namespace, as /proc/PID/ns leads to it: what it is shows in its number only.</summary>
internal sealed class NamespaceInode(FileSystem fileSystem, ulong number)
    : Inode(fileSystem, FileModes.S_IFREG | 0x124, 0, 0, number)
{
    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = new NamespaceFile();
        file.Begin(path, flags);
        return Errno.Success;
    }

    public override Errno SetAttributes(ICaller caller, in AttributeChange change) => Errno.EPERM;
}

/// <summary>An open namespace: there is nothing to read.</summary>
internal sealed class NamespaceFile : OpenFile
{
    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EBADF;
}

/// <summary>Inode of a file without a name.</summary>
internal class AnonymousInode : Inode
{
    public AnonymousInode(FileSystem fileSystem, uint mode, uint userId, uint groupId)
        : base(fileSystem, mode, userId, groupId, fileSystem.NextInodeNumber())
    {
        long now = fileSystem.Vfs.Services.Clock.RealtimeNanoseconds;
        AccessTime = now;
        ModificationTime = now;
        ChangeTime = now;
        BirthTime = now;
    }
}

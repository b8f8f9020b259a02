using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Import;

namespace Cloister.Vfs.Volumes;

/// <summary>
/// A tree of the host that is shared with it: what programs change is changed there at once, and what the host changes is seen.
/// </summary>
/// <remarks>
/// <para>Names are looked up at the host each time. File contents are cached in pages; opening a file looks whether it was
/// changed outside and drops the pages then, as NFS does (close-to-open consistency); so does a read when the last look is a second ago. Writes go through to the host.</para>
/// <para>Locks hold inside the enclave only. Nothing here is confidential or protected: that is what a volume of the host is.</para>
/// </remarks>
internal sealed class VolumeFileSystem : FileSystem
{
    /// <summary>FUSE_SUPER_MAGIC, the type of file systems that somebody else serves.</summary>
    private const long FuseMagic = 0x65735546;

    // By the host's identity of files, so that all names of a file lead to one inode. Guarded by the namespace lock.
    private readonly Dictionary<(ulong Device, ulong Inode), VolumeInode> _inodes = [];

    private ulong _device;

    /// <summary>Creates one without a root; <see cref="AddRoot"/> gives it one.</summary>
    public VolumeFileSystem(VirtualFileSystem vfs, IHostFiles host, HostHandles handles)
        : base(vfs, "fuse.cloister"u8.ToArray(), FuseMagic)
    {
        Host = host;
        Handles = handles;
    }

    public override bool IsOfHost => true;

    public IHostFiles Host { get; }

    public HostHandles Handles { get; }

    /// <summary>Attaches a share.</summary>
    public static Errno Create(VirtualFileSystem vfs, IHostFiles host, HostHandles handles, int share, bool isReadOnly, out VolumeFileSystem? fileSystem)
    {
        fileSystem = null;
        var made = new VolumeFileSystem(vfs, host, handles) { IsReadOnly = isReadOnly };
        Errno error = made.AddRoot(share, out _);
        if (error == Errno.Success)
            fileSystem = made;
        return error;
    }

    /// <summary>Adds what a share is; the first one becomes the root.</summary>
    public Errno AddRoot(int share, out VolumeInode? inode)
    {
        inode = null;
        uint handle = Handles.Take();
        Errno error = Host.Root(share, handle, out HostFileStatus status);
        if (error != Errno.Success)
        {
            Handles.Give(handle);
            return error;
        }

        using (NamespaceLock.Enter())
        {
            if (Root is null)
                Volatile.Write(ref _device, status.Device);
            inode = Adopt(handle, status);
            Root ??= new Dentry(inode);
        }

        return Errno.Success;
    }

    public override Errno GetStatus(out FileSystemStatus status)
    {
        status = default;
        Errno error = Host.GetFileSystemStatus(((VolumeInode)Root.Inode).Handle, out HostFileSystemStatus host);
        if (error != Errno.Success)
            return error;
        status = new FileSystemStatus
        {
            Type = Magic,
            BlockSize = host.BlockSize,
            Blocks = (long)Math.Min(host.Blocks, long.MaxValue),
            BlocksFree = (long)Math.Min(host.AvailableBlocks, long.MaxValue),
            Files = (long)Math.Min(host.Files, long.MaxValue),
            FilesFree = (long)Math.Min(host.FreeFiles, long.MaxValue),
            FileSystemId = Device,
            NameLength = 255,
        };
        return Errno.Success;
    }

    /// <summary>The inode of a handle just bound; the handle is given back where the file is known already. Namespace lock held.</summary>
    public VolumeInode Adopt(uint handle, in HostFileStatus status)
    {
        (ulong Device, ulong Inode) identity = (status.Device, status.Inode);
        if (_inodes.TryGetValue(identity, out VolumeInode? known) && known.Type == status.Type)
        {
            Forget(handle);
            known.Update(status);
            return known;
        }

        VolumeInode inode = status.Type switch
        {
            FileModes.S_IFDIR => new VolumeDirectory(this, handle, status),
            FileModes.S_IFREG => new VolumeRegular(this, handle, status),
            FileModes.S_IFIFO or FileModes.S_IFSOCK => new VolumeSpecial(this, handle, status),
            _ => new VolumeOther(this, handle, status),
        };
        _inodes[identity] = inode;
        return inode;
    }

    /// <summary>
    /// The inode number that programs see: the host's, so that listings and status agree without an inode for each entry of a
    /// listing. Files of other devices in the share get numbers of their own by the device, which is in the upper bits.
    /// </summary>
    public ulong NumberOf(in HostFileStatus status)
    {
        ulong other = status.Device ^ Volatile.Read(ref _device);
        return status.Inode ^ (other << 40 | other >> 24);
    }

    /// <summary>Ends an inode that nobody can reach any more.</summary>
    public void Drop(VolumeInode inode)
    {
        using (NamespaceLock.Enter())
        {
            if (_inodes.TryGetValue(inode.HostIdentity, out VolumeInode? known) && known == inode)
                _inodes.Remove(inode.HostIdentity);
        }

        Forget(inode.Handle);
    }

    public void Forget(uint handle)
    {
        Host.Forget(handle);
        Handles.Give(handle);
    }

    public override Errno Rename(ICaller caller, Dentry oldDirectory, Dentry child, Dentry newDirectory, ReadOnlySpan<byte> newName, Dentry? replaced, bool exchange)
    {
        uint from = ((VolumeInode)oldDirectory.Inode).Handle;
        uint to = ((VolumeInode)newDirectory.Inode).Handle;
        Errno error = Host.Rename(from, child.Name.Bytes, to, newName, (uint)(exchange ? RenameFlags.RENAME_EXCHANGE : 0));
        if (error == Errno.Success && replaced is not null && !exchange)
            ((VolumeInode)replaced.Inode).OnNameRemoved();
        return error;
    }
}

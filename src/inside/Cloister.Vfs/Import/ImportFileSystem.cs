using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Import;

/// <summary>
/// A tree of the host: read-only, or with everything writable in memory above it (an overlay).
/// </summary>
/// <remarks>
/// <para>The layers are not two file systems with copies between them. A directory's entries are brought into the table of a
/// directory in memory when somebody first looks into it, a file's pages into its memory object when somebody reads them.
/// From then on they are files in memory like those of a tmpfs. So copying up is a matter of single pages, and
/// whiteouts, opaque directories, renames, hard links and stable inode numbers need nothing of their own.</para>
/// <para>What has been brought in stays as it was when the host changes it: a program sees one consistent tree.</para>
/// </remarks>
internal sealed class ImportFileSystem : MemoryFileSystem
{
    /// <summary>OVERLAYFS_SUPER_MAGIC.</summary>
    private const long OverlayMagic = 0x794c7630;

    // Files with several names, by what the host says is their identity: one inode for all of them.
    private readonly Dictionary<(ulong Device, ulong Inode), Inode> _linked = [];
    // Made with the first listing; programs that only open what they know have none.
    private byte[]? _listing;

    private ImportFileSystem(VirtualFileSystem vfs, IHostFiles host, HostHandles handles, int share, ReadOnlySpan<byte> type, long magic)
        : base(vfs, type, magic)
    {
        Host = host;
        Handles = handles;
        Share = share;
    }

    public IHostFiles Host { get; }

    public HostHandles Handles { get; }

    public int Share { get; }

    /// <summary>Attaches a share.</summary>
    /// <param name="vfs">The VFS.</param>
    /// <param name="host">The host's files.</param>
    /// <param name="handles">Numbers for handles there.</param>
    /// <param name="share">Which share.</param>
    /// <param name="isWritable">Whether changes are kept in memory; else EROFS.</param>
    /// <param name="fileSystem">The file system.</param>
    public static Errno Create(VirtualFileSystem vfs, IHostFiles host, HostHandles handles, int share, bool isWritable, out ImportFileSystem? fileSystem)
    {
        fileSystem = new ImportFileSystem(vfs, host, handles, share, isWritable ? "overlay"u8 : "hostfs"u8, isWritable ? OverlayMagic : TmpfsMagic);
        fileSystem.IsReadOnly = !isWritable;
        var origin = new ImportOrigin(fileSystem, null, [], FileModes.S_IFDIR);
        Errno error = origin.GetHandle(out uint handle);
        HostFileStatus status = default;
        if (error == Errno.Success)
            error = host.GetStatus(handle, out status);
        if (error == Errno.Success && !status.IsDirectory)
            error = Errno.ENOTDIR;
        if (error != Errno.Success)
        {
            fileSystem = null;
            return error;
        }

        fileSystem.Root = new Dentry(new ImportDirectory(fileSystem, origin, status));
        return Errno.Success;
    }

    /// <summary>Brings a directory's entries into its table. The namespace lock is held.</summary>
    public Errno Populate(ImportOrigin origin, Dentry directory, out int count)
    {
        count = 0;
        Errno error = origin.GetHandle(out uint handle);
        if (error != Errno.Success)
            return error;
        DentryTable table = directory.Children!;
        byte[] listing = _listing ??= new byte[64 * 1024];
        ulong cookie = 0;
        while (true)
        {
            error = Host.ReadDirectory(handle, cookie, listing, out HostDirectoryBatch batch);
            if (error != Errno.Success)
                return error;
            while (batch.MoveNext(out HostDirectoryEntry entry))
            {
                // A host that lists a name twice gets its first answer believed; what was removed doesn't come back.
                uint hash = Vfs.HashName(entry.Name);
                if (table.Find(entry.Name, hash) is not null || ((ImportDirectory)directory.Inode).WasAsked(entry.Name, hash))
                    continue;
                table.Add(Vfs.CreateDentry(directory, entry.Name, CreateInode(origin, entry.Name, entry.Status, 0)));
                count++;
            }

            if (batch.IsLast)
                return Errno.Success;
            if (batch.NextCookie == cookie)
                return Errno.EIO;
            cookie = batch.NextCookie;
        }
    }

    /// <summary>Brings one entry into a directory's table. The namespace lock is held, and the entry isn't there.</summary>
    /// <returns>Success with null where there is no such name.</returns>
    public Errno AddEntry(ImportOrigin origin, Dentry directory, ReadOnlySpan<byte> name, out Dentry? entry)
    {
        entry = null;
        Errno error = origin.GetHandle(out uint parent);
        if (error != Errno.Success)
            return error;
        uint handle = Handles.Take();
        error = Host.Lookup(parent, name, handle, out HostFileStatus status);
        if (error != Errno.Success)
        {
            Handles.Give(handle);
            return error == Errno.ENOENT ? Errno.Success : error;
        }

        entry = Vfs.CreateDentry(directory, name, CreateInode(origin, name, status, handle));
        directory.Children!.Add(entry);
        return Errno.Success;
    }

    /// <param name="parent">The directory.</param>
    /// <param name="name">Name there.</param>
    /// <param name="status">What the host says of it.</param>
    /// <param name="handle">A handle of the host's for it, or 0.</param>
    private Inode CreateInode(ImportOrigin parent, ReadOnlySpan<byte> name, in HostFileStatus status, uint handle)
    {
        bool hasManyNames = status.LinkCount > 1 && !status.IsDirectory;
        if (hasManyNames && _linked.TryGetValue((status.Device, status.Inode), out Inode? known) && known.Type == status.Type)
        {
            if (handle != 0)
            {
                Host.Forget(handle);
                Handles.Give(handle);
            }

            return known;
        }

        var origin = new ImportOrigin(this, parent, name.ToArray(), status.Type, handle);
        MemoryInode inode = status.Type switch
        {
            FileModes.S_IFDIR => new ImportDirectory(this, origin, status),
            FileModes.S_IFREG => new ImportRegular(this, origin, status),
            FileModes.S_IFLNK => new ImportSymbolicLink(this, origin, status),
            _ => new MemorySpecial(this, status.Mode, status.UserId, status.GroupId, status.RawDevice),
        };
        SetStatus(inode, status);
        if (hasManyNames)
            _linked[(status.Device, status.Inode)] = inode;
        return inode;
    }

    /// <summary>Takes over what the host says of a file.</summary>
    public static void SetStatus(MemoryInode inode, in HostFileStatus status)
    {
        inode.LinkCount = (uint)Math.Min(status.LinkCount, uint.MaxValue);
        inode.AccessTime = status.AccessTime;
        inode.ModificationTime = status.ModifyTime;
        inode.ChangeTime = status.ChangeTime;
        inode.BirthTime = status.ChangeTime;
    }
}

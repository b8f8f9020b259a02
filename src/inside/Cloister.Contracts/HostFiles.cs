using System;
using Cloister.Abi;

namespace Cloister.Contracts;

/// <summary>
/// Files of the host that the user exposed to the enclave: numbered shares, each a tree. Share 0 is the read-only
/// import of the host's root, of a directory or of a tar file; the others are volumes in the order they were given.
/// </summary>
/// <remarks>
/// <para>Contents, names and status are the host's word and not to be trusted. The implementation checks their form:
/// lengths, names (no '/', no NUL, not "." or ".."), file types, error numbers. It can't check whether they are true.</para>
/// <para>Files are named by handles that the enclave chooses, as 9P does with fids: <see cref="Root"/>, <see cref="Lookup"/>
/// and the calls that create bind a handle that was free, <see cref="Forget"/> frees it. Where the call that should
/// bind a handle fails, the handle stays free. A handle stays valid when the file is renamed or removed. 0 is never a
/// handle. Symbolic links are returned as such and never followed by the host, and no handle leads out of its share.</para>
/// <para>Calls work with the rights of the launcher; permission checks against the program's identity are the enclave's.
/// Everything may be called by several threads at once. A call that changes a read-only share gives EROFS.</para>
/// <para>Besides the errors of the Linux call that a method is named after: EIO where the host gave an answer that
/// can't be right, EBADF for a handle that is not bound.</para>
/// </remarks>
public interface IHostFiles
{
    /// <summary>Binds a handle to the root of a share. ENXIO where there is no such share.</summary>
    Errno Root(int share, uint newHandle, out HostFileStatus status);

    /// <summary>Binds a handle to an entry of a directory. ENOENT where there is none.</summary>
    /// <param name="parent">The directory.</param>
    /// <param name="name">One component; not "." or "..".</param>
    /// <param name="newHandle">A free handle.</param>
    /// <param name="status">Status of the entry.</param>
    Errno Lookup(uint parent, ReadOnlySpan<byte> name, uint newHandle, out HostFileStatus status);

    /// <summary>Frees a handle. Nothing happens where it is not bound.</summary>
    void Forget(uint handle);

    /// <summary>Status of a file, as statx(2) gives it.</summary>
    Errno GetStatus(uint handle, out HostFileStatus status);

    /// <summary>
    /// Reads entries of a directory with the status of each, without "." and "..". Starts at cookie 0; goes on with
    /// <see cref="HostDirectoryBatch.NextCookie"/> until <see cref="HostDirectoryBatch.IsLast"/>.
    /// </summary>
    /// <param name="handle">The directory.</param>
    /// <param name="cookie">0, or where the previous batch or an entry of it ended.</param>
    /// <param name="buffer">Holds the batch, at least <see cref="HostDirectoryBatch.MaximumEntryLength"/> bytes; 32 KiB or more is best.</param>
    /// <param name="batch">The entries; refers to <paramref name="buffer"/>.</param>
    Errno ReadDirectory(uint handle, ulong cookie, Span<byte> buffer, out HostDirectoryBatch batch);

    /// <summary>Reads the target of a symbolic link (readlink(2)). EINVAL where it isn't one.</summary>
    /// <param name="handle">The link.</param>
    /// <param name="buffer">At least 4095 bytes; ERANGE where the target is longer.</param>
    /// <param name="length">Bytes of the target, without a NUL.</param>
    Errno ReadLink(uint handle, Span<byte> buffer, out int length);

    /// <summary>Reads from a regular file (pread(2)). Fewer bytes than wanted only at the end of the file.</summary>
    Errno Read(uint handle, long offset, Span<byte> into, out int count);

    /// <summary>Status of the file system that holds a file (statfs(2)).</summary>
    Errno GetFileSystemStatus(uint handle, out HostFileSystemStatus status);

    /// <summary>Reads an extended attribute (getxattr(2)). With an empty buffer only its length; ERANGE where it doesn't fit.</summary>
    Errno GetExtendedAttribute(uint handle, ReadOnlySpan<byte> name, Span<byte> value, out int length);

    /// <summary>Lists names of extended attributes, each ended by NUL (listxattr(2)). With an empty buffer only their length.</summary>
    Errno ListExtendedAttributes(uint handle, Span<byte> names, out int length);

    /// <summary>Makes a regular file and binds a handle to it. EEXIST where the name exists.</summary>
    /// <param name="mode">Permission bits only; the umask of the launcher is not applied.</param>
    Errno Create(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status);

    /// <summary>Makes a directory and binds a handle to it.</summary>
    /// <param name="mode">Permission bits only; the umask of the launcher is not applied.</param>
    Errno MakeDirectory(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status);

    /// <summary>Makes a FIFO or the name of a socket (mknod(2)) and binds a handle to it. EPERM for other types.</summary>
    /// <param name="mode">Type and permission bits; the umask of the launcher is not applied.</param>
    Errno MakeNode(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status);

    /// <summary>Makes a symbolic link and binds a handle to it.</summary>
    Errno SymbolicLink(ReadOnlySpan<byte> target, uint parent, ReadOnlySpan<byte> name, uint newHandle, out HostFileStatus status);

    /// <summary>Gives a file one more name (link(2)). EXDEV across shares.</summary>
    Errno HardLink(uint handle, uint parent, ReadOnlySpan<byte> name);

    /// <summary>Removes a name that isn't a directory (unlink(2)).</summary>
    Errno Unlink(uint parent, ReadOnlySpan<byte> name);

    /// <summary>Removes an empty directory (rmdir(2)).</summary>
    Errno RemoveDirectory(uint parent, ReadOnlySpan<byte> name);

    /// <summary>Renames (renameat2(2)). EXDEV across shares.</summary>
    /// <param name="flags">RENAME_NOREPLACE (1), RENAME_EXCHANGE (2).</param>
    Errno Rename(uint oldParent, ReadOnlySpan<byte> oldName, uint newParent, ReadOnlySpan<byte> newName, uint flags);

    /// <summary>Writes to a regular file (pwrite(2)). Fewer bytes than given only where an error stopped it after some.</summary>
    Errno Write(uint handle, long offset, ReadOnlySpan<byte> from, out int count);

    /// <summary>Sets the length of a regular file (ftruncate(2)).</summary>
    Errno Truncate(uint handle, long length);

    /// <summary>Allocates, punches or zeroes a range (fallocate(2)).</summary>
    /// <param name="mode">FALLOC_FL_* bits.</param>
    Errno Allocate(uint handle, int mode, long offset, long length);

    /// <summary>Makes written data durable: fsync(2), or fdatasync(2) with <paramref name="dataOnly"/>.</summary>
    Errno Synchronize(uint handle, bool dataOnly);

    /// <summary>Sets the permission bits (chmod(2)).</summary>
    Errno SetMode(uint handle, uint mode);

    /// <summary>Sets the owner (chown(2)); <see cref="uint.MaxValue"/> leaves an id as it is.</summary>
    Errno SetOwner(uint handle, uint userId, uint groupId);

    /// <summary>Sets times in nanoseconds since 1970 (utimensat(2)); <see cref="HostFileStatus.KeepTime"/> leaves one as it is.</summary>
    Errno SetTimes(uint handle, long accessTime, long modifyTime);

    /// <summary>Sets an extended attribute (setxattr(2)).</summary>
    /// <param name="flags">XATTR_CREATE (1), XATTR_REPLACE (2).</param>
    Errno SetExtendedAttribute(uint handle, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags);

    /// <summary>Removes an extended attribute (removexattr(2)).</summary>
    Errno RemoveExtendedAttribute(uint handle, ReadOnlySpan<byte> name);
}

/// <summary>Status of a file of the host, as statx(2) gives it. Of checked form, but the host's word.</summary>
/// <param name="Mode">File type and permission bits (inode(7)); the type is one of the seven of Linux.</param>
/// <param name="LinkCount">Number of names.</param>
/// <param name="UserId">Owner.</param>
/// <param name="GroupId">Group.</param>
/// <param name="Size">Length in bytes, below 2^62.</param>
/// <param name="Blocks">Blocks of 512 bytes in use.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="Device">Device that holds the file, major and minor number packed as by <see cref="PackDevice"/>.</param>
/// <param name="RawDevice">Device that a device file stands for, packed likewise; else 0.</param>
/// <param name="AccessTime">Nanoseconds since 1970.</param>
/// <param name="ModifyTime">Nanoseconds since 1970.</param>
/// <param name="ChangeTime">Nanoseconds since 1970.</param>
/// <param name="BlockSize">Preferred size of transfers, a power of two.</param>
public readonly record struct HostFileStatus(
    uint Mode,
    ulong LinkCount,
    uint UserId,
    uint GroupId,
    long Size,
    long Blocks,
    ulong Inode,
    ulong Device,
    ulong RawDevice,
    long AccessTime,
    long ModifyTime,
    long ChangeTime,
    uint BlockSize)
{
    /// <summary>Leaves a time as it is, in <see cref="IHostFiles.SetTimes"/>.</summary>
    public const long KeepTime = long.MinValue;

    /// <summary>S_IFMT: the bits of the mode that hold the file type.</summary>
    public const uint TypeMask = 0xF000;

    /// <summary>The file type, S_IFREG and the like.</summary>
    public uint Type => Mode & TypeMask;

    /// <summary>Whether this is a regular file (S_IFREG).</summary>
    public bool IsRegular => Type == 0x8000;

    /// <summary>Whether this is a directory (S_IFDIR).</summary>
    public bool IsDirectory => Type == 0x4000;

    /// <summary>Whether this is a symbolic link (S_IFLNK).</summary>
    public bool IsSymbolicLink => Type == 0xA000;

    /// <summary>A device number in Linux's encoding for programs (makedev(3)).</summary>
    public static ulong PackDevice(uint major, uint minor) =>
        ((ulong)(major & 0xFFFFF000) << 32) | ((ulong)(major & 0xFFF) << 8) | ((ulong)(minor & 0xFFFFFF00) << 12) | (minor & 0xFF);
}

/// <summary>Status of a file system of the host (statfs(2)).</summary>
/// <param name="Type">Magic number.</param>
/// <param name="BlockSize">Size of the blocks that the next fields count.</param>
/// <param name="Blocks">Blocks in all.</param>
/// <param name="FreeBlocks">Free blocks.</param>
/// <param name="AvailableBlocks">Free blocks for unprivileged users.</param>
/// <param name="Files">Inodes in all.</param>
/// <param name="FreeFiles">Free inodes.</param>
/// <param name="NameLimit">Longest name.</param>
public readonly record struct HostFileSystemStatus(
    ulong Type,
    long BlockSize,
    ulong Blocks,
    ulong FreeBlocks,
    ulong AvailableBlocks,
    ulong Files,
    ulong FreeFiles,
    long NameLimit);

using System;
using Cloister.Abi;
using Cloister.Abi.Files;

namespace Cloister.Contracts.Storage;

/// <summary>
/// A file system on a volume, as a VFS needs it: files by number, names in directories, content by offset. Permissions,
/// locks and the times are the caller's business.
/// </summary>
/// <remarks>
/// <para>Any thread may call any method. Every operation is atomic, also with regard to a crash: after one the volume
/// holds the operations up to some moment not before the last <see cref="Synchronize"/> that returned.</para>
/// <para>An inode lives while it has names or is held (<see cref="Acquire"/>). Those that a crash left held without a
/// name are removed at the next mount.</para>
/// <para>Names are 1 to 255 bytes other than '/' and NUL, compared as bytes; "." and ".." are not names here, see
/// <see cref="StoredAttributes.Parent"/>. ENAMETOOLONG and EINVAL for others. ENOENT for numbers that are no inode,
/// ENOTDIR where a directory is needed, EROFS on snapshots, EIO after the host failed, EBADMSG where what the host
/// returned is not what was stored.</para>
/// </remarks>
public interface IFileStore
{
    /// <summary>Number of the root directory.</summary>
    const ulong RootInode = 1;

    /// <summary>Longest name, in bytes (NAME_MAX).</summary>
    const int NameMax = 255;

    /// <summary>Longest file, in bytes: 16 TiB.</summary>
    const long LargestFile = 1L << 44;

    /// <summary>Largest value of an extended attribute, in bytes.</summary>
    const int LargestAttribute = 16 * 1024;

    /// <summary>Whether changes are refused (EROFS).</summary>
    bool IsReadOnly { get; }

    /// <summary>Keeps an inode although it may lose its last name.</summary>
    /// <returns>Success, ENOENT where it is gone.</returns>
    Errno Acquire(ulong inode);

    /// <summary>Ends holds; without names and holds the inode is removed.</summary>
    /// <param name="inode">The inode.</param>
    /// <param name="count">How many calls of <see cref="Acquire"/> this ends.</param>
    void Release(ulong inode, ulong count = 1);

    /// <summary>Finds a name in a directory. Doesn't hold what it finds.</summary>
    Errno Lookup(ulong directory, ReadOnlySpan<byte> name, out StoredAttributes attributes);

    /// <summary>Attributes of an inode.</summary>
    Errno GetAttributes(ulong inode, out StoredAttributes attributes);

    /// <summary>Changes attributes, a size among them (truncate(2)), in one step.</summary>
    /// <returns>EISDIR or EINVAL for a size of what is no regular file, EFBIG, ENOSPC.</returns>
    Errno SetAttributes(ulong inode, in AttributeChange change, long now, out StoredAttributes attributes);

    /// <summary>Makes a file of any type but a symbolic link and gives it a name.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="node">What.</param>
    /// <param name="now">Nanoseconds since 1970.</param>
    /// <param name="attributes">The new inode's attributes.</param>
    /// <returns>EEXIST, ENOSPC, ENOENT where the directory was removed, EMLINK.</returns>
    Errno Create(ulong directory, ReadOnlySpan<byte> name, in NewInode node, long now, out StoredAttributes attributes);

    /// <summary>Makes a regular file without a name and holds it once (O_TMPFILE).</summary>
    Errno CreateTemporary(in NewInode node, long now, out StoredAttributes attributes);

    /// <summary>Makes a symbolic link; the target has 1 to 4095 bytes.</summary>
    Errno CreateSymbolicLink(
        ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, in NewInode node, long now, out StoredAttributes attributes);

    /// <summary>Target of a symbolic link.</summary>
    /// <returns>EINVAL for other files, ERANGE where the target is longer than the span.</returns>
    Errno ReadSymbolicLink(ulong inode, Span<byte> target, out int length);

    /// <summary>Gives an inode one more name, also one that never had any.</summary>
    /// <returns>EEXIST, EPERM for directories, EMLINK, ENOSPC.</returns>
    Errno Link(ulong inode, ulong directory, ReadOnlySpan<byte> name, long now, out StoredAttributes attributes);

    /// <summary>Removes a name of a file that is no directory (EISDIR).</summary>
    Errno Unlink(ulong directory, ReadOnlySpan<byte> name, long now);

    /// <summary>Removes an empty directory (ENOTEMPTY).</summary>
    Errno RemoveDirectory(ulong directory, ReadOnlySpan<byte> name, long now);

    /// <summary>Renames (renameat2(2)). RENAME_WHITEOUT leaves a character device 0:0.</summary>
    /// <returns>EEXIST, ENOTEMPTY, EISDIR, ENOTDIR, EINVAL where a directory would go below itself or flags exclude each other.</returns>
    Errno Rename(
        ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName, RenameFlags flags, long now);

    /// <summary>Lists a directory in an order that doesn't change for entries that stay.</summary>
    /// <param name="directory">Which.</param>
    /// <param name="cookie">0 for the start, or a <see cref="StoredEntry.NextCookie"/>. Cookies stay good for ever.</param>
    /// <param name="entries">Takes the entries, until it refuses one. "." and ".." are not among them.</param>
    Errno ReadDirectory(ulong directory, long cookie, IStoredEntrySink entries);

    /// <summary>Reads a regular file.</summary>
    /// <param name="inode">Which.</param>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="into">Where to.</param>
    /// <param name="count">Bytes read: fewer than asked for only at the end of the file.</param>
    /// <returns>EISDIR, EINVAL for files without content.</returns>
    Errno Read(ulong inode, long offset, Span<byte> into, out int count);

    /// <summary>Writes to a regular file and sets its times of modification and change.</summary>
    /// <param name="inode">Which.</param>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="from">What.</param>
    /// <param name="now">Nanoseconds since 1970.</param>
    /// <param name="count">Bytes written: fewer only together with success and a full volume.</param>
    /// <returns>ENOSPC where not a byte was written, EFBIG, EISDIR, EINVAL.</returns>
    Errno Write(ulong inode, long offset, ReadOnlySpan<byte> from, long now, out int count);

    /// <summary>
    /// fallocate(2): allocating (None, KEEP_SIZE), PUNCH_HOLE with KEEP_SIZE, ZERO_RANGE. Others are EOPNOTSUPP. Allocating
    /// tells whether there is room, and keeps none: every write goes to a new place.
    /// </summary>
    Errno Allocate(ulong inode, FallocateMode mode, long offset, long length, long now);

    /// <summary>Finds data or a hole at or after an offset (lseek(2), SEEK_DATA and SEEK_HOLE).</summary>
    /// <returns>ENXIO behind the end or where no data follows.</returns>
    Errno Seek(ulong inode, long offset, SeekWhence whence, out long found);

    /// <summary>Value of an extended attribute. An empty span asks for the length.</summary>
    /// <returns>ENODATA, ERANGE.</returns>
    Errno GetExtendedAttribute(ulong inode, ReadOnlySpan<byte> name, Span<byte> value, out int length);

    /// <summary>Sets an extended attribute.</summary>
    /// <returns>EEXIST or ENODATA as the flags ask, E2BIG, ENOSPC.</returns>
    Errno SetExtendedAttribute(ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags, long now);

    /// <summary>Names of the extended attributes, each with a NUL behind it. An empty span asks for the length.</summary>
    /// <returns>ERANGE.</returns>
    Errno ListExtendedAttributes(ulong inode, Span<byte> names, out int length);

    /// <summary>Removes an extended attribute.</summary>
    /// <returns>ENODATA.</returns>
    Errno RemoveExtendedAttribute(ulong inode, ReadOnlySpan<byte> name, long now);

    /// <summary>
    /// Makes every operation durable that has returned before, of this inode and of all others: fsync(2), fdatasync(2) and
    /// syncfs(2). Calls of several threads share one write.
    /// </summary>
    /// <returns>EIO: what was written since the last success may be lost, and the volume takes no more changes.</returns>
    Errno Synchronize();

    /// <summary>Size and use of the volume.</summary>
    StoreStatus GetStatus();
}

/// <summary>Takes entries of a directory.</summary>
public interface IStoredEntrySink
{
    /// <summary>Takes one.</summary>
    /// <param name="entry">What it is.</param>
    /// <param name="name">Its name; valid during the call only.</param>
    /// <returns>False where it doesn't fit: it was not taken and the listing ends.</returns>
    bool Add(in StoredEntry entry, ReadOnlySpan<byte> name);
}

/// <summary>An entry of a directory.</summary>
/// <param name="Inode">What it names.</param>
/// <param name="Type">S_IF* bits of it.</param>
/// <param name="NextCookie">Where to go on after it; positive.</param>
public readonly record struct StoredEntry(ulong Inode, uint Type, long NextCookie);

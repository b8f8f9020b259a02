using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Files;

/// <summary>Files on an index: the live one, or that of a snapshot. This part: inodes, and what the others are made of.</summary>
/// <remarks>
/// Names and attributes are looked at and changed with the volume's lock held. Content is changed with the inode's content
/// lock held as well, which allows to leave the volume's lock for I/O; it is read without.
/// </remarks>
internal sealed partial class FileStore : IFileStore
{
    // Largest number of names (ext4 has 65000; more need no format).
    private const uint LargestLinkCount = 1u << 30;

    // Records of an operation: an entry, its directory and its inode, with their keys; or the ends of two extents.
    private const int OperationBytes = 2048;

    // So many blocks, and three quarters of a block for each of its kibibytes, are enough for an operation (IndexRoom, rounded up).
    private const int SmallestRoom = 8;

    private readonly Volume _volume;
    private readonly VolumeCore _core;
    private readonly IndexView _view;
    private readonly LiveIndex? _live;
    private readonly PageBuffer _pages;
    private readonly DirectWriter _direct;
    private readonly int _directBytes;
    private readonly InodeCache _inodes;
    private readonly NameHash _hash;
    private readonly List<Inode> _dirtyInodes = [];

    // Inodes without names that an operation has begun to remove.
    private readonly List<ulong> _unfinished = [];
    private readonly byte[] _record = new byte[1 + IFileStore.NameMax + IFileStore.LargestAttribute];

    // What dirty pages of small files may add to the record, estimated from above.
    private long _inlineBytes;
    private ulong _writtenNextInode;
    private long _writtenInodeCount;

    /// <summary>Makes the files of an index.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="core">What its parts share.</param>
    /// <param name="view">The index.</param>
    /// <param name="live">The same if it changes; null for a snapshot.</param>
    /// <param name="pages">Pages of this index only.</param>
    /// <param name="direct">For long writes.</param>
    /// <param name="hash">Hash of names.</param>
    /// <param name="options">How much is kept in memory.</param>
    public FileStore(
        Volume volume, VolumeCore core, IndexView view, LiveIndex? live, PageBuffer pages, DirectWriter direct, in NameHash hash, VolumeOptions options)
    {
        _volume = volume;
        _core = core;
        _view = view;
        _live = live;
        _pages = pages;
        _direct = direct;
        _directBytes = Math.Max(PageSize, options.DirectWriteBytes);
        _hash = hash;
        _inodes = new InodeCache(options.CachedInodes);
    }

    public bool IsReadOnly => _live is null || _volume.IsReadOnly;

    public ulong NextInode { get; set; } = IFileStore.RootInode + 1;

    public long InodeCount { get; set; }

    /// <summary>Bytes that the next record will have, about. With the volume's lock held.</summary>
    public long PendingBytes => _live!.Record.Length + UnindexedBytes;

    /// <summary>Bytes of records that the next commit will add to the index, from above. With the volume's lock held.</summary>
    public long UnindexedBytes => _dirtyInodes.Count * (Inode.RecordSize + (long)Leaf.LargestHead)
        + _pages.DirtyCount * (ExtentValue.Size(1) + (long)Leaf.LargestHead) + _inlineBytes;

    public Errno Acquire(ulong inode)
    {
        try
        {
            lock (_core.Lock)
            {
                if (Load(inode) is not { } found)
                    return Errno.ENOENT;
                found.Holds++;
                return Errno.Success;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
    }

    public void Release(ulong inode, ulong count = 1)
    {
        try
        {
            lock (_core.Lock)
            {
                if (!_inodes.TryGet(inode, out Inode? found) || found!.Holds == 0)
                    return;
                found.Holds -= Math.Min(count, found.Holds);
                if (found.Holds == 0 && found.LinkCount == 0 && _live is not null && !_volume.HasFailed && !RemovePart(found))
                    _unfinished.Add(found.Number);
            }

            FinishRemovals(Errno.Success);
        }
        catch (Exception e)
        {
            _volume.Fail(e);
        }
    }

    public Errno GetAttributes(ulong inode, out StoredAttributes attributes)
    {
        attributes = default;
        try
        {
            lock (_core.Lock)
            {
                if (Load(inode) is not { } found)
                    return Errno.ENOENT;
                attributes = found.ToAttributes();
                return Errno.Success;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
    }

    public Errno Synchronize() => IsReadOnly ? Errno.Success : _volume.Commit(flush: true);

    public StoreStatus GetStatus()
    {
        lock (_core.Lock)
        {
            long available = _core.Available;
            // An inode takes about a quarter of a block of the index.
            return new StoreStatus(_core.Space.Blocks, _core.Space.Free + _core.FreedBlocks - _core.Promised, available, InodeCount, available * 4);
        }
    }

    /// <summary>Makes the root of a new volume.</summary>
    public void CreateRoot(in NewInode node, long now)
    {
        Inode root = NewInode(IFileStore.RootInode, node, now);
        root.LinkCount = 2;
        root.Parent = IFileStore.RootInode;
    }

    /// <summary>Removes what a crash left without a name.</summary>
    public Errno RemoveOrphans()
    {
        var from = new IndexKey(0, RecordKind.Orphan);
        var limit = new IndexKey(0, RecordKind.Orphan, ulong.MaxValue >> 4);
        while (true)
        {
            if (Prepare(Change.Shrinks) is var refused and not Errno.Success)
                return refused;
            try
            {
                lock (_core.Lock)
                {
                    Redeem();
                    if (!_view.TryNext(from, limit, out IndexKey key, out _))
                        return Errno.Success;
                    if (Load(key.Number) is not { LinkCount: 0 } inode)
                        _live!.Delete(key);
                    else if (!RemovePart(inode))
                        continue;
                    from = key.Plus(1);
                }
            }
            catch (Exception e)
            {
                return _volume.Fail(e);
            }
        }
    }

    /// <summary>Writes the records of changed inodes into the index. Called by a commit.</summary>
    public void WriteDirtyInodes()
    {
        Span<byte> record = stackalloc byte[Inode.RecordSize];
        foreach (Inode inode in _dirtyInodes)
        {
            inode.IsDirty = false;
            if (inode.IsRemoved)
                continue;
            inode.Write(record);
            _live!.Put(new IndexKey(inode.Number, RecordKind.Inode), record);
        }

        _dirtyInodes.Clear();
        _inlineBytes = 0;
        if (NextInode == _writtenNextInode && InodeCount == _writtenInodeCount)
            return;
        _live!.Record.AddCounters(NextInode, InodeCount);
        _writtenNextInode = NextInode;
        _writtenInodeCount = InodeCount;
    }

    public void MarkDirty(Inode inode)
    {
        if (inode.IsDirty)
            return;
        inode.IsDirty = true;
        _dirtyInodes.Add(inode);
    }

    /// <summary>An inode that is going to be written.</summary>
    public Inode LoadForDamage(ulong number)
    {
        lock (_core.Lock)
        {
            Inode inode = Load(number) ?? throw new InvalidOperationException("There is no such inode.");
            MarkDirty(inode);
            return inode;
        }
    }

    private static Errno CheckName(ReadOnlySpan<byte> name)
    {
        if (name.Length > IFileStore.NameMax)
            return Errno.ENAMETOOLONG;
        return name.IsEmpty || name.ContainsAny((byte)0, (byte)'/') || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)
            ? Errno.EINVAL
            : Errno.Success;
    }

    private Inode? Load(ulong number)
    {
        if (_inodes.TryGet(number, out Inode? inode))
            return inode!.IsRemoved ? null : inode;
        if (!_view.TryGet(new IndexKey(number, RecordKind.Inode), out ReadOnlySpan<byte> record) || number == 0)
            return null;
        if (record.Length != Inode.RecordSize)
            throw new VolumeException(Errno.EBADMSG, $"The record of inode {number} is malformed.");
        Span<byte> copy = stackalloc byte[Inode.RecordSize];
        record.CopyTo(copy);
        inode = _inodes.Add(number);
        inode.Read(copy);
        return inode;
    }

    private Errno LoadDirectory(ulong number, out Inode directory)
    {
        directory = null!;
        if (Load(number) is not { } found)
            return Errno.ENOENT;
        if (!found.IsDirectory)
            return Errno.ENOTDIR;
        directory = found;
        return Errno.Success;
    }

    private Inode NewInode(ulong number, in NewInode node, long now)
    {
        Inode inode = _inodes.Add(number);
        inode.Mode = node.Mode;
        inode.UserId = node.UserId;
        inode.GroupId = node.GroupId;
        inode.RawDevice = node.RawDevice;
        inode.LinkCount = 1;
        inode.AccessTime = now;
        inode.ModificationTime = now;
        inode.ChangeTime = now;
        inode.BirthTime = now;
        InodeCount++;
        MarkDirty(inode);
        return inode;
    }

    // The last name is gone: the inode goes too, or waits as an orphan for the last holder, or until its many attributes are gone.
    private void OnLastNameRemoved(Inode inode)
    {
        if (inode.Holds == 0 && RemovePart(inode))
            return;
        _live!.Put(new IndexKey(0, RecordKind.Orphan, inode.Number), [1]);
        if (inode.Holds == 0)
            _unfinished.Add(inode.Number);
    }

    // A record of the journal can't hold any number of changes: what is left of an inode with many attributes goes with later ones.
    private bool RemovePart(Inode inode)
    {
        if (inode.HasAttributes && !RemoveAttributes(inode))
            return false;
        RemoveInode(inode);
        return true;
    }

    // After an operation, without the lock.
    private Errno FinishRemovals(Errno result)
    {
        while (result == Errno.Success && _unfinished.Count > 0)
        {
            if (Prepare(Change.Shrinks, RemovalBytes) != Errno.Success)
                return result;
            lock (_core.Lock)
            {
                Redeem(RemovalBytes);
                if (_unfinished.Count > 0 && (Load(_unfinished[^1]) is not { } inode || inode.Holds > 0 || RemovePart(inode)))
                    _unfinished.RemoveAt(_unfinished.Count - 1);
            }
        }

        return result;
    }

    private void RemoveInode(Inode inode)
    {
        _core.GivenUp++;
        DropPages(inode, 0);
        if (inode.Blocks > 0)
            _live!.Unmap(inode.Number, 0, ExtentValue.MaxFileBlocks);
        DropInline(inode);
        if (inode.Type == FileModes.S_IFLNK)
            _live!.Delete(new IndexKey(inode.Number, RecordKind.Target));
        var orphan = new IndexKey(0, RecordKind.Orphan, inode.Number);
        if (_view.TryGet(orphan, out _))
            _live!.Delete(orphan);
        _live!.Delete(new IndexKey(inode.Number, RecordKind.Inode));
        inode.IsRemoved = true;
        InodeCount--;
        _inodes.Remove(inode);
        _live.Operation++;
    }

    // Before a change: whether it is possible at all, whether the record that collects has room, and whether the index may grow by as much
    // as it needs. That is promised until the operation redeems it, with the lock held.
    private Errno Prepare(Change change, int bytes = OperationBytes)
    {
        if (IsReadOnly)
            return Errno.EROFS;
        while (true)
        {
            if (_volume.HasFailed)
                return Errno.EIO;
            bool isLarge, isFull = false;
            lock (_core.Lock)
            {
                isLarge = PendingBytes > _volume.LargestRecord;
                if (!isLarge && change != Change.Writes)
                {
                    _core.PromisedBytes += bytes;
                    isFull = (change == Change.Grows ? _core.Available : _core.AvailableToShrink) <= 0;
                    if (isFull)
                        _core.PromisedBytes -= bytes;
                }
            }

            if (!isLarge && !isFull)
                return Errno.Success;
            Errno error = isLarge ? _volume.Commit(flush: false) : _volume.MakeRoom(SmallestRoom + 3 * bytes / PageSize, change == Change.Shrinks);
            if (error != Errno.Success)
                return error;
        }
    }

    private void Redeem(int bytes = OperationBytes) => _core.PromisedBytes -= bytes;

    // What an operation does to the index.
    private enum Change
    {
        /// <summary>It takes pages, each of which asks for room itself.</summary>
        Writes,

        /// <summary>Adds records.</summary>
        Grows,

        /// <summary>Removes records, or replaces them by others that are no larger.</summary>
        Shrinks,
    }
}

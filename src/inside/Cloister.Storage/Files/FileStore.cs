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
    public long PendingBytes => _live!.Record.Length + _dirtyInodes.Count * (Inode.RecordSize + 16L) + _pages.DirtyCount * 48L + _inlineBytes;

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
                if (found.Holds == 0 && found.LinkCount == 0 && _live is not null && !_volume.HasFailed)
                    RemoveInode(found);
            }
        }
        catch (VolumeException e)
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
    public void RemoveOrphans()
    {
        var limit = new IndexKey(0, RecordKind.Orphan, ulong.MaxValue >> 4);
        while (_view.TryNext(new IndexKey(0, RecordKind.Orphan), limit, out IndexKey key, out _))
        {
            if (Load(key.Number) is { LinkCount: 0 } inode)
                RemoveInode(inode);
            else
                _live!.Delete(key);
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

    // The last name is gone: the inode goes too, or waits for the last holder as an orphan.
    private void OnLastNameRemoved(Inode inode)
    {
        if (inode.Holds == 0)
            RemoveInode(inode);
        else
            _live!.Put(new IndexKey(0, RecordKind.Orphan, inode.Number), [1]);
    }

    private void RemoveInode(Inode inode)
    {
        DropPages(inode, 0);
        if (inode.Blocks > 0)
            _live!.Unmap(inode.Number, 0, ExtentValue.MaxFileBlocks);
        DropInline(inode);
        if (inode.Type == FileModes.S_IFLNK)
            _live!.Delete(new IndexKey(inode.Number, RecordKind.Target));
        if (inode.HasAttributes)
            RemoveAllAttributes(inode);
        var orphan = new IndexKey(0, RecordKind.Orphan, inode.Number);
        if (_view.TryGet(orphan, out _))
            _live!.Delete(orphan);
        _live!.Delete(new IndexKey(inode.Number, RecordKind.Inode));
        inode.IsRemoved = true;
        InodeCount--;
        _inodes.Remove(inode);
        _live.Operation++;
    }

    // Before a change: whether it is possible at all, and whether the record that collects has room.
    private Errno Prepare(bool grows)
    {
        if (IsReadOnly)
            return Errno.EROFS;
        if (_volume.HasFailed)
            return Errno.EIO;
        bool isLarge, isFull;
        lock (_core.Lock)
        {
            isLarge = PendingBytes > _volume.LargestRecord;
            isFull = grows && _core.Available <= 0;
        }

        if (isLarge && _volume.Commit(flush: false) is var error and not Errno.Success)
            return error;
        return isFull ? _volume.MakeRoom(1) : Errno.Success;
    }
}

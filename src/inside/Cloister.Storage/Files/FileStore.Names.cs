using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;

namespace Cloister.Storage.Files;

/// <content>
/// Directories. An entry is a record under the hash of its name: number of the inode (8 bytes), type (1), name. Names with
/// the same hash follow one another.
/// </content>
internal sealed partial class FileStore
{
    private const int EntryHead = 9;
    private const ulong WhiteoutDevice = 0;

    public Errno Lookup(ulong directory, ReadOnlySpan<byte> name, out StoredAttributes attributes)
    {
        attributes = default;
        if (CheckName(name) is var invalid and not Errno.Success)
            return invalid;
        try
        {
            lock (_core.Lock)
            {
                Errno error = LoadDirectory(directory, out _);
                if (error == Errno.Success)
                    error = Find(directory, name, out Inode? inode, out _) ? Succeed(inode!, out attributes) : Errno.ENOENT;
                return error;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
    }

    public Errno Create(ulong directory, ReadOnlySpan<byte> name, in NewInode node, long now, out StoredAttributes attributes) =>
        Create(directory, name, node, default, now, out attributes);

    public Errno CreateSymbolicLink(
        ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, in NewInode node, long now, out StoredAttributes attributes)
    {
        attributes = default;
        if (target.IsEmpty)
            return Errno.ENOENT;
        return target.Length > 4095
            ? Errno.ENAMETOOLONG
            : Create(directory, name, node with { Mode = (node.Mode & FileModes.S_IALLUGO) | FileModes.S_IFLNK }, target, now, out attributes);
    }

    public Errno CreateTemporary(in NewInode node, long now, out StoredAttributes attributes)
    {
        attributes = default;
        if (Prepare(Change.Grows) is var refused and not Errno.Success)
            return refused;
        try
        {
            lock (_core.Lock)
            {
                Redeem();
                Inode inode = NewInode(NextInode++, node with { Mode = (node.Mode & FileModes.S_IALLUGO) | FileModes.S_IFREG }, now);
                inode.LinkCount = 0;
                inode.Holds = 1;
                OnLastNameRemoved(inode);
                _live!.Operation++;
                return Succeed(inode, out attributes);
            }
        }
        catch (Exception e)
        {
            return _volume.Fail(e);
        }
    }

    public Errno Link(ulong inode, ulong directory, ReadOnlySpan<byte> name, long now, out StoredAttributes attributes)
    {
        attributes = default;
        if (CheckName(name) is var invalid and not Errno.Success)
            return invalid;
        if (Prepare(Change.Grows) is var refused and not Errno.Success)
            return refused;
        try
        {
            lock (_core.Lock)
            {
                Redeem();
                if (LoadLiveDirectory(directory, out Inode parent) is var error and not Errno.Success)
                    return error;
                if (Load(inode) is not { } target)
                    return Errno.ENOENT;
                if (target.IsDirectory)
                    return Errno.EPERM;
                if (Find(directory, name, out _, out IndexKey free))
                    return Errno.EEXIST;
                if (target.LinkCount >= LargestLinkCount)
                    return Errno.EMLINK;
                if (target.LinkCount == 0)
                    _live!.Delete(new IndexKey(0, RecordKind.Orphan, inode));
                target.LinkCount++;
                target.ChangeTime = now;
                MarkDirty(target);
                AddEntry(parent, free, name, target, now);
                return Succeed(target, out attributes);
            }
        }
        catch (Exception e)
        {
            return _volume.Fail(e);
        }
    }

    public Errno Unlink(ulong directory, ReadOnlySpan<byte> name, long now) => Remove(directory, name, now, wantsDirectory: false);

    public Errno RemoveDirectory(ulong directory, ReadOnlySpan<byte> name, long now) => Remove(directory, name, now, wantsDirectory: true);

    public Errno Rename(
        ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName, RenameFlags flags, long now)
    {
        if (CheckName(name) is var invalid and not Errno.Success || (invalid = CheckName(newName)) != Errno.Success)
            return invalid;
        const RenameFlags known = RenameFlags.RENAME_NOREPLACE | RenameFlags.RENAME_EXCHANGE | RenameFlags.RENAME_WHITEOUT;
        bool exchanges = (flags & RenameFlags.RENAME_EXCHANGE) != 0;
        if ((flags & ~known) != 0 || (exchanges && flags != RenameFlags.RENAME_EXCHANGE))
            return Errno.EINVAL;
        bool grows = newName.Length > name.Length || (flags & RenameFlags.RENAME_WHITEOUT) != 0;
        if (Prepare(grows ? Change.Grows : Change.Shrinks) is var refused and not Errno.Success)
            return refused;
        try
        {
            lock (_core.Lock)
            {
                Redeem();
                if (LoadDirectory(directory, out Inode from) is var error and not Errno.Success)
                    return error;
                if (LoadLiveDirectory(newDirectory, out Inode to) is var newError and not Errno.Success)
                    return newError;
                if (!Find(directory, name, out Inode? source, out IndexKey sourceKey))
                    return Errno.ENOENT;
                bool exists = Find(newDirectory, newName, out Inode? target, out IndexKey targetKey);
                if (exists && (flags & RenameFlags.RENAME_NOREPLACE) != 0)
                    return Errno.EEXIST;
                if (exchanges)
                    return exists ? Exchange(from, sourceKey, source!, name, to, targetKey, target!, newName, now) : Errno.ENOENT;
                // Two names of one file stay both (rename(2)).
                if (exists && target == source)
                    return Errno.Success;
                if (source!.IsDirectory && IsAtOrBelow(source, to))
                    return Errno.EINVAL;
                if (exists)
                {
                    Errno clash = source.IsDirectory
                        ? !target!.IsDirectory ? Errno.ENOTDIR : target.Size != 0 ? Errno.ENOTEMPTY : Errno.Success
                        : target!.IsDirectory ? Errno.EISDIR : Errno.Success;
                    if (clash != Errno.Success)
                        return clash;
                }

                Move(from, sourceKey, name, source, to, targetKey, newName, target, (flags & RenameFlags.RENAME_WHITEOUT) != 0, now);
            }

            return FinishRemovals(Errno.Success);
        }
        catch (Exception e)
        {
            return _volume.Fail(e);
        }
    }

    public Errno ReadSymbolicLink(ulong inode, Span<byte> target, out int length)
    {
        length = 0;
        try
        {
            lock (_core.Lock)
            {
                if (Load(inode) is not { } found)
                    return Errno.ENOENT;
                if (found.Type != FileModes.S_IFLNK)
                    return Errno.EINVAL;
                if (!_view.TryGet(new IndexKey(inode, RecordKind.Target), out ReadOnlySpan<byte> value))
                    throw new VolumeException(Errno.EBADMSG, $"The symbolic link {inode} has no target.");
                if (value.Length > target.Length)
                    return Errno.ERANGE;
                value.CopyTo(target);
                length = value.Length;
                return Errno.Success;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
    }

    public Errno ReadDirectory(ulong directory, long cookie, IStoredEntrySink entries)
    {
        if (cookie < 0)
            return Errno.EINVAL;
        Span<byte> name = stackalloc byte[IFileStore.NameMax];
        var from = new IndexKey(directory, RecordKind.Entry, (ulong)cookie);
        var limit = new IndexKey(directory, RecordKind.Attribute);
        try
        {
            for (bool isFirst = true; ; isFirst = false)
            {
                StoredEntry entry;
                int length;
                // The sink is called without the lock; the directory may change between two entries.
                lock (_core.Lock)
                {
                    if (LoadDirectory(directory, out Inode found) is var error and not Errno.Success)
                        return isFirst ? error : Errno.Success;
                    // Those that were removed may be many, and it takes time to see that they are.
                    if (found.Size == 0)
                        return Errno.Success;
                    if (!_view.TryNext(from, limit, out IndexKey key, out ReadOnlySpan<byte> value))
                        return Errno.Success;
                    length = value.Length - EntryHead;
                    value[EntryHead..].CopyTo(name);
                    from = key.Plus(1);
                    entry = new StoredEntry(BinaryPrimitives.ReadUInt64LittleEndian(value), (uint)value[8] << 12, (long)from.Number);
                }

                if (!entries.Add(entry, name[..length]))
                    return Errno.Success;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
    }

    private Errno Create(
        ulong directory, ReadOnlySpan<byte> name, in NewInode node, ReadOnlySpan<byte> target, long now, out StoredAttributes attributes)
    {
        attributes = default;
        if (CheckName(name) is var invalid and not Errno.Success)
            return invalid;
        int bytes = OperationBytes + target.Length;
        if (Prepare(Change.Grows, bytes) is var refused and not Errno.Success)
            return refused;
        try
        {
            lock (_core.Lock)
            {
                Redeem(bytes);
                if (LoadLiveDirectory(directory, out Inode parent) is var error and not Errno.Success)
                    return error;
                if (Find(directory, name, out _, out IndexKey free))
                    return Errno.EEXIST;
                if (parent.LinkCount >= LargestLinkCount)
                    return Errno.EMLINK;
                Inode inode = NewInode(NextInode++, node, now);
                if (inode.IsDirectory)
                {
                    inode.LinkCount = 2;
                    inode.Parent = directory;
                    parent.LinkCount++;
                }

                if (!target.IsEmpty)
                {
                    _live!.Put(new IndexKey(inode.Number, RecordKind.Target), target);
                    inode.Size = target.Length;
                }

                AddEntry(parent, free, name, inode, now);
                return Succeed(inode, out attributes);
            }
        }
        catch (Exception e)
        {
            return _volume.Fail(e);
        }
    }

    private Errno Remove(ulong directory, ReadOnlySpan<byte> name, long now, bool wantsDirectory)
    {
        if (CheckName(name) is var invalid and not Errno.Success)
            return invalid;
        if (Prepare(Change.Shrinks) is var refused and not Errno.Success)
            return refused;
        try
        {
            lock (_core.Lock)
            {
                Redeem();
                if (LoadDirectory(directory, out Inode parent) is var error and not Errno.Success)
                    return error;
                if (!Find(directory, name, out Inode? inode, out IndexKey key))
                    return Errno.ENOENT;
                if (inode!.IsDirectory != wantsDirectory)
                    return wantsDirectory ? Errno.ENOTDIR : Errno.EISDIR;
                if (wantsDirectory && inode.Size != 0)
                    return Errno.ENOTEMPTY;
                RemoveEntry(parent, key, now);
                DropName(parent, inode, now);
                _live!.Operation++;
            }

            return FinishRemovals(Errno.Success);
        }
        catch (Exception e)
        {
            return _volume.Fail(e);
        }
    }

    private void Move(
        Inode from, in IndexKey sourceKey, ReadOnlySpan<byte> name, Inode source, Inode to, in IndexKey targetKey, ReadOnlySpan<byte> newName,
        Inode? target, bool leavesWhiteout, long now)
    {
        Inode? whiteout = null;
        if (leavesWhiteout)
            whiteout = NewInode(NextInode++, new NewInode(FileModes.S_IFCHR, source.UserId, source.GroupId, WhiteoutDevice), now);
        if (whiteout is not null)
            SetEntry(sourceKey, name, whiteout);
        else
            RemoveEntry(from, sourceKey, now);
        SetEntry(targetKey, newName, source);
        if (target is not null)
            DropName(to, target, now);
        else
            to.Size++;
        Touch(from, now);
        Touch(to, now);
        if (source.IsDirectory && from != to)
        {
            from.LinkCount--;
            to.LinkCount++;
            source.Parent = to.Number;
        }

        source.ChangeTime = now;
        MarkDirty(source);
        _live!.Operation++;
    }

    private Errno Exchange(
        Inode from, in IndexKey sourceKey, Inode source, ReadOnlySpan<byte> name, Inode to, in IndexKey targetKey, Inode target,
        ReadOnlySpan<byte> newName, long now)
    {
        if (source == target)
            return Errno.Success;
        if ((source.IsDirectory && IsAtOrBelow(source, to)) || (target.IsDirectory && IsAtOrBelow(target, from)))
            return Errno.EINVAL;
        SetEntry(sourceKey, name, target);
        SetEntry(targetKey, newName, source);
        if (from != to)
        {
            if (source.IsDirectory)
            {
                from.LinkCount--;
                to.LinkCount++;
                source.Parent = to.Number;
            }

            if (target.IsDirectory)
            {
                to.LinkCount--;
                from.LinkCount++;
                target.Parent = from.Number;
            }
        }

        Touch(from, now);
        Touch(to, now);
        source.ChangeTime = now;
        target.ChangeTime = now;
        MarkDirty(source);
        MarkDirty(target);
        _live!.Operation++;
        return Errno.Success;
    }

    // Finds a name, or a key that a new one may have.
    private bool Find(ulong directory, ReadOnlySpan<byte> name, out Inode? inode, out IndexKey key)
    {
        key = new IndexKey(directory, RecordKind.Entry, _hash.Compute(name));
        IndexKey from = key;
        IndexKey limit = key.Plus(1 << NameHash.CollisionBits);
        IndexKey free = key;
        inode = null;
        while (_view.TryNext(from, limit, out IndexKey found, out ReadOnlySpan<byte> value))
        {
            if (value[EntryHead..].SequenceEqual(name))
            {
                ulong number = BinaryPrimitives.ReadUInt64LittleEndian(value);
                inode = Load(number) ?? throw new VolumeException(Errno.EBADMSG, $"An entry of directory {directory} names inode {number}, which isn't there.");
                key = found;
                return true;
            }

            if (found == free)
                free = free.Plus(1);
            from = found.Plus(1);
        }

        if (free >= limit)
            throw new VolumeException(Errno.ENOSPC, $"Directory {directory} has too many names with the same hash.");
        key = free;
        return false;
    }

    private void AddEntry(Inode directory, in IndexKey key, ReadOnlySpan<byte> name, Inode inode, long now)
    {
        SetEntry(key, name, inode);
        directory.Size++;
        Touch(directory, now);
        _live!.Operation++;
    }

    private void SetEntry(in IndexKey key, ReadOnlySpan<byte> name, Inode inode)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_record, inode.Number);
        _record[8] = (byte)(inode.Type >> 12);
        name.CopyTo(_record.AsSpan(EntryHead));
        _live!.Put(key, _record.AsSpan(0, EntryHead + name.Length));
    }

    private void RemoveEntry(Inode directory, in IndexKey key, long now)
    {
        _live!.Delete(key);
        _core.GivenUp++;
        directory.Size--;
        Touch(directory, now);
    }

    private void Touch(Inode directory, long now)
    {
        directory.ModificationTime = now;
        directory.ChangeTime = now;
        MarkDirty(directory);
    }

    private void DropName(Inode parent, Inode inode, long now)
    {
        inode.ChangeTime = now;
        MarkDirty(inode);
        if (inode.IsDirectory)
        {
            parent.LinkCount--;
            inode.LinkCount = 0;
        }
        else
        {
            inode.LinkCount--;
        }

        if (inode.LinkCount == 0)
            OnLastNameRemoved(inode);
    }

    // A directory that was removed takes no more names.
    private Errno LoadLiveDirectory(ulong number, out Inode directory)
    {
        Errno error = LoadDirectory(number, out directory);
        return error == Errno.Success && directory.LinkCount == 0 ? Errno.ENOENT : error;
    }

    // Reads past the cache: however deep the tree is, the inodes of the operation stay in it.
    private bool IsAtOrBelow(Inode ancestor, Inode directory)
    {
        ulong number = directory.Number;
        while (number != ancestor.Number)
        {
            if (number is IFileStore.RootInode or 0)
                return false;
            if (_inodes.TryGet(number, out Inode? cached))
                number = cached!.Parent;
            else if (_view.TryGet(new IndexKey(number, RecordKind.Inode), out ReadOnlySpan<byte> record))
                number = Inode.ReadParent(record);
            else
                return false;
        }

        return true;
    }

    private static Errno Succeed(Inode inode, out StoredAttributes attributes)
    {
        attributes = inode.ToAttributes();
        return Errno.Success;
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;

namespace Cloister.Storage.Files;

/// <content>
/// Attributes, and extended ones: records under the hash of their name, with length of the name (1 byte), name and value.
/// </content>
internal sealed partial class FileStore
{
    // XATTR_NAME_MAX.
    private const int LargestAttributeName = 255;

    // How many attributes one step of the removal of an inode takes with it, and their tombstones' bytes.
    private const int MostRemovedAttributes = 512;
    private const int RemovalBytes = MostRemovedAttributes * Leaf.LargestHead + OperationBytes;

    public Errno SetAttributes(ulong inode, in AttributeChange change, long now, out StoredAttributes attributes)
    {
        attributes = default;
        bool resizes = (change.Mask & AttributeMask.Size) != 0;
        if (resizes && change.Size < 0)
            return Errno.EINVAL;
        if (resizes && change.Size > IFileStore.LargestFile)
            return Errno.EFBIG;
        if (Prepare(Change.Shrinks) is var refused and not Errno.Success)
            return refused;
        bool isPromised = true;
        try
        {
            if (!resizes)
            {
                lock (_core.Lock)
                {
                    Redeem();
                    isPromised = false;
                    if (Load(inode) is not { } found)
                        return Errno.ENOENT;
                    Apply(found, change, now);
                    return Succeed(found, out attributes);
                }
            }

            if (Enter(inode, out Inode file) is var error and not Errno.Success)
                return error;
            try
            {
                lock (file.ContentLock)
                {
                    while (true)
                    {
                        Obstacle obstacle;
                        long block;
                        lock (_core.Lock)
                        {
                            if (file.IsRemoved)
                                return Errno.ENOENT;
                            obstacle = Obstacle.None;
                            block = 0;
                            if (change.Size >= file.Size
                                || TryZero(file, change.Size, ExtentValue.MaxFileBlocks * PageSize, out obstacle, out block))
                            {
                                file.Size = change.Size;
                                if ((change.Mask & AttributeMask.ModificationTime) == 0)
                                    file.ModificationTime = now;
                                Apply(file, change, now);
                                return Succeed(file, out attributes);
                            }
                        }

                        if (Overcome(obstacle, file, block, usesReserve: true) is var failed and not Errno.Success)
                            return failed;
                    }
                }
            }
            finally
            {
                Leave(file);
            }
        }
        catch (Exception e)
        {
            return _volume.Fail(e);
        }
        finally
        {
            if (isPromised)
                Withdraw();
        }
    }

    private void Withdraw()
    {
        lock (_core.Lock)
            Redeem();
    }

    public Errno GetExtendedAttribute(ulong inode, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        if (name.IsEmpty || name.Length > LargestAttributeName)
            return Errno.ERANGE;
        try
        {
            lock (_core.Lock)
            {
                if (Load(inode) is not { } found)
                    return Errno.ENOENT;
                if (!found.HasAttributes || !FindAttribute(inode, name, out _, out ReadOnlySpan<byte> stored))
                    return Errno.ENODATA;
                length = stored.Length;
                if (value.IsEmpty)
                    return Errno.Success;
                if (value.Length < length)
                    return Errno.ERANGE;
                stored.CopyTo(value);
                return Errno.Success;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
    }

    public Errno SetExtendedAttribute(ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags, long now)
    {
        if (name.IsEmpty || name.Length > LargestAttributeName)
            return Errno.ERANGE;
        if (value.Length > IFileStore.LargestAttribute)
            return Errno.E2BIG;
        if ((flags & ~(XattrFlags.XATTR_CREATE | XattrFlags.XATTR_REPLACE)) != 0)
            return Errno.EINVAL;
        int bytes = OperationBytes + value.Length;
        if (Prepare(Change.Grows, bytes) is var refused and not Errno.Success)
            return refused;
        try
        {
            lock (_core.Lock)
            {
                Redeem(bytes);
                if (Load(inode) is not { } found)
                    return Errno.ENOENT;
                bool exists = FindAttribute(inode, name, out IndexKey key, out _);
                if (exists && (flags & XattrFlags.XATTR_CREATE) != 0)
                    return Errno.EEXIST;
                if (!exists && (flags & XattrFlags.XATTR_REPLACE) != 0)
                    return Errno.ENODATA;
                _record[0] = (byte)name.Length;
                name.CopyTo(_record.AsSpan(1));
                value.CopyTo(_record.AsSpan(1 + name.Length));
                _live!.Put(key, _record.AsSpan(0, 1 + name.Length + value.Length));
                found.HasAttributes = true;
                found.FirstAttribute = 0;
                found.ChangeTime = now;
                MarkDirty(found);
                _live.Operation++;
                return Errno.Success;
            }
        }
        catch (Exception e)
        {
            return _volume.Fail(e);
        }
    }

    public Errno ListExtendedAttributes(ulong inode, Span<byte> names, out int length)
    {
        length = 0;
        try
        {
            lock (_core.Lock)
            {
                if (Load(inode) is not { } found)
                    return Errno.ENOENT;
                if (!found.HasAttributes)
                    return Errno.Success;
                length = ListNames(inode, default);
                if (names.IsEmpty)
                    return Errno.Success;
                if (names.Length < length)
                    return Errno.ERANGE;
                ListNames(inode, names);
                return Errno.Success;
            }
        }
        catch (VolumeException e)
        {
            return _volume.Report(e);
        }
    }

    public Errno RemoveExtendedAttribute(ulong inode, ReadOnlySpan<byte> name, long now)
    {
        if (name.IsEmpty || name.Length > LargestAttributeName)
            return Errno.ERANGE;
        if (Prepare(Change.Shrinks) is var refused and not Errno.Success)
            return refused;
        try
        {
            lock (_core.Lock)
            {
                Redeem();
                if (Load(inode) is not { } found)
                    return Errno.ENOENT;
                if (!FindAttribute(inode, name, out IndexKey key, out _))
                    return Errno.ENODATA;
                _live!.Delete(key);
                _core.GivenUp++;
                found.ChangeTime = now;
                MarkDirty(found);
                _live.Operation++;
                return Errno.Success;
            }
        }
        catch (Exception e)
        {
            return _volume.Fail(e);
        }
    }

    private void Apply(Inode inode, in AttributeChange change, long now)
    {
        AttributeMask mask = change.Mask;
        if ((mask & AttributeMask.Mode) != 0)
            inode.Mode = (inode.Mode & FileModes.S_IFMT) | (change.Mode & FileModes.S_IALLUGO);
        if ((mask & AttributeMask.UserId) != 0)
            inode.UserId = change.UserId;
        if ((mask & AttributeMask.GroupId) != 0)
            inode.GroupId = change.GroupId;
        if ((mask & AttributeMask.AccessTime) != 0)
            inode.AccessTime = change.AccessTime;
        if ((mask & AttributeMask.ModificationTime) != 0)
            inode.ModificationTime = change.ModificationTime;
        if ((mask & AttributeMask.BirthTime) != 0)
            inode.BirthTime = change.BirthTime;
        if ((mask & AttributeMask.KeepChangeTime) == 0)
            inode.ChangeTime = now;
        MarkDirty(inode);
        _live!.Operation++;
    }

    private bool FindAttribute(ulong inode, scoped ReadOnlySpan<byte> name, out IndexKey key, out ReadOnlySpan<byte> value)
    {
        key = new IndexKey(inode, RecordKind.Attribute, _hash.Compute(name));
        IndexKey from = key;
        IndexKey free = key;
        IndexKey limit = key.Plus(1 << NameHash.CollisionBits);
        while (_view.TryNext(from, limit, out IndexKey found, out ReadOnlySpan<byte> record))
        {
            if (record.Slice(1, record[0]).SequenceEqual(name))
            {
                key = found;
                value = record[(1 + name.Length)..];
                return true;
            }

            if (found == free)
                free = free.Plus(1);
            from = found.Plus(1);
        }

        if (free >= limit)
            throw new VolumeException(Errno.ENOSPC, $"Inode {inode} has too many attributes with the same hash.");
        key = free;
        value = default;
        return false;
    }

    // Bytes of the list; writes it where there is room.
    private int ListNames(ulong inode, Span<byte> names)
    {
        int length = 0;
        var from = new IndexKey(inode, RecordKind.Attribute);
        var limit = new IndexKey(inode, RecordKind.Target);
        while (_view.TryNext(from, limit, out IndexKey key, out ReadOnlySpan<byte> record))
        {
            int size = record[0];
            if (!names.IsEmpty)
            {
                record.Slice(1, size).CopyTo(names[length..]);
                names[length + size] = 0;
            }

            length += size + 1;
            from = key.Plus(1);
        }

        return length;
    }

    // Some of them at a time. True where none is left. What earlier steps removed isn't looked at again: that would take time that
    // grows with the square.
    private bool RemoveAttributes(Inode inode)
    {
        var from = new IndexKey(inode.Number, RecordKind.Attribute, inode.FirstAttribute);
        var limit = new IndexKey(inode.Number, RecordKind.Target);
        for (int removed = 0; _view.TryNext(from, limit, out IndexKey key, out _); removed++)
        {
            if (removed == MostRemovedAttributes)
            {
                inode.FirstAttribute = key.Number;
                return false;
            }

            _live!.Delete(key);
            from = key.Plus(1);
        }

        inode.HasAttributes = false;
        MarkDirty(inode);
        return true;
    }
}

using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Storage;
using Cloister.Vfs.Core;
using StoredChange = Cloister.Contracts.Storage.AttributeChange;

namespace Cloister.Vfs.Stores;

/// <summary>A file of a store.</summary>
internal abstract class StoreInode : Inode
{
    private long _storedAccessTime;
    private bool _isHeld;

    protected StoreInode(StoreFileSystem fileSystem, in StoredAttributes attributes)
        : base(fileSystem, attributes.Mode, attributes.UserId, attributes.GroupId, attributes.Inode)
    {
        RawDevice = attributes.RawDevice;
        Take(attributes);
    }

    public override long Size => StoredSize;

    protected IFileStore Store => ((StoreFileSystem)FileSystem).Store;

    protected long StoredSize { get; private set; }

    protected long Blocks { get; private set; }

    /// <summary>Keeps the store from removing the file with its last name, since it may be open.</summary>
    public Errno HoldForRemoval()
    {
        if (_isHeld)
            return Errno.Success;
        Errno error = Store.Acquire(Number);
        _isHeld = error == Errno.Success;
        return error;
    }

    /// <summary>Ends the hold of <see cref="HoldForRemoval"/>, or of a file made without a name.</summary>
    public void EndHold()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        Store.Release(Number);
    }

    /// <summary>The store has made this file without a name and holds it.</summary>
    public void NoteMadeWithoutName() => _isHeld = true;

    /// <summary>One of its names is gone; it was held before.</summary>
    public void OnNameRemoved()
    {
        // What has names left needs no hold.
        if (IsDirectory)
        {
            LinkCount = 0;
            EndHold();
            ((StoreFileSystem)FileSystem).Drop(this);
        }
        else if (LinkCount == 0)
        {
            EvictIfUnused();
        }
        else
        {
            EndHold();
        }
    }

    /// <summary>Asks the store for the attributes. A directory that was removed keeps its last ones.</summary>
    public Errno Refresh()
    {
        using (Lock.Enter())
        {
            long accessed = AccessTime;
            bool isNewer = accessed != _storedAccessTime;
            Errno error = Store.GetAttributes(Number, out StoredAttributes attributes);
            if (error != Errno.Success)
                return error == Errno.ENOENT ? Errno.Success : error;
            Take(attributes);
            if (isNewer)
                AccessTime = accessed;
            return Errno.Success;
        }
    }

    public override Errno GetStatus(ICaller caller, out FileStatus status)
    {
        Errno error = Refresh();
        FillStatus(out status);
        status.Blocks = Blocks * (IBlockDevice.BlockSize / 512);
        return error;
    }

    public override Errno SetAttributes(ICaller caller, in Core.AttributeChange change)
    {
        var stored = new StoredChange { Mask = AttributeMask.None };
        if (change.Permissions is { } permissions)
        {
            stored.Mask |= AttributeMask.Mode;
            stored.Mode = permissions;
        }

        if (change.UserId is { } userId)
        {
            stored.Mask |= AttributeMask.UserId;
            stored.UserId = userId;
        }

        if (change.GroupId is { } groupId)
        {
            stored.Mask |= AttributeMask.GroupId;
            stored.GroupId = groupId;
        }

        if (change.AccessTime is { } accessTime)
        {
            stored.Mask |= AttributeMask.AccessTime;
            stored.AccessTime = accessTime;
        }

        if (change.ModificationTime is { } modificationTime)
        {
            stored.Mask |= AttributeMask.ModificationTime;
            stored.ModificationTime = modificationTime;
        }

        using (Lock.Enter())
            return SetStored(stored, change.ChangeTime);
    }

    public override Errno GetExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name, Span<byte> value, out int length) =>
        Store.GetExtendedAttribute(Number, name, value, out length);

    public override Errno SetExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags) =>
        Store.SetExtendedAttribute(Number, name, value, flags, caller.RealtimeNow);

    public override Errno ListExtendedAttributes(ICaller caller, Span<byte> names, out int length) =>
        Store.ListExtendedAttributes(Number, names, out length);

    public override Errno RemoveExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name) =>
        Store.RemoveExtendedAttribute(Number, name, caller.RealtimeNow);

    /// <summary>Tells the store what it doesn't know yet.</summary>
    public virtual Errno WriteBack()
    {
        using (Lock.Enter())
        {
            if (AccessTime == _storedAccessTime || FileSystem.IsReadOnly)
                return Errno.Success;
            var change = new StoredChange { Mask = AttributeMask.AccessTime | AttributeMask.KeepChangeTime, AccessTime = AccessTime };
            return SetStored(change, 0);
        }
    }

    /// <summary>Changes attributes in the store, and takes over all of them. With the lock held.</summary>
    protected Errno SetStored(in StoredChange change, long now)
    {
        Errno error = Store.SetAttributes(Number, change, now, out StoredAttributes attributes);
        if (error == Errno.Success)
            Take(attributes);
        return error;
    }

    protected override void Evict()
    {
        ((StoreFileSystem)FileSystem).Drop(this);
        EndHold();
    }

    private void Take(in StoredAttributes attributes)
    {
        Mode = attributes.Mode;
        UserId = attributes.UserId;
        GroupId = attributes.GroupId;
        LinkCount = attributes.LinkCount;
        StoredSize = attributes.Size;
        Blocks = attributes.Blocks;
        AccessTime = attributes.AccessTime;
        ModificationTime = attributes.ModificationTime;
        ChangeTime = attributes.ChangeTime;
        BirthTime = attributes.BirthTime;
        _storedAccessTime = attributes.AccessTime;
    }
}

/// <summary>A symbolic link of a store.</summary>
internal sealed class StoreSymbolicLink(StoreFileSystem fileSystem, in StoredAttributes attributes) : StoreInode(fileSystem, attributes)
{
    private byte[]? _target;

    public override Errno GetLinkTarget(ICaller caller, out byte[] target)
    {
        target = _target ?? [];
        if (_target is not null)
            return Errno.Success;
        Span<byte> buffer = stackalloc byte[FileLimits.PATH_MAX];
        Errno error = Store.ReadSymbolicLink(Number, buffer, out int length);
        if (error == Errno.Success)
            _target = target = buffer[..length].ToArray();
        return error;
    }
}

/// <summary>A device file, FIFO or socket of a store: a name for something else.</summary>
internal sealed class StoreSpecial(StoreFileSystem fileSystem, in StoredAttributes attributes) : StoreInode(fileSystem, attributes), ISpecialInode
{
    /// <inheritdoc/>
    public SpecialContent Content { get; } = new();
}

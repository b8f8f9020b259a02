using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Storage;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Stores;

/// <summary>A directory of a store.</summary>
internal sealed class StoreDirectory(StoreFileSystem fileSystem, in StoredAttributes attributes) : StoreInode(fileSystem, attributes)
{
    // Positions 0 and 1 of a directory are "." and "..".
    private const long FirstPosition = 2;

    private Listing? _listing;

    // As ext4 shows it: what an entry takes there.
    public override long Size => IBlockDevice.BlockSize + ((StoredSize * 40) & ~(IBlockDevice.BlockSize - 1L));

    public override bool CanHoldUnnamed => true;

    private StoreFileSystem Files => (StoreFileSystem)FileSystem;

    public override DentryTable? CreateChildren(Dentry entry) => new(entry, false);

    public override Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
    {
        DentryTable table = directory.Children!;
        child = table.Find(name, hash);
        if (child is not null)
            return Errno.Success;
        using (FileSystem.NamespaceLock.Enter())
        {
            child = table.Find(name, hash);
            if (child is not null)
                return Errno.Success;
            Errno error = Store.Lookup(Number, name, out StoredAttributes attributes);
            if (error != Errno.Success)
                return error == Errno.ENOENT ? Errno.Success : error;
            child = new Dentry(directory, name.ToArray(), hash, Files.Adopt(attributes));
            table.Add(child);
            return Errno.Success;
        }
    }

    public override Errno CreateChild(ICaller caller, ReadOnlySpan<byte> name, in NewNode node, out Inode? child)
    {
        child = null;
        long now = caller.RealtimeNow;
        var made = new NewInode(node.Mode, node.UserId, node.GroupId, node.Device);
        StoredAttributes attributes;
        Errno error = name.IsEmpty ? Store.CreateTemporary(made, now, out attributes)
            : node.Target is { } target ? Store.CreateSymbolicLink(Number, name, target, made, now, out attributes)
            : Store.Create(Number, name, made, now, out attributes);
        if (error != Errno.Success)
            return error;
        StoreInode inode;
        using (FileSystem.NamespaceLock.Enter())
            inode = Files.Adopt(attributes);
        if (name.IsEmpty)
            inode.NoteMadeWithoutName();
        else
            OnEntriesChanged();
        child = inode;
        return Errno.Success;
    }

    public override Errno LinkChild(ICaller caller, ReadOnlySpan<byte> name, Inode child)
    {
        Errno error = Store.Link(child.Number, Number, name, caller.RealtimeNow, out _);
        if (error != Errno.Success)
            return error;
        ((StoreInode)child).Refresh();
        ((StoreInode)child).EndHold();
        OnEntriesChanged();
        return Errno.Success;
    }

    public override Errno RemoveChild(ICaller caller, Dentry child)
    {
        var inode = (StoreInode)child.Inode;
        long now = caller.RealtimeNow;
        Errno error = inode.HoldForRemoval();
        if (error != Errno.Success)
            return error;
        error = inode.IsDirectory ? Store.RemoveDirectory(Number, child.Name.Bytes, now) : Store.Unlink(Number, child.Name.Bytes, now);
        if (error != Errno.Success)
        {
            inode.EndHold();
            return error;
        }

        inode.Refresh();
        inode.OnNameRemoved();
        OnEntriesChanged();
        return Errno.Success;
    }

    public override Errno IsEmptyDirectory(ICaller caller, Dentry directory, out bool isEmpty)
    {
        Errno error = Refresh();
        isEmpty = StoredSize == 0;
        return error;
    }

    public override bool NextEntry(ICaller caller, Dentry directory, ref long position, Span<byte> nameBuffer, out ListedEntry entry)
    {
        using (Lock.Enter())
        {
            _listing ??= new Listing();
            if (!_listing.TryFind(position - FirstPosition, out int index))
            {
                _listing.Begin(position - FirstPosition);
                if (Store.ReadDirectory(Number, position - FirstPosition, _listing) != Errno.Success || !_listing.TryFind(position - FirstPosition, out index))
                {
                    entry = default;
                    return false;
                }
            }

            StoredEntry found = _listing.Get(index, nameBuffer, out int length);
            entry = new ListedEntry(found.Inode, found.Type, length);
            position = found.NextCookie + FirstPosition;
            return true;
        }
    }

    /// <summary>Entries have come or gone: takes over the new attributes.</summary>
    public void OnEntriesChanged()
    {
        using (Lock.Enter())
            _listing = null;
        Refresh();
    }

    /// <summary>Entries read ahead, so that the store isn't asked for each.</summary>
    private sealed class Listing : IStoredEntrySink
    {
        private const int Most = 128;

        private readonly StoredEntry[] _entries = new StoredEntry[Most];
        private readonly int[] _nameEnds = new int[Most];
        private readonly byte[] _names = new byte[16 * 1024];
        private long _start;
        private int _count;

        public void Begin(long cookie)
        {
            _start = cookie;
            _count = 0;
        }

        public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name)
        {
            int start = _count == 0 ? 0 : _nameEnds[_count - 1];
            if (_count == Most || start + name.Length > _names.Length)
                return false;
            name.CopyTo(_names.AsSpan(start));
            _entries[_count] = entry;
            _nameEnds[_count++] = start + name.Length;
            return true;
        }

        /// <summary>The entry that follows a cookie. Mostly it is the one behind the last that was found.</summary>
        public bool TryFind(long cookie, out int index)
        {
            for (index = 0; index < _count; index++)
            {
                if ((index == 0 ? _start : _entries[index - 1].NextCookie) == cookie)
                    return true;
            }

            return false;
        }

        public StoredEntry Get(int index, Span<byte> name, out int length)
        {
            int start = index == 0 ? 0 : _nameEnds[index - 1];
            length = _nameEnds[index] - start;
            _names.AsSpan(start, length).CopyTo(name);
            return _entries[index];
        }
    }
}

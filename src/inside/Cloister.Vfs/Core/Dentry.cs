using System;
using System.Threading;

namespace Cloister.Vfs.Core;

/// <summary>
/// A name in a directory: the tree that paths walk through. Holds its inode for life; there are no negative entries, since
/// a directory's table either is complete or is asked through its inode.
/// </summary>
internal sealed class Dentry
{
    private DentryName _name;
    private Mount? _firstMount;
    private bool _isRemoved;

    /// <summary>Next in the bucket of the parent's table.</summary>
    public Dentry? Next;

    /// <summary>Place in the order of the directory.</summary>
    public long Sequence;

    public Dentry(Dentry? parent, byte[] name, uint hash, Inode inode)
    {
        _name = new DentryName(parent, name, hash);
        Inode = inode;
        if (inode.IsDirectory)
            Children = inode.CreateChildren(this);
    }

    /// <summary>An entry that is the root of a file system, or of a file without a name in the tree.</summary>
    public Dentry(Inode inode, byte[]? name = null)
        : this(null, name ?? [], 0, inode)
    {
    }

    public Inode Inode { get; }

    /// <summary>Cached children of a directory; null where the file system keeps none.</summary>
    public DentryTable? Children { get; }

    /// <summary>Parent, bytes and hash, which change together on a rename.</summary>
    public DentryName Name => Volatile.Read(ref _name);

    public Dentry? Parent => Name.Parent;

    /// <summary>First of the mounts that lie on this entry (in different parent mounts).</summary>
    public Mount? FirstMount
    {
        get => Volatile.Read(ref _firstMount);
        set => Volatile.Write(ref _firstMount, value);
    }

    /// <summary>Whether the name was unlinked.</summary>
    public bool IsRemoved
    {
        get => Volatile.Read(ref _isRemoved);
        set => Volatile.Write(ref _isRemoved, value);
    }

    public void SetName(DentryName name) => Volatile.Write(ref _name, name);

    /// <summary>Whether this is <paramref name="other"/> or lies below it.</summary>
    public bool IsWithin(Dentry other)
    {
        for (Dentry? at = this; at is not null; at = at.Parent)
        {
            if (at == other)
                return true;
        }

        return false;
    }
}

/// <summary>The immutable name of a <see cref="Dentry"/>: readers without a lock see all three parts of one name.</summary>
internal sealed class DentryName(Dentry? parent, byte[] bytes, uint hash)
{
    public readonly Dentry? Parent = parent;
    public readonly byte[] Bytes = bytes;
    public readonly uint Hash = hash;

    public bool Matches(Dentry parent, uint hash, ReadOnlySpan<byte> name) =>
        Hash == hash && Parent == parent && name.SequenceEqual(Bytes);
}

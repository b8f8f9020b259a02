using System;

namespace Cloister.Storage.Index;

/// <summary>What a record of the index is about.</summary>
internal enum RecordKind
{
    /// <summary>Attributes of an inode.</summary>
    Inode = 0,

    /// <summary>An entry of a directory; the number is the hash of its name.</summary>
    Entry = 1,

    /// <summary>An extended attribute; the number is the hash of its name.</summary>
    Attribute = 2,

    /// <summary>Target of a symbolic link.</summary>
    Target = 3,

    /// <summary>Content of a small file.</summary>
    Inline = 4,

    /// <summary>Blocks of a file; the number is that of the first one.</summary>
    Extent = 5,

    /// <summary>An inode without names, to be removed at the next mount; the number is its own.</summary>
    Orphan = 6,
}

/// <summary>Key of a record: an object, mostly an inode, and an item of it.</summary>
/// <param name="Object">Number of the inode; 0 for records of the volume.</param>
/// <param name="Item">The kind in the upper 4 bits and a number in the lower 60.</param>
internal readonly record struct IndexKey(ulong Object, ulong Item) : IComparable<IndexKey>
{
    private const int KindShift = 60;
    private const ulong NumberMask = (1UL << KindShift) - 1;

    public IndexKey(ulong @object, RecordKind kind, ulong number = 0)
        : this(@object, ((ulong)kind << KindShift) | number)
    {
    }

    /// <summary>Behind all keys.</summary>
    public static IndexKey Last => new(ulong.MaxValue, ulong.MaxValue);

    public RecordKind Kind => (RecordKind)(Item >> KindShift);

    public ulong Number => Item & NumberMask;

    public static IndexKey Extent(ulong inode, long block) => new(inode, RecordKind.Extent, (ulong)block);

    /// <summary>The key some numbers further on, in the same kind.</summary>
    public IndexKey Plus(long count) => new(Object, Item + (ulong)count);

    public bool IsExtentOf(ulong inode) => Object == inode && Kind == RecordKind.Extent;

    public int CompareTo(IndexKey other)
    {
        int order = Object.CompareTo(other.Object);
        return order != 0 ? order : Item.CompareTo(other.Item);
    }

    public static bool operator <(in IndexKey left, in IndexKey right) =>
        left.Object < right.Object || (left.Object == right.Object && left.Item < right.Item);

    public static bool operator >(in IndexKey left, in IndexKey right) => right < left;

    public static bool operator <=(in IndexKey left, in IndexKey right) => !(right < left);

    public static bool operator >=(in IndexKey left, in IndexKey right) => !(left < right);
}

using System;

namespace Cloister.Storage.Index;

/// <summary>
/// Extents of one block from the durable part of a journal, put in the order of their keys before they go into the delta: in the order of
/// random writes, each would meet parts of the tree that the processor's cache has lost.
/// </summary>
internal sealed class ReplayedExtents
{
    /// <summary>Most of them: about what a delta has when it is full, so that nearly all are appended to it in order.</summary>
    public const int Capacity = 1 << 20;

    private const int ValueSize = ExtentValue.HeaderSize + ExtentValue.TagSize;
    private const int DigitBits = 11;
    private const int FirstSize = 1 << 12;

    // Fewer are put in as fast without: each pass looks at all digits.
    private const int SmallestSorted = 1 << 11;

    // Values are fetched so many at a time: one miss of the processor's cache doesn't wait for the other then.
    private const int WindowSize = 1 << 10;

    private readonly int[] _counts = new int[1 << DigitBits];
    private readonly byte[] _window = new byte[WindowSize * ValueSize];
    private byte[] _values = new byte[FirstSize * ValueSize];
    private Place[] _places = new Place[FirstSize];
    private Place[] _sorted = [];
    private int _windowFirst;
    private int _windowCount;

    public int Count { get; private set; }

    public bool IsFull => Count == Capacity;

    /// <summary>Whether a value is of the kind that is taken here.</summary>
    public static bool IsTaken(ReadOnlySpan<byte> value) => value.Length == ValueSize;

    public void Add(ulong inode, long block, ReadOnlySpan<byte> value)
    {
        if (Count == _places.Length)
        {
            Array.Resize(ref _places, Count * 2);
            Array.Resize(ref _values, Count * 2 * ValueSize);
        }

        value.CopyTo(_values.AsSpan(Count * ValueSize));
        _places[Count] = new Place(inode, (uint)block, Count);
        Count++;
    }

    public void Clear()
    {
        Count = 0;
        _windowCount = 0;
    }

    public ulong Inode(int index) => _places[index].Inode;

    public long Block(int index) => _places[index].Block;

    public ReadOnlySpan<byte> Value(int index)
    {
        if ((uint)(index - _windowFirst) >= (uint)_windowCount)
            Fetch(index);
        return _window.AsSpan((index - _windowFirst) * ValueSize, ValueSize);
    }

    /// <summary>Sorts by inode and block, unless they are few; of those that are equal, the one that was added last comes last.</summary>
    public void Sort()
    {
        _windowCount = 0;
        if (Count < SmallestSorted)
            return;
        if (_sorted.Length != _places.Length)
            _sorted = new Place[_places.Length];
        ulong inodes = 0;
        uint blocks = 0;
        for (int i = 1; i < Count; i++)
        {
            inodes |= _places[i].Inode ^ _places[0].Inode;
            blocks |= _places[i].Block ^ _places[0].Block;
        }

        // A radix sort, from the lowest digit on. Digits in which no two differ are left out.
        for (int shift = 0; shift < 32 && blocks >> shift != 0; shift += DigitBits)
            Distribute(shift, ofInode: false);
        for (int shift = 0; shift < 64 && inodes >> shift != 0; shift += DigitBits)
            Distribute(shift, ofInode: true);
    }

    private void Fetch(int first)
    {
        _windowFirst = first;
        _windowCount = Math.Min(WindowSize, Count - first);
        for (int i = 0; i < _windowCount; i++)
            _values.AsSpan(_places[first + i].Order * ValueSize, ValueSize).CopyTo(_window.AsSpan(i * ValueSize));
    }

    private void Distribute(int shift, bool ofInode)
    {
        ReadOnlySpan<Place> places = _places.AsSpan(0, Count);
        Array.Clear(_counts);
        foreach (ref readonly Place place in places)
            _counts[Digit(place, shift, ofInode)]++;
        int first = 0;
        foreach (ref int count in _counts.AsSpan())
            (count, first) = (first, first + count);
        foreach (ref readonly Place place in places)
            _sorted[_counts[Digit(place, shift, ofInode)]++] = place;
        (_places, _sorted) = (_sorted, _places);
    }

    private static int Digit(in Place place, int shift, bool ofInode) =>
        (int)((ofInode ? place.Inode : place.Block) >> shift) & ((1 << DigitBits) - 1);

    // Order: which of the values it is.
    private readonly record struct Place(ulong Inode, uint Block, int Order);
}

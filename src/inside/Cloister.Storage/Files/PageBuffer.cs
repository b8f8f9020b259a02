using System;
using System.Diagnostics;

namespace Cloister.Storage.Files;

/// <summary>
/// Blocks that were written and not committed yet, as plaintext. A page is dirty until a commit takes it; while it is being
/// committed it no longer changes, and a new write makes a newer page of the same block. The volume's lock guards it.
/// </summary>
internal sealed class PageBuffer
{
    public const int PageSize = 4096;
    public const int None = -1;

    private const int PagesPerSlab = 256;

    // 4 MiB.
    private const int MostDirty = 1024;

    private readonly byte[][] _slabs;
    private readonly int[] _buckets;
    private readonly int[] _nextInBucket;
    private readonly int[] _nextOfInode;
    private readonly int[] _previousOfInode;
    private readonly int[] _dirty;
    private readonly int[] _dirtyIndex;
    private readonly Inode?[] _inodes;
    private readonly long[] _blocks;
    private readonly State[] _states;
    private int _free;

    public PageBuffer(int capacity)
    {
        Capacity = capacity;
        _slabs = new byte[(capacity + PagesPerSlab - 1) / PagesPerSlab][];
        _buckets = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
        Array.Fill(_buckets, None);
        _nextInBucket = new int[capacity];
        _nextOfInode = new int[capacity];
        _previousOfInode = new int[capacity];
        _dirty = new int[capacity];
        _dirtyIndex = new int[capacity];
        _inodes = new Inode?[capacity];
        _blocks = new long[capacity];
        _states = new State[capacity];
        for (int page = 0; page < capacity; page++)
            _nextInBucket[page] = page + 1 < capacity ? page + 1 : None;
    }

    private enum State : byte
    {
        Free,
        Dirty,
        Committing,

        // Committing, but truncated away meanwhile.
        Cancelled,
    }

    public int Capacity { get; }

    public int DirtyCount { get; private set; }

    /// <summary>Pages that are dirty.</summary>
    public ReadOnlySpan<int> Dirty => _dirty.AsSpan(0, DirtyCount);

    /// <summary>
    /// Whether a commit should come first: no page is free, or so many are dirty that sealing them later would find them gone
    /// from the processor's cache.
    /// </summary>
    public bool IsFull => _free == None || DirtyCount >= MostDirty;

    public Span<byte> Content(int page) => Memory(page).Span;

    public Memory<byte> Memory(int page) =>
        (_slabs[page / PagesPerSlab] ??= new byte[PagesPerSlab * PageSize]).AsMemory(page % PagesPerSlab * PageSize, PageSize);

    public Inode InodeOf(int page) => _inodes[page]!;

    public long BlockOf(int page) => _blocks[page];

    public bool IsDirty(int page) => _states[page] == State.Dirty;

    /// <summary>The newest page of a block.</summary>
    public int Find(Inode inode, long block)
    {
        if (inode.FirstPage == None)
            return None;
        for (int page = _buckets[Bucket(inode.Number, block)]; page != None; page = _nextInBucket[page])
        {
            if (_blocks[page] == block && _inodes[page] == inode)
                return page;
        }

        return None;
    }

    /// <summary>Makes a new dirty page, with any content. There is a free one.</summary>
    public int Add(Inode inode, long block)
    {
        int page = _free;
        Debug.Assert(page != None);
        _free = _nextInBucket[page];
        _inodes[page] = inode;
        _blocks[page] = block;
        _states[page] = State.Dirty;
        int bucket = Bucket(inode.Number, block);
        _nextInBucket[page] = _buckets[bucket];
        _buckets[bucket] = page;
        _previousOfInode[page] = None;
        _nextOfInode[page] = inode.FirstPage;
        if (inode.FirstPage != None)
            _previousOfInode[inode.FirstPage] = page;
        inode.FirstPage = page;
        _dirtyIndex[page] = DirtyCount;
        _dirty[DirtyCount++] = page;
        return page;
    }

    /// <summary>The next page of the same inode, after <see cref="Inode.FirstPage"/>.</summary>
    public int NextOf(int page) => _nextOfInode[page];

    /// <summary>Drops a page whose block was cut off.</summary>
    /// <returns>Whether it was dirty.</returns>
    public bool Drop(int page)
    {
        Unlink(page);
        if (_states[page] == State.Committing)
        {
            _states[page] = State.Cancelled;
            return false;
        }

        RemoveFromDirty(page);
        GiveBack(page);
        return true;
    }

    public void BeginCommit(int page)
    {
        RemoveFromDirty(page);
        _states[page] = State.Committing;
    }

    public void EndCommit(int page)
    {
        if (_states[page] == State.Committing)
            Unlink(page);
        GiveBack(page);
    }

    private void RemoveFromDirty(int page)
    {
        int index = _dirtyIndex[page];
        int last = _dirty[--DirtyCount];
        _dirty[index] = last;
        _dirtyIndex[last] = index;
    }

    private void GiveBack(int page)
    {
        _states[page] = State.Free;
        _inodes[page] = null;
        _nextInBucket[page] = _free;
        _free = page;
    }

    private void Unlink(int page)
    {
        Inode inode = _inodes[page]!;
        ref int link = ref _buckets[Bucket(inode.Number, _blocks[page])];
        while (link != page)
            link = ref _nextInBucket[link];
        link = _nextInBucket[page];
        int previous = _previousOfInode[page], next = _nextOfInode[page];
        if (previous == None)
            inode.FirstPage = next;
        else
            _nextOfInode[previous] = next;
        if (next != None)
            _previousOfInode[next] = previous;
    }

    private int Bucket(ulong inode, long block)
    {
        ulong hash = (inode * 0x9E3779B97F4A7C15UL) ^ ((ulong)block * 0xC2B2AE3D27D4EB4FUL);
        return (int)(hash >> 32) & (_buckets.Length - 1);
    }
}

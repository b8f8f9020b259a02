using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Files;

/// <summary>
/// Long writes go around the page buffer: sealed from the caller's memory, on their way to the device when the call returns. A commit
/// waits for them before its record counts.
/// </summary>
/// <remarks>
/// Lock order: an inode's content lock, a burst's lock, the volume's lock. Who holds a burst's lock never takes a commit lock.
/// </remarks>
internal sealed class DirectWriter
{
    // So many that the next one is free when the processor comes back to it, and few enough to stay in its cache.
    private const int Bursts = 4;

    private readonly VolumeCore _core;
    private readonly Burst[] _bursts = new Burst[Bursts];
    private int _next;

    // The first that the host failed with. Stays: whoever waits must not miss it because another has waited.
    private volatile Errno _failure;

    public DirectWriter(VolumeCore core)
    {
        _core = core;
        for (int i = 0; i < Bursts; i++)
            _bursts[i] = new Burst();
    }

    /// <summary>Takes a burst whose last blocks have arrived. <see cref="Release"/> gives it back.</summary>
    /// <param name="error">EIO where the host failed to write those.</param>
    /// <returns>Null where all are in use, or writers are held up (<see cref="Pause"/>).</returns>
    public Burst? TryTake(out Errno error)
    {
        error = Errno.Success;
        int first = Interlocked.Increment(ref _next);
        for (int i = 0; i < Bursts; i++)
        {
            Burst burst = _bursts[(uint)(first + i) % Bursts];
            if (!burst.Lock.TryEnter())
                continue;
            error = Finish(burst);
            burst.Clear();
            return burst;
        }

        return null;
    }

    /// <summary>Seals blocks to the places that they were given, and sends them off.</summary>
    public void Send(Burst burst, ulong inode, long block, ReadOnlySpan<byte> from)
    {
        foreach (ref readonly BurstExtent extent in burst.Extents.AsSpan(0, burst.ExtentCount))
        {
            Span<byte> tags = burst.ValueOf(extent)[ExtentValue.HeaderSize..];
            for (int i = 0; i < extent.Count; i++)
            {
                int at = (extent.First + i) * PageBuffer.PageSize;
                _core.Sealer.SealBlock(
                    inode, block + extent.First + i, extent.Sequence + (ulong)i, from.Slice(at, PageBuffer.PageSize),
                    burst.Ciphertext.AsSpan(at, PageBuffer.PageSize), tags.Slice(i * ExtentValue.TagSize, ExtentValue.TagSize));
            }

            burst.Batch.AddWrite(extent.Place, burst.Ciphertext.AsMemory(extent.First * PageBuffer.PageSize, extent.Count * PageBuffer.PageSize));
        }

        _core.Device.Submit(burst.Batch);
        // Before the index says so, nobody waits for it.
        burst.IsInFlight = true;
    }

    /// <summary>Waits until what a burst sent has arrived. With its lock held.</summary>
    public Errno Finish(Burst burst)
    {
        if (!burst.IsInFlight)
            return Errno.Success;
        Errno error = _core.Device.Wait(burst.Batch);
        if (error != Errno.Success)
            _failure = error;
        burst.IsInFlight = false;
        return error;
    }

    public static void Release(Burst burst) => burst.Lock.Exit();

    /// <summary>Waits until everything has arrived that was mapped before the call.</summary>
    /// <returns>The first error.</returns>
    public Errno Drain() => Drain(0, ulong.MaxValue);

    /// <summary>Waits for blocks with certain sequence numbers, if they are on their way: they are going to be read.</summary>
    public Errno Drain(ulong first, ulong last)
    {
        foreach (Burst burst in _bursts)
        {
            if (!burst.IsInFlight || burst.FirstSequence > last || burst.LastSequence < first)
                continue;
            lock (burst.Lock)
                Finish(burst);
        }

        return _failure;
    }

    /// <summary>Holds up writers, who take the way through the page buffer meanwhile: no block is allocated but by a commit.</summary>
    public void Pause()
    {
        foreach (Burst burst in _bursts)
            burst.Lock.Enter();
    }

    /// <summary>Ends <see cref="Pause"/>.</summary>
    public void Resume()
    {
        foreach (Burst burst in _bursts)
            burst.Lock.Exit();
    }
}

/// <summary>Neighbouring blocks of one file, sealed in one go.</summary>
internal sealed class Burst
{
    /// <summary>Most blocks: 1 MiB.</summary>
    public const int MaxBlocks = 256;

    // Volatile: readers look at them without the lock to find out whether they have to wait.
    private volatile bool _isInFlight;
    private ulong _firstSequence;
    private ulong _lastSequence;

    private readonly byte[] _values = new byte[MaxBlocks * (ExtentValue.HeaderSize + ExtentValue.TagSize)];
    private byte[]? _ciphertext;
    private int _valueBytes;

    /// <summary>Held from the allocation of the blocks until they are mapped, and while they are waited for.</summary>
    public Lock Lock { get; } = new();

    public BlockBatch Batch { get; } = new(MaxBlocks);

    public BurstExtent[] Extents { get; } = new BurstExtent[MaxBlocks];

    public int ExtentCount { get; private set; }

    public int BlockCount { get; private set; }

    public byte[] Ciphertext => _ciphertext ??= new byte[MaxBlocks * PageBuffer.PageSize];

    public bool IsInFlight
    {
        get => _isInFlight;
        set => _isInFlight = value;
    }

    public ulong FirstSequence => Volatile.Read(ref _firstSequence);

    public ulong LastSequence => Volatile.Read(ref _lastSequence);

    public void Clear()
    {
        Batch.Clear();
        ExtentCount = 0;
        BlockCount = 0;
        _valueBytes = 0;
    }

    /// <summary>Adds the places of the next blocks.</summary>
    public void Add(int count, long place, ulong sequence)
    {
        if (ExtentCount == 0)
            Volatile.Write(ref _firstSequence, sequence);
        Volatile.Write(ref _lastSequence, sequence + (ulong)count - 1);
        Extents[ExtentCount++] = new BurstExtent(BlockCount, count, place, sequence, _valueBytes);
        ExtentValue.WriteData(_values.AsSpan(_valueBytes), count, place, sequence);
        _valueBytes += ExtentValue.Size(count);
        BlockCount += count;
    }

    /// <summary>The record of an extent. Its tags are right once it was sent.</summary>
    public Span<byte> ValueOf(in BurstExtent extent) => _values.AsSpan(extent.Value, ExtentValue.Size(extent.Count));
}

/// <summary>Blocks of a burst that lie together.</summary>
/// <param name="First">The first, counted from the burst's first.</param>
/// <param name="Count">How many.</param>
/// <param name="Place">Where on the device.</param>
/// <param name="Sequence">Sequence number of the first.</param>
/// <param name="Value">Where the record is.</param>
internal readonly record struct BurstExtent(int First, int Count, long Place, ulong Sequence, int Value);

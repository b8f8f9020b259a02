using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Storage.Files;
using Cloister.Storage.Index;
using Cloister.Storage.Journaling;
using Cloister.Storage.Sealing;
using Cloister.Storage.Space;

namespace Cloister.Storage.Volumes;

/// <summary>
/// A CloisterFS volume: files on a block device that is not trusted, neither with their content nor to return what was
/// written (docs/storage.md).
/// </summary>
public sealed partial class Volume
{
    // Operations whose records together would be longer than this commit first.
    private const long MostRecordBytes = 512 * 1024;

    private readonly VolumeOptions _options;
    private readonly IEntropySource _entropy;
    private readonly KeyMemory _masterKey;
    private readonly Superblock _superblock;
    private readonly VolumeCore _core;
    private readonly EpochKeys _keys;
    private readonly LiveIndex _index;
    private readonly DirectWriter _direct;
    private readonly FileStore _files;
    private readonly Journal _journal;
    private readonly Committer _committer;
    private readonly GroupCommit? _group;
    private readonly LeafCache _leaves;
    private readonly ChunkReader _mergeReader;
    private readonly ChunkWriter _chunkWriter;
    private readonly NameHash _hash;
    private Checkpoint _checkpoint;
    private readonly List<HistoryPoint> _ancestors = [];
    private FreshnessState _anchored;
    private VolumeException? _failure;
    private volatile bool _hasFailed;
    private (long GivenUp, long Blocks) _inVain = (-1, 0);
    private bool _isClosed;

    private Volume(IBlockDevice device, VolumeOptions options, IEntropySource entropy, KeyMemory masterKey, Superblock superblock, Checkpoint checkpoint)
    {
        _options = options;
        _entropy = entropy;
        _masterKey = masterKey;
        _superblock = superblock;
        _checkpoint = checkpoint;
        _keys = checkpoint.Keys!;
        _core = new VolumeCore(device, new Sealer(superblock.VolumeId, _keys), new FreeMap(checkpoint.Blocks), checkpoint.NextSequence)
        {
            SharedBefore = checkpoint.SharedBefore,
            SharedGarbage = checkpoint.SharedGarbage,
            Switches = options.Switches,
        };
        _mergeReader = new ChunkReader(_core);
        _chunkWriter = new ChunkWriter(_core);
        _leaves = new LeafCache(new ChunkReader(_core), options.CacheBytes);
        _index = new LiveIndex(_core);
        _direct = new DirectWriter(_core);
        var pages = new PageBuffer(Math.Max(64, options.PageBytes / PageBuffer.PageSize));
        _hash = new NameHash((ulong)checkpoint.NameKey, (ulong)(checkpoint.NameKey >> 64));
        _files = new FileStore(this, _core, _index.View, _index, pages, _direct, _hash, options) { NextInode = checkpoint.NextInode };
        _journal = new Journal(_core, VolumeLayout.JournalFirst, superblock.JournalBlocks, checkpoint.JournalTail, checkpoint.Point);
        _core.UnmergedBytes = () => _index.UnmergedBytes + _files.UnindexedBytes;
        _committer = new Committer(_core, _index, _files, pages, _direct, _journal, options.Switches);
        if (options.CreateSleeper is { } createSleeper)
            _group = new GroupCommit(createSleeper, target => CommitNow(flush: true, target), NewestOperation);
        LargestRecord = Math.Min(MostRecordBytes, superblock.JournalBlocks * IBlockDevice.BlockSize / 8);
    }

    /// <summary>Blocks of the largest volume.</summary>
    public const long LargestBlocks = VolumeLayout.LargestBlocks;

    /// <summary>Blocks of the smallest volume: 4 MiB.</summary>
    public const long SmallestBlocks = VolumeLayout.SmallestBlocks;

    /// <summary>The files.</summary>
    public IFileStore Files => _shown ?? _files;

    /// <summary>Whether it was opened for reading only.</summary>
    public bool IsReadOnly => _options.IsReadOnly;

    /// <summary>Identity of the volume: 16 random bytes.</summary>
    public ReadOnlySpan<byte> Id => _superblock.VolumeId;

    /// <summary>Why the volume takes no more changes; null while it does.</summary>
    public VolumeException? Failure => Volatile.Read(ref _failure);

    /// <summary>Called for everything that the host did wrong, with a sentence that names the object. Any thread.</summary>
    public Action<VolumeException>? OnFault { get; set; }

    internal bool HasFailed => _hasFailed;

    internal long LargestRecord { get; }

    /// <summary>Searches of the index so far, one for each delta and table that was looked into.</summary>
    internal long IndexSearches
    {
        get
        {
            lock (_core.Lock)
                return _index.View.Searches;
        }
    }

    /// <summary>Makes a volume on a device, whose content is lost.</summary>
    /// <param name="device">Where; at least 4 MiB.</param>
    /// <param name="key">The user's key: 16 bytes at least, of full entropy.</param>
    /// <param name="entropy">For the volume's own keys.</param>
    /// <param name="root">Owner and permissions of the root directory.</param>
    /// <param name="now">Nanoseconds since 1970.</param>
    /// <returns>Success, EINVAL where the device is too small or the key too short, EFBIG where it is larger than <see cref="LargestBlocks"/>, EIO.</returns>
    public static Errno Create(IBlockDevice device, ReadOnlySpan<byte> key, IEntropySource entropy, in NewInode root, long now)
    {
        if (device.BlockCount < VolumeLayout.SmallestBlocks || key.Length < 16)
            return Errno.EINVAL;
        if (device.BlockCount > VolumeLayout.LargestBlocks)
            return Errno.EFBIG;
        try
        {
            using var masterKey = new KeyMemory(Superblock.KeySize);
            entropy.Fill(masterKey.Span);
            var superblock = new Superblock { JournalBlocks = VolumeLayout.JournalBlocks(device.BlockCount) };
            entropy.Fill(superblock.VolumeId);
            // What lay here before must not look like a checkpoint of this volume: its key is new, so it can't.
            var checkpoint = new Checkpoint
            {
                Blocks = device.BlockCount,
                NextSequence = 1,
                NextInode = IFileStore.RootInode + 1,
                Keys = new EpochKeys(),
                NameKey = RandomNumber(entropy),
            };
            checkpoint.Branches.Add(new BranchState { IsWritable = true });
            var volume = new Volume(device, new VolumeOptions(), entropy, new KeyMemory(masterKey.Span), superblock, checkpoint);
            volume.BeginEpoch();
            volume._core.Space.Mark(0, VolumeLayout.JournalFirst + superblock.JournalBlocks);
            volume._files.CreateRoot(root with { Mode = (root.Mode & FileModes.S_IALLUGO) | FileModes.S_IFDIR }, now);
            volume._index.Operation++;
            volume.EstimateRoom();
            lock (volume._committer.Lock)
                volume.WriteCheckpoint();
            superblock.Write(device, key, masterKey.Span, entropy);
            volume.Dispose();
            return Errno.Success;
        }
        catch (VolumeException e)
        {
            return e.Error;
        }
    }

    /// <summary>Opens a volume, and finishes what a crash interrupted.</summary>
    /// <exception cref="VolumeException">
    /// EINVAL where this is no volume, ENOENT where it has no such clone, EROFS where that is a snapshot, EKEYREJECTED for a wrong key, EBADMSG where the host changed something, ESTALE where the
    /// volume is older than the anchor says, EBUSY where it is mounted twice, EIO.
    /// </exception>
    public static Volume Open(IBlockDevice device, ReadOnlySpan<byte> key, IEntropySource entropy, VolumeOptions? options = null)
    {
        options ??= new VolumeOptions();
        byte[] branch = BranchState.ToBytes(options.Clone);
        Volume volume = Mount(device, key, entropy, options);
        try
        {
            if (volume.IsOn(branch))
                return volume;
            if (options.IsReadOnly)
            {
                volume.Show(branch);
                return volume;
            }

            volume.SwitchTo(branch);
        }
        catch
        {
            volume.Dispose();
            throw;
        }

        volume.Dispose();
        return Mount(device, key, entropy, options);
    }

    private static Volume Mount(IBlockDevice device, ReadOnlySpan<byte> key, IEntropySource entropy, VolumeOptions options)
    {
        var masterKey = new KeyMemory(Superblock.KeySize);
        try
        {
            var damage = new List<string>();
            Superblock superblock = Superblock.Read(device, key, masterKey.Span, damage);
            Checkpoint checkpoint = ReadCheckpoint(device, key, superblock, masterKey, damage);
            if (checkpoint.Blocks > device.BlockCount)
                throw new VolumeException(Errno.EBADMSG, $"The volume has {checkpoint.Blocks} blocks, but the host shows only {device.BlockCount}.");
            var volume = new Volume(device, options, entropy, masterKey, superblock, checkpoint);
            volume._damage.AddRange(damage);
            volume.Mount();
            if (!options.IsReadOnly && superblock.HasOldKey)
                superblock.Write(device, key, masterKey.Span, entropy);
            return volume;
        }
        catch
        {
            masterKey.Dispose();
            throw;
        }
    }

    // Where the master key was being replaced, the checkpoint may be sealed under the old one still. It stays so then.
    private static Checkpoint ReadCheckpoint(IBlockDevice device, ReadOnlySpan<byte> key, Superblock superblock, KeyMemory masterKey, List<string> damage)
    {
        using var old = new KeyMemory(Superblock.KeySize);
        bool hasOld = superblock.TryUnwrapOld(key, old.Span);
        try
        {
            return Volumes.Checkpoint.Read(device, masterKey.Span, hasOld ? [] : damage);
        }
        catch (VolumeException) when (hasOld)
        {
            Checkpoint checkpoint = Volumes.Checkpoint.Read(device, old.Span, damage);
            old.Span.CopyTo(masterKey.Span);
            return checkpoint;
        }
    }

    /// <summary>Makes everything durable and ends the use of the volume.</summary>
    /// <returns>Success, or the error of the last commit.</returns>
    public Errno Close()
    {
        if (_isClosed)
            return Errno.Success;
        Errno error = Errno.Success;
        if (!IsReadOnly)
        {
            error = Checkpoint();
        }

        Dispose();
        return error;
    }

    /// <summary>Ends the use of the volume without making anything durable: what a crash does.</summary>
    public void Abandon() => Dispose();

    /// <summary>
    /// Writes the index's changes into its tables, so that the next mount has nothing to replay. Happens by itself when the
    /// journal or the memory for changes fills up.
    /// </summary>
    public Errno Checkpoint()
    {
        return Exclusively(() => WriteCheckpoint());
    }

    // Nothing is committed meanwhile but by the action. Whatever it throws, the volume takes no more changes: what lies in memory may
    // be half of something, and nothing that is durable may be let go for it.
    private Errno Exclusively(Action action)
    {
        lock (_committer.Lock)
        {
            if (HasFailed)
                return Errno.EIO;
            try
            {
                action();
                return Errno.Success;
            }
            catch (Exception e)
            {
                return _options.Switches.SurvivesExceptions && e is not VolumeException ? Errno.EIO : Fail(e);
            }
        }
    }

    // As Exclusively, with the writers of long files held up as well: no block is allocated but by the action.
    private Errno ExclusivelyPaused(Action action) => Exclusively(() =>
    {
        _direct.Pause();
        try
        {
            action();
        }
        finally
        {
            _direct.Resume();
        }
    });

    /// <summary>Commits what was done so far.</summary>
    internal Errno Commit(bool flush)
    {
        if (HasFailed)
            return Errno.EIO;
        return flush && _group is not null ? _group.Synchronize() : CommitNow(flush, NewestOperation());
    }

    private ulong NewestOperation()
    {
        lock (_core.Lock)
            return _index.Operation;
    }

    private Errno CommitNow(bool flush, ulong target)
    {
        lock (_committer.Lock)
        {
            if (HasFailed)
                return Errno.EIO;
            try
            {
                if (NeedsCheckpoint())
                    WriteCheckpoint();
                else if (_committer.Commit(flush || MustFlush(), target, freezes: false, null) is var error and not Errno.Success)
                    return Fail(new VolumeException(error, "The host couldn't make a commit durable."));
                if (flush && _options.IsStrict)
                    MoveAnchor(_journal.Head);
                return Errno.Success;
            }
            catch (Exception e)
            {
                return _options.Switches.SurvivesExceptions && e is not VolumeException ? Errno.EIO : Fail(e);
            }
        }
    }

    /// <summary>
    /// Tries to get blocks: those that were freed and wait for a flush, those of records that newer ones hide, or that are kept for a
    /// snapshot that is gone.
    /// </summary>
    /// <param name="blocks">How many.</param>
    /// <param name="shrinks">Whether it is for an operation that gives up more than it takes.</param>
    /// <returns>Success or ENOSPC.</returns>
    internal Errno MakeRoom(long blocks, bool shrinks = false)
    {
        for (int attempt = 0; ; attempt++)
        {
            long freed, room;
            lock (_core.Lock)
            {
                room = shrinks ? _core.AvailableToShrink : _core.Available;
                if (room >= blocks)
                    return Errno.Success;
                // Nothing was given up since this was tried last: a program that goes on writing shall not wear out the disk.
                if (!shrinks && _inVain == (_core.GivenUp, _core.Space.Blocks) && _core.UnmergedBytes() < MostRecordBytes)
                    return Errno.ENOSPC;
                freed = _core.FreedBlocks;
            }

            Errno error = attempt switch
            {
                0 when freed > 0 => Commit(flush: true),
                <= 1 => Checkpoint(),
                2 => Exclusively(() => WriteCheckpoint(new CheckpointTask { Compacts = true })),
                3 => FindGarbage(shrinks ? blocks : Math.Max(blocks, _core.Space.Blocks / GarbageShare)),
                _ => Errno.ENOSPC,
            };
            if (error == Errno.ENOSPC)
            {
                lock (_core.Lock)
                    _inVain = (_core.GivenUp, _core.Space.Blocks);
            }

            if (error != Errno.Success)
                return error;
        }
    }

    // Looks for blocks that no branch has any more, where there may be enough of them to be worth it: all of the index is read.
    private Errno FindGarbage(long blocks)
    {
        lock (_core.Lock)
        {
            if (_core.SharedGarbage < blocks)
                return Errno.ENOSPC;
        }

        return CollectGarbage();
    }

    /// <summary>Tells the owner what the host did wrong.</summary>
    internal Errno Report(VolumeException fault)
    {
        OnFault?.Invoke(fault);
        return fault.Error;
    }

    /// <summary>
    /// Takes no more changes: one that failed half-way may be in memory in part. What was durable stays readable.
    /// </summary>
    internal Errno Fail(Exception cause)
    {
        // First of all, and without memory: nothing may go on.
        _hasFailed = true;
        VolumeException fault = cause as VolumeException
            ?? new VolumeException(cause is OutOfMemoryException ? Errno.ENOMEM : Errno.EIO, $"A change was given up half-way: {cause.Message}", cause);
        Interlocked.CompareExchange(ref _failure, fault, null);
        return Report(fault);
    }

    private static UInt128 RandomNumber(IEntropySource entropy)
    {
        Span<byte> bytes = stackalloc byte[16];
        entropy.Fill(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }

    // A fresh key for everything that is sealed from now on.
    private void BeginEpoch()
    {
        Span<byte> key = stackalloc byte[EpochKeys.KeySize];
        _entropy.Fill(key);
        _keys.Add(_core.NextSequence, key);
        FixedTime.Zero(key);
    }

    private void Dispose()
    {
        _isClosed = true;
        _hasFailed = true;
        Interlocked.CompareExchange(ref _failure, new VolumeException(Errno.EIO, "The volume was closed."), null);
        _masterKey.Dispose();
        _keys.Dispose();
    }
}

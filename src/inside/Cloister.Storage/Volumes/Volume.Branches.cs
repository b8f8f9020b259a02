using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Files;
using Cloister.Storage.Index;
using Cloister.Storage.Sealing;
using Cloister.Storage.Space;

namespace Cloister.Storage.Volumes;

/// <content>
/// Branches: the files of one moment under a name. A snapshot never changes. A clone is mounted instead of the main files and then
/// changes as they do; one branch is mounted at a time. All share the blocks that they have in common.
/// </content>
public sealed partial class Volume
{
    /// <summary>Name of the files that a volume begins with.</summary>
    public const string Main = "main";

    // Blocks that may lie about without an owner before they are looked for, as a share of the volume.
    private const int GarbageShare = 256;

    // The files of another branch than the one that changes, while the volume is mounted for reading only.
    private FileStore? _shown;

    /// <summary>The snapshots and clones.</summary>
    public IReadOnlyList<BranchInformation> Branches
    {
        get
        {
            lock (_committer.Lock)
            {
                var list = new List<BranchInformation>();
                for (int i = 0; i < _checkpoint.Branches.Count; i++)
                {
                    BranchState branch = _checkpoint.Branches[i];
                    if (branch.Name.Length > 0)
                        list.Add(new BranchInformation(
                            branch.DisplayName, branch.CreationTime, i == 0 ? _files.InodeCount : branch.Inodes, branch.IsWritable, i == 0));
                }

                return list;
            }
        }
    }

    /// <summary>Keeps the mounted files as they are now under a name. Takes no space until they change.</summary>
    /// <param name="name">1 to 64 bytes of UTF-8.</param>
    /// <param name="now">Nanoseconds since 1970.</param>
    /// <returns>EEXIST, ENAMETOOLONG, EINVAL for an empty name, EMLINK where there are 64 branches already, ENOSPC where changes to what is shared then would find no room.</returns>
    public Errno CreateSnapshot(string name, long now) => CreateBranch(name, null, isWritable: false, now);

    /// <summary>
    /// Makes files that can be mounted and changed by themselves (<see cref="VolumeOptions.Clone"/>), from the mounted ones or from a
    /// snapshot or clone. Takes no space until either changes.
    /// </summary>
    /// <param name="name">1 to 64 bytes of UTF-8.</param>
    /// <param name="source">Name of a snapshot or clone, or <see cref="Main"/>; null for the mounted files.</param>
    /// <param name="now">Nanoseconds since 1970.</param>
    /// <returns>As <see cref="CreateSnapshot"/>, and ENOENT where the source doesn't exist.</returns>
    public Errno CreateClone(string name, string? source, long now) => CreateBranch(name, source, isWritable: true, now);

    /// <summary>Opens a branch for reading. Valid until it is removed or the volume closed.</summary>
    /// <param name="name">A snapshot, a clone, or <see cref="Main"/>.</param>
    /// <param name="files">Its files.</param>
    /// <returns>ENOENT.</returns>
    public Errno OpenBranch(string name, out IFileStore? files)
    {
        files = null;
        lock (_committer.Lock)
        {
            int index = FindBranch(BranchState.ToBytes(name));
            if (index < 0)
                return Errno.ENOENT;
            try
            {
                _hasOpenBranches |= index > 0;
                files = index == 0 ? _files : Load(_checkpoint.Branches[index]);
                return Errno.Success;
            }
            catch (VolumeException e)
            {
                return Report(e);
            }
        }
    }

    /// <summary>Removes a snapshot or clone and frees the blocks that only it had. Reads the whole index.</summary>
    /// <returns>ENOENT; EBUSY for the one that is mounted, EPERM for <see cref="Main"/>.</returns>
    public Errno RemoveBranch(string name)
    {
        if (IsReadOnly)
            return Errno.EROFS;
        lock (_committer.Lock)
        {
            int index = FindBranch(BranchState.ToBytes(name));
            if (index < 0)
                return Errno.ENOENT;
            if (_checkpoint.Branches[index].Name.Length == 0)
                return Errno.EPERM;
            return index == 0 ? Errno.EBUSY : CollectGarbage(index);
        }
    }

    private Errno CreateBranch(string name, string? source, bool isWritable, long now)
    {
        byte[] bytes = BranchState.ToBytes(name);
        if (name.Length == 0)
            return Errno.EINVAL;
        if (bytes.Length > Volumes.Checkpoint.LargestName)
            return Errno.ENAMETOOLONG;
        if (IsReadOnly)
            return Errno.EROFS;
        lock (_committer.Lock)
        {
            if (bytes.Length == 0 || FindBranch(bytes) >= 0)
                return Errno.EEXIST;
            if (_checkpoint.Branches.Count > Volumes.Checkpoint.MostBranches)
                return Errno.EMLINK;
            int from = source is null ? 0 : FindBranch(BranchState.ToBytes(source));
            if (from < 0)
                return Errno.ENOENT;
            var branch = new BranchState { Name = bytes, CreationTime = now, IsWritable = isWritable };
            if (from > 0)
            {
                branch.Inodes = _checkpoint.Branches[from].Inodes;
                branch.Tables.AddRange(_checkpoint.Branches[from].Tables);
            }

            // With the index as it will be, it can be told whether there is room to change it once it is shared.
            if (Checkpoint() is var error and not Errno.Success)
                return error;
            lock (_core.Lock)
            {
                long need = isWritable ? _core.Room.NeedWhenCloned : _core.Room.NeedWhenShared;
                if (_core.Space.Free - _core.Promised < need + _core.Room.Shrinking)
                    return Errno.ENOSPC;
            }

            return Exclusively(() => WriteCheckpoint(new CheckpointTask { Added = branch, IsOfLive = from == 0 }));
        }
    }

    private bool IsOn(ReadOnlySpan<byte> branch) => branch.SequenceEqual(_checkpoint.Branches[0].Name);

    // Shows another branch than the one that the journal belongs to.
    private void Show(ReadOnlySpan<byte> branch) => _shown = Load(_checkpoint.Branches[Require(branch)]);

    // Makes another branch the one that changes. The volume is opened anew afterwards.
    private void SwitchTo(ReadOnlySpan<byte> branch)
    {
        int index = Require(branch);
        if (!_checkpoint.Branches[index].IsWritable && branch.Length > 0)
            throw new VolumeException(Errno.EROFS, $"'{_checkpoint.Branches[index].DisplayName}' is a snapshot, which never changes: make a clone of it and mount that.");
        // With all that the journal brought back in the tables.
        if (Checkpoint() is var error and not Errno.Success)
            throw _failure ?? new VolumeException(error, "The volume's changes couldn't be written.");
        lock (_committer.Lock)
        {
            Checkpoint next = NextCheckpoint();
            next.Branches.Add(_checkpoint.Branches[index]);
            for (int i = 0; i < _checkpoint.Branches.Count; i++)
            {
                if (i != index)
                    next.Branches.Add(_checkpoint.Branches[i]);
            }

            lock (_core.Lock)
                _writtenSpace.CopyFrom(_core.Space);
            ForgetMerge();
            // What is there now may be any branch's.
            Install(next, isShared: true, () => { });
        }
    }

    private int Require(ReadOnlySpan<byte> branch)
    {
        int index = FindBranch(branch);
        return index >= 0
            ? index
            : throw new VolumeException(Errno.ENOENT, $"It has no clone or snapshot '{Encoding.UTF8.GetString(branch)}': 'cloister fs clone list' shows them.");
    }

    private FileStore Load(BranchState branch)
    {
        var view = new IndexView();
        var tiers = new List<IIndexTier>();
        foreach (TableReference table in branch.Tables)
            tiers.Add(IndexTable.Load(_mergeReader, _leaves, table));
        view.SetTiers([.. tiers]);
        return new FileStore(this, _core, view, null, new PageBuffer(1), _direct, _hash, _options) { InodeCount = branch.Inodes };
    }

    private int FindBranch(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _checkpoint.Branches.Count; i++)
        {
            if (name.SequenceEqual(_checkpoint.Branches[i].Name))
                return i;
        }

        return -1;
    }

    // Frees what no branch needs, or none but one that goes.
    private Errno CollectGarbage(int without = 0) =>
        ExclusivelyPaused(() => WriteCheckpoint(new CheckpointTask { Sweeps = true, Removed = without }));

    // Finds out which blocks are in use: what the branches show, and the tables themselves. What newer records of a branch hide isn't.
    // With the delta frozen and committed, and before anything is written, so that what is found helps the checkpoint that follows.
    private void Sweep(int without)
    {
        Checkpoint next = NextCheckpoint();
        for (int i = 0; i < _checkpoint.Branches.Count; i++)
        {
            if (i == 0 || i != without)
                next.Branches.Add(_checkpoint.Branches[i]);
        }

        // From now on the branch is gone, and no replay looks at blocks that newer records hide. Takes no space.
        RewriteSlots(next);
        var inUse = new FreeMap(_core.Space.Blocks);
        inUse.Mark(0, VolumeLayout.JournalFirst + _superblock.JournalBlocks);
        var chunks = new List<ChunkPointer>();
        _mergeReader.ListBlob(_checkpoint.SpaceMap, SealedKind.SpaceMap, chunks);
        MarkUsed(inUse, chunks, _index.Frozen!, _index.Tables);
        for (int i = 1; i < _checkpoint.Branches.Count; i++)
        {
            var tables = new List<IndexTable>();
            foreach (TableReference table in _checkpoint.Branches[i].Tables)
                tables.Add(IndexTable.Load(_mergeReader, _leaves, table));
            MarkUsed(inUse, chunks, new DeltaTable(), tables);
        }

        foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunks))
        {
            for (int i = 0; i < chunk.BlockCount; i++)
                inUse.Mark(chunk.Places[i], 1);
        }

        _writtenSpace.CopyFrom(inUse);
        lock (_core.Lock)
        {
            _core.OnSwept(inUse);
            if (_checkpoint.Branches.Count == 1)
                _core.SharedBefore = 0;
        }
    }

    private void MarkUsed(FreeMap inUse, List<ChunkPointer> chunks, DeltaTable delta, IReadOnlyList<IndexTable> tables)
    {
        foreach (IndexTable table in tables)
        {
            _mergeReader.ListBlob(table.Fences, SealedKind.Fences, chunks);
            chunks.AddRange(table.Leaves);
        }

        new TableMerge(delta, new List<IndexTable>(tables).ToArray(), dropsTombstones: true, _mergeReader, new UseMarker(inUse), []).Run();
    }

    // Marks the blocks of the extents of a merge.
    private sealed class UseMarker(FreeMap inUse) : IRecordSink
    {
        public bool MayTakeOver => false;

        public void Add(in IndexKey key, ReadOnlySpan<byte> value)
        {
            if (key.Kind == RecordKind.Extent && ExtentValue.IsData(value))
                inUse.Mark(ExtentValue.Place(value), ExtentValue.Count(value));
        }

        public void TakeOver(in IndexKey firstKey, in ChunkPointer leaf, int records) => throw new InvalidOperationException("Leaves are never taken over here.");
    }
}

/// <summary>A snapshot or clone.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreationTime">When it was made, in nanoseconds since 1970.</param>
/// <param name="Inodes">Inodes in it.</param>
/// <param name="IsWritable">Whether it is a clone.</param>
/// <param name="IsMounted">Whether it is the one that changes now.</param>
public readonly record struct BranchInformation(string Name, long CreationTime, long Inodes, bool IsWritable, bool IsMounted);

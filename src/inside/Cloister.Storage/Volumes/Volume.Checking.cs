using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Checking;
using Cloister.Storage.Index;
using Cloister.Storage.Sealing;
using Cloister.Storage.Space;

namespace Cloister.Storage.Volumes;

/// <content>The check of a whole volume.</content>
public sealed partial class Volume
{
    /// <summary>Checks everything: tables, names, links, blocks, free space, snapshots. Others wait meanwhile.</summary>
    /// <param name="readsData">Whether the content of all files is read and opened too.</param>
    /// <param name="observer">Gets the findings.</param>
    /// <param name="summary">What was looked at.</param>
    /// <returns>Success where the check could be made, whatever it found; EIO where a changed volume couldn't be committed first.</returns>
    public Errno Check(bool readsData, ICheckObserver observer, out CheckSummary summary)
    {
        summary = default;
        // Everything into the index, so that it can be compared with the map of free blocks.
        if (!IsReadOnly && Checkpoint() is var error and not Errno.Success)
            return error;
        lock (_committer.Lock)
        {
            foreach (string sentence in IsReadOnly ? _damage : [])
                observer.OnFinding(new CheckFinding("the volume", sentence));
            lock (_core.Lock)
            {
                var seen = new FreeMap(_core.Space.Blocks);
                seen.Mark(0, VolumeLayout.JournalFirst + _superblock.JournalBlocks);
                long indexBlocks = MarkBlob(_checkpoint.SpaceMap, SealedKind.SpaceMap, seen, observer);
                var check = new VolumeCheck(_core, observer, seen, _hash, readsData, "");
                indexBlocks += CheckIndex(check, _index.Delta, _index.Tables, seen, observer);
                if (check.Inodes != _files.InodeCount)
                    observer.OnFinding(new CheckFinding("the volume", $"claims {_files.InodeCount} inodes and has {check.Inodes}."));
                long dataBlocks = check.DataBlocks;
                for (int i = 1; i < _checkpoint.Branches.Count; i++)
                    indexBlocks += CheckBranch(_checkpoint.Branches[i], readsData, seen, observer, ref dataBlocks);
                CheckSpace(seen, observer);
                summary = new CheckSummary(check.Inodes, check.Entries, dataBlocks, indexBlocks);
                return Errno.Success;
            }
        }
    }

    /// <summary>Whether anything of the volume, or of its past that isn't free yet, lies in a block.</summary>
    internal bool IsBlockUsed(long block)
    {
        lock (_core.Lock)
            return _core.Space.IsUsed(block);
    }

    /// <summary>The first sequence number that the volume still has a key for.</summary>
    internal ulong OldestEpoch => _keys.FirstSequence(0);

    /// <summary>Changes an inode behind everybody's back, for the tests of the check.</summary>
    internal void Damage(ulong number, Action<Cloister.Storage.Files.Inode> damage, Action meanwhile)
    {
        Cloister.Storage.Files.Inode inode = _files.LoadForDamage(number);
        var record = new byte[Cloister.Storage.Files.Inode.RecordSize];
        inode.Write(record);
        damage(inode);
        meanwhile();
        inode.Read(record);
        _files.MarkDirty(inode);
    }

    private long CheckBranch(BranchState branch, bool readsData, FreeMap seen, ICheckObserver observer, ref long dataBlocks)
    {
        string name = $"{(branch.IsWritable ? "clone" : "snapshot")} '{branch.DisplayName}'";
        var tables = new List<IndexTable>();
        try
        {
            foreach (TableReference table in branch.Tables)
                tables.Add(IndexTable.Load(_mergeReader, _leaves, table));
        }
        catch (VolumeException e)
        {
            observer.OnFinding(new CheckFinding(name, e.Message));
            return 0;
        }

        var check = new VolumeCheck(_core, observer, seen, _hash, readsData, $" of {name}") { MayShare = true };
        long blocks = CheckIndex(check, new DeltaTable(), tables, seen, observer);
        dataBlocks += check.DataBlocks;
        return blocks;
    }

    private long CheckIndex(VolumeCheck check, DeltaTable delta, IReadOnlyList<IndexTable> tables, FreeMap seen, ICheckObserver observer)
    {
        long blocks = 0;
        var merged = new IndexTable[tables.Count];
        for (int i = 0; i < merged.Length; i++)
        {
            merged[i] = tables[i];
            blocks += MarkBlob(tables[i].Fences, SealedKind.Fences, seen, observer);
            foreach (ref readonly ChunkPointer leaf in tables[i].Leaves)
                blocks += MarkChunk(leaf, seen);
        }

        try
        {
            new TableMerge(delta, merged, dropsTombstones: true, _mergeReader, check, []).Run();
            check.Finish();
        }
        catch (VolumeException e)
        {
            observer.OnFinding(new CheckFinding("the index", e.Message + " Nothing behind it could be checked."));
        }

        return blocks;
    }

    private long MarkBlob(in BlobPointer blob, SealedKind kind, FreeMap seen, ICheckObserver observer)
    {
        long blocks = 0;
        try
        {
            var chunks = new List<ChunkPointer>();
            _mergeReader.ListBlob(blob, kind, chunks);
            foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunks))
                blocks += MarkChunk(chunk, seen);
        }
        catch (VolumeException e)
        {
            observer.OnFinding(new CheckFinding("the index", e.Message));
        }

        return blocks;
    }

    private static int MarkChunk(in ChunkPointer chunk, FreeMap seen)
    {
        for (int i = 0; i < chunk.BlockCount; i++)
            seen.Mark(chunk.Places[i], 1);
        return chunk.BlockCount;
    }

    private void CheckSpace(FreeMap seen, ICheckObserver observer)
    {
        // After a mount for reading only, the map is that of the checkpoint, with what the journal's end no longer needs.
        long lost = 0, missing = 0;
        for (long block = 0; block < seen.Blocks; block++)
        {
            bool isUsed = _core.Space.IsUsed(block);
            if (isUsed && !seen.IsUsed(block))
                lost++;
            else if (!isUsed && seen.IsUsed(block))
                missing++;
        }

        if (missing > 0)
            observer.OnFinding(new CheckFinding("the map of free blocks", $"shows {missing} blocks as free that are in use."));
        if (lost > _core.SharedGarbage + _core.FreedBlocks)
            observer.OnFinding(new CheckFinding("the map of free blocks", $"shows {lost - _core.SharedGarbage - _core.FreedBlocks} blocks as used that nothing uses."));
    }
}

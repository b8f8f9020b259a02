using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Files;
using Cloister.Storage.Index;
using Cloister.Storage.Space;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Checking;

/// <summary>
/// Goes through all records of an index in order, and through the content of all files if wanted, and tells what contradicts
/// something else. Tags are checked by reading; this is about what was sealed.
/// </summary>
internal sealed class VolumeCheck : IRecordSink
{
    private readonly VolumeCore _core;
    private readonly ICheckObserver _observer;
    private readonly FreeMap _seen;
    private readonly NameHash _hash;
    private readonly bool _readsData;
    private readonly string _where;
    private readonly Dictionary<ulong, Facts> _inodes = [];
    private readonly HashSet<ulong> _orphans = [];
    private readonly BlockBatch _batch = new(1);
    private readonly byte[] _ciphertext = new byte[ExtentValue.MaxBlocks * IBlockDevice.BlockSize];
    private readonly byte[] _plaintext = new byte[IBlockDevice.BlockSize];

    /// <summary>Prepares the check of one index.</summary>
    /// <param name="core">The volume.</param>
    /// <param name="observer">Gets the findings.</param>
    /// <param name="seen">Gets the blocks that are in use.</param>
    /// <param name="hash">Hash of names.</param>
    /// <param name="readsData">Whether the content of files is read too.</param>
    /// <param name="where">Behind the names of objects, where this isn't the live index.</param>
    public VolumeCheck(VolumeCore core, ICheckObserver observer, FreeMap seen, in NameHash hash, bool readsData, string where)
    {
        _core = core;
        _observer = observer;
        _seen = seen;
        _hash = hash;
        _readsData = readsData;
        _where = where;
    }

    public bool MayTakeOver => false;

    public long Inodes { get; private set; }

    public long Entries { get; private set; }

    public long DataBlocks { get; private set; }

    /// <summary>Whether blocks that were seen before are shared with a snapshot, not used twice.</summary>
    public bool MayShare { get; init; }

    public void TakeOver(in IndexKey firstKey, in ChunkPointer leaf, int records) => throw new InvalidOperationException("Leaves are never taken over here.");

    public void Add(in IndexKey key, ReadOnlySpan<byte> value)
    {
        switch (key.Kind)
        {
            case RecordKind.Inode:
                AddInode(key.Object, value);
                break;
            case RecordKind.Entry:
                AddEntry(key, value);
                break;
            case RecordKind.Attribute:
                if (value.Length < 1 || value.Length < 1 + value[0] || _hash.Compute(value.Slice(1, value[0])) != (key.Number & ~0xFUL))
                    Report($"inode {key.Object}", "has an extended attribute that is malformed or under the wrong hash.");
                Of(key.Object).HasAttributes = true;
                break;
            case RecordKind.Target:
                Of(key.Object).TargetLength = value.Length;
                break;
            case RecordKind.Inline:
                Of(key.Object).HasInline = true;
                break;
            case RecordKind.Extent:
                AddExtent(key, value);
                break;
            case RecordKind.Orphan:
                _orphans.Add(key.Number);
                break;
            default:
                Report($"object {key.Object}", $"has a record of the unknown kind {(int)key.Kind}.");
                break;
        }
    }

    /// <summary>Compares what belongs together, after all records were added.</summary>
    public void Finish()
    {
        foreach ((ulong number, Facts facts) in _inodes)
        {
            if (facts.Inode is not { } inode)
            {
                Report($"inode {number}", facts.Names > 0 ? "is named by a directory, but isn't there." : "isn't there, but has content or attributes.");
                continue;
            }

            CheckNames(number, facts, inode);
            if (inode.Blocks != facts.Blocks)
                Report($"inode {number}", $"claims {inode.Blocks} blocks and has {facts.Blocks}.");
            if (inode.IsInline != facts.HasInline)
                Report($"inode {number}", facts.HasInline ? "has content in the index that it doesn't know of." : "lacks its content in the index.");
            if (inode.HasAttributes is false && facts.HasAttributes)
                Report($"inode {number}", "has extended attributes that it doesn't know of.");
            if (inode.Type == FileModes.S_IFLNK && facts.TargetLength != inode.Size)
                Report($"symbolic link {number}", $"claims a target of {inode.Size} bytes and has {facts.TargetLength}.");
            if (facts.EndOfBlocks > inode.SizeInBlocks)
                Report($"inode {number}", $"has blocks behind its end at {inode.Size} bytes.");
        }

        foreach (ulong orphan in _orphans)
        {
            if (!_inodes.TryGetValue(orphan, out Facts? facts) || facts.Inode is not { LinkCount: 0 })
                Report($"inode {orphan}", "is listed as one without names, but isn't.");
        }
    }

    private void CheckNames(ulong number, Facts facts, Inode inode)
    {
        if (!inode.IsDirectory)
        {
            if (inode.LinkCount != facts.Names)
                Report($"inode {number}", $"claims {inode.LinkCount} names and has {facts.Names}.");
            if (inode.LinkCount == 0 && !_orphans.Contains(number))
                Report($"inode {number}", "has no name and isn't listed for removal.");
            return;
        }

        uint names = number == IFileStore.RootInode ? 1 : facts.Names;
        if (names > 1 || (names == 0) != (inode.LinkCount == 0))
            Report($"directory {number}", $"has {names} names.");
        if (names == 1 && inode.LinkCount != 2 + facts.Directories)
            Report($"directory {number}", $"claims {inode.LinkCount} links and has {2 + facts.Directories}.");
        if (inode.Size != facts.Entries)
            Report($"directory {number}", $"claims {inode.Size} entries and has {facts.Entries}.");
        if (facts.Names == 1 && inode.Parent != facts.NamedBy)
            Report($"directory {number}", $"claims to be in directory {inode.Parent} and is in {facts.NamedBy}.");
    }

    private void AddInode(ulong number, ReadOnlySpan<byte> value)
    {
        if (value.Length != Inode.RecordSize)
        {
            Report($"inode {number}", "has a malformed record.");
            return;
        }

        var inode = new Inode();
        inode.Reset(number);
        inode.Read(value);
        Of(number).Inode = inode;
        Inodes++;
    }

    private void AddEntry(in IndexKey key, ReadOnlySpan<byte> value)
    {
        Entries++;
        string name = value.Length > 9 ? Encoding.UTF8.GetString(value[9..]) : "";
        if (value.Length is < 10 or > 9 + IFileStore.NameMax || _hash.Compute(value[9..]) != (key.Number & ~0xFUL))
            Report($"directory {key.Object}", $"has the entry '{name}', which is malformed or under the wrong hash.");
        if (value.Length < 9)
            return;
        Facts child = Of(BinaryPrimitives.ReadUInt64LittleEndian(value));
        child.Names++;
        child.NamedBy = key.Object;
        Facts directory = Of(key.Object);
        directory.Entries++;
        if (value[8] == FileModes.S_IFDIR >> 12)
            directory.Directories++;
    }

    private void AddExtent(in IndexKey key, ReadOnlySpan<byte> value)
    {
        if (!ExtentValue.IsValid(value))
        {
            Report($"inode {key.Object}", $"has a malformed extent at block {key.Number}.");
            return;
        }

        if (!ExtentValue.IsData(value))
            return;
        long count = ExtentValue.Count(value), place = ExtentValue.Place(value);
        Facts facts = Of(key.Object);
        facts.Blocks += count;
        facts.EndOfBlocks = Math.Max(facts.EndOfBlocks, (long)key.Number + count);
        DataBlocks += count;
        if (place + count > _core.Space.Blocks)
        {
            Report($"inode {key.Object}", $"has block {key.Number} behind the end of the volume.");
            return;
        }

        for (long block = place; block < place + count; block++)
        {
            if (!MayShare && _seen.IsUsed(block))
                Report($"inode {key.Object}", $"uses block {block} of the device, which is used elsewhere too.");
        }

        _seen.Mark(place, count);
        if (_readsData)
            ReadData(key, value, (int)count);
    }

    private void ReadData(in IndexKey key, ReadOnlySpan<byte> value, int count)
    {
        _batch.Clear();
        _batch.AddRead(ExtentValue.Place(value), _ciphertext.AsMemory(0, count * IBlockDevice.BlockSize));
        _core.Device.Submit(_batch);
        if (_core.Device.Wait(_batch) is var error and not Errno.Success)
        {
            Report($"inode {key.Object}", $"has blocks from {key.Number} on that the host can't read ({error}).");
            return;
        }

        for (int i = 0; i < count; i++)
        {
            if (!_core.Sealer.TryOpenBlock(key.Object, (long)key.Number + i, ExtentValue.Sequence(value) + (ulong)i,
                _ciphertext.AsSpan(i * IBlockDevice.BlockSize, IBlockDevice.BlockSize),
                ExtentValue.Tags(value).Slice(i * ExtentValue.TagSize, ExtentValue.TagSize), _plaintext))
                Report($"inode {key.Object}", $"has a block {(long)key.Number + i} that isn't what was stored.");
        }

        _observer.OnProgress(DataBlocks, _core.Space.Blocks - _core.Space.Free);
    }

    private Facts Of(ulong number)
    {
        if (!_inodes.TryGetValue(number, out Facts? facts))
            _inodes.Add(number, facts = new Facts());
        return facts;
    }

    private void Report(string what, string problem) => _observer.OnFinding(new CheckFinding(what + _where, problem));

    // What is known of an inode from its own record and from others.
    private sealed class Facts
    {
        public Inode? Inode { get; set; }

        public uint Names { get; set; }

        public ulong NamedBy { get; set; }

        public long Entries { get; set; }

        public uint Directories { get; set; }

        public long Blocks { get; set; }

        public long EndOfBlocks { get; set; }

        public bool HasInline { get; set; }

        public bool HasAttributes { get; set; }

        public long TargetLength { get; set; } = -1;
    }
}

using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Sealing;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Journaling;

/// <summary>A point of the volume's history: the number of a record or checkpoint, and its tag or random name.</summary>
internal readonly record struct HistoryPoint(ulong Counter, UInt128 Tag)
{
    public FreshnessState ToState() => new(Counter, (ulong)(Tag >> 64), (ulong)Tag);
}

/// <summary>
/// The journal: a ring of blocks with sealed records, each of which holds the tag of the one before. Used with the commit
/// lock held.
/// </summary>
/// <remarks>
/// Record, from the start of a block: magic (4 bytes), length of the sealed part (4), counter (8), sequence number (8), tag
/// (16); sealed: tag of the record before (16), counter of the newest record that was known to be durable (8), entries.
/// </remarks>
internal sealed class Journal
{
    private const uint Magic = 0x4A534643;
    private const int HeaderSize = 40;
    private const int PrefixSize = 24;

    // Blocks behind the end of the chain in which a record is looked for: 4 MiB, more than the longest record.
    private const int MostAhead = 1024;

    private readonly VolumeCore _core;
    private readonly long _firstBlock;
    private readonly BlockBatch _batch = new(2);
    private byte[] _buffer = new byte[16 * IBlockDevice.BlockSize];

    /// <summary>Makes the view of a ring.</summary>
    /// <param name="core">The volume.</param>
    /// <param name="firstBlock">Where the ring begins.</param>
    /// <param name="blocks">Its blocks.</param>
    /// <param name="tail">Position of the first record after the checkpoint: blocks since the volume was made.</param>
    /// <param name="head">The checkpoint, which the first record continues.</param>
    public Journal(VolumeCore core, long firstBlock, long blocks, long tail, in HistoryPoint head)
    {
        _core = core;
        _firstBlock = firstBlock;
        Blocks = blocks;
        Tail = tail;
        Position = tail;
        Head = head;
        DurableCounter = head.Counter;
    }

    /// <summary>Blocks of the ring.</summary>
    public long Blocks { get; }

    /// <summary>Where the records that still count begin.</summary>
    public long Tail { get; private set; }

    /// <summary>Where the next record goes.</summary>
    public long Position { get; private set; }

    /// <summary>The newest record.</summary>
    public HistoryPoint Head { get; private set; }

    /// <summary>The newest record that a flush has confirmed.</summary>
    public ulong DurableCounter { get; set; }

    public long FreeBlocks => Blocks - (Position - Tail);

    /// <summary>Blocks that a record with so many bytes of entries takes.</summary>
    public static long RecordBlocks(int entries) => (HeaderSize + PrefixSize + (long)entries + IBlockDevice.BlockSize - 1) / IBlockDevice.BlockSize;

    /// <summary>Starts to write a record; <see cref="Wait"/> ends it.</summary>
    public void Append(ReadOnlySpan<byte> entries)
    {
        int length = PrefixSize + entries.Length;
        int blocks = (int)RecordBlocks(entries.Length);
        int padded = blocks * IBlockDevice.BlockSize;
        if (blocks > FreeBlocks)
            throw new VolumeException(Errno.ENOSPC, $"A record of {blocks} blocks doesn't fit into the {FreeBlocks} that the journal has left.");
        if (_buffer.Length < padded)
            _buffer = new byte[padded * 2];
        ulong sequence;
        lock (_core.Lock)
            sequence = _core.TakeSequence(1);
        ulong counter = Head.Counter + 1;
        Span<byte> header = _buffer.AsSpan(0, HeaderSize);
        Span<byte> sealedPart = _buffer.AsSpan(HeaderSize, length);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], counter);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], sequence);
        BinaryPrimitives.WriteUInt128LittleEndian(sealedPart, Head.Tag);
        BinaryPrimitives.WriteUInt64LittleEndian(sealedPart[16..], DurableCounter);
        entries.CopyTo(sealedPart[PrefixSize..]);
        _core.Sealer.Seal(SealedKind.Journal, sequence, counter, (ulong)length, sealedPart, sealedPart, header[24..]);
        _buffer.AsSpan(HeaderSize + length, padded - HeaderSize - length).Clear();
        Head = new HistoryPoint(counter, BinaryPrimitives.ReadUInt128LittleEndian(header[24..]));
        Prepare(Position, blocks, isWrite: true);
        _core.Device.Submit(_batch);
        Position += blocks;
    }

    /// <summary>Waits for the record that was appended.</summary>
    public Errno Wait() => _core.Device.Wait(_batch);

    /// <summary>The records so far are in a checkpoint, which the next record continues.</summary>
    public void OnCheckpoint(in HistoryPoint checkpoint)
    {
        Tail = Position;
        Head = checkpoint;
        DurableCounter = checkpoint.Counter;
    }

    /// <summary>Reads the next record if it continues the chain, and moves behind it.</summary>
    /// <param name="entries">Its entries; valid until the next call.</param>
    /// <param name="durable">Newest record that was durable when it was written.</param>
    /// <returns>False where the journal ends.</returns>
    public bool TryReadNext(out ReadOnlySpan<byte> entries, out ulong durable)
    {
        durable = 0;
        entries = default;
        if (!TryReadAt(Position, out ReadOnlySpan<byte> content, out ulong counter, out ulong sequence) || counter != Head.Counter + 1
            || BinaryPrimitives.ReadUInt128LittleEndian(content) != Head.Tag)
            return false;
        durable = BinaryPrimitives.ReadUInt64LittleEndian(content[16..]);
        entries = content[PrefixSize..];
        Head = new HistoryPoint(counter, BinaryPrimitives.ReadUInt128LittleEndian(_buffer.AsSpan(24)));
        Position += RecordBlocks(entries.Length);
        lock (_core.Lock)
            _core.SkipSequence(sequence);
        return true;
    }

    // Reads and opens what is a record of this volume, after the newest one that is known.
    private bool TryReadAt(long position, out ReadOnlySpan<byte> content, out ulong counter, out ulong sequence)
    {
        content = default;
        counter = 0;
        sequence = 0;
        long room = Blocks - (position - Tail);
        if (room < 1)
            return false;
        Transfer(position, 1);
        Span<byte> header = _buffer.AsSpan(0, HeaderSize);
        int length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        counter = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        sequence = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic || counter <= Head.Counter || length < PrefixSize)
            return false;
        long blocks = RecordBlocks(length - PrefixSize);
        if (blocks > room)
            return false;
        if (blocks > 1)
        {
            if (_buffer.Length < blocks * IBlockDevice.BlockSize)
                _buffer = new byte[blocks * IBlockDevice.BlockSize * 2];
            Transfer(position, (int)blocks);
            // The host may have answered differently the second time: only the first header was checked.
            header = _buffer.AsSpan(0, HeaderSize);
            if (BinaryPrimitives.ReadInt32LittleEndian(header[4..]) != length || BinaryPrimitives.ReadUInt64LittleEndian(header[16..]) != sequence
                || BinaryPrimitives.ReadUInt64LittleEndian(header[8..]) != counter)
                return false;
        }

        Span<byte> sealedPart = _buffer.AsSpan(HeaderSize, length);
        content = sealedPart;
        return _core.Sealer.TryOpen(SealedKind.Journal, sequence, counter, (ulong)length, sealedPart, header.Slice(24, 16), sealedPart);
    }

    /// <summary>
    /// Looks for records behind the end of the chain that say of earlier ones that they were durable: the host has damaged one between,
    /// or withholds it. A crash alone can't leave that.
    /// </summary>
    /// <returns>The newest record that was durable; 0 where none says so.</returns>
    public ulong FindDurable()
    {
        ulong durable = 0;
        for (long ahead = 1; ahead < Math.Min(FreeBlocks, MostAhead); ahead++)
        {
            if (TryReadAt(Position + ahead, out ReadOnlySpan<byte> content, out _, out _))
                durable = Math.Max(durable, BinaryPrimitives.ReadUInt64LittleEndian(content[16..]));
        }

        return durable;
    }

    /// <summary>Goes back to behind an earlier record.</summary>
    public void Rewind(in HistoryPoint head, long position)
    {
        Position = position;
        Head = head;
    }

    private void Transfer(long position, int blocks)
    {
        Prepare(position, blocks, isWrite: false);
        _core.Device.Submit(_batch);
        Errno error = _core.Device.Wait(_batch);
        if (error != Errno.Success)
            throw new VolumeException(Errno.EIO, $"The host couldn't read the journal ({error}).");
    }

    // A record may run over the end of the ring and go on at its start.
    private void Prepare(long position, int blocks, bool isWrite)
    {
        _batch.Clear();
        long offset = position % Blocks;
        int first = (int)Math.Min(blocks, Blocks - offset);
        Add(_firstBlock + offset, 0, first);
        if (first < blocks)
            Add(_firstBlock, first, blocks - first);

        void Add(long block, int from, int count)
        {
            Memory<byte> memory = _buffer.AsMemory(from * IBlockDevice.BlockSize, count * IBlockDevice.BlockSize);
            if (isWrite)
                _batch.AddWrite(block, memory);
            else
                _batch.AddRead(block, memory);
        }
    }
}

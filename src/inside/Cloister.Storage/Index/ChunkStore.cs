using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Sealing;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Index;

/// <summary>Reads chunks. One thread at a time.</summary>
internal sealed class ChunkReader(VolumeCore core)
{
    private readonly byte[] _ciphertext = new byte[ChunkPointer.MaxLength];
    private readonly BlockBatch _batch = new(ChunkPointer.MaxBlocks);

    /// <summary>Reads and opens a chunk.</summary>
    /// <param name="pointer">Which.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="plaintext">At least <see cref="ChunkPointer.Length"/> bytes.</param>
    /// <exception cref="VolumeException">EIO, EBADMSG.</exception>
    public void Read(in ChunkPointer pointer, SealedKind kind, Span<byte> plaintext)
    {
        _batch.Clear();
        for (int i = 0; i < pointer.BlockCount; i++)
            _batch.AddRead(pointer.Places[i], _ciphertext.AsMemory(i * IBlockDevice.BlockSize, IBlockDevice.BlockSize));
        core.Device.Submit(_batch);
        Errno error = core.Device.Wait(_batch);
        if (error != Errno.Success)
            throw new VolumeException(Errno.EIO, $"The host couldn't read a {Describe(kind)} at block {pointer.Places[0]} ({error}).");
        Span<byte> tag = stackalloc byte[Sealer.TagSize];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(tag, pointer.Tag);
        if (!core.Sealer.TryOpen(kind, pointer.Sequence, (ulong)pointer.Length, 0, _ciphertext.AsSpan(0, pointer.Length), tag,
            plaintext[..pointer.Length]))
            throw new VolumeException(Errno.EBADMSG, $"The {Describe(kind)} at block {pointer.Places[0]} isn't what was stored.");
    }

    /// <summary>Reads bytes that a <see cref="ChunkWriter"/> wrote.</summary>
    public byte[] ReadBlob(in BlobPointer blob, SealedKind kind)
    {
        var bytes = new byte[blob.Length];
        if (blob.Length > 0)
            ReadLevel(blob.Top, blob.Depth, kind, bytes, out _, null);
        return bytes;
    }

    /// <summary>Lists the chunks of a blob, for the map of free blocks.</summary>
    public void ListBlob(in BlobPointer blob, SealedKind kind, List<ChunkPointer> chunks)
    {
        if (blob.Length > 0)
            ReadLevel(blob.Top, blob.Depth, kind, new byte[blob.Length], out _, chunks);
    }

    private void ReadLevel(in ChunkPointer top, int depth, SealedKind kind, Span<byte> into, out int written, List<ChunkPointer>? chunks)
    {
        chunks?.Add(top);
        if (depth == 0)
        {
            if (top.Length > into.Length)
                throw new VolumeException(Errno.EBADMSG, $"The {Describe(kind)} at block {top.Places[0]} is longer than its head says.");
            Read(top, kind, into);
            written = top.Length;
            return;
        }

        var pointers = new byte[top.Length];
        Read(top, kind, pointers);
        written = 0;
        for (int at = 0, size; at < pointers.Length; at += size)
        {
            size = ChunkPointer.Read(pointers.AsSpan(at), out ChunkPointer pointer);
            if (size == 0)
                throw new VolumeException(Errno.EBADMSG, $"The {Describe(kind)} at block {top.Places[0]} is malformed.");
            ReadLevel(pointer, depth - 1, kind, into[written..], out int part, chunks);
            written += part;
        }
    }

    private static string Describe(SealedKind kind) => kind switch
    {
        SealedKind.Leaf => "leaf of the index",
        SealedKind.Fences => "list of index leaves",
        SealedKind.SpaceMap => "map of free blocks",
        _ => "chunk",
    };
}

/// <summary>Bytes of any length, in chunks below a chunk of pointers, if need be several levels deep.</summary>
internal struct BlobPointer
{
    public const int MaxSize = ChunkPointer.MaxSize + 9;

    public ChunkPointer Top;
    public int Depth;
    public long Length;

    public readonly int Write(Span<byte> into)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(into, Length);
        into[8] = (byte)Depth;
        return Length == 0 ? 9 : 9 + Top.Write(into[9..]);
    }

    public static int Read(ReadOnlySpan<byte> from, out BlobPointer blob)
    {
        blob = default;
        if (from.Length < 9)
            return 0;
        blob.Length = System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(from);
        blob.Depth = from[8];
        if (blob.Length == 0)
            return 9;
        int size = ChunkPointer.Read(from[9..], out blob.Top);
        return size == 0 || blob.Length is < 0 or > int.MaxValue ? 0 : 9 + size;
    }
}

/// <summary>Seals and writes chunks, some in flight while the next is sealed. One thread at a time.</summary>
internal sealed class ChunkWriter
{
    private const int Depth = 8;

    private readonly VolumeCore _core;
    private readonly BlockBatch[] _batches = new BlockBatch[Depth];
    private readonly byte[][] _buffers = new byte[Depth][];
    private readonly bool[] _inFlight = new bool[Depth];
    private int _next;

    public ChunkWriter(VolumeCore core)
    {
        _core = core;
        for (int i = 0; i < Depth; i++)
            _batches[i] = new BlockBatch(ChunkPointer.MaxBlocks);
    }

    /// <summary>The blocks taken since the list was last cleared.</summary>
    public List<BlockRange> Taken { get; } = [];

    /// <summary>Starts to write a chunk.</summary>
    /// <exception cref="VolumeException">EIO for an earlier one, ENOSPC.</exception>
    public ChunkPointer Write(SealedKind kind, ReadOnlySpan<byte> plaintext)
    {
        var pointer = new ChunkPointer { Length = plaintext.Length };
        Allocate(ref pointer);
        Write(kind, ref pointer, plaintext);
        return pointer;
    }

    /// <summary>Writes bytes of any length.</summary>
    public BlobPointer WriteBlob(SealedKind kind, ReadOnlySpan<byte> bytes) => WriteBlob(kind, AllocateBlob(bytes.Length), bytes);

    /// <summary>Takes the blocks of a blob before its content is known, level by level: chunks, and the pointers to them.</summary>
    public List<ChunkPointer[]> AllocateBlob(int length)
    {
        var levels = new List<ChunkPointer[]>();
        while (length > 0)
        {
            var chunks = new ChunkPointer[(length + ChunkPointer.MaxLength - 1) / ChunkPointer.MaxLength];
            int above = 0;
            for (int i = 0; i < chunks.Length; i++)
            {
                chunks[i].Length = Math.Min(ChunkPointer.MaxLength, length - i * ChunkPointer.MaxLength);
                Allocate(ref chunks[i]);
                above += chunks[i].Size;
            }

            levels.Add(chunks);
            length = chunks.Length == 1 ? 0 : above;
        }

        return levels;
    }

    /// <summary>Writes a blob to the blocks that were taken for it.</summary>
    public BlobPointer WriteBlob(SealedKind kind, List<ChunkPointer[]> levels, ReadOnlySpan<byte> bytes)
    {
        var blob = new BlobPointer { Length = bytes.Length };
        for (int level = 0; level < levels.Count; level++)
        {
            ChunkPointer[] chunks = levels[level];
            var pointers = new byte[chunks.Length * ChunkPointer.MaxSize];
            int size = 0;
            foreach (ref ChunkPointer chunk in chunks.AsSpan())
            {
                Write(kind, ref chunk, bytes[..chunk.Length]);
                bytes = bytes[chunk.Length..];
                size += chunk.Write(pointers.AsSpan(size));
            }

            blob.Top = chunks[0];
            blob.Depth = level;
            bytes = pointers.AsSpan(0, size);
        }

        return blob;
    }

    /// <summary>Waits for everything that was started.</summary>
    /// <exception cref="VolumeException">EIO.</exception>
    public void Finish()
    {
        for (int i = 0; i < Depth; i++)
            WaitFor(i);
    }

    private void Allocate(ref ChunkPointer pointer)
    {
        lock (_core.Lock)
        {
            pointer.Sequence = _core.TakeSequence(1);
            for (int done = 0; done < pointer.BlockCount;)
            {
                int count = _core.AllocateMetadata(pointer.BlockCount - done, out long first);
                Taken.Add(new BlockRange(first, count));
                for (int i = 0; i < count; i++)
                    pointer.Places[done++] = first + i;
            }
        }
    }

    private void Write(SealedKind kind, ref ChunkPointer pointer, ReadOnlySpan<byte> plaintext)
    {
        int slot = _next;
        _next = (_next + 1) % Depth;
        WaitFor(slot);
        byte[] buffer = _buffers[slot] ??= new byte[ChunkPointer.MaxLength];
        int padded = pointer.BlockCount * IBlockDevice.BlockSize;
        buffer.AsSpan(plaintext.Length, padded - plaintext.Length).Clear();
        Span<byte> tag = stackalloc byte[Sealer.TagSize];
        _core.Sealer.Seal(kind, pointer.Sequence, (ulong)pointer.Length, 0, plaintext, buffer.AsSpan(0, plaintext.Length), tag);
        pointer.Tag = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(tag);
        BlockBatch batch = _batches[slot];
        batch.Clear();
        for (int i = 0; i < pointer.BlockCount;)
        {
            int count = 1;
            while (i + count < pointer.BlockCount && pointer.Places[i + count] == pointer.Places[i] + count)
                count++;
            batch.AddWrite(pointer.Places[i], buffer.AsMemory(i * IBlockDevice.BlockSize, count * IBlockDevice.BlockSize));
            i += count;
        }

        _core.Device.Submit(batch);
        _inFlight[slot] = true;
    }

    private void WaitFor(int slot)
    {
        if (!_inFlight[slot])
            return;
        _inFlight[slot] = false;
        Errno error = _core.Device.Wait(_batches[slot]);
        if (error != Errno.Success)
            throw new VolumeException(Errno.EIO, $"The host couldn't write a part of the index ({error}).");
    }
}

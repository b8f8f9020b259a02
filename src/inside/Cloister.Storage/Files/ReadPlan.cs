using System;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Files;

/// <summary>
/// Blocks that one read fetches: where they lie, as the index said under the lock, and memory for them as they come. Used
/// again and again.
/// </summary>
internal sealed class ReadPlan
{
    /// <summary>Most blocks of one plan: 256 KiB.</summary>
    public const int MaxBlocks = 64;

    private readonly byte[] _ciphertext = new byte[MaxBlocks * PageBuffer.PageSize];
    private readonly byte[] _tags = new byte[MaxBlocks * 16];
    private readonly long[] _blocks = new long[MaxBlocks];
    private readonly ulong[] _sequences = new ulong[MaxBlocks];

    public BlockBatch Batch { get; } = new(MaxBlocks);

    /// <summary>Lowest and highest sequence number of the blocks.</summary>
    public ulong FirstSequence { get; private set; }

    /// <inheritdoc cref="FirstSequence"/>
    public ulong LastSequence { get; private set; }

    public int Count { get; private set; }

    /// <summary>Bytes of the part of the file that it is for, with what was in memory.</summary>
    public int Length { get; set; }

    /// <summary>A block of plaintext, for parts of blocks.</summary>
    public byte[] Block { get; } = new byte[PageBuffer.PageSize];

    public void Clear()
    {
        Batch.Clear();
        Count = 0;
        FirstSequence = ulong.MaxValue;
        LastSequence = 0;
    }

    /// <summary>Adds blocks that lie together.</summary>
    public void Add(long block, int count, long place, ulong sequence, ReadOnlySpan<byte> tags)
    {
        Batch.AddRead(place, _ciphertext.AsMemory(Count * PageBuffer.PageSize, count * PageBuffer.PageSize));
        tags.CopyTo(_tags.AsSpan(Count * 16));
        FirstSequence = Math.Min(FirstSequence, sequence);
        LastSequence = Math.Max(LastSequence, sequence + (ulong)count - 1);
        for (int i = 0; i < count; i++, Count++)
        {
            _blocks[Count] = block + i;
            _sequences[Count] = sequence + (ulong)i;
        }
    }

    public long BlockAt(int index) => _blocks[index];

    public ulong SequenceAt(int index) => _sequences[index];

    public ReadOnlySpan<byte> TagAt(int index) => _tags.AsSpan(index * 16, 16);

    public ReadOnlySpan<byte> CiphertextAt(int index) => _ciphertext.AsSpan(index * PageBuffer.PageSize, PageBuffer.PageSize);
}

using System;
using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>
/// Where things lie in the memory shared with the host: a header with four indexes, a ring of submissions, a ring of
/// completions, and data slots. There are offsets only; nothing in the memory is a pointer, and no size in it counts:
/// both sides know the layout from here.
/// </summary>
/// <remarks>
/// The producer of a ring writes an entry, then stores the tail with release; the consumer loads the tail with
/// acquire, copies the entry, then stores the head. Indexes run freely and are taken modulo the number of entries.
/// The enclave never has more requests in flight than <see cref="EntryCount"/>, so neither ring can be full.
/// </remarks>
public static class HostRegionLayout
{
    /// <summary>First word of the region: protocol and version.</summary>
    public const uint Magic = 0x3150_4843; // "CHP1"

    /// <summary>Offset of the next submission's index; the enclave writes it. Each index has a cache line of its own.</summary>
    public const int SubmissionTail = 128;

    /// <summary>Offset of the index of the first submission that the host hasn't taken; for diagnosis only.</summary>
    public const int SubmissionHead = 256;

    /// <summary>Offset of the next completion's index; the host writes it.</summary>
    public const int CompletionTail = 384;

    /// <summary>Offset of the index of the first completion that the enclave hasn't taken; for diagnosis only.</summary>
    public const int CompletionHead = 512;

    /// <summary>Entries of each ring, a power of two.</summary>
    public const int EntryCount = 1024;

    /// <summary>Offset of the submissions.</summary>
    public const int Submissions = 4096;

    /// <summary>Offset of the completions.</summary>
    public const int Completions = Submissions + (EntryCount * SubmissionEntry.Length);

    /// <summary>Number of small data slots; they have the indexes from 0.</summary>
    public const int SmallSlotCount = 128;

    /// <summary>Bytes of a small slot.</summary>
    public const int SmallSlotLength = 64 << 10;

    /// <summary>Number of large data slots; their indexes follow those of the small ones.</summary>
    public const int LargeSlotCount = 16;

    /// <summary>Bytes of a large slot.</summary>
    public const int LargeSlotLength = 1 << 20;

    /// <summary>Number of slots of both sizes.</summary>
    public const int SlotCount = SmallSlotCount + LargeSlotCount;

    /// <summary>Index in a request that has no data slot.</summary>
    public const uint NoSlot = uint.MaxValue;

    /// <summary>Offset of the small slots.</summary>
    public const int SmallSlots = 256 << 10;

    /// <summary>Offset of the large slots.</summary>
    public const int LargeSlots = SmallSlots + (SmallSlotCount * SmallSlotLength);

    /// <summary>Bytes of the region.</summary>
    public const int RegionLength = LargeSlots + (LargeSlotCount * LargeSlotLength);

    /// <summary>The bytes of a data slot.</summary>
    /// <param name="region">The region.</param>
    /// <param name="slot">Index of the slot, below <see cref="SlotCount"/>.</param>
    public static Span<byte> GetSlot(Span<byte> region, int slot) => slot < SmallSlotCount
        ? region.Slice(SmallSlots + (slot * SmallSlotLength), SmallSlotLength)
        : region.Slice(LargeSlots + ((slot - SmallSlotCount) * LargeSlotLength), LargeSlotLength);

    /// <summary>The place of the submission with a running index.</summary>
    public static Span<byte> GetSubmission(Span<byte> region, uint index) =>
        region.Slice(Submissions + ((int)(index % EntryCount) * SubmissionEntry.Length), SubmissionEntry.Length);

    /// <summary>The place of the completion with a running index.</summary>
    public static Span<byte> GetCompletion(Span<byte> region, uint index) =>
        region.Slice(Completions + ((int)(index % EntryCount) * CompletionEntry.Length), CompletionEntry.Length);

    /// <summary>One of the words of the header, for Volatile.</summary>
    public static ref uint GetWord(Span<byte> region, int offset) =>
        ref MemoryMarshal.AsRef<uint>(region.Slice(offset, sizeof(uint)));
}

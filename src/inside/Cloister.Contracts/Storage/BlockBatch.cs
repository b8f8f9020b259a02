using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Cloister.Abi;

namespace Cloister.Contracts.Storage;

/// <summary>One request: whole blocks that lie together on the device and in memory.</summary>
/// <param name="IsWrite">Whether it goes to the device.</param>
/// <param name="FirstBlock">Where on the device.</param>
/// <param name="Buffer">Where in memory; a multiple of <see cref="IBlockDevice.BlockSize"/> long.</param>
public readonly record struct BlockRequest(bool IsWrite, long FirstBlock, Memory<byte> Buffer);

/// <summary>
/// Requests that are in flight together. Made once and used again and again, so that I/O allocates nothing. One thread
/// at a time fills, submits and waits.
/// </summary>
public sealed class BlockBatch
{
    private readonly BlockRequest[] _requests;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="capacity">How many requests fit.</param>
    public BlockBatch(int capacity) => _requests = new BlockRequest[capacity];

    /// <summary>The requests that were added.</summary>
    public ReadOnlySpan<BlockRequest> Requests => _requests.AsSpan(0, Count);

    /// <summary>How many requests were added.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no more fit.</summary>
    public bool IsFull => Count == _requests.Length;

    /// <summary>What the device keeps with the batch while it is in flight, and may keep afterwards for the next time.</summary>
    public object? DeviceState { get; set; }

    /// <summary>Result of the batch, for devices that serve it within <see cref="IBlockDevice.Submit"/>.</summary>
    public Errno Result { get; set; }

    /// <summary>Forgets the requests.</summary>
    public void Clear()
    {
        _requests.AsSpan(0, Count).Clear();
        Count = 0;
        Result = Errno.Success;
    }

    /// <summary>Adds a read.</summary>
    public void AddRead(long firstBlock, Memory<byte> into) => Add(new BlockRequest(false, firstBlock, into));

    /// <summary>Adds a write.</summary>
    public void AddWrite(long firstBlock, Memory<byte> from) => Add(new BlockRequest(true, firstBlock, from));

    private void Add(in BlockRequest request)
    {
        Debug.Assert(request.Buffer.Length > 0 && request.Buffer.Length % IBlockDevice.BlockSize == 0);
        if (Count > 0 && TryAppend(ref _requests[Count - 1], request))
            return;
        _requests[Count++] = request;
    }

    // What continues the last request, on the device and in memory, makes it longer: a log-structured writer has little else.
    private static bool TryAppend(ref BlockRequest last, in BlockRequest next)
    {
        if (last.IsWrite != next.IsWrite || last.FirstBlock + last.Buffer.Length / IBlockDevice.BlockSize != next.FirstBlock
            || !MemoryMarshal.TryGetArray(last.Buffer, out ArraySegment<byte> head)
            || !MemoryMarshal.TryGetArray(next.Buffer, out ArraySegment<byte> tail)
            || head.Array != tail.Array || head.Offset + head.Count != tail.Offset)
            return false;
        last = last with { Buffer = head.Array.AsMemory(head.Offset, head.Count + tail.Count) };
        return true;
    }
}

using System;
using Cloister.Abi;
using Cloister.Contracts;

namespace Cloister.Nucleus;

/// <summary>The kernel's own memory where a program's would be: as source or target of a transfer.</summary>
public sealed class KernelBuffer : IIoBuffer
{
    /// <summary>Bytes of a buffer that is made for pieces of long transfers.</summary>
    public const int TransferSize = 64 * 1024;

    private readonly byte[] _bytes;
    private int _position;
    private int _end;

    /// <summary>Makes one of <see cref="TransferSize"/>; to be <see cref="Reset"/> before it is used.</summary>
    public KernelBuffer()
        : this(new byte[TransferSize], 0, 0)
    {
    }

    /// <summary>Makes one of all bytes of an array.</summary>
    public KernelBuffer(byte[] bytes)
        : this(bytes, 0, bytes.Length)
    {
    }

    /// <summary>Makes one of a part of an array.</summary>
    public KernelBuffer(byte[] bytes, int start, int end)
    {
        _bytes = bytes;
        _position = start;
        _end = end;
    }

    /// <inheritdoc/>
    public long Remaining => _end - _position;

    /// <summary>Where the next byte is stored or fetched.</summary>
    public int Position => _position;

    /// <summary>All of it.</summary>
    public Span<byte> Bytes => _bytes;

    /// <summary>Starts over: room for storing, or bytes for fetching.</summary>
    public KernelBuffer Reset(int count)
    {
        _position = 0;
        _end = count;
        return this;
    }

    /// <inheritdoc/>
    public int Store(ReadOnlySpan<byte> from)
    {
        int count = Math.Min(from.Length, _end - _position);
        from[..count].CopyTo(_bytes.AsSpan(_position));
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public int Fetch(Span<byte> into)
    {
        int count = Math.Min(into.Length, _end - _position);
        _bytes.AsSpan(_position, count).CopyTo(into);
        _position += count;
        return count;
    }

    // The kernel's own memory is always there.

    /// <inheritdoc/>
    public int StorePresent(ReadOnlySpan<byte> from) => Store(from);

    /// <inheritdoc/>
    public int FetchPresent(Span<byte> into) => Fetch(into);

    /// <inheritdoc/>
    public bool Prepare(bool forStore) => Remaining > 0;

    /// <inheritdoc/>
    public bool TryLend(IMemoryUser user, out bool endsAtPage)
    {
        endsAtPage = false;
        _position += user.Use(_bytes.AsSpan(_position, _end - _position));
        return true;
    }

    /// <inheritdoc/>
    public long StoreZeros(long count)
    {
        int part = (int)Math.Min(count, _end - _position);
        _bytes.AsSpan(_position, part).Clear();
        _position += part;
        return part;
    }
}

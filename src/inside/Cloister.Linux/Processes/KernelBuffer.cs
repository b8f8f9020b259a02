using System;
using Cloister.Contracts;

namespace Cloister.Linux.Processes;

/// <summary>A buffer in the kernel as source or target of a file transfer.</summary>
internal sealed class KernelBuffer(byte[] bytes) : IIoBuffer
{
    private int _position;

    /// <inheritdoc/>
    public long Remaining => bytes.Length - _position;

    /// <inheritdoc/>
    public int Store(ReadOnlySpan<byte> from)
    {
        int count = Math.Min(from.Length, bytes.Length - _position);
        from[..count].CopyTo(bytes.AsSpan(_position));
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public int Fetch(Span<byte> into)
    {
        int count = Math.Min(into.Length, bytes.Length - _position);
        bytes.AsSpan(_position, count).CopyTo(into);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public int StorePresent(ReadOnlySpan<byte> from) => Store(from);

    /// <inheritdoc/>
    public int FetchPresent(Span<byte> into) => Fetch(into);

    /// <inheritdoc/>
    public bool Prepare(bool forStore) => Remaining > 0;

    /// <inheritdoc/>
    public long StoreZeros(long count)
    {
        int part = (int)Math.Min(count, bytes.Length - _position);
        bytes.AsSpan(_position, part).Clear();
        _position += part;
        return part;
    }
}

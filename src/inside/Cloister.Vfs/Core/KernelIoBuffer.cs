using System;
using Cloister.Contracts;

namespace Cloister.Vfs.Core;

/// <summary>A piece of kernel memory as a transfer buffer: splice, sendfile.</summary>
internal sealed class KernelIoBuffer : IIoBuffer
{
    public const int Size = 64 * 1024;

    private readonly byte[] _bytes = new byte[Size];
    private int _position;
    private int _end;

    public long Remaining => _end - _position;

    /// <summary>Bytes stored or fetched so far.</summary>
    public int Done => _position;

    public Span<byte> Bytes => _bytes;

    /// <summary>Starts over: room for storing, or bytes for fetching.</summary>
    public KernelIoBuffer Reset(int count)
    {
        _position = 0;
        _end = count;
        return this;
    }

    public int Store(ReadOnlySpan<byte> from)
    {
        int count = Math.Min(from.Length, _end - _position);
        from[..count].CopyTo(_bytes.AsSpan(_position));
        _position += count;
        return count;
    }

    public int Fetch(Span<byte> into)
    {
        int count = Math.Min(into.Length, _end - _position);
        _bytes.AsSpan(_position, count).CopyTo(into);
        _position += count;
        return count;
    }

    // The kernel's own memory is always there.
    public int StorePresent(ReadOnlySpan<byte> from) => Store(from);

    public int FetchPresent(Span<byte> into) => Fetch(into);

    public bool Prepare(bool forStore) => Remaining > 0;

    public long StoreZeros(long count)
    {
        int part = (int)Math.Min(count, _end - _position);
        _bytes.AsSpan(_position, part).Clear();
        _position += part;
        return part;
    }
}

using System;
using Cloister.Contracts;

namespace Cloister.Net;

/// <summary>Takes bytes and forgets them.</summary>
internal sealed class DiscardBuffer(long length) : IIoBuffer
{
    private long _left = length;

    public long Remaining => _left;

    public int Store(ReadOnlySpan<byte> from)
    {
        int count = (int)Math.Min(from.Length, _left);
        _left -= count;
        return count;
    }

    public int Fetch(Span<byte> into) => 0;

    public int StorePresent(ReadOnlySpan<byte> from) => Store(from);

    public int FetchPresent(Span<byte> into) => 0;

    public bool Prepare(bool forStore) => _left > 0;

    public long StoreZeros(long count)
    {
        long done = Math.Min(count, _left);
        _left -= done;
        return done;
    }
}

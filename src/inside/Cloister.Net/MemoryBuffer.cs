using System;
using Cloister.Contracts;

namespace Cloister.Net;

/// <summary>Bytes of the kernel's that go where a program's would.</summary>
internal sealed class MemoryBuffer(byte[] bytes, int start, int end) : IIoBuffer
{
    private int _at = start;

    public long Remaining => end - _at;

    public int Store(ReadOnlySpan<byte> from)
    {
        int count = Math.Min(from.Length, end - _at);
        from[..count].CopyTo(bytes.AsSpan(_at));
        _at += count;
        return count;
    }

    public int Fetch(Span<byte> into)
    {
        int count = Math.Min(into.Length, end - _at);
        bytes.AsSpan(_at, count).CopyTo(into);
        _at += count;
        return count;
    }

    public int StorePresent(ReadOnlySpan<byte> from) => Store(from);

    public int FetchPresent(Span<byte> into) => Fetch(into);

    public bool Prepare(bool forStore) => _at < end;

    public long StoreZeros(long count)
    {
        int done = (int)Math.Min(count, end - _at);
        bytes.AsSpan(_at, done).Clear();
        _at += done;
        return done;
    }
}

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

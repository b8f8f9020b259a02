using System;
using System.Runtime.InteropServices;

namespace Cloister.Crypto;

/// <summary>
/// HMAC (RFC 2104, FIPS 198-1) over a hash function, as a value.
/// </summary>
/// <remarks>Keys may have any length; one longer than a block of the hash is hashed first.</remarks>
public struct Hmac<THash>
    where THash : struct, IHash<THash>
{
    private const int MaxBlockSize = 144;

    // The states after the padded key, so that a key is absorbed once for many messages.
    private THash _innerStart;
    private THash _outerStart;
    private THash _inner;

    /// <summary>Absorbs a key.</summary>
    public Hmac(ReadOnlySpan<byte> key)
    {
        Span<byte> pad = stackalloc byte[MaxBlockSize];
        pad = pad[..THash.BlockSize];
        pad.Clear();
        _innerStart = THash.Create();
        _outerStart = THash.Create();
        if (key.Length > pad.Length)
        {
            _innerStart.Append(key);
            _innerStart.GetHashAndReset(pad);
        }
        else
        {
            key.CopyTo(pad);
        }

        foreach (ref byte octet in pad)
            octet ^= 0x36;
        _innerStart.Append(pad);
        foreach (ref byte octet in pad)
            octet ^= 0x36 ^ 0x5C;
        _outerStart.Append(pad);
        _inner = _innerStart;
        FixedTime.Zero(pad);
    }

    /// <summary>Absorbs bytes of the message.</summary>
    public void Append(ReadOnlySpan<byte> data) => _inner.Append(data);

    /// <summary>Writes the code of all bytes so far, and starts anew with the same key.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the hash.</exception>
    public void GetHashAndReset(Span<byte> destination)
    {
        Arguments.RequireRoom(destination.Length, THash.HashSize, nameof(destination));
        _inner.GetHashAndReset(destination);
        THash outer = _outerStart;
        outer.Append(destination[..THash.HashSize]);
        outer.GetHashAndReset(destination);
        FixedTime.Zero(MemoryMarshal.AsBytes(new Span<THash>(ref outer)));
        _inner = _innerStart;
    }

    /// <summary>The code of a message at once.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the hash.</exception>
    public static void HashData(ReadOnlySpan<byte> key, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var hmac = new Hmac<THash>(key);
        hmac.Append(source);
        hmac.GetHashAndReset(destination);
        hmac.Erase();
    }

    /// <summary>Erases the key. The value may not be used any more.</summary>
    public void Erase() => FixedTime.Zero(MemoryMarshal.AsBytes(new Span<Hmac<THash>>(ref this)));
}

using System;

namespace Cloister.Crypto;

/// <summary>
/// A hash function as a value: its whole state lies in the structure, on the caller's stack or in its object.
/// </summary>
/// <remarks>A state that is <c>default</c> must be initialised before use. A copy of the structure is a copy of the state.</remarks>
public interface IHash<TSelf>
    where TSelf : struct, IHash<TSelf>
{
    /// <summary>Bytes of the hash.</summary>
    static abstract int HashSize { get; }

    /// <summary>Bytes of a block, which HMAC pads its key to.</summary>
    static abstract int BlockSize { get; }

    /// <summary>The state before the first byte.</summary>
    static abstract TSelf Create();

    /// <summary>Absorbs bytes.</summary>
    void Append(ReadOnlySpan<byte> data);

    /// <summary>Writes the hash of all bytes so far, and starts anew.</summary>
    void GetHashAndReset(Span<byte> destination);
}

using System;

namespace Cloister.Crypto;

/// <summary>
/// AES in counter mode (NIST SP 800-38A, 6.5): encryption without authentication. Decryption is the same.
/// </summary>
/// <remarks>
/// The whole block counts, big-endian. No two messages with one key may share a counter block. An instance may be used by several threads.
/// </remarks>
public sealed class AesCtr : IDisposable
{
    /// <summary>Bytes of a counter block.</summary>
    public const int CounterSize = AesSizes.BlockSize;

    private readonly AesBlocks _aes;

    /// <summary>Expands a key of 16, 24 or 32 bytes, which isn't kept.</summary>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    public AesCtr(ReadOnlySpan<byte> key)
        : this(key, forcePortable: false)
    {
    }

    internal AesCtr(ReadOnlySpan<byte> key, bool forcePortable) => _aes = new AesBlocks(key, forcePortable);

    /// <summary>Encrypts or decrypts.</summary>
    /// <param name="counter">The first counter block, 16 bytes.</param>
    /// <param name="input">Bytes to encrypt or decrypt.</param>
    /// <param name="output">Gets as many; the same memory as the input, or none of it.</param>
    /// <exception cref="ArgumentException">A size is wrong, or input and output overlap.</exception>
    public void Crypt(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Arguments.RequireLength(counter.Length, CounterSize, nameof(counter));
        Arguments.RequireLength(output.Length, input.Length, nameof(output));
        Arguments.RequireSameOrApart(input, output, nameof(output));
        Span<byte> next = stackalloc byte[CounterSize];
        counter.CopyTo(next);
        CounterMode.Crypt(_aes, next, input, output, wholeBlock: true);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _aes.Dispose();
}

using System;
using System.Runtime.CompilerServices;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Cloister.Crypto;

/// <summary>
/// ChaCha20-Poly1305 (RFC 8439): authenticated encryption with a 256-bit key, a 96-bit nonce and a 128-bit tag.
/// </summary>
/// <remarks>
/// An instance may be used by several threads at once, and not after <see cref="Dispose"/>. A nonce must never be used twice with one key.
/// Input and output may be the same memory, and must not overlap otherwise.
/// </remarks>
public sealed class ChaCha20Poly1305 : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = ChaCha20.KeySize;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceSize = ChaCha20.NonceSize;

    /// <summary>Bytes of a tag.</summary>
    public const int TagSize = 16;

    private readonly KeyMemory _key;
    private readonly bool _isPortable;

    /// <summary>Keeps a copy of a key of 32 bytes.</summary>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    public ChaCha20Poly1305(ReadOnlySpan<byte> key)
        : this(key, forcePortable: false)
    {
    }

    internal ChaCha20Poly1305(ReadOnlySpan<byte> key, bool forcePortable)
    {
        Arguments.RequireLength(key.Length, KeySize, nameof(key));
        _key = new KeyMemory(key);
        _isPortable = forcePortable;
    }

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="nonce">12 bytes, never used before with this key.</param>
    /// <param name="plaintext">Bytes to encrypt.</param>
    /// <param name="ciphertext">Gets as many bytes as the plaintext has.</param>
    /// <param name="tag">Gets 16 bytes.</param>
    /// <param name="associatedData">Bytes that the tag covers as well.</param>
    /// <exception cref="ArgumentException">A size is wrong, or input and output overlap.</exception>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag,
        ReadOnlySpan<byte> associatedData = default)
    {
        CheckSizes(nonce, plaintext, ciphertext, tag);
        ChaCha20.Crypt(_key.Span, nonce, 1, plaintext, ciphertext, _isPortable);
        ComputeTag(nonce, ciphertext, associatedData, tag);
    }

    /// <summary>Verifies and decrypts; nothing is decrypted where the tag is wrong.</summary>
    /// <returns>False where the tag is wrong; the plaintext is zeroed then.</returns>
    /// <inheritdoc cref="Encrypt"/>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData = default)
    {
        CheckSizes(nonce, ciphertext, plaintext, tag);
        Span<byte> computed = stackalloc byte[TagSize];
        ComputeTag(nonce, ciphertext, associatedData, computed);
        if (!FixedTime.Equals(computed, tag))
        {
            plaintext.Clear();
            return false;
        }

        ChaCha20.Crypt(_key.Span, nonce, 1, ciphertext, plaintext, _isPortable);
        return true;
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _key.Dispose();

    private static void CheckSizes(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> input, ReadOnlySpan<byte> output, ReadOnlySpan<byte> tag)
    {
        Arguments.RequireLength(nonce.Length, NonceSize, nameof(nonce));
        Arguments.RequireLength(tag.Length, TagSize, nameof(tag));
        Arguments.RequireLength(output.Length, input.Length, nameof(output));
        Arguments.RequireSameOrApart(input, output, nameof(output));
    }

    // RFC 8439, 2.8: associated data and ciphertext, each padded with zeros to whole blocks, and their lengths.
    private void ComputeTag(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> associatedData, Span<byte> tag)
    {
        // The one-time key is the first half of block 0 (2.6): keystream over zeros.
        Span<byte> key = stackalloc byte[32];
        key.Clear();
        ChaCha20.Crypt(_key.Span, nonce, 0, key, key, forcePortable: true);
        ReadOnlySpan<Word64> halves = MemoryMarshal.Cast<byte, Word64>(key);
        var poly = new Poly1305Core<Word64>(halves[0], halves[1]);
        Absorb(ref poly, associatedData);
        Absorb(ref poly, ciphertext);
        poly.Absorb(new Word64((ulong)associatedData.Length), new Word64((ulong)ciphertext.Length), new Word64(1));
        poly.Finish(halves[2], halves[3], out Word64 low, out Word64 high);
        BinaryPrimitives.WriteUInt64LittleEndian(tag, low.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(tag[8..], high.Value);
        FixedTime.Zero(key);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Absorb(ref Poly1305Core<Word64> poly, ReadOnlySpan<byte> data)
    {
        // A copy in locals, which the JIT keeps in registers.
        Poly1305Core<Word64> local = poly;
        for (; data.Length >= 16; data = data[16..])
            local.Absorb(Read(data), Read(data[8..]), new Word64(1));
        if (!data.IsEmpty)
        {
            Span<byte> last = stackalloc byte[16];
            last.Clear();
            data.CopyTo(last);
            local.Absorb(Read(last), Read(last[8..]), new Word64(1));
        }

        poly = local;
    }

    private static Word64 Read(ReadOnlySpan<byte> data) => new(BinaryPrimitives.ReadUInt64LittleEndian(data));
}

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cloister.Crypto;

/// <summary>
/// AES in Galois/Counter Mode (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
/// </summary>
/// <remarks>
/// An instance may be used by several threads at once, and not after <see cref="Dispose"/>. A nonce must never be used twice with one
/// key; random nonces are good for 2^32 messages (SP 800-38D, 8.3). Input and output may be the same memory, and must not
/// overlap otherwise; memory that the host can write must be copied before it is given as input.
/// </remarks>
public sealed class AesGcm : IDisposable
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceSize = 12;

    /// <summary>Bytes of a tag.</summary>
    public const int TagSize = 16;

    // The key schedule lies first.
    private const int PowersOffset = 256;

    private readonly KeyMemory _state;
    private readonly PortableGcm? _portable;
    private readonly int _rounds;

    /// <summary>Expands a key of 16, 24 or 32 bytes, which isn't kept.</summary>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    public AesGcm(ReadOnlySpan<byte> key)
        : this(key, forcePortable: false)
    {
    }

    /// <summary>For tests: uses the portable twin even where the processor has the instructions.</summary>
    internal AesGcm(ReadOnlySpan<byte> key, bool forcePortable)
    {
        _rounds = AesSizes.Rounds(key.Length);
        if (forcePortable || !HardwareGcm.IsSupported)
        {
            _portable = new PortableGcm(key);
            _state = new KeyMemory(0);
            return;
        }

        _state = new KeyMemory(PowersOffset + HardwareGcm.PowersSize);
        Span<byte> state = _state.Span;
        HardwareAes.ExpandKey(key, state[..PowersOffset]);
        HardwareGcm.ComputePowers(ref state[0], _rounds, ref state[PowersOffset]);
    }

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="nonce">12 bytes, never used before with this key.</param>
    /// <param name="plaintext">Bytes to encrypt.</param>
    /// <param name="ciphertext">Gets as many bytes as the plaintext has.</param>
    /// <param name="tag">Gets 16 bytes.</param>
    /// <param name="associatedData">Bytes that the tag covers as well.</param>
    /// <exception cref="ArgumentException">A size is wrong, or input and output overlap.</exception>
    /// <exception cref="ObjectDisposedException">The key has been erased.</exception>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag,
        ReadOnlySpan<byte> associatedData = default)
    {
        Arguments.RequireLength(nonce.Length, NonceSize, nameof(nonce));
        EncryptFrom(InitialCounter(nonce), plaintext, ciphertext, tag, associatedData);
    }

    private void EncryptFrom(Vector128<byte> initialCounter, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        CheckSizes(plaintext, ciphertext, tag);
        Vector128<byte> result = Crypt<HardwareGcm.Encryption>(initialCounter, plaintext, ciphertext, associatedData);
        result.StoreUnsafe(ref MemoryMarshal.GetReference(tag));
    }

    /// <summary>Verifies and decrypts.</summary>
    /// <returns>False where the tag is wrong; the plaintext is zeroed then.</returns>
    /// <inheritdoc cref="Encrypt"/>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData = default)
    {
        Arguments.RequireLength(nonce.Length, NonceSize, nameof(nonce));
        return TryDecryptFrom(InitialCounter(nonce), ciphertext, tag, plaintext, associatedData);
    }

    private bool TryDecryptFrom(Vector128<byte> initialCounter, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        CheckSizes(ciphertext, plaintext, tag);
        Vector128<byte> given = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(tag));
        Vector128<byte> computed = Crypt<HardwareGcm.Decryption>(initialCounter, ciphertext, plaintext, associatedData);
        // One comparison of the whole vector: no byte of it ends the comparison early.
        if (given == computed)
            return true;
        FixedTime.Zero(plaintext);
        return false;
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _state.Dispose();
        _portable?.Dispose();
    }

    /// <summary>Encrypts with a nonce of any size but zero (SP 800-38D, 7.1), for the sake of the standard's vectors.</summary>
    internal void EncryptWithAnyNonce(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag,
        ReadOnlySpan<byte> associatedData) =>
        EncryptFrom(HashNonce(nonce), plaintext, ciphertext, tag, associatedData);

    /// <summary>Decrypts with a nonce of any size but zero.</summary>
    internal bool TryDecryptWithAnyNonce(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag,
        Span<byte> plaintext, ReadOnlySpan<byte> associatedData) =>
        TryDecryptFrom(HashNonce(nonce), ciphertext, tag, plaintext, associatedData);

    private static Vector128<byte> InitialCounter(ReadOnlySpan<byte> nonce)
    {
        ulong low = MemoryMarshal.Read<ulong>(nonce);
        uint high = MemoryMarshal.Read<uint>(nonce[8..]);
        return Vector128.Create(low, high | (1UL << 56)).AsByte();
    }

    private Vector128<byte> HashNonce(ReadOnlySpan<byte> nonce)
    {
        if (nonce.Length == NonceSize)
            return InitialCounter(nonce);
        if (_portable is not null)
            return _portable.HashNonce(nonce);
        Span<byte> state = _state.Span;
        ref byte powers = ref state[PowersOffset];
        Vector128<byte> hash = HardwareGcm.Absorb(ref powers, Vector128<byte>.Zero, nonce);
        return HardwareGcm.CryptTail<HardwareGcm.Encryption>(ref state[0], _rounds, ref powers, default, hash, default, default, 0,
            nonce.Length);
    }

    private static void CheckSizes(ReadOnlySpan<byte> input, ReadOnlySpan<byte> output, ReadOnlySpan<byte> tag)
    {
        Arguments.RequireLength(tag.Length, TagSize, nameof(tag));
        Arguments.RequireLength(output.Length, input.Length, nameof(output));
        Arguments.RequireSameOrApart(input, output, nameof(output));
    }

    private Vector128<byte> Crypt<TDirection>(Vector128<byte> initialCounter, ReadOnlySpan<byte> input, Span<byte> output,
        ReadOnlySpan<byte> associatedData)
        where TDirection : struct
    {
        if (_portable is not null)
        {
            bool encrypt = typeof(TDirection) == typeof(HardwareGcm.Encryption);
            return _portable.Crypt(initialCounter, input, output, associatedData, encrypt);
        }

        Span<byte> state = _state.Span;
        ref byte schedule = ref state[0];
        ref byte powers = ref state[PowersOffset];
        Vector128<byte> mask = HardwareAes.EncryptBlock(ref schedule, _rounds, initialCounter);
        Vector128<byte> counter = HardwareGcm.Advance(HardwareGcm.Reverse(initialCounter), 1);
        Vector128<byte> hash = HardwareGcm.Absorb(ref powers, Vector128<byte>.Zero, associatedData);
        int strides = input.Length & ~(HardwareGcm.Stride - 1);
        if (strides != 0)
        {
            hash = HardwareGcm.Crypt<TDirection>(ref schedule, _rounds, ref powers, ref counter, hash,
                ref MemoryMarshal.GetReference(input), ref MemoryMarshal.GetReference(output), (nuint)strides);
        }

        hash = HardwareGcm.CryptTail<TDirection>(ref schedule, _rounds, ref powers, counter, hash, input[strides..], output[strides..],
            associatedData.Length, input.Length);
        return hash ^ mask;
    }
}

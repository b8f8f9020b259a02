using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Cloister.Crypto;

/// <summary>
/// RSA signatures (RFC 8017) verified: PKCS #1 v1.5 and PSS, with moduli of 2048 to 4096 bits. There is nothing secret in it, so time may depend
/// on all of it.
/// </summary>
/// <remarks>The hash is a type parameter: SHA-256, SHA-384 or SHA-512. Numbers are big-endian without leading zeros.</remarks>
public static class RsaVerification
{
    private const int MaxSize = 512;
    private const int MaxWords = MaxSize / 8;
    private const int MaxHashSize = 64;

    /// <summary>Whether a signature RSASSA-PKCS1-v1_5 (8.2.2) of a message is right.</summary>
    /// <param name="modulus">256 to 512 bytes.</param>
    /// <param name="exponent">Up to 8 bytes.</param>
    /// <param name="data">The message.</param>
    /// <param name="signature">As many bytes as the modulus has.</param>
    /// <exception cref="ArgumentException">The modulus or the exponent has another size, they are even, or the exponent is 1.</exception>
    public static bool VerifyPkcs1<THash>(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> signature)
        where THash : struct, IHash<THash>
    {
        RequireKey(modulus, exponent);
        Span<byte> message = stackalloc byte[MaxSize];
        Span<byte> expected = stackalloc byte[MaxSize];
        message = message[..modulus.Length];
        expected = expected[..modulus.Length];
        if (!TryRecover(modulus, exponent, signature, message))
            return false;
        // Compared as a whole with what it must be (9.2): nothing is parsed, so nothing can be parsed too generously.
        int hashAt = expected.Length - THash.HashSize;
        ReadOnlySpan<byte> prefix = stackalloc byte[]
        {
            0x30, (byte)(0x11 + THash.HashSize), 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, HashIdentifier<THash>(), 0x05, 0x00,
            0x04, (byte)THash.HashSize,
        };
        expected.Fill(0xFF);
        expected[0] = 0;
        expected[1] = 1;
        expected[hashAt - prefix.Length - 1] = 0;
        prefix.CopyTo(expected[(hashAt - prefix.Length)..]);
        HashData<THash>(data, expected[hashAt..]);
        return FixedTime.Equals(message, expected);
    }

    /// <summary>Whether a signature RSASSA-PSS (8.1.2) of a message is right, with MGF1 over the same hash.</summary>
    /// <param name="modulus">256 to 512 bytes.</param>
    /// <param name="exponent">Up to 8 bytes.</param>
    /// <param name="data">The message.</param>
    /// <param name="signature">As many bytes as the modulus has.</param>
    /// <param name="saltLength">Bytes of salt that the signature must have; negative for as many as the hash has.</param>
    /// <exception cref="ArgumentException">The modulus or the exponent has another size, they are even, or the exponent is 1.</exception>
    public static bool VerifyPss<THash>(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> signature, int saltLength = -1)
        where THash : struct, IHash<THash>
    {
        RequireKey(modulus, exponent);
        Span<byte> message = stackalloc byte[MaxSize];
        message = message[..modulus.Length];
        if (!TryRecover(modulus, exponent, signature, message))
            return false;
        int hashSize = THash.HashSize;
        if (saltLength < 0)
            saltLength = hashSize;
        // 9.1.2: one bit fewer than the modulus has; where that takes a byte less, the first must be zero.
        int bits = modulus.Length * 8 - BitOperations.LeadingZeroCount((uint)modulus[0] << 24) - 1;
        int length = (bits + 7) / 8;
        if (length < message.Length && message[0] != 0)
            return false;
        message = message[(message.Length - length)..];
        int maskedLength = length - hashSize - 1;
        int zeros = maskedLength - saltLength - 1;
        byte unusedBits = (byte)(0xFF << (8 - (8 * length - bits)));
        if (zeros < 0 || message[^1] != 0xBC || (message[0] & unusedBits) != 0)
            return false;
        Span<byte> block = message[..maskedLength];
        ReadOnlySpan<byte> hash = message.Slice(maskedLength, hashSize);
        Unmask<THash>(block, hash);
        block[0] &= (byte)~unusedBits;
        if (block[..zeros].ContainsAnyExcept((byte)0) || block[zeros] != 1)
            return false;

        Span<byte> digest = stackalloc byte[MaxHashSize];
        digest = digest[..hashSize];
        HashData<THash>(data, digest);
        THash again = THash.Create();
        again.Append([0, 0, 0, 0, 0, 0, 0, 0]);
        again.Append(digest);
        again.Append(block[(zeros + 1)..]);
        again.GetHashAndReset(digest);
        return FixedTime.Equals(digest, hash);
    }

    private static void HashData<THash>(ReadOnlySpan<byte> data, Span<byte> destination)
        where THash : struct, IHash<THash>
    {
        THash hash = THash.Create();
        hash.Append(data);
        hash.GetHashAndReset(destination);
    }

    // The last byte of the hash's object identifier, 2.16.840.1.101.3.4.2.x.
    private static byte HashIdentifier<THash>()
        where THash : struct, IHash<THash>
    {
        if (typeof(THash) == typeof(Sha256))
            return 1;
        if (typeof(THash) == typeof(Sha384))
            return 2;
        if (typeof(THash) == typeof(Sha512))
            return 3;
        throw new ArgumentException("Expected SHA-256, SHA-384 or SHA-512 as the hash.");
    }

    // MGF1 (B.2.1), added to the block.
    private static void Unmask<THash>(Span<byte> block, ReadOnlySpan<byte> seed)
        where THash : struct, IHash<THash>
    {
        Span<byte> mask = stackalloc byte[MaxHashSize];
        Span<byte> counter = stackalloc byte[4];
        mask = mask[..THash.HashSize];
        THash hash = THash.Create();
        for (uint i = 0; !block.IsEmpty; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(counter, i);
            hash.Append(seed);
            hash.Append(counter);
            hash.GetHashAndReset(mask);
            int taken = Math.Min(mask.Length, block.Length);
            for (int j = 0; j < taken; j++)
                block[j] ^= mask[j];
            block = block[taken..];
        }
    }

    private static void RequireKey(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        if (modulus.Length is < 256 or > MaxSize || modulus[0] == 0 || (modulus[^1] & 1) == 0)
            throw new ArgumentException($"Expected an odd modulus of 256 to 512 bytes, but there are {modulus.Length}.", nameof(modulus));
        // With the exponent 1 every message would be its own signature (RFC 8017, 3.1: at least 3).
        if (exponent.Length is < 1 or > 8 || (exponent[^1] & 1) == 0 || exponent.TrimStart((byte)0).SequenceEqual([(byte)1]))
            throw new ArgumentException($"Expected an odd exponent above 1 of 1 to 8 bytes, but there are {exponent.Length}.", nameof(exponent));
    }

    // RSAVP1 (5.2.2): the signature to the power of the exponent; false where it isn't below the modulus.
    private static bool TryRecover(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> signature, Span<byte> message)
    {
        if (signature.Length != modulus.Length)
            return false;
        int words = (modulus.Length + 7) / 8;
        Span<ulong> m = stackalloc ulong[MaxWords];
        Span<ulong> x = stackalloc ulong[MaxWords];
        m = m[..words];
        x = x[..words];
        Read(modulus, m);
        Read(signature, x);
        if (Compare(x, m) >= 0)
            return false;
        ulong power = 0;
        foreach (byte octet in exponent)
            power = (power << 8) | octet;
        Power(x, power, m);
        Span<byte> padded = stackalloc byte[MaxSize];
        padded = padded[..(8 * words)];
        for (int i = 0; i < words; i++)
            BinaryPrimitives.WriteUInt64BigEndian(padded[(8 * (words - 1 - i))..], x[i]);
        padded[(padded.Length - message.Length)..].CopyTo(message);
        return true;
    }

    private static void Read(ReadOnlySpan<byte> bytes, Span<ulong> words)
    {
        Span<byte> padded = stackalloc byte[MaxSize];
        padded = padded[..(8 * words.Length)];
        padded.Clear();
        bytes.CopyTo(padded[(padded.Length - bytes.Length)..]);
        for (int i = 0; i < words.Length; i++)
            words[i] = BinaryPrimitives.ReadUInt64BigEndian(padded[(8 * (words.Length - 1 - i))..]);
    }

    // x = x^exponent modulo m, by squaring and multiplying in Montgomery form.
    private static void Power(Span<ulong> x, ulong exponent, ReadOnlySpan<ulong> m)
    {
        Span<ulong> factor = stackalloc ulong[MaxWords];
        Span<ulong> result = stackalloc ulong[MaxWords];
        factor = factor[..m.Length];
        result = result[..m.Length];
        // Newton's iteration doubles the right bits of the inverse: 3, 6, 12, 24, 48, 96.
        ulong inverse = m[0];
        for (int i = 0; i < 5; i++)
            inverse *= 2 - m[0] * inverse;

        x.CopyTo(factor);
        for (int i = 0; i < 64 * m.Length; i++)
            Double(factor, m);
        factor.CopyTo(result);
        for (int bit = 62 - BitOperations.LeadingZeroCount(exponent); bit >= 0; bit--)
        {
            Multiply(result, result, m, 0 - inverse);
            if (((exponent >>> bit) & 1) != 0)
                Multiply(result, factor, m, 0 - inverse);
        }

        factor.Clear();
        factor[0] = 1;
        Multiply(result, factor, m, 0 - inverse);
        result.CopyTo(x);
    }

    private static void Double(Span<ulong> x, ReadOnlySpan<ulong> m)
    {
        ulong carry = 0;
        for (int i = 0; i < x.Length; i++)
        {
            ulong word = x[i];
            x[i] = (word << 1) | carry;
            carry = word >>> 63;
        }

        if (carry != 0 || Compare(x, m) >= 0)
            Subtract(x, m);
    }

    // left = left right / radix modulo m, word by word.
    private static void Multiply(Span<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> m, ulong negatedInverse)
    {
        Span<ulong> t = stackalloc ulong[MaxWords + 2];
        int n = m.Length;
        t = t[..(n + 2)];
        t.Clear();
        for (int i = 0; i < n; i++)
        {
            ulong word = right[i];
            ulong carry = 0;
            for (int j = 0; j < n; j++)
            {
                UInt128 product = (UInt128)left[j] * word + t[j] + carry;
                t[j] = (ulong)product;
                carry = (ulong)(product >>> 64);
            }

            UInt128 sum = (UInt128)t[n] + carry;
            t[n] = (ulong)sum;
            t[n + 1] = (ulong)(sum >>> 64);
            ulong q = t[0] * negatedInverse;
            carry = (ulong)(((UInt128)q * m[0] + t[0]) >>> 64);
            for (int j = 1; j < n; j++)
            {
                UInt128 product = (UInt128)q * m[j] + t[j] + carry;
                t[j - 1] = (ulong)product;
                carry = (ulong)(product >>> 64);
            }

            sum = (UInt128)t[n] + carry;
            t[n - 1] = (ulong)sum;
            t[n] = t[n + 1] + (ulong)(sum >>> 64);
        }

        t[..n].CopyTo(left);
        if (t[n] != 0 || Compare(left, m) >= 0)
            Subtract(left, m);
    }

    private static int Compare(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        for (int i = left.Length - 1; i >= 0; i--)
        {
            if (left[i] != right[i])
                return left[i] < right[i] ? -1 : 1;
        }

        return 0;
    }

    private static void Subtract(Span<ulong> left, ReadOnlySpan<ulong> right)
    {
        ulong borrow = 0;
        for (int i = 0; i < left.Length; i++)
        {
            UInt128 difference = (UInt128)left[i] - right[i] - borrow;
            left[i] = (ulong)difference;
            borrow = (ulong)(difference >>> 64) & 1;
        }
    }
}

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AesNi = System.Runtime.Intrinsics.X86.Aes;

namespace Cloister.Crypto;

/// <summary>
/// GCM (NIST SP 800-38D) with AES-NI and carry-less multiplication, eight blocks at a time.
/// </summary>
/// <remarks>
/// GHASH computes with bit-reflected operands as Gueron and Kounaves describe ("Intel Carry-Less Multiplication Instruction and its
/// Usage for Computing the GCM Mode"). The powers of the hash key are kept divided by x, so that the product of two reflected
/// operands, which is short of one shift, comes out right, and eight products are summed before one reduction.
/// </remarks>
internal static class HardwareGcm
{
    /// <summary>Bytes of the table of powers: H^8 first, H last.</summary>
    public const int PowersSize = 8 * 16;

    public const int Stride = 8 * 16;

    public static bool IsSupported => AesNi.IsSupported && Pclmulqdq.IsSupported && Ssse3.IsSupported;

    private static Vector128<byte> Reversal => Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);

    private static bool IsWide => Pclmulqdq.V512.IsSupported && Avx512BW.IsSupported;

    /// <summary>Computes the powers of the hash key H = AES(0) for a key schedule.</summary>
    public static void ComputePowers(ref byte schedule, int rounds, ref byte powers)
    {
        Vector128<byte> key = Reverse(HardwareAes.EncryptBlock(ref schedule, rounds, Vector128<byte>.Zero));
        // Division by x in the reflected representation: shift left by one; where a bit falls out, add the polynomial.
        Vector128<ulong> halves = key.AsUInt64();
        Vector128<ulong> carries = halves >>> 63;
        Vector128<ulong> fallen = Vector128<ulong>.Zero - Vector128.Shuffle(carries, Vector128.Create(1UL, 1UL));
        Vector128<ulong> shifted = (halves << 1) | Vector128.Shuffle(carries, Vector128.Create(2UL, 0UL));
        Vector128<byte> first = (shifted ^ (fallen & Vector128.Create(1UL, 0xC200000000000000UL))).AsByte();
        Vector128<byte> power = first;
        for (int i = 7; ; i--)
        {
            power.StoreUnsafe(ref powers, (nuint)(i * 16));
            if (i == 0)
                return;
            power = Reduce(MultiplyAdd(power, first, default));
        }
    }

    /// <summary>Absorbs bytes, the last block padded with zeros, into a hash in reflected form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Vector128<byte> Absorb(ref byte powers, Vector128<byte> hash, ReadOnlySpan<byte> data)
    {
        ref byte source = ref MemoryMarshal.GetReference(data);
        nuint blocks = (nuint)data.Length / 16;
        nuint offset = 0;
        for (; blocks >= 8; blocks -= 8, offset += Stride)
            hash = AbsorbBlocks(ref powers, hash, ref source, offset, 8);
        if (blocks != 0)
        {
            hash = AbsorbBlocks(ref powers, hash, ref source, offset, blocks);
            offset += blocks * 16;
        }

        if (offset < (nuint)data.Length)
        {
            Span<byte> last = stackalloc byte[16];
            last.Clear();
            data[(int)offset..].CopyTo(last);
            hash = AbsorbBlocks(ref powers, hash, ref last[0], 0, 1);
        }

        return hash;
    }

    /// <summary>Absorbs 1 to 8 whole blocks with one reduction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AbsorbBlocks(ref byte powers, Vector128<byte> hash, ref byte source, nuint offset, nuint blocks)
    {
        nuint power = (8 - blocks) * 16;
        Product sum = default;
        do
        {
            sum = MultiplyAdd(hash ^ Reverse(Vector128.LoadUnsafe(ref source, offset)), Vector128.LoadUnsafe(ref powers, power), sum);
            hash = Vector128<byte>.Zero;
            offset += 16;
            power += 16;
        }
        while (power != Stride);
        return Reduce(sum);
    }

    /// <summary>
    /// Encrypts or decrypts whole strides of eight blocks and absorbs the ciphertext.
    /// </summary>
    /// <param name="counter">The next counter block, reversed; advanced.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Vector128<byte> Crypt<TDirection>(ref byte schedule, int rounds, ref byte powers, ref Vector128<byte> counter,
        Vector128<byte> hash, ref byte source, ref byte destination, nuint length)
        where TDirection : struct
    {
        Vector128<byte> next = counter;
        Vector128<byte> lastKey = Vector128.LoadUnsafe(ref schedule, (nuint)rounds * 16);
        nuint keysEnd = (nuint)rounds * 16;
        for (nuint offset = 0; offset < length; offset += Stride)
        {
            Vector128<byte> key = Vector128.LoadUnsafe(ref schedule);
            Vector128<byte> b0 = Reverse(next) ^ key;
            Vector128<byte> b1 = Reverse(Advance(next, 1)) ^ key;
            Vector128<byte> b2 = Reverse(Advance(next, 2)) ^ key;
            Vector128<byte> b3 = Reverse(Advance(next, 3)) ^ key;
            Vector128<byte> b4 = Reverse(Advance(next, 4)) ^ key;
            Vector128<byte> b5 = Reverse(Advance(next, 5)) ^ key;
            Vector128<byte> b6 = Reverse(Advance(next, 6)) ^ key;
            Vector128<byte> b7 = Reverse(Advance(next, 7)) ^ key;
            next = Advance(next, 8);
            for (nuint at = 16; at < keysEnd; at += 16)
            {
                key = Vector128.LoadUnsafe(ref schedule, at);
                b0 = AesNi.Encrypt(b0, key);
                b1 = AesNi.Encrypt(b1, key);
                b2 = AesNi.Encrypt(b2, key);
                b3 = AesNi.Encrypt(b3, key);
                b4 = AesNi.Encrypt(b4, key);
                b5 = AesNi.Encrypt(b5, key);
                b6 = AesNi.Encrypt(b6, key);
                b7 = AesNi.Encrypt(b7, key);
            }

            b0 = AesNi.EncryptLast(b0, lastKey);
            b1 = AesNi.EncryptLast(b1, lastKey);
            b2 = AesNi.EncryptLast(b2, lastKey);
            b3 = AesNi.EncryptLast(b3, lastKey);
            b4 = AesNi.EncryptLast(b4, lastKey);
            b5 = AesNi.EncryptLast(b5, lastKey);
            b6 = AesNi.EncryptLast(b6, lastKey);
            b7 = AesNi.EncryptLast(b7, lastKey);
            if (IsWide)
            {
                Vector512<byte> first = Vector512.LoadUnsafe(ref source, offset);
                Vector512<byte> second = Vector512.LoadUnsafe(ref source, offset + 64);
                Vector512<byte> firstOut = first ^ Join(b0, b1, b2, b3);
                Vector512<byte> secondOut = second ^ Join(b4, b5, b6, b7);
                firstOut.StoreUnsafe(ref destination, offset);
                secondOut.StoreUnsafe(ref destination, offset + 64);
                hash = typeof(TDirection) == typeof(Encryption)
                    ? AbsorbWide(ref powers, hash, firstOut, secondOut)
                    : AbsorbWide(ref powers, hash, first, second);
            }
            else
            {
                // The ciphertext is absorbed before in-place decryption overwrites it.
                if (typeof(TDirection) == typeof(Decryption))
                    hash = AbsorbBlocks(ref powers, hash, ref source, offset, 8);
                (b0 ^ Vector128.LoadUnsafe(ref source, offset)).StoreUnsafe(ref destination, offset);
                (b1 ^ Vector128.LoadUnsafe(ref source, offset + 16)).StoreUnsafe(ref destination, offset + 16);
                (b2 ^ Vector128.LoadUnsafe(ref source, offset + 32)).StoreUnsafe(ref destination, offset + 32);
                (b3 ^ Vector128.LoadUnsafe(ref source, offset + 48)).StoreUnsafe(ref destination, offset + 48);
                (b4 ^ Vector128.LoadUnsafe(ref source, offset + 64)).StoreUnsafe(ref destination, offset + 64);
                (b5 ^ Vector128.LoadUnsafe(ref source, offset + 80)).StoreUnsafe(ref destination, offset + 80);
                (b6 ^ Vector128.LoadUnsafe(ref source, offset + 96)).StoreUnsafe(ref destination, offset + 96);
                (b7 ^ Vector128.LoadUnsafe(ref source, offset + 112)).StoreUnsafe(ref destination, offset + 112);
                if (typeof(TDirection) == typeof(Encryption))
                    hash = AbsorbBlocks(ref powers, hash, ref destination, offset, 8);
            }
        }

        counter = next;
        return hash;
    }

    /// <summary>Encrypts eight successive counter blocks, the first given reversed, into 128 bytes of keystream.</summary>
    public static void Keystream(ref byte schedule, int rounds, Vector128<byte> counter, ref byte keystream)
    {
        Vector128<byte> key = Vector128.LoadUnsafe(ref schedule);
        Vector128<byte> b0 = Reverse(counter) ^ key;
        Vector128<byte> b1 = Reverse(Advance(counter, 1)) ^ key;
        Vector128<byte> b2 = Reverse(Advance(counter, 2)) ^ key;
        Vector128<byte> b3 = Reverse(Advance(counter, 3)) ^ key;
        Vector128<byte> b4 = Reverse(Advance(counter, 4)) ^ key;
        Vector128<byte> b5 = Reverse(Advance(counter, 5)) ^ key;
        Vector128<byte> b6 = Reverse(Advance(counter, 6)) ^ key;
        Vector128<byte> b7 = Reverse(Advance(counter, 7)) ^ key;
        nuint keysEnd = (nuint)rounds * 16;
        for (nuint at = 16; at < keysEnd; at += 16)
        {
            key = Vector128.LoadUnsafe(ref schedule, at);
            b0 = AesNi.Encrypt(b0, key);
            b1 = AesNi.Encrypt(b1, key);
            b2 = AesNi.Encrypt(b2, key);
            b3 = AesNi.Encrypt(b3, key);
            b4 = AesNi.Encrypt(b4, key);
            b5 = AesNi.Encrypt(b5, key);
            b6 = AesNi.Encrypt(b6, key);
            b7 = AesNi.Encrypt(b7, key);
        }

        key = Vector128.LoadUnsafe(ref schedule, keysEnd);
        AesNi.EncryptLast(b0, key).StoreUnsafe(ref keystream);
        AesNi.EncryptLast(b1, key).StoreUnsafe(ref keystream, 16);
        AesNi.EncryptLast(b2, key).StoreUnsafe(ref keystream, 32);
        AesNi.EncryptLast(b3, key).StoreUnsafe(ref keystream, 48);
        AesNi.EncryptLast(b4, key).StoreUnsafe(ref keystream, 64);
        AesNi.EncryptLast(b5, key).StoreUnsafe(ref keystream, 80);
        AesNi.EncryptLast(b6, key).StoreUnsafe(ref keystream, 96);
        AesNi.EncryptLast(b7, key).StoreUnsafe(ref keystream, 112);
    }

    /// <summary>
    /// Encrypts or decrypts the last, incomplete stride of up to 127 bytes, absorbs its ciphertext and the lengths, and gives the
    /// hash in the standard's order of bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Vector128<byte> CryptTail<TDirection>(ref byte schedule, int rounds, ref byte powers, Vector128<byte> counter,
        Vector128<byte> hash, ReadOnlySpan<byte> source, Span<byte> destination, int associatedLength, int textLength)
        where TDirection : struct
    {
        Vector128<byte> lengths = Reverse(Vector128.Create((ulong)textLength * 8, (ulong)associatedLength * 8).AsByte());
        Span<byte> text = stackalloc byte[Stride + 16];
        Span<byte> keystream = stackalloc byte[Stride];
        nuint blocks = ((nuint)source.Length + 15) / 16;
        if (blocks != 0)
        {
            text.Clear();
            source.CopyTo(text);
            if (typeof(TDirection) == typeof(Decryption) && blocks == 8)
                hash = AbsorbBlocks(ref powers, hash, ref text[0], 0, 8);
            else if (typeof(TDirection) == typeof(Decryption))
                hash = AbsorbWithLengths(ref powers, hash, ref text[0], blocks, lengths);
            Keystream(ref schedule, rounds, counter, ref keystream[0]);
            for (nuint at = 0; at < blocks * 16; at += 16)
            {
                (Vector128.LoadUnsafe(ref text[0], at) ^ Vector128.LoadUnsafe(ref keystream[0], at)).StoreUnsafe(ref text[0], at);
            }

            text[..source.Length].CopyTo(destination);
            if (typeof(TDirection) == typeof(Encryption))
            {
                text[source.Length..].Clear();
                hash = blocks == 8
                    ? AbsorbBlocks(ref powers, hash, ref text[0], 0, 8)
                    : AbsorbWithLengths(ref powers, hash, ref text[0], blocks, lengths);
            }

            // Keystream, and on decryption plaintext, must not stay behind on the stack.
            FixedTime.Zero(text);
            FixedTime.Zero(keystream);
            if (blocks != 8)
                return Reverse(hash);
        }

        return Reverse(Reduce(MultiplyAdd(hash ^ Reverse(lengths), Vector128.LoadUnsafe(ref powers, 7 * 16), default)));
    }

    private static Vector128<byte> AbsorbWithLengths(ref byte powers, Vector128<byte> hash, ref byte text, nuint blocks,
        Vector128<byte> lengths)
    {
        lengths.StoreUnsafe(ref text, blocks * 16);
        return AbsorbBlocks(ref powers, hash, ref text, 0, blocks + 1);
    }

    /// <summary>Reverses the bytes of a block: the standard's order to the reflected form and back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Reverse(Vector128<byte> block) => Ssse3.Shuffle(block, Reversal);

    /// <summary>Adds to the 32-bit counter, which is the lowest word of a reversed counter block (SP 800-38D, 6.2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Advance(Vector128<byte> counter, uint blocks) =>
        (counter.AsUInt32() + Vector128.CreateScalar(blocks)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Join(Vector128<byte> b0, Vector128<byte> b1, Vector128<byte> b2, Vector128<byte> b3) =>
        Vector512.Create(Vector256.Create(b0, b1), Vector256.Create(b2, b3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> AbsorbWide(ref byte powers, Vector128<byte> hash, Vector512<byte> first, Vector512<byte> second)
    {
        Vector512<byte> reverse = Join(Reversal, Reversal, Reversal, Reversal);
        Vector512<ulong> x = Avx512BW.Shuffle(first, reverse).AsUInt64() ^ hash.ToVector256().ToVector512().AsUInt64();
        Vector512<ulong> y = Avx512BW.Shuffle(second, reverse).AsUInt64();
        Vector512<ulong> h = Vector512.LoadUnsafe(ref powers).AsUInt64();
        Vector512<ulong> g = Vector512.LoadUnsafe(ref powers, 64).AsUInt64();
        Vector512<ulong> low = Pclmulqdq.V512.CarrylessMultiply(x, h, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(y, g, 0x00);
        Vector512<ulong> high = Pclmulqdq.V512.CarrylessMultiply(x, h, 0x11) ^ Pclmulqdq.V512.CarrylessMultiply(y, g, 0x11);
        Vector512<ulong> middle = Pclmulqdq.V512.CarrylessMultiply(x, h, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(x, h, 0x10) ^
            Pclmulqdq.V512.CarrylessMultiply(y, g, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(y, g, 0x10);
        return Reduce(new Product(Fold(low), Fold(middle), Fold(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector512<ulong> sum)
    {
        Vector256<ulong> half = sum.GetLower() ^ sum.GetUpper();
        return half.GetLower() ^ half.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Product MultiplyAdd(Vector128<byte> left, Vector128<byte> right, Product sum)
    {
        Vector128<ulong> a = left.AsUInt64();
        Vector128<ulong> b = right.AsUInt64();
        return new Product(
            sum.Low ^ Pclmulqdq.CarrylessMultiply(a, b, 0x00),
            sum.Middle ^ Pclmulqdq.CarrylessMultiply(a, b, 0x01) ^ Pclmulqdq.CarrylessMultiply(a, b, 0x10),
            sum.High ^ Pclmulqdq.CarrylessMultiply(a, b, 0x11));
    }

    // Two folds by 64 bits each, with x^63 + x^62 + x^57, the polynomial's upper part in reflected form.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Reduce(Product product)
    {
        Vector128<ulong> polynomial = Vector128.Create(0xC200000000000000UL);
        Vector128<ulong> swap = Vector128.Create(1UL, 0UL);
        Vector128<ulong> middle = product.Middle ^ Vector128.Shuffle(product.Low, swap) ^
            Pclmulqdq.CarrylessMultiply(product.Low, polynomial, 0x00);
        return (product.High ^ Vector128.Shuffle(middle, swap) ^ Pclmulqdq.CarrylessMultiply(middle, polynomial, 0x00)).AsByte();
    }

    /// <summary>Marks <see cref="Crypt"/> as encrypting: the output is the ciphertext.</summary>
    public readonly struct Encryption;

    /// <summary>Marks <see cref="Crypt"/> as decrypting: the input is the ciphertext.</summary>
    public readonly struct Decryption;

    /// <summary>A sum of products of 128 bits each, not reduced: low and high 128 bits, and what overlaps both by half.</summary>
    private readonly record struct Product(Vector128<ulong> Low, Vector128<ulong> Middle, Vector128<ulong> High);
}

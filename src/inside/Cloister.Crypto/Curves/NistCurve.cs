using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// ECDSA (FIPS 186-5, 6) with nonces of RFC 6979, and ECDH (NIST SP 800-56A, 5.7.1.2), over one curve.
/// </summary>
/// <typeparam name="TField">Coordinates.</typeparam>
/// <typeparam name="TScalar">Numbers modulo the group's order.</typeparam>
/// <typeparam name="TPrime">The field's modulus.</typeparam>
/// <typeparam name="TOrder">The group's order.</typeparam>
/// <typeparam name="TCurve">The curve's constants.</typeparam>
/// <typeparam name="THash">The hash that belongs to the curve.</typeparam>
internal static class NistCurve<TField, TScalar, TPrime, TOrder, TCurve, THash>
    where TField : unmanaged, IResidue<TField, Word64>
    where TScalar : unmanaged, IResidue<TScalar, Word64>
    where TPrime : struct, IModulus
    where TOrder : struct, IModulus
    where TCurve : struct, IWeierstrassCurve
    where THash : struct, IHash<THash>
{
    private const int MaxWords = 6;
    private const int MaxSize = 8 * MaxWords;

    private static readonly WeierstrassPoint<TField, Word64, TCurve>[] s_base =
        ScalarMultiplication.BaseTable<WeierstrassPoint<TField, Word64, TCurve>, Word64>(WeierstrassPoint<TField, Word64, TCurve>.Base, TField.Words);

    private static int Size => 8 * TField.Words;

    public static void GeneratePrivateKey(RandomGenerator random, Span<byte> privateKey)
    {
        Arguments.RequireLength(privateKey.Length, Size, nameof(privateKey));
        Span<Word64> scalar = stackalloc Word64[MaxWords];
        scalar = scalar[..TField.Words];
        // Rejected candidates say nothing of the one that is taken (FIPS 186-5, A.2.2).
        do
            random.Fill(privateKey);
        while (!TryReadScalar(privateKey, scalar));
        scalar.Clear();
        StackMemory.Erase();
    }

    public static void GetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        Arguments.RequireLength(publicKey.Length, 1 + 2 * Size, nameof(publicKey));
        ComputePublicKey(privateKey, publicKey);
        StackMemory.Erase();
    }

    // Methods that hold secrets are not inlined, so that what they leave on the stack can be erased (StackMemory).
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ComputePublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        Span<Word64> scalar = stackalloc Word64[MaxWords];
        scalar = scalar[..TField.Words];
        ReadPrivateKey(privateKey, scalar);
        WeierstrassPoint<TField, Word64, TCurve> point = ScalarMultiplication.MultiplyBase<WeierstrassPoint<TField, Word64, TCurve>, Word64>(s_base, scalar);
        scalar.Clear();
        TField inverse = TField.Invert(point.Z);
        publicKey[0] = 4;
        WriteCoordinate(point.X * inverse, publicKey.Slice(1, Size));
        WriteCoordinate(point.Y * inverse, publicKey.Slice(1 + Size, Size));
    }

    public static void SignHash(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> hash, Span<byte> signature, ReadOnlySpan<byte> extraEntropy)
    {
        Arguments.RequireLength(signature.Length, 2 * Size, nameof(signature));
        ComputeSignature(privateKey, hash, signature, extraEntropy);
        StackMemory.Erase();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ComputeSignature(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> hash, Span<byte> signature, ReadOnlySpan<byte> extraEntropy)
    {
        int words = TField.Words;
        Span<Word64> scalar = stackalloc Word64[MaxWords];
        Span<byte> octets = stackalloc byte[MaxSize];
        Span<byte> state = stackalloc byte[2 * MaxSize];
        Span<byte> candidate = stackalloc byte[MaxSize];
        scalar = scalar[..words];
        octets = octets[..Size];
        state = state[..HmacDrbg<THash>.StateSize];
        candidate = candidate[..Size];
        ReadPrivateKey(privateKey, scalar);
        TScalar key = TScalar.FromWords(scalar);
        TScalar digest = ReadHash(hash);

        // RFC 6979, 3.2: the nonce is the output of HMAC_DRBG seeded with key and hash; 3.6 adds entropy ("hedged").
        digest.ToWords(scalar);
        Scalars.WriteBigEndian(scalar, octets);
        HmacDrbg<THash>.Instantiate(state, privateKey, octets, extraEntropy);
        while (true)
        {
            HmacDrbg<THash>.Produce(state, candidate);
            if (TryReadScalar(candidate, scalar) && TrySign(key, digest, scalar, signature))
                break;
            HmacDrbg<THash>.Update(state, default);
        }

        scalar.Clear();
        FixedTime.Zero(octets);
        FixedTime.Zero(state);
        FixedTime.Zero(candidate);
    }

    public static bool VerifyHash(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 2 * Size || !TryReadPoint(publicKey, out WeierstrassPoint<TField, Word64, TCurve> point))
            return false;
        int words = TField.Words;
        Span<Word64> r = stackalloc Word64[MaxWords];
        Span<Word64> s = stackalloc Word64[MaxWords];
        r = r[..words];
        s = s[..words];
        if (!TryReadScalar(signature[..Size], r) || !TryReadScalar(signature[Size..], s))
            return false;
        TScalar expected = TScalar.FromWords(r);
        TScalar inverse = TScalar.Invert(TScalar.FromWords(s));
        (ReadHash(hash) * inverse).ToWords(s);
        (expected * inverse).ToWords(r);
        point = ScalarMultiplication.MultiplyBase<WeierstrassPoint<TField, Word64, TCurve>, Word64>(s_base, s) +
            ScalarMultiplication.Multiply<WeierstrassPoint<TField, Word64, TCurve>, Word64>(point, r);
        if (point.Z.IsZero().Value != 0)
            return false;
        (point.X * TField.Invert(point.Z)).ToWords(r);
        return (TScalar.FromWords(r) - expected).IsZero().Value != 0;
    }

    public static bool TryDeriveSharedSecret(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> secret)
    {
        Arguments.RequireLength(secret.Length, Size, nameof(secret));
        bool isValid = TryComputeSecret(privateKey, publicKey, secret);
        StackMemory.Erase();
        return isValid;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryComputeSecret(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> secret)
    {
        Span<Word64> scalar = stackalloc Word64[MaxWords];
        scalar = scalar[..TField.Words];
        ReadPrivateKey(privateKey, scalar);
        if (!TryReadPoint(publicKey, out WeierstrassPoint<TField, Word64, TCurve> point))
        {
            scalar.Clear();
            secret.Clear();
            return false;
        }

        // The group's order is prime and the scalar isn't zero: the product isn't the identity.
        point = ScalarMultiplication.Multiply<WeierstrassPoint<TField, Word64, TCurve>, Word64>(point, scalar);
        scalar.Clear();
        WriteCoordinate(point.X * TField.Invert(point.Z), secret);
        return true;
    }

    private static bool TrySign(in TScalar key, in TScalar digest, Span<Word64> nonce, Span<byte> signature)
    {
        TScalar nonceResidue = TScalar.FromWords(nonce);
        WeierstrassPoint<TField, Word64, TCurve> point = ScalarMultiplication.MultiplyBase<WeierstrassPoint<TField, Word64, TCurve>, Word64>(s_base, nonce);
        (point.X * TField.Invert(point.Z)).ToWords(nonce);
        TScalar r = TScalar.FromWords(nonce);
        TScalar s = TScalar.Invert(nonceResidue) * (digest + r * key);
        // Both are public from here on.
        if ((r.IsZero().Value | s.IsZero().Value) != 0)
            return false;
        r.ToWords(nonce);
        Scalars.WriteBigEndian(nonce, signature[..Size]);
        s.ToWords(nonce);
        Scalars.WriteBigEndian(nonce, signature[Size..]);
        return true;
    }

    private static void ReadPrivateKey(ReadOnlySpan<byte> privateKey, Span<Word64> scalar)
    {
        Arguments.RequireLength(privateKey.Length, Size, nameof(privateKey));
        if (!TryReadScalar(privateKey, scalar))
            throw new ArgumentException("The private key is not between 1 and the group's order.", nameof(privateKey));
    }

    // Between 1 and the order less 1.
    private static bool TryReadScalar(ReadOnlySpan<byte> bytes, Span<Word64> scalar)
    {
        Scalars.ReadBigEndian(bytes, scalar);
        return (Scalars.IsBelow<Word64>(scalar, TOrder.Modulus).Value & ~Scalars.IsZero<Word64>(scalar).Value) != 0;
    }

    // The leftmost bits of the hash, as many as the order has (FIPS 186-5, 6.4.1, step 2).
    private static TScalar ReadHash(ReadOnlySpan<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[MaxSize];
        Span<Word64> scalar = stackalloc Word64[MaxWords];
        bytes = bytes[..Size];
        scalar = scalar[..TField.Words];
        bytes.Clear();
        int taken = Math.Min(hash.Length, Size);
        hash[..taken].CopyTo(bytes[(Size - taken)..]);
        Scalars.ReadBigEndian(bytes, scalar);
        return TScalar.FromWords(scalar);
    }

    // SEC 1, 2.3.4: uncompressed (04 x y) or compressed (02 or 03, x). The point at infinity is no public key.
    private static bool TryReadPoint(ReadOnlySpan<byte> bytes, out WeierstrassPoint<TField, Word64, TCurve> point)
    {
        point = default;
        if (bytes.IsEmpty)
            return false;
        if (bytes[0] == 4 && bytes.Length == 1 + 2 * Size)
        {
            if (!TryReadCoordinate(bytes.Slice(1, Size), out TField x) || !TryReadCoordinate(bytes.Slice(1 + Size, Size), out TField y))
                return false;
            point = new WeierstrassPoint<TField, Word64, TCurve>(x, y, TField.One);
            return point.IsOnCurve().Value != 0;
        }

        if (bytes[0] is not (2 or 3) || bytes.Length != 1 + Size || !TryReadCoordinate(bytes[1..], out TField abscissa))
            return false;
        TField ordinate = SquareRoot(WeierstrassPoint<TField, Word64, TCurve>.RightSide(abscissa));
        Span<Word64> words = stackalloc Word64[MaxWords];
        ordinate.ToWords(words[..TField.Words]);
        if ((words[0].Value & 1) != (bytes[0] & 1UL))
            ordinate = TField.Zero - ordinate;
        point = new WeierstrassPoint<TField, Word64, TCurve>(abscissa, ordinate, TField.One);
        return point.IsOnCurve().Value != 0;
    }

    private static bool TryReadCoordinate(ReadOnlySpan<byte> bytes, out TField coordinate)
    {
        Span<Word64> words = stackalloc Word64[MaxWords];
        words = words[..TField.Words];
        Scalars.ReadBigEndian(bytes, words);
        coordinate = TField.FromWords(words);
        return Scalars.IsBelow<Word64>(words, TPrime.Modulus).Value != 0;
    }

    private static void WriteCoordinate(in TField coordinate, Span<byte> bytes)
    {
        Span<Word64> words = stackalloc Word64[MaxWords];
        words = words[..TField.Words];
        coordinate.ToWords(words);
        Scalars.WriteBigEndian(words, bytes);
    }

    // Both primes are 3 modulo 4: a root, where there is one, is the power (p + 1) / 4.
    private static TField SquareRoot(in TField value)
    {
        Span<ulong> exponent = stackalloc ulong[MaxWords + 1];
        exponent = exponent[..(TField.Words + 1)];
        exponent.Clear();
        TPrime.Modulus.CopyTo(exponent);
        ulong carry = 1;
        for (int i = 0; i < exponent.Length; i++)
        {
            exponent[i] += carry;
            carry = exponent[i] == 0 ? carry : 0;
        }

        for (int i = 0; i < exponent.Length - 1; i++)
            exponent[i] = (exponent[i] >>> 2) | (exponent[i + 1] << 62);
        return Residue.Power<TField, Word64>(value, exponent[..TField.Words]);
    }
}

using System;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>
/// The cores that handle secrets, run with words that carry a taint: what depends on a secret comes out marked, and equals what production computes.
/// That these tests compile is half of the proof; see <see cref="IWord{TWord}"/>.
/// </summary>
public sealed class TaintTests
{
    private readonly Random _random = new(10);

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    public void AesBitslices(int keyColumns)
    {
        (Word64[] key, Tainted64[] secretKey) = Words(keyColumns, 32);
        (Word64[] columns, Tainted64[] secretColumns) = Words(16, 32);
        int rounds = AesSizes.Rounds(4 * keyColumns);
        var schedule = new Word64[BitslicedAes.MaxSchedule];
        var secretSchedule = new Tainted64[BitslicedAes.MaxSchedule];
        BitslicedAes.ExpandKey<Word64>(key, schedule);
        BitslicedAes.ExpandKey<Tainted64>(secretKey, secretSchedule);
        AssertSame(schedule.AsSpan(0, 8 * (rounds + 1)), secretSchedule.AsSpan(0, 8 * (rounds + 1)));
        BitslicedAes.Encrypt<Word64>(schedule, rounds, columns);
        BitslicedAes.Encrypt<Tainted64>(secretSchedule, rounds, secretColumns);
        AssertSame(columns, secretColumns);
        BitslicedAes.Decrypt<Word64>(schedule, rounds, columns);
        BitslicedAes.Decrypt<Tainted64>(secretSchedule, rounds, secretColumns);
        AssertSame(columns, secretColumns);
    }

    [Fact]
    public void Ghash()
    {
        (Word64[] w, Tainted64[] t) = Words(6, 64);
        PortableGhash.Absorb(ref w[0], ref w[1], w[2], w[3], w[4], w[5]);
        PortableGhash.Absorb(ref t[0], ref t[1], t[2], t[3], t[4], t[5]);
        AssertSame(w, t);
    }

    [Fact]
    public void Poly1305()
    {
        (Word64[] w, Tainted64[] t) = Words(8, 64);
        var plain = new Poly1305Core<Word64>(w[0], w[1]);
        var secret = new Poly1305Core<Tainted64>(t[0], t[1]);
        plain.Absorb(w[4], w[5], Word64.Constant(1));
        secret.Absorb(t[4], t[5], Tainted64.Constant(1));
        plain.Absorb(w[6], w[7], Word64.Constant(1));
        secret.Absorb(t[6], t[7], Tainted64.Constant(1));
        plain.Finish(w[2], w[3], out w[0], out w[1]);
        secret.Finish(t[2], t[3], out t[0], out t[1]);
        AssertSame(w, t);
    }

    [Fact]
    public void ChaChaAndSha256()
    {
        (Word32[] input, Tainted32[] secretInput) = Halves(16);
        var output = new Word32[16];
        var secretOutput = new Tainted32[16];
        ChaCha20Core.Block<Word32>(input, output);
        ChaCha20Core.Block<Tainted32>(secretInput, secretOutput);
        AssertSame(output, secretOutput);
        Sha256Core.Compress<Word32>(output.AsSpan(0, 8), input);
        Sha256Core.Compress<Tainted32>(secretOutput.AsSpan(0, 8), secretInput);
        AssertSame(output, secretOutput);
    }

    [Fact]
    public void Sha512AndKeccak()
    {
        (Word64[] state, Tainted64[] secretState) = Words(25, 64);
        (Word64[] block, Tainted64[] secretBlock) = Words(16, 64);
        Keccak.Permute<Word64>(state);
        Keccak.Permute<Tainted64>(secretState);
        AssertSame(state, secretState);
        Sha512Core.Compress<Word64>(state.AsSpan(0, 8), block);
        Sha512Core.Compress<Tainted64>(secretState.AsSpan(0, 8), secretBlock);
        AssertSame(state, secretState);
    }

    [Fact]
    public void X25519Ladder()
    {
        (Word64[] scalar, Tainted64[] secretScalar) = Words(4, 64);
        (Word64[] coordinate, Tainted64[] secretCoordinate) = Words(4, 64);
        X25519.Multiply<Word64>(scalar, coordinate);
        X25519.Multiply<Tainted64>(secretScalar, secretCoordinate);
        AssertSame(coordinate, secretCoordinate);
    }

    [Fact]
    public void Ed25519Multiplication()
    {
        (Word64[] scalar, Tainted64[] secretScalar) = Words(4, 64);
        EdwardsPoint<Word64>[] table = ScalarMultiplication.BaseTable<EdwardsPoint<Word64>, Word64>(EdwardsPoint<Word64>.Base, 4);
        EdwardsPoint<Tainted64>[] secretTable = ScalarMultiplication.BaseTable<EdwardsPoint<Tainted64>, Tainted64>(EdwardsPoint<Tainted64>.Base, 4);
        EdwardsPoint<Word64> point = ScalarMultiplication.MultiplyBase<EdwardsPoint<Word64>, Word64>(table, scalar);
        EdwardsPoint<Tainted64> secretPoint = ScalarMultiplication.MultiplyBase<EdwardsPoint<Tainted64>, Tainted64>(secretTable, secretScalar);
        (point.X * Field25519.Invert(point.Z)).ToWords(scalar);
        (secretPoint.X * Field25519.Invert(secretPoint.Z)).ToWords(secretScalar);
        AssertSame(scalar, secretScalar);
    }

    [Fact]
    public void P256Multiplication() => Weierstrass<
        Residue256<Word64, P256Prime>, Residue256<Tainted64, P256Prime>,
        Residue256<Word64, P256Order>, Residue256<Tainted64, P256Order>, P256Curve, P256Order>();

    [Fact]
    public void P384Multiplication() => Weierstrass<
        Residue384<Word64, P384Prime>, Residue384<Tainted64, P384Prime>,
        Residue384<Word64, P384Order>, Residue384<Tainted64, P384Order>, P384Curve, P384Order>();

    // Both multiplications, inversion and the arithmetic of a signature.
    private void Weierstrass<TField, TSecretField, TScalar, TSecretScalar, TCurve, TOrder>()
        where TField : unmanaged, IResidue<TField, Word64>
        where TSecretField : unmanaged, IResidue<TSecretField, Tainted64>
        where TScalar : unmanaged, IResidue<TScalar, Word64>
        where TSecretScalar : unmanaged, IResidue<TSecretScalar, Tainted64>
        where TCurve : struct, IWeierstrassCurve
        where TOrder : struct, IModulus
    {
        (Word64[] scalar, Tainted64[] secretScalar) = Words(TField.Words, 64);
        WeierstrassPoint<TField, Word64, TCurve>[] table =
            ScalarMultiplication.BaseTable<WeierstrassPoint<TField, Word64, TCurve>, Word64>(WeierstrassPoint<TField, Word64, TCurve>.Base, TField.Words);
        WeierstrassPoint<TSecretField, Tainted64, TCurve>[] secretTable =
            ScalarMultiplication.BaseTable<WeierstrassPoint<TSecretField, Tainted64, TCurve>, Tainted64>(WeierstrassPoint<TSecretField, Tainted64, TCurve>.Base, TField.Words);
        WeierstrassPoint<TField, Word64, TCurve> point = ScalarMultiplication.Multiply<WeierstrassPoint<TField, Word64, TCurve>, Word64>(
            ScalarMultiplication.MultiplyBase<WeierstrassPoint<TField, Word64, TCurve>, Word64>(table, scalar), scalar);
        WeierstrassPoint<TSecretField, Tainted64, TCurve> secretPoint = ScalarMultiplication.Multiply<WeierstrassPoint<TSecretField, Tainted64, TCurve>, Tainted64>(
            ScalarMultiplication.MultiplyBase<WeierstrassPoint<TSecretField, Tainted64, TCurve>, Tainted64>(secretTable, secretScalar), secretScalar);
        TScalar nonce = TScalar.FromWords(scalar);
        TSecretScalar secretNonce = TSecretScalar.FromWords(secretScalar);
        point.X.ToWords(scalar);
        secretPoint.X.ToWords(secretScalar);
        AssertSame(scalar, secretScalar);
        TScalar signature = TScalar.Invert(nonce) * (nonce + TScalar.FromWords(scalar) - TScalar.One);
        TSecretScalar secretSignature = TSecretScalar.Invert(secretNonce) *
            (secretNonce + TSecretScalar.FromWords(secretScalar) - TSecretScalar.One);
        signature.ToWords(scalar);
        secretSignature.ToWords(secretScalar);
        AssertSame(scalar, secretScalar);
        scalar[0] = Scalars.IsBelow<Word64>(scalar, TOrder.Modulus) ^ Scalars.IsZero<Word64>(scalar);
        secretScalar[0] = Scalars.IsBelow<Tainted64>(secretScalar, TOrder.Modulus) ^ Scalars.IsZero<Tainted64>(secretScalar);
        AssertSame(scalar, secretScalar);
    }

    private (Word64[] Plain, Tainted64[] Secret) Words(int count, int bits)
    {
        var plain = new Word64[count];
        var secret = new Tainted64[count];
        for (int i = 0; i < count; i++)
        {
            ulong value = (ulong)_random.NextInt64(long.MinValue, long.MaxValue) >>> (64 - bits);
            plain[i] = new Word64(value);
            secret[i] = new Tainted64(value, isSecret: true);
        }

        return (plain, secret);
    }

    private (Word32[] Plain, Tainted32[] Secret) Halves(int count)
    {
        var plain = new Word32[count];
        var secret = new Tainted32[count];
        for (int i = 0; i < count; i++)
        {
            uint value = (uint)_random.NextInt64(1L << 32);
            plain[i] = new Word32(value);
            secret[i] = new Tainted32(value, isSecret: true);
        }

        return (plain, secret);
    }

    private static void AssertSame(ReadOnlySpan<Word64> plain, ReadOnlySpan<Tainted64> secret)
    {
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.Equal(plain[i].Value, secret[i].Reveal());
            Assert.True(secret[i].IsSecret, $"Word {i} has lost its taint.");
        }
    }

    private static void AssertSame(ReadOnlySpan<Word32> plain, ReadOnlySpan<Tainted32> secret)
    {
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.Equal(plain[i].Value, secret[i].Reveal());
            Assert.True(secret[i].IsSecret, $"Word {i} has lost its taint.");
        }
    }
}

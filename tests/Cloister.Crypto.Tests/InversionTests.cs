using System;
using System.Numerics;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>Inverses by division steps against powers and against integers of any size.</summary>
public sealed class InversionTests
{
    [Fact]
    public void AgreesModuloThePrimeOfP256() => Compare<P256Prime>(1);

    [Fact]
    public void AgreesModuloTheOrderOfP256() => Compare<P256Order>(2);

    [Fact]
    public void AgreesModuloTheOrderOfEd25519() => Compare<Ed25519Order>(3);

    private static void Compare<TModulus>(int seed)
        where TModulus : struct, IModulus
    {
        BigInteger modulus = ToInteger(TModulus.Modulus);
        var random = new Random(seed);
        Check<TModulus>(BigInteger.Zero, modulus);
        for (int i = 1; i < 40; i++)
        {
            Check<TModulus>(i, modulus);
            Check<TModulus>(modulus - i, modulus);
        }

        for (int bit = 0; bit < 256; bit++)
        {
            Check<TModulus>((BigInteger.One << bit) % modulus, modulus);
            Check<TModulus>(((BigInteger.One << bit) - 1) % modulus, modulus);
            Check<TModulus>(BigInteger.Max(0, modulus - (BigInteger.One << bit)), modulus);
        }

        Span<byte> bytes = stackalloc byte[32];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            // Numbers of all lengths.
            Check<TModulus>((new BigInteger(bytes, isUnsigned: true) >> random.Next(256)) % modulus, modulus);
        }
    }

    private static void Check<TModulus>(BigInteger number, BigInteger modulus)
        where TModulus : struct, IModulus
    {
        Span<Word64> words = stackalloc Word64[4];
        ToWords(number, words);
        Residue256<Word64, TModulus> residue = Residue256<Word64, TModulus>.FromWords(words);
        Residue256<Word64, TModulus> inverse = Residue256<Word64, TModulus>.Invert(residue);
        inverse.ToWords(words);
        Span<ulong> numbers = stackalloc ulong[4];
        for (int i = 0; i < 4; i++)
            numbers[i] = words[i].Value;
        BigInteger found = ToInteger(numbers);
        Assert.True(found < modulus, $"The inverse of {number} isn't reduced.");
        Assert.Equal(number.IsZero ? BigInteger.Zero : BigInteger.One, found * number % modulus);
    }

    private static void ToWords(BigInteger number, Span<Word64> words)
    {
        for (int i = 0; i < words.Length; i++)
            words[i] = new Word64((ulong)((number >> (64 * i)) & ulong.MaxValue));
    }

    private static BigInteger ToInteger(ReadOnlySpan<ulong> words)
    {
        BigInteger number = BigInteger.Zero;
        for (int i = words.Length - 1; i >= 0; i--)
            number = (number << 64) | words[i];
        return number;
    }
}

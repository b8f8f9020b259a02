using System;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>After an operation, its secrets aren't on the stack any more: looked at byte by byte, from below the caller.</summary>
public sealed unsafe class StackTests
{
    private const int Depth = 12 * 1024;

    private static readonly byte[] s_message = new byte[100];

    public static TheoryData<string> Operations => ["P256 sign", "P256 public key", "P256 agree", "P384 sign", "Ed25519 sign", "Ed25519 key", "X25519", "HMAC", "HKDF", "DRBG"];

    [Theory]
    [MemberData(nameof(Operations))]
    public void SecretsAreErased(string operation)
    {
        bool found = true;
        // A stack of its own, on which nothing has lain before; often enough that the JIT has optimized what runs.
        var thread = new Thread(() =>
        {
            for (int i = 0; i < 40; i++)
                found = Run(operation);
        });
        thread.Start();
        thread.Join();
        Assert.False(found, "A part of the secret is on the stack.");
    }

    [Fact]
    public void ASecretThatIsLeftIsFound()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        Leave(secret);
        Assert.True(Contains(secret));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Leave(byte[] secret)
    {
        byte* copy = stackalloc byte[4096];
        secret.CopyTo(new Span<byte>(copy + 100, 32));
        Use(copy);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use(byte* bytes) => bytes[0] = 1;

    // True where the secret is found below this method's frame.
    private static bool Run(string operation)
    {
        byte[] key = RandomNumberGenerator.GetBytes(operation.StartsWith("P384", StringComparison.Ordinal) ? 48 : 32);
        key[0] &= 0x7F;
        switch (operation)
        {
            case "P256 sign":
                P256.SignData(key, s_message, new byte[64]);
                break;
            case "P256 public key":
                P256.GetPublicKey(key, new byte[65]);
                break;
            case "P256 agree":
                byte[] other = new byte[65];
                P256.GetPublicKey(RandomNumberGenerator.GetBytes(32), other);
                Assert.True(P256.TryDeriveSharedSecret(key, other, new byte[32]));
                break;
            case "P384 sign":
                P384.SignData(key, s_message, new byte[96]);
                break;
            case "Ed25519 sign":
                using (var pair = new Ed25519(key))
                {
                    pair.SignData(s_message, new byte[64]);
                    return Contains(SHA512.HashData(key)[8..32]) || Contains(SHA512.HashData(key)[32..]);
                }

            case "Ed25519 key":
                new Ed25519(key).Dispose();
                return Contains(SHA512.HashData(key)[8..32]);
            case "X25519":
                X25519.TryDeriveSharedSecret(key, RandomNumberGenerator.GetBytes(32), new byte[32]);
                return Contains(key[8..24]);
            case "HMAC":
                HmacSha256.HashData(key, s_message, new byte[32]);
                byte[] pad = new byte[32];
                for (int i = 0; i < 32; i++)
                    pad[i] = (byte)(key[i] ^ 0x36);
                return Contains(key) || Contains(pad);
            case "HKDF":
                byte[] output = new byte[32];
                Hkdf.DeriveKey<Sha256>(key, output, [], "info"u8);
                byte[] extracted = HKDF.Extract(HashAlgorithmName.SHA256, key);
                Array.Clear(output);
                return Contains(key) || Contains(extracted);
            default:
                using (var generator = new RandomGenerator(new Source(key)))
                    generator.Fill(new byte[16]);
                return Contains(key);
        }

        byte[] reversed = (byte[])key.Clone();
        Array.Reverse(reversed);
        return Contains(key) || Contains(reversed);
    }

    // Looks for any eight bytes in a row.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static bool Contains(ReadOnlySpan<byte> secret)
    {
        byte* stack = stackalloc byte[Depth];
        var bytes = new ReadOnlySpan<byte>(stack, Depth);
        for (int i = 0; i + 8 <= secret.Length; i++)
        {
            if (bytes.IndexOf(secret.Slice(i, 8)) >= 0)
                return true;
        }

        return false;
    }

    private sealed class Source(byte[] seed) : IEntropySource
    {
        public void Fill(Span<byte> destination)
        {
            for (int i = 0; i < destination.Length; i++)
                destination[i] = seed[i % seed.Length];
        }
    }
}

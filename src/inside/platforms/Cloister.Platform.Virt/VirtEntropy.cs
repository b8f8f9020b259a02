using System;
using System.Buffers.Binary;
using Cloister.Crypto;
using Cloister.Hal;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Virt;

/// <summary>
/// Random numbers of a machine that has no source of them: what the device tree brought (rng-seed, from the host), stretched. They are as
/// secret as that is.
/// </summary>
internal sealed class VirtEntropy : IEntropy
{
    private readonly RandomGenerator _generator;

    /// <exception cref="InvalidOperationException">The host has left no seed.</exception>
    public VirtEntropy(ReadOnlySpan<byte> seed)
    {
        if (seed.Length < HmacSha256.HashSizeInBytes)
            throw new InvalidOperationException("The machine's device tree has no random seed of 32 bytes.");
        _generator = new RandomGenerator(new Seed(seed));
    }

    /// <inheritdoc/>
    public void Fill(Span<byte> buffer) => _generator.Fill(buffer);

    // A generator asks again after so many requests: it gets a function of the seed and the moment.
    private sealed class Seed(ReadOnlySpan<byte> seed) : IEntropySource
    {
        private readonly byte[] _key = seed.ToArray();

        public void Fill(Span<byte> destination)
        {
            Span<byte> moment = stackalloc byte[sizeof(ulong)];
            Span<byte> part = stackalloc byte[HmacSha256.HashSizeInBytes];
            while (!destination.IsEmpty)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(moment, CpuInstructions.ReadCounter());
                HmacSha256.HashData(_key, moment, part);
                part.CopyTo(_key);
                HmacSha256.HashData(_key, moment, part);
                int count = Math.Min(part.Length, destination.Length);
                part[..count].CopyTo(destination);
                destination = destination[count..];
            }
        }
    }
}

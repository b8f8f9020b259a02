using System;
using System.Buffers.Binary;
using Cloister.Crypto;
using Cloister.Hal;

namespace Cloister.Platform.Keystone;

/// <summary>Random numbers, of a generator that the monitor's seed.</summary>
internal sealed class KeystoneEntropy : IEntropy
{
    private readonly RandomGenerator _generator = new(new Source());

    /// <inheritdoc/>
    public void Fill(Span<byte> buffer) => _generator.Fill(buffer);

    private sealed class Source : IEntropySource
    {
        public void Fill(Span<byte> destination)
        {
            Span<byte> number = stackalloc byte[sizeof(ulong)];
            while (!destination.IsEmpty)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(number, MonitorCalls.Random());
                int count = Math.Min(number.Length, destination.Length);
                number[..count].CopyTo(destination);
                destination = destination[count..];
            }
        }
    }
}

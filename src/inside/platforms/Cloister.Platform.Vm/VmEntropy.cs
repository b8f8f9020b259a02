using System;
using System.Runtime.InteropServices;
using Cloister.Hal;
using Cloister.Platform.Paged.Cpu.X64;

namespace Cloister.Platform.Vm;

/// <summary>The processor's random numbers (RDRAND).</summary>
internal sealed class VmEntropy : IEntropy
{
    // Intel's guide: ten failures in a row mean that the generator is broken.
    private const int Attempts = 10;

    /// <inheritdoc/>
    public void Fill(Span<byte> buffer)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        while (!buffer.IsEmpty)
        {
            MemoryMarshal.Write(value, Next());
            int count = Math.Min(buffer.Length, value.Length);
            value[..count].CopyTo(buffer);
            buffer = buffer[count..];
        }

        value.Clear();
    }

    private static unsafe ulong Next()
    {
        ulong value = 0;
        for (int i = 0; i < Attempts; i++)
        {
            // SAFETY: a variable of 8 bytes.
            if (X64Instructions.Random((byte*)&value))
                return value;
        }

        throw new InvalidOperationException("The processor gives no random numbers.");
    }
}

using System;
using System.Buffers.Binary;
using Cloister.Crypto;

namespace Cloister.Sdk.Verifier;

/// <summary>What a monitor's report will say of a Keystone enclave, computed from the files that it is made of.</summary>
public static class EnclaveMeasurement
{
    private const int PageSize = 4096;

    /// <summary>Bytes of a measurement: SHA3-512.</summary>
    public const int Size = Sha3_512.HashSizeInBytes;

    /// <summary>Measures an enclave: the sizes of its three parts in whole pages, then the pages. Nothing else of an enclave is measured.</summary>
    /// <param name="loader">What runs first.</param>
    /// <param name="runtime">The runtime's or the kernel's file.</param>
    /// <param name="application">The application's file.</param>
    public static byte[] Compute(ReadOnlySpan<byte> loader, ReadOnlySpan<byte> runtime, ReadOnlySpan<byte> application)
    {
        Sha3_512 hash = Sha3_512.Create();
        Span<byte> sizes = stackalloc byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(sizes, Rounded(loader.Length));
        BinaryPrimitives.WriteInt64LittleEndian(sizes[8..], Rounded(runtime.Length));
        BinaryPrimitives.WriteInt64LittleEndian(sizes[16..], Rounded(application.Length));
        hash.Append(sizes);
        Append(ref hash, loader);
        Append(ref hash, runtime);
        Append(ref hash, application);
        byte[] measurement = new byte[Size];
        hash.GetHashAndReset(measurement);
        return measurement;
    }

    private static long Rounded(long length) => (length + PageSize - 1) / PageSize * PageSize;

    private static void Append(ref Sha3_512 hash, ReadOnlySpan<byte> part)
    {
        hash.Append(part);
        hash.Append(stackalloc byte[(int)(Rounded(part.Length) - part.Length)]);
    }
}

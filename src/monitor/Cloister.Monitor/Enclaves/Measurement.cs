using System;
using System.Buffers.Binary;

namespace Cloister.Monitor.Enclaves;

/// <summary>The first bytes of what an enclave's measurement covers.</summary>
internal static class Measurement
{
    public const int HeaderSize = 24;

    /// <summary>The sizes, in whole pages, of the loader's, the runtime's and the application's parts.</summary>
    public static void WriteHeader(ulong loader, ulong runtime, ulong application, Span<byte> header)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, loader);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], runtime);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], application);
    }
}

using System;
using System.Buffers.Binary;

namespace Cloister.Sdk.Enclave;

/// <summary>
/// Calls of the enclave to its host, by numbers that both know, in Keystone's layout: a header of 48 bytes at the beginning of shared memory, then
/// the
/// argument. The host may write there at any time: what it says is copied out once, checked, and used from the copy.
/// </summary>
public static class HostCalls
{
    private const int HeaderSize = 48;

    /// <summary>Calls the host.</summary>
    /// <param name="number">Which of its functions.</param>
    /// <param name="argument">What it gets.</param>
    /// <param name="result">Gets what it gives, as much as there is room for.</param>
    /// <returns>The bytes that it gave; -1 where it refused, answered with a range outside of the shared memory, or the argument is too
    /// long.</returns>
    public static int Call(int number, ReadOnlySpan<byte> argument, Span<byte> result)
    {
        Span<byte> shared = Shared;
        if (argument.Length > shared.Length - HeaderSize)
            return -1;
        Span<byte> header = stackalloc byte[HeaderSize];
        BinaryPrimitives.WriteInt64LittleEndian(header, number);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], HeaderSize);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], argument.Length);
        argument.CopyTo(shared[HeaderSize..]);
        header.CopyTo(shared);
        MonitorCalls.Call(MonitorCalls.Stop, MonitorCalls.ForHostCall, 0, 0);
        shared[..HeaderSize].CopyTo(header);
        return BinaryPrimitives.ReadInt64LittleEndian(header[24..]) == 0 ? Take(shared, header, result) : -1;
    }

    // Offsets count from the beginning of shared memory.
    internal static int Take(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> header, Span<byte> result)
    {
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]), size = BinaryPrimitives.ReadUInt64LittleEndian(header[40..]);
        if (size == 0)
            return 0;
        if (offset < HeaderSize || offset > (ulong)shared.Length || size > (ulong)shared.Length - offset)
            return -1;
        int taken = (int)Math.Min(size, (ulong)result.Length);
        shared.Slice((int)offset, taken).CopyTo(result);
        return taken;
    }

    // SAFETY: see EnclaveMemory; the size fits into an int, as the driver's largest is 1 GiB.
    private static unsafe Span<byte> Shared => new(EnclaveMemory.GetShared(), (int)EnclaveMemory.GetSharedSize());
}

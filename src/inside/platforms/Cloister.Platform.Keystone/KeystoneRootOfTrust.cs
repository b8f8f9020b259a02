using System;
using Cloister.Hal;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Keystone;

/// <summary>Reports and sealing keys of the monitor.</summary>
// SAFETY: pointers are to fixed memory of as many bytes as each call takes. The heap lies in the linear map, so that an array's physical addresses follow
// each other as its bytes do.
internal sealed unsafe class KeystoneRootOfTrust : IRootOfTrust
{
    // A key, and the monitor's signature of it.
    private const int KeySize = 128, SignedKeySize = 192;

    /// <inheritdoc/>
    public int ReportSize => 1352;

    /// <inheritdoc/>
    public bool TryReport(ReadOnlySpan<byte> data, Span<byte> report)
    {
        if (report.Length < ReportSize)
            return false;
        fixed (byte* to = report, from = data)
            return MonitorCalls.Call(MonitorCalls.Attest, (ulong)to, (ulong)from, (ulong)data.Length) == 0;
    }

    /// <inheritdoc/>
    public bool TryDeriveKey(ReadOnlySpan<byte> label, Span<byte> key)
    {
        if (key.Length > KeySize)
            return false;
        byte[] name = label.ToArray(), signed = new byte[SignedKeySize];
        bool isGiven;
        fixed (byte* to = signed, from = name)
            isGiven = MonitorCalls.Call(MonitorCalls.SealingKey, PhysicalOf(to), PhysicalOf(from), (ulong)name.Length) == 0;
        if (isGiven)
            signed.AsSpan(0, key.Length).CopyTo(key);
        signed.AsSpan().Clear();
        return isGiven;
    }

    private static ulong PhysicalOf(byte* place) => (ulong)place - LinearMemory.Start;
}

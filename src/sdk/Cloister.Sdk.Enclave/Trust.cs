using System;

namespace Cloister.Sdk.Enclave;

/// <summary>What the monitor does for an enclave.</summary>
// SAFETY: pointers are to spans that are fixed, and the monitor writes as much as the checked lengths say. The enclave's memory is mapped in one
// piece,
// so that a physical address of the first byte is one of all.
public static unsafe class Trust
{
    /// <summary>Bytes of a report.</summary>
    public const int ReportSize = 1352;

    /// <summary>Bytes of data that a report can have.</summary>
    public const int MaxReportData = 1024;

    /// <summary>Bytes of a sealing key.</summary>
    public const int SealingKeySize = 128;

    private const int SealingKeyWithSignature = 192;

    /// <summary>A report of the monitor, with data of the enclave's.</summary>
    /// <exception cref="ArgumentException">There are more data than a report can have.</exception>
    public static byte[] Report(ReadOnlySpan<byte> data)
    {
        if (data.Length > MaxReportData)
            throw new ArgumentException($"A report has at most {MaxReportData} bytes of data, and there are {data.Length}.", nameof(data));
        byte[] report = new byte[ReportSize];
        fixed (byte* to = report, from = data)
            if (MonitorCalls.Call(MonitorCalls.Attest, (ulong)to, (ulong)from, (ulong)data.Length) != 0)
                throw new InvalidOperationException("The monitor gave no report.");
        return report;
    }

    /// <summary>A key that only this enclave gets on this monitor and device, for a name.</summary>
    public static byte[] SealingKey(ReadOnlySpan<byte> name)
    {
        byte[] key = new byte[SealingKeyWithSignature];
        byte[] identifier = name.ToArray();
        fixed (byte* to = key, from = identifier)
            if (MonitorCalls.Call(MonitorCalls.SealingKey, EnclaveMemory.GetPhysical(to), EnclaveMemory.GetPhysical(from),
                (ulong)identifier.Length) != 0)
                throw new InvalidOperationException("The monitor gave no sealing key.");
        return key.AsSpan(0, SealingKeySize).ToArray();
    }

    /// <summary>Fills bytes with random numbers of the monitor.</summary>
    public static void FillRandom(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i += 8)
        {
            ulong number = MonitorCalls.Random();
            for (int j = i; j < Math.Min(i + 8, bytes.Length); j++)
                bytes[j] = (byte)(number >> (j - i) * 8);
        }
    }
}

using System;

namespace Cloister.Hal;

/// <summary>Optional part of a platform: what the TEE says of this enclave, and keys that nobody else gets.</summary>
public interface IRootOfTrust
{
    /// <summary>Most bytes of an enclave's own in a report that programs ask for.</summary>
    const int MostData = 64;

    /// <summary>Bytes of a report.</summary>
    int ReportSize { get; }

    /// <summary>Writes a report, signed by the TEE, that holds data of the enclave's.</summary>
    /// <param name="data">At most <see cref="MostData"/> bytes.</param>
    /// <param name="report">Gets <see cref="ReportSize"/> bytes.</param>
    /// <returns>False where the TEE refuses.</returns>
    bool TryReport(ReadOnlySpan<byte> data, Span<byte> report);

    /// <summary>Derives a key that this enclave alone gets, on this machine, for a label.</summary>
    /// <param name="label">What it is for.</param>
    /// <param name="key">Gets at most 128 bytes.</param>
    /// <returns>False where the TEE refuses.</returns>
    bool TryDeriveKey(ReadOnlySpan<byte> label, Span<byte> key);
}

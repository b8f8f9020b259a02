using System;

namespace Cloister.Crypto;

/// <summary>Where seeds come from: the processor's or the TEE's entropy, never the host's.</summary>
public interface IEntropySource
{
    /// <summary>Fills a buffer with bytes of full entropy, or throws where there is none.</summary>
    void Fill(Span<byte> destination);
}

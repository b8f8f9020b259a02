using System;
using System.Threading;

namespace Cloister.Crypto;

/// <summary>
/// A generator of random bytes: HMAC_DRBG with SHA-256 (NIST SP 800-90A, 10.1.2) of 256 bits of security over an entropy source.
/// </summary>
/// <remarks>
/// It may be used by several threads. Its key is replaced after every request, so that whoever reads its memory later learns nothing of
/// earlier output. It is not copied by itself where the enclave is: its owner calls <see cref="Reseed"/> after a snapshot has been
/// restored, since two copies would give the same bytes. Lock order: the lock is innermost but for the entropy source's own.
/// </remarks>
public sealed class RandomGenerator : IDisposable
{
    /// <summary>Requests between two seeds; far below the 2^48 that the standard allows (table 2).</summary>
    public const int RequestsPerSeed = 1 << 16;

    // A request of the standard gives at most 2^16 bytes (table 2); a longer one is cut.
    private const int MaxRequest = 1 << 16;

    private readonly Lock _lock = new();
    private readonly IEntropySource _source;
    private readonly KeyMemory _state = new(HmacDrbg<Sha256>.StateSize);
    private int _requests;

    /// <summary>Seeds a generator with 384 bits of entropy, which stand for entropy input and nonce (8.6.7).</summary>
    /// <param name="source">Where seeds come from.</param>
    /// <param name="personalization">Bytes that set this generator apart from others with the same source; not secret.</param>
    public RandomGenerator(IEntropySource source, ReadOnlySpan<byte> personalization = default)
    {
        _source = source;
        Span<byte> seed = stackalloc byte[48];
        try
        {
            source.Fill(seed);
            HmacDrbg<Sha256>.Instantiate(_state.Span, seed, personalization);
        }
        finally
        {
            FixedTime.Zero(seed);
            StackMemory.Erase();
        }
    }

    /// <summary>Fills a buffer with random bytes.</summary>
    /// <exception cref="ObjectDisposedException">The generator has been erased.</exception>
    public void Fill(Span<byte> destination)
    {
        lock (_lock)
        {
            Span<byte> state = _state.Span;
            while (!destination.IsEmpty)
            {
                // Without a new seed there is no output, however often it is asked for (9.3.1).
                if (_requests >= RequestsPerSeed)
                    Reseed(default);
                int taken = Math.Min(destination.Length, MaxRequest);
                HmacDrbg<Sha256>.Produce(state, destination[..taken]);
                HmacDrbg<Sha256>.Update(state, default);
                _requests++;
                destination = destination[taken..];
            }
        }

        StackMemory.Erase();
    }

    /// <summary>Mixes new entropy, and bytes that the caller has, into the state. The bytes need not be random.</summary>
    /// <exception cref="ObjectDisposedException">The generator has been erased.</exception>
    public void Reseed(ReadOnlySpan<byte> additionalInput = default)
    {
        Span<byte> seed = stackalloc byte[32];
        try
        {
            lock (_lock)
            {
                _source.Fill(seed);
                HmacDrbg<Sha256>.Update(_state.Span, seed, additionalInput);
                _requests = 0;
            }
        }
        finally
        {
            FixedTime.Zero(seed);
            StackMemory.Erase();
        }
    }

    /// <summary>Erases the state.</summary>
    public void Dispose()
    {
        lock (_lock)
            _state.Dispose();
    }
}

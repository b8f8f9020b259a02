using System;

namespace Cloister.Crypto;

/// <summary>
/// HMAC_DRBG (NIST SP 800-90A, 10.1.2) over a hash function: the mechanism alone, without an entropy source.
/// </summary>
internal static class HmacDrbg<THash>
    where THash : struct, IHash<THash>
{
    /// <summary>Memory that the state needs: key and value.</summary>
    public static int StateSize => 2 * THash.HashSize;

    /// <summary>Seeds a state (10.1.2.3) from seed material, given in up to three parts.</summary>
    public static void Instantiate(Span<byte> state, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default,
        ReadOnlySpan<byte> third = default)
    {
        state[..THash.HashSize].Clear();
        state.Slice(THash.HashSize, THash.HashSize).Fill(1);
        Update(state, first, second, third);
    }

    /// <summary>Mixes seed material or additional input into a state (10.1.2.2).</summary>
    public static void Update(Span<byte> state, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default,
        ReadOnlySpan<byte> third = default)
    {
        Mix(state, 0, first, second, third);
        if (first.Length + second.Length + third.Length != 0)
            Mix(state, 1, first, second, third);
    }

    /// <summary>Produces output without the update that follows a request.</summary>
    public static void Produce(Span<byte> state, Span<byte> output)
    {
        Span<byte> value = state.Slice(THash.HashSize, THash.HashSize);
        var hmac = new Hmac<THash>(state[..THash.HashSize]);
        while (!output.IsEmpty)
        {
            hmac.Append(value);
            hmac.GetHashAndReset(value);
            int taken = Math.Min(value.Length, output.Length);
            value[..taken].CopyTo(output);
            output = output[taken..];
        }

        hmac.Erase();
    }

    private static void Mix(Span<byte> state, byte separator, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        Span<byte> key = state[..THash.HashSize];
        Span<byte> value = state.Slice(THash.HashSize, THash.HashSize);
        var hmac = new Hmac<THash>(key);
        hmac.Append(value);
        hmac.Append([separator]);
        hmac.Append(first);
        hmac.Append(second);
        hmac.Append(third);
        hmac.GetHashAndReset(key);
        hmac.Erase();
        Hmac<THash>.HashData(key, value, value);
    }
}

using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>Operations whose time depends on lengths only, never on the bytes.</summary>
public static class FixedTime
{
    /// <summary>
    /// Whether two byte strings are equal. Strings of different lengths are unequal at once: lengths are public.
    /// </summary>
    // Not inlined, and the accumulator is read after the loop only: an optimizer that sees the caller could end the loop early.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    public static bool Equals(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
            return false;
        int difference = 0;
        for (int i = 0; i < left.Length; i++)
            difference |= left[i] ^ right[i];
        return difference == 0;
    }

    /// <summary>Overwrites a secret with zeros, also where nobody reads the bytes again.</summary>
    // Not inlined: the JIT may drop stores that it can see nobody reads, but not a call whose body it doesn't look into.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Zero(Span<byte> secret) => secret.Clear();
}

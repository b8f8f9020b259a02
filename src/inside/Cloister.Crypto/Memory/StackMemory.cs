using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// The stack below the caller. Whoever handles a secret with methods of his own calls <see cref="Erase"/> when they have returned: what they
/// held in variables, and what the JIT has spilled, lies there still, and nobody else knows where.
/// </summary>
internal static class StackMemory
{
    // More than the deepest of the operations takes: tables of points and powers, states of hashes.
    private const int Depth = 16 * 1024;

    /// <summary>Overwrites with zeros what methods that have returned left on the stack. They must not have been inlined.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Erase()
    {
        Span<byte> dead = stackalloc byte[Depth];
        FixedTime.Zero(dead);
    }
}

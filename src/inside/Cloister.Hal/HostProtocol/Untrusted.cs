using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>
/// A value that the host has written: a private copy, which can't be used as what it is, as an index or a length, before it was checked.
/// </summary>
/// <typeparam name="T">A number or a structure.</typeparam>
/// <param name="value">The copy.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Untrusted<T>(T value)
    where T : unmanaged
{
    private readonly T _value = value;

    /// <summary>The value, for the checks of <see cref="UntrustedNumbers"/>.</summary>
    internal T Value => _value;

    /// <summary>Whoever writes an answer may write any value.</summary>
    public static implicit operator Untrusted<T>(T value) => new(value);

    /// <summary>Checks a structure, and makes of it what can be trusted.</summary>
    /// <param name="check">The check, which looks at every field that the result depends on.</param>
    /// <param name="result">What it has made.</param>
    /// <returns>Whether it holds.</returns>
    public bool TryCheck<TResult>(UntrustedCheck<T, TResult> check, out TResult result) => check(_value, out result);
}

/// <summary>Checks a structure that the host has written.</summary>
/// <param name="value">The private copy.</param>
/// <param name="result">What can be trusted.</param>
public delegate bool UntrustedCheck<T, TResult>(in T value, out TResult result)
    where T : unmanaged;

/// <summary>Checks of numbers that the host has written: there is no other way to their value.</summary>
public static class UntrustedNumbers
{
    /// <summary>Whether it is a certain number.</summary>
    public static bool Is(this Untrusted<int> number, int expected) => number.Value == expected;

    /// <inheritdoc cref="Is(Untrusted{int}, int)"/>
    public static bool Is(this Untrusted<uint> number, uint expected) => number.Value == expected;

    /// <inheritdoc cref="Is(Untrusted{int}, int)"/>
    public static bool Is(this Untrusted<long> number, long expected) => number.Value == expected;

    /// <summary>The number, if it lies between two others.</summary>
    public static bool TryGet(this Untrusted<int> number, int least, int most, out int value)
    {
        value = number.Value;
        return Found(value >= least && value <= most, ref value);
    }

    /// <inheritdoc cref="TryGet(Untrusted{int}, int, int, out int)"/>
    public static bool TryGet(this Untrusted<uint> number, uint least, uint most, out uint value)
    {
        value = number.Value;
        return Found(value >= least && value <= most, ref value);
    }

    /// <inheritdoc cref="TryGet(Untrusted{int}, int, int, out int)"/>
    public static bool TryGet(this Untrusted<long> number, long least, long most, out long value)
    {
        value = number.Value;
        return Found(value >= least && value <= most, ref value);
    }

    /// <inheritdoc cref="TryGet(Untrusted{int}, int, int, out int)"/>
    public static bool TryGet(this Untrusted<ulong> number, ulong least, ulong most, out ulong value)
    {
        value = number.Value;
        return Found(value >= least && value <= most, ref value);
    }

    /// <summary>A count of bytes or records: from 0 on.</summary>
    public static bool TryGet(this Untrusted<uint> number, int most, out int value)
    {
        bool isRight = number.TryGet(0, (uint)most, out uint count);
        value = (int)count;
        return isRight;
    }

    /// <summary>The number, or the largest that is allowed where it is larger.</summary>
    public static int AtMost(this Untrusted<uint> number, int most) => number.TryGet(most, out int value) ? value : most;

    /// <summary>The bits that mean something, of which every combination is possible.</summary>
    public static uint Masked(this Untrusted<uint> number, uint mask) => number.Value & mask;

    /// <inheritdoc cref="Masked(Untrusted{uint}, uint)"/>
    public static ulong Masked(this Untrusted<long> number, ulong mask) => (ulong)number.Value & mask;

    private static bool Found<T>(bool isRight, ref T value)
        where T : unmanaged
    {
        if (!isRight)
            value = default;
        return isRight;
    }
}

using System.Runtime.CompilerServices;

namespace System.Threading;

/// <summary>Operations that no interrupt divides.</summary>
public static partial class Interlocked
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int Exchange32(ref int place, int value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long Exchange64(ref long place, long value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern object? ExchangeObject(ref object? place, object? value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int Add32(ref int place, int value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long Add64(ref long place, long value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int Compare32(ref int place, int value, int comparand);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long Compare64(ref long place, long value, long comparand);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern object? CompareObject(ref object? place, object? value, object? comparand);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void MemoryBarrier();

    public static int Increment(ref int location) => Add32(ref location, 1);

    public static long Increment(ref long location) => Add64(ref location, 1);

    public static int Decrement(ref int location) => Add32(ref location, -1);

    public static long Decrement(ref long location) => Add64(ref location, -1);

    public static int Add(ref int location1, int value) => Add32(ref location1, value);

    public static long Add(ref long location1, long value) => Add64(ref location1, value);

    public static int Exchange(ref int location1, int value) => Exchange32(ref location1, value);

    public static long Exchange(ref long location1, long value) => Exchange64(ref location1, value);

    public static T Exchange<T>(ref T location1, T value) where T : class?
    {
        object? before = ExchangeObject(ref Unsafe.As<T, object?>(ref location1), value);
        return Unsafe.As<T>(before);
    }

    public static int CompareExchange(ref int location1, int value, int comparand) => Compare32(ref location1, value, comparand);

    public static long CompareExchange(ref long location1, long value, long comparand) => Compare64(ref location1, value, comparand);

    public static ulong CompareExchange(ref ulong location1, ulong value, ulong comparand) =>
        (ulong)Compare64(ref Unsafe.As<ulong, long>(ref location1), (long)value, (long)comparand);

    public static T CompareExchange<T>(ref T location1, T value, T comparand) where T : class?
    {
        object? before = CompareObject(ref Unsafe.As<T, object?>(ref location1), value, comparand);
        return Unsafe.As<T>(before);
    }

    public static long Read(ref readonly long location) => Compare64(ref Unsafe.AsRef(in location), 0, 0);

    public static uint Exchange(ref uint location1, uint value) => (uint)Exchange32(ref Unsafe.As<uint, int>(ref location1), (int)value);

    public static uint CompareExchange(ref uint location1, uint value, uint comparand) =>
        (uint)Compare32(ref Unsafe.As<uint, int>(ref location1), (int)value, (int)comparand);

    public static uint Add(ref uint location1, uint value) => (uint)Add32(ref Unsafe.As<uint, int>(ref location1), (int)value);

    public static uint Increment(ref uint location) => Add(ref location, 1);

    public static uint Decrement(ref uint location) => Add(ref location, uint.MaxValue);

    public static ulong Exchange(ref ulong location1, ulong value) => (ulong)Exchange64(ref Unsafe.As<ulong, long>(ref location1), (long)value);

    public static ulong Add(ref ulong location1, ulong value) => (ulong)Add64(ref Unsafe.As<ulong, long>(ref location1), (long)value);

    public static ulong Increment(ref ulong location) => Add(ref location, 1);

    public static ulong Decrement(ref ulong location) => Add(ref location, ulong.MaxValue);

    public static nint Exchange(ref nint location1, nint value) => (nint)Exchange64(ref Unsafe.As<nint, long>(ref location1), (long)value);

    public static nint CompareExchange(ref nint location1, nint value, nint comparand) =>
        (nint)Compare64(ref Unsafe.As<nint, long>(ref location1), (long)value, (long)comparand);

    public static nuint Exchange(ref nuint location1, nuint value) => (nuint)Exchange64(ref Unsafe.As<nuint, long>(ref location1), (long)value);

    public static nuint CompareExchange(ref nuint location1, nuint value, nuint comparand) =>
        (nuint)Compare64(ref Unsafe.As<nuint, long>(ref location1), (long)value, (long)comparand);

    public static object? Exchange(ref object? location1, object? value) => ExchangeObject(ref location1, value);

    public static object? CompareExchange(ref object? location1, object? value, object? comparand) => CompareObject(ref location1, value, comparand);

    public static ulong Read(ref readonly ulong location) => (ulong)Compare64(ref Unsafe.As<ulong, long>(ref Unsafe.AsRef(in location)), 0, 0);
}

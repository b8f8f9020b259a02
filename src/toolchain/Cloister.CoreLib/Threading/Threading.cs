using System.Runtime.CompilerServices;

namespace System.Threading;

/// <summary>Operations that no interrupt divides.</summary>
public static unsafe class Interlocked
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

    public static ulong CompareExchange(ref ulong location1, ulong value, ulong comparand) => (ulong)Compare64(ref Unsafe.As<ulong, long>(ref location1), (long)value, (long)comparand);

    public static T CompareExchange<T>(ref T location1, T value, T comparand) where T : class?
    {
        object? before = CompareObject(ref Unsafe.As<T, object?>(ref location1), value, comparand);
        return Unsafe.As<T>(before);
    }

    public static long Read(ref readonly long location) => Compare64(ref Unsafe.AsRef(in location), 0, 0);
}

public static class Volatile
{
    public static int Read(ref readonly int location)
    {
        int value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static long Read(ref readonly long location)
    {
        long value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static uint Read(ref readonly uint location)
    {
        uint value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static ulong Read(ref readonly ulong location)
    {
        ulong value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static bool Read(ref readonly bool location)
    {
        bool value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static T Read<T>(ref readonly T location) where T : class?
    {
        T value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref int location, int value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static void Write(ref long location, long value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static void Write(ref bool location, bool value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static void Write<T>(ref T location, T value) where T : class?
    {
        Interlocked.MemoryBarrier();
        location = value;
    }
}

/// <summary>There is one thread, so every lock is free or its own.</summary>
public static class Monitor
{
    public static void Enter(object obj) => ArgumentNullException.ThrowIfNull(obj);

    public static void Enter(object obj, ref bool lockTaken)
    {
        ArgumentNullException.ThrowIfNull(obj);
        lockTaken = true;
    }

    public static void Exit(object obj) => ArgumentNullException.ThrowIfNull(obj);
}

public sealed class Lock
{
    private int _depth;

    public bool IsHeldByCurrentThread => _depth > 0;

    public void Enter() => _depth++;

    public bool TryEnter()
    {
        _depth++;
        return true;
    }

    public void Exit()
    {
        if (_depth == 0)
            throw new SynchronizationLockException();
        _depth--;
    }

    public Scope EnterScope()
    {
        _depth++;
        return new Scope(this);
    }

    public ref struct Scope
    {
        private Lock? _owner;

        internal Scope(Lock owner) => _owner = owner;

        public void Dispose()
        {
            Lock? owner = _owner;
            _owner = null;
            owner?.Exit();
        }
    }
}

public class SynchronizationLockException : SystemException
{
    public SynchronizationLockException() : base("Object synchronization method was called from an unsynchronized block of code.")
    {
    }
}

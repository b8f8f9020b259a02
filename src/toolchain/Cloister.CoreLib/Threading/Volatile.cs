namespace System.Threading;

/// <summary>Reads that nothing later passes and writes that pass nothing earlier.</summary>
public static class Volatile
{
    public static sbyte Read(ref readonly sbyte location)
    {
        sbyte value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref sbyte location, sbyte value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static byte Read(ref readonly byte location)
    {
        byte value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref byte location, byte value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static short Read(ref readonly short location)
    {
        short value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref short location, short value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static ushort Read(ref readonly ushort location)
    {
        ushort value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref ushort location, ushort value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static int Read(ref readonly int location)
    {
        int value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref int location, int value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static uint Read(ref readonly uint location)
    {
        uint value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref uint location, uint value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static long Read(ref readonly long location)
    {
        long value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref long location, long value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static ulong Read(ref readonly ulong location)
    {
        ulong value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref ulong location, ulong value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static nint Read(ref readonly nint location)
    {
        nint value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref nint location, nint value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static nuint Read(ref readonly nuint location)
    {
        nuint value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref nuint location, nuint value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static float Read(ref readonly float location)
    {
        float value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref float location, float value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static double Read(ref readonly double location)
    {
        double value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref double location, double value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static bool Read(ref readonly bool location)
    {
        bool value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write(ref bool location, bool value)
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static T Read<T>(ref readonly T location) where T : class?
    {
        T value = location;
        Interlocked.MemoryBarrier();
        return value;
    }

    public static void Write<T>(ref T location, T value) where T : class?
    {
        Interlocked.MemoryBarrier();
        location = value;
    }

    public static void ReadBarrier() => Interlocked.MemoryBarrier();

    public static void WriteBarrier() => Interlocked.MemoryBarrier();
}

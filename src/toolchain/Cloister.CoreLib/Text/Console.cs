using Cloister.Runtime;

namespace System;

/// <summary>Text to the board's console, in UTF-8, through a buffer that is written when it is full and when the program ends.</summary>
// SAFETY: s_count is at most Capacity, as Put writes the buffer out when it is full. A static field doesn't move.
public static unsafe class Console
{
    private const int Capacity = 4096;

    // Not an array, so that programs that don't allocate can write.
    private static Buffer s_buffer;
    private static int s_count;
    private static bool s_usesErrors;

    public static void Write(string? value)
    {
        for (int i = 0; value is not null && i < value.Length; i++)
        {
            uint code = value[i];
            if (code is >= 0xd800 and < 0xdc00 && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
                code = 0x10000 + (code - 0xd800 << 10) + (value[++i] - 0xdc00u);
            else if (code is >= 0xd800 and <= 0xdfff)
                code = 0xfffd;
            if (code < 0x80)
            {
                Put((byte)code);
                continue;
            }

            int rest = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
            Put((byte)((rest == 1 ? 0xc0u : rest == 2 ? 0xe0u : 0xf0u) | code >> rest * 6));
            while (rest-- > 0)
                Put((byte)(0x80 | code >> rest * 6 & 0x3f));
        }
    }

    private struct Buffer
    {
        public fixed byte Bytes[Capacity];
    }

    private static void Put(byte value)
    {
        if (s_count == Capacity)
            Flush();
        s_buffer.Bytes[s_count++] = value;
    }

    /// <summary>From now on all text goes to standard error.</summary>
    internal static void UseErrors()
    {
        Flush();
        s_usesErrors = true;
    }

    internal static void Flush()
    {
        if (s_count == 0)
            return;
        fixed (byte* bytes = s_buffer.Bytes)
        {
            if (s_usesErrors)
                Platform.WriteError(bytes, s_count);
            else
                Platform.Write(bytes, s_count);
        }

        s_count = 0;
    }

    public static void Write(char value) => Write(value.ToString());

    public static void Write(object? value) => Write(value?.ToString());

    public static void Write(bool value) => Write(value.ToString());

    public static void Write(int value) => Write(value.ToString());

    public static void Write(uint value) => Write(value.ToString());

    public static void Write(long value) => Write(value.ToString());

    public static void Write(ulong value) => Write(value.ToString());

    public static void Write(double value) => Write(value.ToString());

    public static void Write(float value) => Write(value.ToString());

    public static void Write(string format, params object?[] arg) => Write(string.Format(format, arg));

    public static void WriteLine() => Put((byte)'\n');

    public static void WriteLine(string? value)
    {
        Write(value);
        Put((byte)'\n');
    }

    public static void WriteLine(char value) => WriteLine(value.ToString());

    public static void WriteLine(char[]? value) => WriteLine(new string(value));

    public static void WriteLine(object? value) => WriteLine(value?.ToString());

    public static void WriteLine(bool value) => WriteLine(value.ToString());

    public static void WriteLine(int value) => WriteLine(value.ToString());

    public static void WriteLine(uint value) => WriteLine(value.ToString());

    public static void WriteLine(long value) => WriteLine(value.ToString());

    public static void WriteLine(ulong value) => WriteLine(value.ToString());

    public static void WriteLine(double value) => WriteLine(value.ToString());

    public static void WriteLine(float value) => WriteLine(value.ToString());

    public static void WriteLine(string format, object? arg0) => WriteLine(string.Format(format, new object?[] { arg0 }));

    public static void WriteLine(string format, object? arg0, object? arg1) => WriteLine(string.Format(format, new object?[] { arg0, arg1 }));

    public static void WriteLine(string format, params object?[] arg) => WriteLine(string.Format(format, arg));
}

public enum GCCollectionMode { Default, Forced, Optimized, Aggressive }

public static class GC
{
    public static void Collect() => Collector.Collect();

    public static void KeepAlive(object? obj)
    {
    }

    public static void SuppressFinalize(object obj)
    {
    }

    public static int CollectionCount(int generation) => Collector.Collections;

    /// <summary>Bytes of the objects in the heap; of those that are reachable, where it collects first.</summary>
    public static long GetTotalMemory(bool forceFullCollection)
    {
        if (forceFullCollection)
            Collector.Collect();
        return (long)Collector.UsedBytes;
    }

    /// <summary>The time that all collections took.</summary>
    public static TimeSpan GetTotalPauseDuration() => new(CollectorStatistics.TotalPause / TimeSpan.NanosecondsPerTick);

    public static int MaxGeneration => 0;

    public static void Collect(int generation) => Collect(generation, GCCollectionMode.Default, true);

    public static void Collect(int generation, GCCollectionMode mode) => Collect(generation, mode, true);

    public static void Collect(int generation, GCCollectionMode mode, bool blocking) => Collect(generation, mode, blocking, false);

    /// <summary>Every collection is one of the whole heap.</summary>
    public static void Collect(int generation, GCCollectionMode mode, bool blocking, bool compacting)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(generation);
        Collector.Collect();
    }

    public static long GetTotalAllocatedBytes(bool precise = false) => (long)Collector.TotalAllocatedBytes;

    public static T[] AllocateUninitializedArray<T>(int length, bool pinned = false) => new T[length];

    /// <summary>Nothing moves, so every array is pinned.</summary>
    public static T[] AllocateArray<T>(int length, bool pinned = false) => new T[length];
}

public static class Environment
{
    public static string NewLine => "\n";

    public static int CurrentManagedThreadId => Scheduler.CurrentIdentity;

    /// <summary>Milliseconds since some moment.</summary>
    public static long TickCount64 => Platform.Time / 1_000_000;

    public static int TickCount => (int)TickCount64;

    public static void Exit(int exitCode)
    {
        Console.Flush();
        Platform.Exit(exitCode);
    }
}

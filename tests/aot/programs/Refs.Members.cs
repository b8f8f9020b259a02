using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static System.Console;

namespace Cloister.Aot.Programs;

// What the programs use.
internal static unsafe partial class Refs
{
    private static int s_number = 3;

    private static readonly int[] s_table = [1, 2, 3];

    [ThreadStatic]
    private static int s_perThread;

    private static void Interlocked(ref int n) => System.Threading.Interlocked.Increment(ref n);

    private static string Defaults(int a = 7, string b = "d", double? c = null) => a + b + c + ";";

    private static void Fill<T>(ref T target) where T : IAccumulator, allows ref struct
    {
        for (int i = 0; i < 6; i++)
            target.Add(i);
    }

    private static ref int Largest(int[] items)
    {
        int at = 0;
        for (int i = 1; i < items.Length; i++)
            if (items[i] > items[at])
                at = i;
        return ref items[at];
    }

    private static void Change(ref Point p) => p.Y = p.X + 1;

    private static bool Parse(string text, out int value) => int.TryParse(text, out value);

    private static int Add(in Point a, in Point b) => a.X + a.Y + b.X;

    private static ReadOnlySpan<char> Hex(uint value, Span<char> buffer)
    {
        int at = buffer.Length;
        do
            buffer[--at] = "0123456789abcdef"[(int)(value & 15)];
        while ((value >>= 4) != 0);
        return buffer[at..];
    }

    private static int Plus(int a, int b) => a + b;

    private static int Times(int a, int b) => a * b;

    private static int Square(int a) => a * a;

    private static int Length(string s) => s.Length;

    private static void Print(string s) => WriteLine(s);

    private static int Apply(delegate*<int, int> function, int value) => function(value);

    private static TOut[] Map<TIn, TOut>(TIn[] items, delegate*<TIn, TOut> function)
    {
        TOut[] made = new TOut[items.Length];
        for (int i = 0; i < made.Length; i++)
            made[i] = function(items[i]);
        return made;
    }

    private ref struct RefPair(ref int first, ref int second)
    {
        public ref int First = ref first;
        private ref int _second = ref second;

        public void Swap() => (First, _second) = (_second, First);
    }

    private interface IAccumulator
    {
        void Add(int value);
    }

    private ref struct CountingRef(Span<int> buckets) : IAccumulator
    {
        private readonly Span<int> _buckets = buckets;

        public void Add(int value) => _buckets[value % _buckets.Length] += value;

        public readonly int Total => _buckets[0] * 1000 + _buckets[1] * 100 + _buckets[2] * 10 + _buckets[3];
    }

    private struct Point
    {
        public int X;
        public int Y;
    }

    private sealed class Box
    {
        public Point Inner;
        public Point[] Points = new Point[2];
    }

    [InlineArray(4)]
    private struct Four
    {
        private int _first;
    }

    [InlineArray(3)]
    private struct Names
    {
        private string? _first;
    }

    private struct WithBuffer
    {
        public fixed byte Bytes[8];
    }

    private struct Node
    {
        public int Value;
        public Node* Next;
    }

    private sealed class Native(int length) : MemoryManager<byte>
    {
        private readonly byte[] _bytes = new byte[length];

        public override Span<byte> GetSpan() => _bytes;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        public override Memory<byte> Memory => _bytes;

        protected override void Dispose(bool disposing) => WriteLine("disposed " + disposing);
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Union
    {
        [FieldOffset(0)]
        public ulong Whole;
        [FieldOffset(0)]
        public uint Low;
        [FieldOffset(4)]
        public uint High;
        [FieldOffset(7)]
        public byte First;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        public byte A;
        public long B;
        public short C;
    }

    private struct Loose
    {
        public byte A;
        public long B;
        public short C;
    }

    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct Sized
    {
        public int A;
    }

    private struct Empty;

    private struct Plain
    {
        public int N;
        public string? Text;
        public int? Maybe;
    }

    private struct Deep
    {
        public Point? Inner;
        public DayOfWeek? Day;
    }

    private interface ICounter
    {
        void Increment();
    }

    private struct Counter : ICounter
    {
        public int Value;

        public void Increment() => Value++;

        public override readonly string ToString() => "#" + Value;
    }

    private sealed class Holder
    {
        public Counter Mutable;
        public readonly Counter Frozen;
    }

    private record Person(string Name, int Age)
    {
        public int[]? Tags { get; init; }

        protected virtual bool PrintMembers(System.Text.StringBuilder builder)
        {
            builder.Append("Name = ").Append(Name).Append(", Age = ").Append(Age);
            return true;
        }
    }

    private sealed record Student(string Name, int Age, string School) : Person(Name, Age);

    private sealed record Generic<T>(T Value);

    private sealed record EmptyRecord;

    private readonly record struct Pair<T>(T A, T B);
}

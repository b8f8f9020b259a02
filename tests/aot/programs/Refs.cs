using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>References: ref structs and fields, memory, pointers, function pointers, layouts, and comparison by fields.</summary>
internal static unsafe partial class Refs
{
    public static void All()
    {
        Program.Run("refs/ref fields", () =>
        {
            int a = 1, b = 2;
            var pair = new RefPair(ref a, ref b);
            pair.Swap();
            pair.First += 10;
            WriteLine(a + " " + b);
        });
        Program.Run("refs/ref struct interfaces", () =>
        {
            var counter = new CountingRef(stackalloc int[4]);
            Fill(ref counter);
            WriteLine(counter.Total);
        });
        Program.Run("refs/ref returns", () =>
        {
            int[] items = [3, 9, 2];
            Largest(items) = 0;
            ref int first = ref items[0];
            first++;
            ref readonly int last = ref items[^1];
            WriteLine(string.Join(",", items) + last);
        });
        Program.Run("refs/ref reassignment", () =>
        {
            int a = 1, b = 2;
            ref int r = ref a;
            r = 5;
            r = ref b;
            r = 7;
            ref int larger = ref (a > b ? ref a : ref b);
            larger *= 2;
            WriteLine(a + " " + b);
        });
        Program.Run("refs/ref to struct members", () =>
        {
            var box = new Box { Inner = new Point { X = 1 } };
            ref int x = ref box.Inner.X;
            x = 8;
            Change(ref box.Inner);
            ref Point p = ref box.Points[1];
            p.Y = 4;
            WriteLine(box.Inner.X + " " + box.Inner.Y + " " + box.Points[1].Y);
        });
        Program.Run("refs/out and in", () =>
        {
            WriteLine(Parse("12", out int a) + " " + a + Parse("x", out _) + " " + Add(new Point { X = 1, Y = 2 }, new Point { X = 3 })
                + (int.TryParse("7", out int c) ? c : 0));
        });
        Program.Run("refs/scoped spans", () =>
        {
            Span<char> buffer = stackalloc char[16];
            WriteLine(new string(Hex(0xbeef, buffer)) + " " + new string(Hex(0, buffer)));
        });
        Program.Run("refs/inline arrays", () =>
        {
            var four = new Four();
            for (int i = 0; i < 4; i++)
                four[i] = i * i;
            Span<int> span = four;
            Four copy = four;
            copy[0] = 99;
            int sum = 0;
            foreach (int i in four)
                sum += i;
            WriteLine(sum + " " + span.Length + four[^1] + string.Join(",", four[1..3].ToArray()) + copy[0] + four[0]);
        });
        Program.Run("refs/inline arrays of references", () =>
        {
            var names = new Names();
            names[0] = "a";
            names[1] = new string('b', 3);
            GC.Collect();
            WriteLine(names[0] + names[1] + (names[2] is null));
        });
        Program.Run("refs/pointers", () =>
        {
            int* numbers = stackalloc int[5] { 1, 2, 3, 4, 5 };
            int* end = numbers + 5;
            int sum = 0;
            for (int* p = numbers; p < end; p++)
                sum += *p;
            byte* bytes = (byte*)numbers;
            WriteLine(sum + " " + (end - numbers) + " " + bytes[4] + " " + numbers[4] + *(numbers + 1) + " " + (numbers == end) + sizeof(Point)
                + sizeof(int*));
        });
        Program.Run("refs/fixed", () =>
        {
            byte[] bytes = [1, 2, 3, 4];
            string text = "abc";
            fixed (byte* b = bytes)
            fixed (char* c = text)
            fixed (byte* none = Array.Empty<byte>())
                WriteLine(*(int*)b + " " + c[1] + (none == null) + *(short*)(b + 2));
            var buffer = new WithBuffer();
            for (int i = 0; i < 8; i++)
                buffer.Bytes[i] = (byte)(i + 1);
            WriteLine(BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(buffer.Bytes, 8)));
        });
        Program.Run("refs/pointers to structs", () =>
        {
            Point p = default;
            Point* q = &p;
            q->X = 3;
            (*q).Y = 4;
            Node a = new() { Value = 1 }, b = new() { Value = 2, Next = &a };
            WriteLine(p.X + p.Y + " " + b.Next->Value);
        });
        Program.Run("refs/function pointers", () =>
        {
            delegate*<int, int, int> add = &Plus, times = &Times;
            delegate*<int, int, int>[] table = [add, times];
            delegate*<string, void> print = &Print;
            int n = 0;
            for (int i = 0; i < 4; i++)
                n = table[i % 2](n + 1, i);
            print("n " + n + " " + Apply(&Square, 7) + (add == times));
        });
        Program.Run("refs/generic function pointers", () => WriteLine(Map([1, 2, 3], &Square)[2] + " " + Map<string, int>(["a", "bcd"], &Length)[1]));
        Program.Run("refs/memory", () =>
        {
            Memory<int> m = new int[] { 1, 2, 3, 4, 5 };
            m.Span[1] = 20;
            Memory<int> part = m.Slice(1, 3);
            ReadOnlyMemory<int> read = part;
            WriteLine(part.Length + " " + read.Span[0] + string.Join(",", part.ToArray()) + m.Equals(m[..]) + part.IsEmpty + " " + part + " "
                + MemoryMarshal.TryGetArray(read, out ArraySegment<int> s) + s.Offset + s.Count);
            part.CopyTo(m[2..]);
            WriteLine(string.Join(",", m.ToArray()));
            try
            {
                m.Slice(6);
            }
            catch (ArgumentOutOfRangeException)
            {
                WriteLine("out of range");
            }
        });
        Program.Run("refs/memory managers", () =>
        {
            using var manager = new Native(8);
            Memory<byte> memory = manager.Memory;
            memory.Span.Fill(3);
            memory[2..4].Span.Clear();
            using MemoryHandle handle = memory.Pin();
            WriteLine(memory.Length + " " + Convert.ToHexString(memory.Span) + " " + ((byte*)handle.Pointer)[0]);
        });
        Program.Run("refs/unsafe", () =>
        {
            int[] items = [1, 2, 3];
            ref int first = ref MemoryMarshal.GetArrayDataReference(items);
            Unsafe.Add(ref first, 2) = 30;
            WriteLine(items[2] + " " + Unsafe.SizeOf<Point>() + Unsafe.As<int, float>(ref Unsafe.Add(ref first, 1)) + " "
                + Unsafe.AreSame(ref first, ref items[0]) + Unsafe.IsNullRef(ref Unsafe.NullRef<int>()) + Unsafe.ByteOffset(ref first, ref items[2])
                + " " + Unsafe.BitCast<float, int>(1.5f).ToString("x"));
        });
        Program.Run("refs/marshal", () =>
        {
            Span<byte> bytes = stackalloc byte[16];
            MemoryMarshal.Write(bytes[3..], new Point { X = 0x01020304, Y = -1 });
            Point p = MemoryMarshal.Read<Point>(bytes[3..]);
            Span<short> shorts = MemoryMarshal.Cast<byte, short>(bytes);
            WriteLine(Convert.ToHexString(bytes) + " " + p.X + p.Y + " " + shorts.Length + MemoryMarshal.TryRead(bytes[12..], out Point _)
                + MemoryMarshal.AsBytes(shorts).Length + MemoryMarshal.CreateSpan(ref p, 1)[0].X);
        });
        Program.Run("refs/explicit layout", () =>
        {
            var u = new Union { Whole = 0x0102030405060708 };
            u.Low = 0xaabbccdd;
            WriteLine(u.Whole.ToString("x") + " " + u.High.ToString("x") + u.First + " " + sizeof(Union));
        });
        Program.Run("refs/packing", () => WriteLine(sizeof(Packed) + " " + sizeof(Loose) + " " + sizeof(Sized) + " " + Unsafe.SizeOf<(byte, int)>()
            + sizeof(Empty)));
        Program.Run("refs/structures equal by fields", () =>
        {
            var a = new Plain { N = 1, Text = "x", Maybe = 5 };
            Plain b = a, c = a;
            c.Maybe = null;
            WriteLine(a.Equals(b) + " " + a.Equals(c) + c.Equals(c) + a.Equals("no") + (a.GetHashCode() == b.GetHashCode())
                + new Plain().Equals(new Plain()));
        });
        Program.Run("refs/structures with nullable structures", () =>
        {
            var a = new Deep { Inner = new Point { X = 1 }, Day = DayOfWeek.Friday };
            Deep b = a;
            b.Inner = new Point { X = 2 };
            WriteLine(a.Equals((object)a) + " " + a.Equals(b) + " " + new Deep().Equals(new Deep { Day = DayOfWeek.Monday }));
        });
        Program.Run("refs/boxed structures", () =>
        {
            object o = new Counter();
            ((ICounter)o).Increment();
            ((ICounter)o).Increment();
            var copy = (Counter)o;
            copy.Increment();
            ref Counter inside = ref Unsafe.Unbox<Counter>(o);
            inside.Increment();
            WriteLine(((Counter)o).Value + " " + copy.Value + " " + o.Equals(copy) + o);
        });
        Program.Run("refs/readonly structures", () =>
        {
            var holder = new Holder();
            holder.Mutable.Increment();
            holder.Frozen.Increment();
            WriteLine(holder.Mutable.Value + " " + holder.Frozen.Value);
        });
        Program.Run("refs/records", () =>
        {
            var a = new Person("Ann", 5) { Tags = [1] };
            Person b = a with { Age = 6 }, s = new Student("Ann", 5, "x") { Tags = a.Tags };
            WriteLine(a + " " + b + " " + s + " " + (a == new Person("Ann", 5) { Tags = a.Tags }) + (a == s) + (s == a) + a.Equals(b)
                + (a.GetHashCode() == (b with { Age = 5 }).GetHashCode()));
            (string name, int age) = b;
            WriteLine(name + age + new Generic<int?>(null) + new Generic<string>("t") + new EmptyRecord()
                + (new Pair<int>(1, 2) == new Pair<int>(1, 2)));
        });
        Program.Run("refs/tuples compare", () =>
        {
            (int, string) a = (1, "b"), b = (1, "c");
            WriteLine(a.CompareTo(b) < 0 ? a == (1L, "b") : false);
            WriteLine(a.Equals(b) + " " + (a, b) + " " + ((1, 2, 3, 4, 5, 6, 7, 8, 9)) + (1, 2).GetHashCode().Equals((1, 2).GetHashCode())
                + ValueTuple.Create(3) + default((int, string)));
        });
        Program.Run("refs/statics by reference", () =>
        {
            ref int n = ref s_number;
            n += 5;
            Interlocked(ref s_number);
            WriteLine(s_number + " " + s_table[2] + s_perThread);
            s_perThread = 9;
            WriteLine(s_perThread);
        });
        Program.Run("refs/params and defaults", () => WriteLine(Defaults() + Defaults(1) + Defaults(b: "z") + Defaults(2, "y", 1.5)));
        Program.Run("refs/debug helpers", () =>
        {
            Debug.Assert(s_number > -100, "unlikely");
            try
            {
                throw new UnreachableException();
            }
            catch (UnreachableException e)
            {
                WriteLine(e.Message);
            }
        });
        Program.Run("refs/argument checks", () =>
        {
            foreach (Action run in (Action[])[() => ArgumentNullException.ThrowIfNull((object?)null, "n"), () =>
                ArgumentException.ThrowIfNullOrEmpty("", "e"), () => ArgumentException.ThrowIfNullOrWhiteSpace(" ", "w"), () =>
                ArgumentOutOfRangeException.ThrowIfNegative(-1, "a"), () => ArgumentOutOfRangeException.ThrowIfZero(0, "b"), () =>
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(0L, "c"),
                () => ArgumentOutOfRangeException.ThrowIfGreaterThan(5, 4, "d"), () =>
                    ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(5, 5, "e"), () => ArgumentOutOfRangeException.ThrowIfEqual("x", "x", "f"),
                    () => ArgumentOutOfRangeException.ThrowIfNotEqual(1, 2, "g"), () => ObjectDisposedException.ThrowIf(true, "object"), () =>
                    ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(2.5, 2.5, "h")])
            {
                try
                {
                    run();
                }
                catch (Exception e)
                {
                    WriteLine(e.GetType() + ": " + e.Message);
                }
            }
        });
        Program.Run("refs/bit converter", () =>
        {
            Span<byte> bytes = stackalloc byte[8];
            WriteLine(BitConverter.TryWriteBytes(bytes, 0x0102030405060708) + Convert.ToHexString(bytes) + BitConverter.ToInt32(bytes[2..]) + " "
                + BitConverter.TryWriteBytes(bytes[..3], 5) + Convert.ToHexString(BitConverter.GetBytes(1.5f)) + BitConverter.ToUInt16(bytes)
                + BitConverter.UInt32BitsToSingle(0x40490fdb));
        });
        Program.Run("refs/binary primitives", () =>
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, (UInt128)1 << 100);
            WriteLine(Convert.ToHexString(bytes) + " " + BinaryPrimitives.ReadUInt128LittleEndian(bytes)
                + BinaryPrimitives.TryReadInt32BigEndian(bytes[13..], out _) + BinaryPrimitives.TryWriteUInt16LittleEndian(bytes, 0xabcd) + bytes[0]);
            uint[] words = [1, 0xff000000];
            BinaryPrimitives.ReverseEndianness(words, words);
            WriteLine(words[0] + " " + words[1]);
        });
        Program.Run("refs/span searches", () =>
        {
            ReadOnlySpan<byte> b = [1, 2, 3, 2, 1, 0, 0];
            WriteLine(b.IndexOfAny((byte)3, (byte)9) + " " + b.LastIndexOf((byte)2) + b.Count((byte)0) + b.ContainsAny((byte)8, (byte)3)
                + b.ContainsAnyExcept((byte)1) + b.IndexOfAnyExcept((byte)1) + b.TrimEnd((byte)0).Length + b.Trim([(byte)1, (byte)0]).Length
                + b.CommonPrefixLength(new byte[] { 1, 2, 9 }) + b.IndexOfAnyInRange((byte)3, (byte)5) + b.LastIndexOf([(byte)2, (byte)1]));
            Span<int> s = [1, 2, 1];
            s.Replace(1, 7);
            WriteLine(s[0] + s[2] + " " + s.Overlaps(s[1..], out int offset) + offset + s.Overlaps([7]) + s.StartsWith([7, 2])
                + ((ReadOnlySpan<int>)s).SequenceCompareTo([7, 3]));
        });
    }
}

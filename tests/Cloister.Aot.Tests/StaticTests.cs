using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>Static constructors that are evaluated while compiling, and methods with equal bodies.</summary>
public sealed class StaticTests
{
    private const string Program = """
        using System;
        internal static class Table
        {
            public static readonly uint[] Crc = Make();
            public static readonly byte[] Bytes = [1, 2, 3, 250, 251, 252, 253, 254, 255];
            public static readonly string[] Names = ["zero", null, "two"];
            public static readonly int[][] Jagged = [[1, 2], [], [3]];
            public static readonly double[] Doubles = [1.5, -0.0, double.NaN, double.PositiveInfinity];
            public static readonly char[] Characters = ['a', '\uffff'];
            public static readonly object Lock = new();
            public static long Sum = Add(unchecked((int)0x80000001), -7);
            public static ulong Big = ulong.MaxValue / 3;
            public static sbyte Small = unchecked((sbyte)200);
            public static float Single = 0.1f;
            public static bool Flag = Add(1, 2) > 2;
            public static string Text = "text";
            public static readonly int Other = Second.Value * 2;
            private static long Add(int a, int b) => (long)a * b - (a >>> 3) + (uint)b % 5;
            private static uint[] Make()
            {
                var table = new uint[256];
                for (uint i = 0; i < table.Length; i++)
                {
                    uint value = i;
                    for (int bit = 0; bit < 8; bit++)
                        value = (value & 1) != 0 ? value >> 1 ^ 0xedb88320u : value >> 1;
                    table[i] = value;
                }
                return table;
            }
        }
        internal static class Second { public static readonly int Value = 21; }
        internal static class Runs { public static readonly int Value = Environment.NewLine.Length; }
        internal static class Fails { public static readonly int[] Value = new int[One - 2]; private static int One = 1; }
        internal static class Divides { public static readonly int Value = 1 / Zero; private static int Zero = 0; }
        internal static class Counter { private static int s_count; public static int Next() => ++s_count; public static int Count() => s_count; }
        internal static class Large { public static readonly int[] Value = new int[100000]; }
        internal sealed class Node<T> where T : class
        {
            public T Item;
            public Node<T> Next;
            public T Get() => Item;
            public int Length() => Next is null ? 1 : Next.Length() + 1;
        }
        internal static class Program
        {
            // With a constructor of its own, so that it runs at the first use and not before.
            private static class Exact { public static readonly int Value; static Exact() => Value = Counter.Count(); }
            private static void ReadsLate() => Console.WriteLine(Exact.Value);
            private static void Main()
            {
                foreach (uint value in Table.Crc) Console.WriteLine(value);
                foreach (byte value in Table.Bytes) Console.WriteLine(value);
                Table.Names[1] = 12.ToString();
                GC.Collect();
                byte[][] garbage = new byte[1000][];
                for (int i = 0; i < garbage.Length; i++) garbage[i] = new byte[20];
                foreach (string value in Table.Names) Console.WriteLine(value);
                foreach (int[] values in Table.Jagged) Console.WriteLine(string.Join(",", values));
                foreach (double value in Table.Doubles) Console.WriteLine(BitConverter.DoubleToInt64Bits(value));
                foreach (char value in Table.Characters) Console.WriteLine((int)value);
                lock (Table.Lock) Console.WriteLine(Table.Lock.GetType());
                Console.WriteLine($"{Table.Sum} {Table.Big} {Table.Small} {Table.Single} {Table.Flag} {Table.Text} {Table.Other}");
                Console.WriteLine(Table.Names.GetType() + " " + Table.Crc.Length + " " + (Table.Jagged is int[][]));
                Func<int, int> twice = x => x * 2, double2 = x => x * 2;
                Console.WriteLine(twice(4) + double2(5) + " " + twice.Equals(double2));
                Console.WriteLine(Runs.Value + Large.Value.Length);
                try { Console.WriteLine(Fails.Value.Length); }
                catch (TypeInitializationException e) { Console.WriteLine(e.InnerException.GetType()); }
                try { Console.WriteLine(Divides.Value); } catch (TypeInitializationException e) { Console.WriteLine(e.InnerException.GetType()); }
                Counter.Next();
                ReadsLate();
                Console.WriteLine(new Node<string> { Item = "a" }.Get() + new Node<Type> { Item = typeof(int) }.Get());
                Console.WriteLine(new Node<string> { Next = new() }.Length() + new Node<Type>().Length());
            }
        }
        """;

    [Fact]
    public void EvaluatedConstructorsGiveWhatTheyGiveOnCoreClr()
    {
        using var toolbox = new Toolbox();
        string assembly = toolbox.CSharp(Program);
        (string expected, _, _) = Toolbox.RunOnCoreClr(assembly);
        Assert.Equal((expected, "", 0), Toolbox.Run(toolbox.Build(assembly, Target.All[0])));
    }

    [Fact]
    public void OnlyWhatCantBeEvaluatedIsLeftToTheProgram()
    {
        using var toolbox = new Toolbox();
        (Compilation compilation, _) = Driver.ToC(Toolbox.CoreLibrary, [toolbox.CSharp(Program)]);
        string[] left = [.. compilation.StaticConstructors.Select(pair => pair.Key.FullName)];
        foreach (string type in (string[])["Runs", "Fails", "Divides", "Large"])
            Assert.Contains(type, left);
        Assert.DoesNotContain("Table", left);
        Assert.DoesNotContain("Second", left);
        Assert.DoesNotContain(left, name => name.Contains("<>c", StringComparison.Ordinal));
    }

    [Fact]
    public void ArraysThatAreOnlyReadAreConstants()
    {
        using var toolbox = new Toolbox();
        string data = Driver.ToC(Toolbox.CoreLibrary, [toolbox.CSharp("""
            using System;
            Console.WriteLine(T.Read[Environment.TickCount & 1] + T.Read.Length + T.Written[0] + T.Passed[0] + T.Mutable[0]);
            T.Written[0] = 5;
            Console.WriteLine(string.Join(",", T.Passed));
            static class T
            {
                public static readonly int[] Read = [1111, 2], Written = [2222, 3], Passed = [3333, 4];
                public static int[] Mutable = [4444, 5];
            }
            """)]).Files.Single(file => file.Name == "data.c").Text;
        Assert.Equal(["const struct"], data.Split('\n').Where(line => line.Contains("1111", StringComparison.Ordinal)).Select(line => line[..12]));
        foreach (string value in (string[])["2222", "3333", "4444"])
            Assert.StartsWith("struct", data.Split('\n').Single(line => line.Contains(value, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void InstancesForReferenceTypesShareTheirBodies()
    {
        using var toolbox = new Toolbox();
        (Compilation compilation, _) = Driver.ToC(Toolbox.CoreLibrary, [toolbox.CSharp(Program)]);
        foreach (string method in (string[])["Get", "Length"])
            Assert.Single(Names(compilation, key => key.Owner.Record.Name == "Node`1" && key.Name == method));
        // Delegates over two lambdas are different, however equal these are.
        Assert.Equal(2, Names(compilation, key => key.Name.StartsWith("<Main>b__", StringComparison.Ordinal)).Length);
    }

    private static string[] Names(Compilation compilation, Func<TypeSystem.MethodDesc, bool> isWanted) =>
        [.. compilation.Methods.Where(pair => isWanted(pair.Key)).Select(pair => pair.Value.CName).Distinct()];

    [Theory]
    [InlineData("x86_64-linux")]
    [InlineData("riscv64-qemu-m")]
    [InlineData("aarch64-qemu")]
    [InlineData("x86_64-pvh")]
    public void HelloWorldIsBelow100KiB(string name)
    {
        using var toolbox = new Toolbox();
        string program = toolbox.Build(toolbox.CSharp("System.Console.WriteLine(\"Hello\");"), Target.Find(name));
        string[] figures = Toolbox.Run("size", program).Output.Split('\n')[1].Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(int.Parse(figures[0]) + int.Parse(figures[1]), 1000, 100 << 10);
    }
}

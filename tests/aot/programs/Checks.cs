using System;
using System.Collections;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cloister.Aot.Programs;

/// <summary>What would break the safety of types and memory is refused, with the exception of .NET.</summary>
internal static class Checks
{
    private struct Named
    {
        public int Number;
        public string? Name;
    }

    private enum Color : byte { Red, Blue = 4 }

    private enum Size : byte { Small }

    private static void Refused(string name, Action action)
    {
        try
        {
            action();
            Console.WriteLine(name + ": nothing");
        }
        catch (Exception exception)
        {
            Console.WriteLine(name + ": " + exception.GetType());
        }
    }

    public static void All()
    {
        Program.Run("checks/spans", () =>
        {
            object[] texts = new string[] { "one", "two" };
            Refused("span of a derived class", () => texts.AsSpan(0, 1)[0] = new object());
            Refused("memory of a derived class", () => new Memory<object>(texts, 0, 1).Span[0] = new object());
            Refused("reading", () => Console.WriteLine(new ReadOnlySpan<object>(texts, 1, 1)[0]));
            Refused("reading memory", () => Console.WriteLine(new ReadOnlyMemory<object>(texts, 1, 1).Span[0]));
            Refused("memory outside", () => new ReadOnlyMemory<object>(texts, 1, 2).ToArray());
        });
        Program.Run("checks/bytes", () =>
        {
            var names = new Named[1];
            Refused("bytes", () => MemoryMarshal.AsBytes(names.AsSpan()).Clear());
            Refused("cast", () => MemoryMarshal.Cast<long, Named>(new long[2].AsSpan()).Clear());
            Refused("read", () => MemoryMarshal.Read<Named>(new byte[64]));
            Refused("try write", () => MemoryMarshal.TryWrite(new byte[64], in names[0]));
            Refused("reference", () => MemoryMarshal.AsRef<long>(new byte[7].AsSpan()) = 1);
            Refused("enough", () => MemoryMarshal.AsRef<long>(new byte[8].AsSpan()) = 1);
        });
        Program.Run("checks/arrays", () =>
        {
            object[,] grid = { { "a", "b" }, { "c", "d" } };
            Refused("get", () => grid.GetValue(0));
            Refused("set", () => grid.SetValue("x", 0));
            Refused("rank", () => Array.Copy(grid, new object[4], 4));
            Refused("clear nothing", () => Array.Clear(null!));
            Refused("clear part of nothing", () => Array.Clear(null!, 0, 0));
            foreach (object? item in (IEnumerable)grid)
                Console.Write(item);
            Console.WriteLine(grid.GetLength(0) * 10 + grid.GetLength(1));
        });
        Program.Run("checks/enums", () =>
        {
            Enum color = Color.Blue;
            Refused("flag of another", () => color.HasFlag(Size.Small));
            Refused("no flag", () => color.HasFlag(null!));
            Refused("order of another", () => color.CompareTo(Size.Small));
            Refused("order of text", () => color.CompareTo("Blue"));
            Console.WriteLine(color.HasFlag(Color.Blue) + " " + Math.Sign(color.CompareTo(Color.Red)) + " " + color.CompareTo(null));
        });
        Program.Run("checks/vectors", () =>
        {
            Refused("text", () => Vector128.Create("text"));
            Refused("too large", () => Vector64.CreateScalar(Guid.Empty));
            Refused("as text", () => Vector128.Create(1L).As<long, string>().ToScalar());
            Refused("element", () => default(Vector128<string>).WithElement(0, "text"));
        });
    }
}

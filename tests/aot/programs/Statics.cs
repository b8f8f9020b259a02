using System;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Statics
{
    public static void All()
    {
        Program.Run("statics/precise", Precise);
        Program.Run("statics/lazy singleton", Singleton);
        Program.Run("statics/circular", Circular);
        Program.Run("statics/generic", Generic);
        Program.Run("statics/initialisers", Initialisers);
        Program.Run("statics/struct", Structure);
        Program.Run("statics/instance triggers", InstanceTriggers);
        Program.Run("statics/constants", Constants);
    }

    private static class Noisy
    {
        public static int Value = 5;

        static Noisy() => Write("[Noisy] ");

        public static void Touch() => Write("touched ");
    }

    private static void Precise()
    {
        Write("before ");
        Noisy.Touch();
        Noisy.Touch();
        WriteLine(Noisy.Value);
    }

    private sealed class Single
    {
        public static Single Instance { get; } = new();

        private Single() => Write("made ");

        static Single()
        {
        }

        public int Uses;
    }

    private static void Singleton()
    {
        Write("start ");
        Single.Instance.Uses++;
        WriteLine(++Single.Instance.Uses);
    }

    private static class Left
    {
        public static readonly int Value = Right.Value + 1;

        static Left()
        {
        }
    }

    private static class Right
    {
        public static readonly int Value = Left.Value + 10;

        static Right()
        {
        }
    }

    private static void Circular() => WriteLine(Left.Value + " " + Right.Value);

    private static class Cache<T>
    {
        public static readonly string Name = "cache of " + typeof(T);
        public static int Hits;

        static Cache() => Write("[" + typeof(T).Name + "] ");
    }

    private static void Generic()
    {
        Cache<int>.Hits++;
        Cache<string>.Hits += 2;
        Cache<int>.Hits++;
        WriteLine(Cache<int>.Name + Cache<int>.Hits + Cache<string>.Name + Cache<string>.Hits);
    }

    private static readonly int[] s_table = [1, 1, 2, 6, 24];
    private static readonly string s_text = string.Join(",", s_table);
    private static readonly Func<int, int> s_function = x => x + s_table.Length;

    private static void Initialisers() => WriteLine(s_text + s_function(1));

    private struct Unit
    {
        public static Unit Origin = new() { X = 3 };

        public int X;
    }

    private static void Structure()
    {
        Unit.Origin.X++;
        Unit copy = Unit.Origin;
        copy.X = 0;
        WriteLine(Unit.Origin.X);
    }

    private class Triggered
    {
        static Triggered() => Write("[class] ");

        public Triggered() => Write("instance ");
    }

    private sealed class AlsoTriggered : Triggered
    {
        static AlsoTriggered() => Write("[derived] ");
    }

    private static void InstanceTriggers()
    {
        Write("first ");
        _ = new AlsoTriggered();
        _ = new AlsoTriggered();
        WriteLine();
    }

    private const string Prefix = "pre";
    private const long Large = 1L << 50;

    private static void Constants() => WriteLine(Prefix + Large + nameof(Statics));
}

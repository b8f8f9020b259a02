using System;
using System.Collections.Generic;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Patterns
{
    public static void All()
    {
        Program.Run("patterns/types", Types);
        Program.Run("patterns/relational", Relational);
        Program.Run("patterns/properties", Properties);
        Program.Run("patterns/lists", Lists);
        Program.Run("patterns/strings", Strings);
        Program.Run("patterns/dense switch", Dense);
        Program.Run("patterns/sparse switch", Sparse);
        Program.Run("patterns/tuples", TuplePatterns);
        Program.Run("patterns/state machine", StateMachine);
        Program.Run("patterns/goto case", GotoCase);
        Program.Run("patterns/null handling", NullHandling);
    }

    private static string Describe(object value) => value switch
    {
        null => "null",
        0 => "zero",
        int n when n < 0 => "negative",
        int and > 100 => "large",
        int n => "int " + n,
        string { Length: 0 } => "empty",
        string s => "string " + s,
        int[] and [1, .., var last] => "array to " + last,
        double.NaN => "nan",
        IEnumerable<int> => "ints",
        (int a, int b) => a + "," + b,
        _ => "other " + value.GetType().Name,
    };

    private static void Types()
    {
        object[] values = [null, 0, -5, 101, 50, "", "x", new int[] { 1, 2, 3 }, new List<int>(), double.NaN, 2.5, (1, 2), 'c', 5L];
        foreach (object value in values)
            WriteLine(Describe(value));
    }

    private static void Relational()
    {
        for (int i = -1; i <= 12; i += 1)
            Write((i switch { < 0 => "neg", 0 or 1 => "bit", > 1 and <= 5 => "few", not 12 => "some", _ => "dozen" }) + " ");
        WriteLine();
    }

    private sealed record Address(string City, int Zip);

    private sealed record Person(string Name, Address Home);

    private static void Properties()
    {
        Person[] people = [new("A", new("X", 1)), new("B", null), new("C", new("Y", 9000))];
        foreach (Person person in people)
            Write((person is { Home.Zip: > 100 }) + " " + (person is { Home: { City: var city } } ? city : "none") + " " + (person is (var n, null))
                + "; ");
        WriteLine();
    }

    private static void Lists()
    {
        int[][] all = [[], [1], [1, 2], [1, 2, 3], [3, 2, 1, 0]];
        foreach (int[] items in all)
            Write(items switch { [] => "empty", [var x] => "one " + x, [1, .. var rest] => "rest " + rest.Length, [.., 0] => "ends 0", _ => "?" }
                + "; ");
        WriteLine();
    }

    private static int Code(string s)
    {
        switch (s)
        {
            case "alpha": return 1;
            case "beta": return 2;
            case "gamma" or "delta": return 3;
            case "epsilon": return 4;
            case "zeta": return 5;
            case "eta": return 6;
            case "theta": return 7;
            case null: return -1;
            default: return 0;
        }
    }

    private static void Strings() => WriteLine(Code("alpha") + Code("beta") * 10 + Code("delta") * 100 + Code("theta") * 1000 + Code("none")
        + Code(null) + Code("eta") + " " + Code("zeta"));

    private static void Dense()
    {
        for (int i = -1; i < 9; i++)
        {
            switch (i)
            {
                case 0: Write("zero "); break;
                case 1:
                case 2: Write("low "); break;
                case 3: Write("three "); goto case 5;
                case 5: Write("five "); break;
                case 7: Write("seven "); break;
                default: Write("default "); break;
            }
        }

        WriteLine();
    }

    private static void Sparse()
    {
        long[] values = [-1000000000000, 5, 77, 1000000, long.MaxValue];
        foreach (long v in values)
            Write(v switch { -1000000000000 => "a", 77 => "b", 1000000 => "c", long.MaxValue => "d", _ => "e" });
        WriteLine();
    }

    private static void TuplePatterns()
    {
        string[] moves = ["rock", "paper", "scissors"];
        foreach (string a in moves)
            foreach (string b in moves)
                Write((a, b) switch { ("rock", "scissors") or ("paper", "rock") or ("scissors", "paper") => "1", var (x, y) when x == y => "0", _ =>
                    "2" });
        WriteLine();
    }

    private enum State { Start, Number, Done, Error }

    private static void StateMachine()
    {
        foreach (string text in (string[])["12;", "x", "7", "3a;"])
        {
            State state = State.Start;
            foreach (char c in text)
                state = (state, c) switch
                {
                    (State.Start or State.Number, >= '0' and <= '9') => State.Number,
                    (State.Number, ';') => State.Done,
                    _ => State.Error,
                };
            Write(state + " ");
        }

        WriteLine();
    }

    private static void GotoCase()
    {
        int n = 3;
        loop:
        switch (n)
        {
            case 3: n = 1; Write("3"); goto case 1;
            case 1: Write("1"); n = 9; goto loop;
            case 9: WriteLine("9"); break;
        }
    }

    private sealed class Node
    {
        public Node Next;
        public int? Value;
    }

    private static void NullHandling()
    {
        Node node = new() { Next = new() { Value = 4 } };
        WriteLine((node?.Next?.Value ?? -1) + " " + (node.Next.Next?.Value ?? -1) + " " + (node.Value is null) + " "
            + (node.Next?.Next?.Next is null));
        node.Value ??= 7;
        node.Value ??= 8;
        node.Next.Next?.Value = 5;
        WriteLine(node.Value);
    }
}

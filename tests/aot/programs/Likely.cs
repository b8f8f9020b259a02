using System;
using System.Collections.Generic;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Calls whose method the compiler foresees: where it is right, where it is wrong, and where the method throws.</summary>
internal static class Likely
{
    public static void All()
    {
        Program.Run("likely/one delegate", () => WriteLine(OneDelegate()));
        Program.Run("likely/another delegate than foreseen", Another);
        Program.Run("likely/null delegate", () =>
        {
            Func<int, int>? nothing = Choose(5);
            WriteLine(nothing!(3));
        });
        Program.Run("likely/delegates of static methods", () => WriteLine(Twice(Half, 80) + " " + Twice(Add, 5)));
        Program.Run("likely/delegate closed over its first argument", () =>
        {
            Func<string> text = "word".Doubled;
            Func<int> length = new List<int> { 1, 2, 3 }.Last;
            WriteLine(text() + length());
        });
        Program.Run("likely/delegate of a structure's method", () =>
        {
            Counter counter = new(5);
            Func<int, int> next = counter.Next;
            WriteLine(next(1) + " " + next(10) + " " + counter.Next(0));
            Func<string> text = counter.ToString;
            WriteLine(text());
        });
        Program.Run("likely/delegate that throws", () =>
        {
            Func<int, int> divide = value => 100 / value;
            try
            {
                for (int i = 3; i >= 0; i--)
                    WriteLine(divide(i));
            }
            catch (DivideByZeroException exception)
            {
                WriteLine(exception.Message);
            }
        });
        Program.Run("likely/events", Events);
        Program.Run("likely/variance", () =>
        {
            Func<object, string> wide = value => "<" + value + ">";
            Func<string, object> narrow = wide;
            WriteLine($"{narrow("a")} {Apply(wide, "b")}");
        });
        Program.Run("likely/delegate in a structure", () =>
        {
            var pair = new Pair<int>((one, other) => one - other);
            Pair<int> copy = pair;
            WriteLine(copy.Compare(7, 4) + new Pair<string>(string.CompareOrdinal).Compare("a", "b"));
        });
        Program.Run("likely/casts that fail", () =>
        {
            WriteLine(Cast<Func<int, int>>(value => value + 4));
            WriteLine(Cast<Action<string>>(WriteLine));
            WriteLine(Cast<Func<Wide, Wide>>(value => new Wide(value.B, value.A)));
            WriteLine(((Func<int>)(object)(Action)(() => WriteLine("called")))());
        });
        Program.Run("likely/two implementations", () =>
        {
            foreach (Animal animal in (Animal[])[new Cat(), new Dog(3), new Cat(), new Dog(0)])
                WriteLine(Say(animal));
        });
        Program.Run("likely/three implementations, one of a structure", () =>
        {
            int sum = 0;
            foreach (IWeighed item in (IWeighed[])[new Stone(4), new Feather(), new Stone(9), new Bag(new Stone(1))])
                sum = sum * 100 + item.Weight;
            WriteLine(sum);
        });
        Program.Run("likely/one implementation, of a structure", () =>
        {
            IMarked marked = new Mark(7);
            marked.Raise();
            marked.Raise();
            WriteLine(marked.Value);
        });
        Program.Run("likely/generic results", () => WriteLine(Result(new IntegerSource()) + Result(new LongSource()).ToString()));
    }

    private static int OneDelegate()
    {
        int offset = 3;
        Func<int, int> add = value => value + offset;
        int sum = 0;
        for (int i = 0; i < 5; i++, offset++)
            sum = sum * 3 + add(i);
        return sum;
    }

    private static Func<int, int> s_changed = value => value + 1;

    private static void Another()
    {
        WriteLine(s_changed(10));
        var table = new Dictionary<string, Func<int, int>> { ["negative"] = value => -value, ["square"] = value => value * value };
        foreach (string name in (string[])["square", "negative"])
        {
            s_changed = table[name];
            WriteLine(s_changed(12));
        }
    }

    private static Func<int, int>? Choose(int number) => number switch { 0 => value => value, 1 => value => value * 2, _ => null };

    private static int Half(int value) => value / 2;

    private static int Add(int value) => value + 100;

    private static int Twice(Func<int, int> function, int value) => function(function(value));

    private static string Doubled(this string text) => text + text;

    private static int Last(this List<int> items) => items[^1];

    private struct Counter(int start)
    {
        private int _value = start;

        public int Next(int step) => _value += step;

        public override readonly string ToString() => "counter at " + _value;
    }

    private sealed class Source
    {
        public event Action<int>? Changed;

        public void Change(int value) => Changed?.Invoke(value);
    }

    private static void Events()
    {
        var source = new Source();
        int sum = 0;
        Action<int> count = value => sum += value;
        source.Change(1);
        source.Changed += count;
        source.Change(2);
        source.Changed += value => WriteLine("now " + value + ", sum " + sum);
        source.Change(3);
        source.Changed -= count;
        source.Change(4);
        WriteLine(sum);
    }

    private static object Apply(Func<string, object> function, string text) => function(text);

    private readonly struct Pair<T>(Comparison<T> comparison)
    {
        public int Compare(T one, T other) => comparison(one, other);
    }

    private readonly record struct Wide(long A, long B);

    private static string Cast<T>(T value)
    {
        try
        {
            return "an integer: " + ((Func<int, int>)(object)value!)(5);
        }
        catch (InvalidCastException)
        {
            return "a wide value: " + (value is Func<Wide, Wide> swap ? swap(new Wide(1, 2)).A : 0);
        }
    }

    private abstract class Animal
    {
        public abstract string Speak();
    }

    private sealed class Cat : Animal
    {
        public override string Speak() => "purr";
    }

    private sealed class Dog(int mood) : Animal
    {
        public override string Speak() => mood == 0 ? throw new InvalidOperationException("asleep") : "woof " + mood;
    }

    private static string Say(Animal animal)
    {
        try
        {
            return animal.Speak();
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    }

    private interface IWeighed
    {
        int Weight { get; }
    }

    private readonly struct Stone(int weight) : IWeighed
    {
        public int Weight => weight;
    }

    private sealed class Feather : IWeighed
    {
        public int Weight => 0;
    }

    private sealed class Bag(IWeighed content) : IWeighed
    {
        public int Weight => content.Weight + 50;
    }

    private interface IMarked
    {
        int Value { get; }

        void Raise();
    }

    private struct Mark(int value) : IMarked
    {
        private int _value = value;

        public readonly int Value => _value;

        public void Raise() => _value++;
    }

    private abstract class Source<T>
    {
        public abstract T Get();
    }

    private sealed class IntegerSource : Source<int>
    {
        public override int Get() => -1;
    }

    private sealed class LongSource : Source<long>
    {
        public override long Get() => 1L << 40;
    }

    private static T Result<T>(Source<T> source) => source.Get();
}
